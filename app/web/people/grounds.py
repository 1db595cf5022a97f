"""Why somebody may look at a record, as their page words it. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final

from app.governance.exceptions.grounds import Grounds
from app.person.links import LinkKind
from app.record.read.joined import Joined
from app.sharing.facts import Relationship
from app.sharing.law import Agreements
from app.sharing.names import Names
from app.vocabulary.plain_time import plain_date, plain_time
from app.web.people.banner import OpenedRecord
from app.web.people.person import Ground

_FROM_A_FEED: Final = "A partner's system told this here. It ends when that system says so."
_MADE: Final = {
    "self": "You stated it yourself. The privacy officer was told with your name, and reviews it.",
    "colleague": "A colleague who cares for the person brought you in.",
}
_OPENED: Final = "You gave the reason. The privacy officer was told with your name, and reviews it."
ON_WHOSE_WORD: Final[Mapping[str, str]] = {
    LinkKind.MERGE: "a partner's message",
    LinkKind.SUPERSEDED: "the Personal Demographics Service, by a new NHS number",
    LinkKind.PERSON: "somebody who compared the two",
}
"""On whose word two people were joined."""
_INVITED: Final = "It opens shortly before the meeting and ends with it."


def opened_record(grounds: Grounds) -> OpenedRecord | None:
    """What the banner says of an opening."""
    return OpenedRecord(grounds.opening.ended, grounds.in_emergency) if grounds.opening else None


def why_one_may_look(grounds: Grounds, names: Names, agreements: Agreements) -> tuple[Ground, ...]:
    """Each ground, those that were found before those that staff made."""
    made_by = {made.kind: made.by for document in agreements.documents for made in document.made_relationships}
    return tuple(_told(grounds, names, made_by))


def joined_in_words(one: Joined, names: Names) -> str:
    """That part of the record came from another; which partner said so, where the viewer sees anything of theirs."""
    word = f"a message of {names.partner(one.partner)}" if one.partner else ON_WHOSE_WORD[one.kind]
    return f"Part of this record was kept as another person's until {plain_time(one.at)}: joined on the word of {word}"


def _told(grounds: Grounds, names: Names, made_by: Mapping[str, str]) -> Iterator[Ground]:
    for one in sorted(grounds.relationships, key=lambda one: (one.account is not None, one.started)):
        meaning = _MADE.get(made_by.get(one.kind, ""), _FROM_A_FEED) if one.account else _FROM_A_FEED
        yield Ground(_relationship(one, names), meaning)
    if grounds.invited:
        yield Ground("You are invited to a meeting about this person", _INVITED)
    if grounds.opening:
        yield Ground(f"You opened this record with a reason, until {plain_time(grounds.opening.ended)}", _OPENED)


def _relationship(one: Relationship, names: Names) -> str:
    whose = ", ".join(filter(None, (names.partner(one.organisation), one.team)))
    lasts = f"until {plain_time(one.ended)}" if one.ended else f"since {plain_date(one.started)}"
    return f"{names.relationship(one.kind)} ({whose}), {lasts}"
