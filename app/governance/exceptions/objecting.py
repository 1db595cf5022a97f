"""A person's objection: lodged by whoever they tell, decided by whom the agreement names, lifted when they say so.

Whether it holds until it is decided is for the agreement to say (`objections: until_decided`); what it covers and what
overrides it, for its prohibitions. Each step is one transaction with its event of the trail.
"""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from app.audit.event import Kind
from app.audit.telling import Reading
from app.errors import DomainError
from app.governance.handling import Handling, in_force, signed_by_own, standing_with_facts
from app.person.standing_store import members_of
from app.sharing.facts import Objection, PersonFacts, account_of
from app.sharing.known.objection_store import (
    Lodged,
    change_objection,
    objections_of,
    put_objection,
    undecided_objections,
)
from app.vocabulary.flag import FlagKind
from app.vocabulary.lifecycle import Move, NotYours, lifecycle, moves
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


class Who(StrEnum):
    """Who brings it about."""

    HANDLER = "handler"  # whoever would see something of the person if they did not object: the person's, through them
    DECIDER = "decider"  # one of those whom the agreement has decide


LIFE: Final = lifecycle(
    "objection",
    State.LODGED,
    moves("lodged declined", Step.UPHOLD, State.UPHELD, Who.DECIDER),
    moves("lodged upheld", Step.DECLINE, State.DECLINED, Who.DECIDER),
    moves("lodged upheld", Step.LIFT, State.LIFTED, Who.HANDLER),
)
"""Whatever is not here cannot happen. Who decides may decide anew; what the person lifted they lodge again."""


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
    by.tell(connection, standing, Kind.OBJECTION_CHANGED, reason=State.LODGED, relied_on=(f"objection/{number}",))
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
    made = LIFE.move(stands, step, _who(by))
    if isinstance(made, NotYours):
        raise NotForThisObjection("the agreement has others decide this; ask one of them")
    if not isinstance(made, Move):
        raise NotForThisObjection(f"an objection that is {stands} cannot be changed so: {step}")
    change_objection(connection, number, _changes(step, by))
    by.tell(connection, standing, Kind.OBJECTION_CHANGED, reason=made.to, relied_on=(f"objection/{number}",))
    return made.to


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
    by.tell(connection, standing, Kind.VIEW, action=READ, relied_on=tuple(f"objection/{each.id}" for each in found))
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
    """What waits for the requester to decide, of the people whose objections they may handle, the longest first."""
    if not may_decide(by):
        return []
    waiting = undecided_objections(connection, at=by.at)
    theirs = {person: _may_handle(standing_with_facts(connection, person, by.at)[1], by) for person, _ in waiting}
    return [(person, lodged) for person, lodged in waiting if theirs[person]]


def possible(state: State, by: Handling) -> list[Step]:
    """What somebody who may handle an objection can do about one that stands so."""
    return [Step(step) for step in LIFE.possible(state, _who(by))]


def _who(by: Handling) -> set[Who]:
    return {Who.HANDLER, Who.DECIDER} if may_decide(by) else {Who.HANDLER}


def may_decide(by: Handling) -> bool:
    """Whether every agreement in force that the requester's organisation signed has their role decide."""
    theirs = signed_by_own(by)
    return bool(theirs) and all(by.requester.role in each.objections.decided_by for each in theirs)


def _handled(connection: Connection, person_id: UUID, by: Handling) -> UUID | None:
    """Who stands for the person, where the requester would see something of them but for what they object to."""
    standing, facts = standing_with_facts(connection, person_id, by.at)
    if standing is None or not _may_handle(facts, by):
        by.tell(connection, person_id, Kind.DENIED, action=READ, reason=Reading.OBJECTIONS)
        return None
    return standing


def _may_handle(facts: PersonFacts, by: Handling) -> bool:
    return by.for_the_place or by.sees(_unobjected(facts))


def _unobjected(facts: PersonFacts) -> PersonFacts:
    flags = tuple(flag for flag in facts.flags if flag.kind != FlagKind.DISSENT)
    return replace(facts, objections=(), flags=flags)
