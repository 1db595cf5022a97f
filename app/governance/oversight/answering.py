"""Answering a person who asks who saw their record: the trail is read, and told of that, in one transaction.

What was recorded of them under ids that they had before a merge is counted in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from app.audit import store
from app.audit.event import Kind
from app.audit.store import About
from app.audit.telling import Reading
from app.governance.exceptions.relating import Making, make
from app.governance.handling import Handling, in_force, named_by, standing_with_facts
from app.governance.oversight.looks import LOOKS, REFUSED, Discretion, Looks, facts_relied_on, looks
from app.governance.reading_reach import Reach, reach_for
from app.person.standing_store import members_of
from app.sharing.facts import PersonFacts
from app.sharing.known.former_store import facts_then
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.token import READ

MOST: Final = 20_000
"""Events read at once; whoever has more is asked for a shorter time."""

_ENTITLING: Final = frozenset({"opening", "invitation"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Who saw one person since an instant; `whole` where nothing was left out as there was too much."""

    person_id: UUID
    looks: Looks
    since: datetime | None
    whole: bool


def who_saw(
    connection: Connection, person_id: UUID | None, by: Handling, *, since: datetime | None = None
) -> Answer | None:
    """Who saw a person; `None` for whoever may not be told, alike where there is nobody of that id.

    Show it only once the transaction is committed, for that tells the trail.
    """
    reach = reach_for(by)
    standing, facts = standing_with_facts(connection, person_id, by.at)
    if standing is None or not _may_answer(facts, reach, by):
        by.tell(connection, person_id, Kind.DENIED, action=READ, reason=Reading.WHO_SAW)
        return None
    told, whole = told_of(connection, standing, since=since)
    found = looks(
        told, discretion=Discretion.of(in_force(by)), grounds=grounds_of(connection, told), named=reach.names_staff
    )
    by.tell(connection, standing, Kind.AUDIT_READ, action=READ, reason=Reading.WHO_SAW)
    return Answer(person_id=standing, looks=found, since=since, whole=whole)


def told_of(connection: Connection, person_id: UUID, *, since: datetime | None) -> tuple[list[Mapping[str, Any]], bool]:
    """What the trail tells of looks at one who stands for themselves, newest first, and whether that is all of it."""
    people = members_of(connection, person_id)
    about = About(person=person_id, former=people, kinds=LOOKS | REFUSED, since=since, most=MOST + 1)
    told = [one.event for one in store.events(connection, about)]
    return list(told[:MOST]), len(told) <= MOST


def take_request(connection: Connection, number: NHSNumber, making: Making, by: Handling) -> UUID | None:
    """Write down that the person of an NHS number asked, or complained, unless that stands already; who they are.

    Raises what `make` does; `None` for whoever may not, alike where the number is nobody's.
    """
    person_id = named_by(connection, number)
    standing, facts = standing_with_facts(connection, person_id, by.at)
    if standing is not None and _may_answer(facts, reach_for(by), by):
        return standing
    return standing if make(connection, person_id, making, by) else None


def requests_taken(by: Handling) -> dict[str, str]:
    """The kinds of request that the requester may write down, each as the agreement words it."""
    return {
        made.kind: document.relationships[made.kind]
        for document in in_force(by)
        for made in document.made_relationships
        if made.by == "self" and by.requester.role in made.roles
    }


def _may_answer(facts: PersonFacts, reach: Reach, by: Handling) -> bool:
    """Whether the agreements let the requester read the trail for this purpose, and something of this person for it."""
    return bool(reach) and by.sees(facts)


def grounds_of(connection: Connection, events: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The kind of each fact that entitled somebody, as it was when it did."""
    asked = {
        fact: (UUID(event["person"]), datetime.fromisoformat(event["at"]))
        for event in events
        for fact in event.get("relied_on", ())
        if fact.startswith("relationship/")
    }
    known = facts_then(connection, sorted(set(asked.values()))) if asked else []
    kinds = {f"relationship/{one.id}": one.kind for facts in known for one in facts.relationships}
    others = {fact: kind for fact in facts_relied_on(events) if (kind := fact.partition("/")[0]) in _ENTITLING}
    return others | {fact: kinds[fact] for fact in asked if fact in kinds}
