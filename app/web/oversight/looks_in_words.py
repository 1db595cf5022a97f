"""Who saw a person, in words that the person would use. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from app.audit.event import Kind
from app.audit.telling import Reading
from app.governance.oversight.looks import Look
from app.sharing.law import Agreements
from app.sharing.names import Names
from app.vocabulary.plain_time import plain_date


class Voice(NamedTuple):
    """How what is told calls the person whom it is about, and what is theirs."""

    themselves: str
    person: str
    record: str
    name: str
    plan: str


TO_STAFF: Final = Voice("The person themselves", "the person", "the record", "the name", "the care plan")
TO_THEMSELVES: Final = Voice("You", "you", "your record", "your name", "your care plan")

_DID: Final[Mapping[Kind, str]] = {
    Kind.FIND: "found {name} in a search",
    Kind.VIEW: "looked at {record}",
    Kind.ENTRY: "opened one line of {record}",
    Kind.EXPORT: "took a copy",
    Kind.PLAN_WRITTEN: "wrote in {plan}",
    Kind.EMERGENCY_OPENED: "opened {record} in an emergency",
    Kind.AUDIT_READ: "looked at who had seen {record}",
    Kind.OWN_LOOKS_READ: "looked at who had seen {record}",
    Kind.RELATIONSHIP_MADE: "wrote down why they, or a colleague, may look",
    Kind.OBJECTION_CHANGED: "wrote down an objection, or a decision about one",
    Kind.WORKLIST_RESOLVED: "sorted out which record something belongs to",
    Kind.MEETING: "prepared, held or followed up a team meeting about {person}",
}
_READ: Final[Mapping[str, str]] = {
    Reading.WHO_SAW: "answered who saw the record",
    Reading.OWN_LOOKS: "saw who had looked at their own record",
    Reading.OWN_AUDIT: "told the partner's own audit system",
    Reading.SEARCH: "searched the trail",
    Reading.WHY: "asked why somebody could see something",
    Reading.ALERTS: "read the alerts",
    Reading.ALERT: "read an alert",
    Reading.OBJECTIONS: "read the objections",
    Reading.SPECIAL_RECORDS: "read whose records are special",
    Reading.CASE_STUDIES: "read which stories are told",
    Reading.WEEKLY_REPORT: "read a partner's weekly report",
    Reading.EXPORT: "wrote the trail out",
}
_CHECKED: Final = "checked whether they may look, and opened nothing"
_GROUNDS: Final[Mapping[str, str]] = {
    "opening": "Emergency access, with a reason that is reviewed",
    "invitation": "Invited to a team meeting about {person}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LookInWords:
    """One look in words; `by_name` is empty unless the agreement lets staff be named.

    `marks` say that it was in an emergency, or that an objection was heeded.
    """

    on: str
    who: str
    why: str
    did: str
    parts: tuple[str, ...]
    grounds: tuple[str, ...]
    by_name: tuple[str, ...]
    marks: tuple[str, ...]


def in_words(
    looks: Iterable[Look], names: Names, agreements: Agreements, *, voice: Voice = TO_STAFF
) -> list[LookInWords]:
    """Each look, in words: as staff read it, or the person whom it is about."""
    grounds = {kind: title for document in agreements.documents for kind, title in document.relationships.items()}
    grounds |= {kind: text.format(**voice._asdict()) for kind, text in _GROUNDS.items()}
    return [_told(one, names, grounds, voice) for one in looks]


def _told(one: Look, names: Names, grounds: Mapping[str, str], voice: Voice) -> LookInWords:
    role = names.role(one.role) or "Somebody who runs the service"
    who = f"{role}, {names.partner(one.organisation)}" if one.organisation else role
    who = f"{who} ({one.people} people)" if one.people > 1 else who
    return LookInWords(
        on=plain_date(one.on),
        who=voice.themselves if one.themselves else who,
        why=names.purpose(one.purpose) or ("To know who looked" if one.themselves else "Running the service"),
        did=did(one, voice),
        parts=tuple(category.heading for category in one.headings),
        grounds=tuple(grounds.get(kind, kind) for kind in one.grounds),
        by_name=tuple(account.subject for account in one.accounts),
        marks=tuple(mark for mark, holds in _marks(one) if holds),
    )


def _marks(one: Look) -> Iterator[tuple[str, bool]]:
    yield "Emergency access", one.in_emergency
    yield "An objection was heeded", one.objected


def did(one: Look, voice: Voice = TO_STAFF) -> str:
    """What was done, as a sentence; a view that showed nothing is no look at the record."""
    done = [kind for kind in one.kinds if kind is not Kind.VIEW or one.headings]
    words = [_DID[kind].format(**voice._asdict()) for kind in done] or [_CHECKED]
    text = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return f"{text[:1].upper()}{text[1:]}{', on more than one occasion' if one.times > 1 else ''}"


def act(kind: str, reason: str) -> str:
    """What an event of the trail tells of, in a few words."""
    if kind == Kind.AUDIT_READ:
        said = _READ.get(reason.partition("/")[0], "read of what was done")
    else:
        said = _DID.get(Kind(kind), kind.replace("-", " "))
    words = said.format(**TO_STAFF._asdict())
    return words[:1].upper() + words[1:]


def as_json(looks: Sequence[Look], told: Sequence[LookInWords]) -> list[dict[str, Any]]:
    """Codes and words together."""
    return [
        {
            "on": one.on.isoformat(),
            "role": one.role,
            "organisation": one.organisation,
            "purpose": one.purpose,
            "acts": list(one.kinds),
            "categories": list(one.headings),
            "relationships": list(one.grounds),
            "people": one.people,
            "times": one.times,
            "text": {"who": words.who, "why": words.why, "did": words.did, "parts": list(words.parts),
                     "relationship": list(words.grounds)},
            **({"accounts": list(words.by_name)} if words.by_name else {}),
        }
        for one, words in zip(looks, told, strict=True)
    ]  # fmt: skip
