"""A person's objection: lodged by whoever they tell, decided by whom the agreement names, lifted when they say so.

Whether it holds until it is decided is for the agreement to say (`objections: until_decided`); what it covers and what
overrides it, for its prohibitions. Each step is one transaction with its event of the trail.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from app.audit.event import Kind
from app.audit.trail import record
from app.errors import DomainError
from app.governance.handling import Handling, in_force, signed_by_own, standing_with_facts
from app.person.standing_store import members_of
from app.sharing.facts import FlagKind, Objection, PersonFacts, account_of
from app.sharing.known.store import Lodged, change_objection, objections_of, put_objection, undecided_objections
from app.vocabulary.token import READ


class State(StrEnum):
    """Where an objection stands."""

    LODGED = "lodged"
    UPHELD = "upheld"
    DECLINED = "declined"
    LIFTED = "lifted"


class Step(StrEnum):
    """What happens to it."""

    UPHOLD = "uphold"
    DECLINE = "decline"
    LIFT = "lift"


LIFE: Final[Mapping[tuple[State, Step], State]] = {
    (State.LODGED, Step.UPHOLD): State.UPHELD,
    (State.LODGED, Step.DECLINE): State.DECLINED,
    (State.LODGED, Step.LIFT): State.LIFTED,
    (State.UPHELD, Step.DECLINE): State.DECLINED,
    (State.UPHELD, Step.LIFT): State.LIFTED,
    (State.DECLINED, Step.UPHOLD): State.UPHELD,
}
"""Whatever is not here cannot happen. Who decides may decide anew; what the person lifted they lodge again."""

DECIDING: Final = frozenset({Step.UPHOLD, Step.DECLINE})
"""For whom the agreement names; to lift one is the person's, through whoever may handle it."""


class NotForThisObjection(DomainError):
    """The step cannot follow, or is for somebody else to take."""


def state_of(lodged: Lodged, at: datetime) -> State:
    """Where an objection stands at an instant."""
    if lodged.ended is not None and lodged.ended <= at:
        return State.LIFTED
    decided = {"uphold": State.UPHELD, "decline": State.DECLINED}
    return decided[lodged.decision] if lodged.decision else State.LODGED


def lodge(connection: Connection, person_id: UUID, objection: Objection, by: Handling) -> int | None:
    """Lodge an objection and return its number; `None` for whoever may not handle it. `upheld` is for the agreement."""
    standing = _handled(connection, person_id, by)
    if standing is None:
        return None
    holds = all(each.objections.until_decided == "holds" for each in in_force(by))
    number = put_objection(connection, standing, replace(objection, upheld=holds), account_of(by.requester))
    event = by.event(standing, Kind.OBJECTION_CHANGED, reason=State.LODGED, relied_on=(f"objection/{number}",))
    record(connection, [event], key=by.key)
    return number


def step(connection: Connection, person_id: UUID, number: int, step: Step, by: Handling) -> State | None:
    """Decide or lift an objection; `None` for whoever may not handle it, alike where there is none of that number.

    Raises `NotForThisObjection` where the step cannot follow, or the agreement has others decide.
    """
    standing = _handled(connection, person_id, by)
    found = objections_of(connection, list(members_of(connection, standing)), number=number) if standing else []
    if standing is None or not found:
        return None
    stands = state_of(found[0], by.at)
    becomes = LIFE.get((stands, step))
    if becomes is None:
        raise NotForThisObjection(f"an objection that is {stands} cannot be changed so: {step}")
    if step in DECIDING and not may_decide(by):
        raise NotForThisObjection("the agreement has others decide this; ask one of them")
    change_objection(connection, number, _changes(step, by))
    event = by.event(standing, Kind.OBJECTION_CHANGED, reason=becomes, relied_on=(f"objection/{number}",))
    record(connection, [event], key=by.key)
    return becomes


def _changes(step: Step, by: Handling) -> dict[str, object]:
    if step is Step.LIFT:
        return {"ended": by.at}
    who = account_of(by.requester)
    return {
        "upheld": step is Step.UPHOLD,
        "decision": step,
        "decided": by.at,
        "decided_issuer": who.issuer,
        "decided_subject": who.subject,
    }


def objections(connection: Connection, person_id: UUID, by: Handling) -> list[tuple[Lodged, State]] | None:
    """The objections of a person, in order, each with where it stands; `None` for whoever may not handle them."""
    standing = _handled(connection, person_id, by)
    if standing is None:
        return None
    found = objections_of(connection, list(members_of(connection, standing)))
    seen = by.event(standing, Kind.VIEW, action=READ, relied_on=tuple(f"objection/{each.id}" for each in found))
    record(connection, [seen], key=by.key)
    return [(each, state_of(each, by.at)) for each in found]


def as_row(lodged: Lodged, state: State) -> dict[str, Any]:
    """An objection as programs and tables take it."""
    return {
        "number": lodged.id,
        "scope": lodged.scope,
        "category": lodged.category,
        "organisation": lodged.organisation,
        "meeting": lodged.meeting,
        "state": state,
        "since": lodged.started,
        "until": lodged.ended,
    }


def undecided(connection: Connection, by: Handling) -> list[tuple[UUID, Lodged]]:
    """What waits for the asker to decide, of the people whose objections they may handle, the longest first."""
    if not may_decide(by):
        return []
    waiting = undecided_objections(connection, at=by.at)
    theirs = {person: _may_handle(standing_with_facts(connection, person, by.at)[1], by) for person, _ in waiting}
    return [(person, lodged) for person, lodged in waiting if theirs[person]]


def may_decide(by: Handling) -> bool:
    """Whether every agreement in force that the asker's organisation signed has their role decide."""
    theirs = signed_by_own(by)
    return bool(theirs) and all(by.requester.role in each.objections.decided_by for each in theirs)


def _handled(connection: Connection, person_id: UUID, by: Handling) -> UUID | None:
    """Who stands for the person, where the asker would see something of them if it were not for what they object to."""
    standing, facts = standing_with_facts(connection, person_id, by.at)
    if standing is None or not _may_handle(facts, by):
        record(connection, [by.event(person_id, Kind.DENIED, action=READ, reason="objections")], key=by.key)
        return None
    return standing


def _may_handle(facts: PersonFacts, by: Handling) -> bool:
    return by.for_the_place or by.sees(_unobjected(facts))


def _unobjected(facts: PersonFacts) -> PersonFacts:
    flags = tuple(flag for flag in facts.flags if flag.kind != FlagKind.DISSENT)
    return replace(facts, objections=(), flags=flags)
