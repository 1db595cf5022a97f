"""Special records: a person's whole record is sealed, or marked as a member of staff's or of somebody widely known.

The agreement says in which roles it is raised and lifted (`special_records`). To raise a flag protects, and counts at
once; to lift one shows, and waits for a second person where the agreement says so. Nobody does either of their own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from app.audit.acting import Acting
from app.audit.event import Kind
from app.audit.telling import Reading
from app.errors import DomainError
from app.governance.exceptions.store import FlagStep, flag_steps, put_flag_step
from app.governance.handling import Handling, documents_in_force, own_id, signed_by_own
from app.governance.own_words import own_words
from app.person.standing_store import members_of, standing_of, stands_for
from app.sharing.facts import Account
from app.sharing.known.store import lower_flag, raise_flag
from app.sharing.law import Agreements
from app.sharing.written.document import Agreement, SpecialRecord
from app.vocabulary.lifecycle import Lifecycle, Move, NotYours, lifecycle, moves
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ


class State(StrEnum):
    """Where a person's flag stands."""

    NONE = "none"
    RAISED = "raised"
    LIFT_ASKED = "lift-asked"  # it still counts


class Step(StrEnum):
    """What happens to it."""

    RAISE = "raise"
    LIFT = "lift"  # asks for it, where two are needed
    KEEP = "keep"  # the second person says no


class Who(StrEnum):
    """Who brings it about, of those whom the agreement lets."""

    ANYONE = "anyone"
    ANOTHER = "another"  # than took the last step


_RAISE: Final = moves("none", Step.RAISE, State.RAISED, Who.ANYONE)
_SECOND: Final = (
    moves("lift-asked", Step.LIFT, State.NONE, Who.ANOTHER),
    moves("lift-asked", Step.KEEP, State.RAISED, Who.ANOTHER),
)
_BY_ONE: Final = lifecycle("flag", State.NONE, _RAISE, moves("raised", Step.LIFT, State.NONE, Who.ANYONE), *_SECOND)
_BY_TWO: Final = lifecycle(
    "flag", State.NONE, _RAISE, moves("raised", Step.LIFT, State.LIFT_ASKED, Who.ANYONE), *_SECOND
)


def life(*, by_two: bool) -> Lifecycle[State]:
    """What can happen to a flag, where the agreement asks for two to lift it or not; nothing else can."""
    return _BY_TWO if by_two else _BY_ONE


class NotWithThisFlag(DomainError):
    """The step cannot follow, is for somebody else, or nobody said why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagging:
    """Who raises and lifts flags, for which `party`.

    `terms` are what the agreements say of each that they may, `own` the person who they are themselves.
    """

    acting: Acting
    party: OdsCode
    terms: Mapping[str, SpecialRecord]
    own: UUID | None = None


def flagging_of(connection: Connection, by: Handling) -> Flagging | None:
    """Somebody as one who raises and lifts flags; `None`, told to the trail, for whom no agreement in force lets."""
    terms = _by_flag(each for each in _specials(signed_by_own(by)) if by.requester.role in each.roles)
    if not terms:
        by.tell(connection, None, Kind.DENIED, action=READ, reason=Reading.SPECIAL_RECORDS)
        return None
    return Flagging(acting=by.acting, party=by.requester.organisation, terms=terms, own=own_id(connection, by))


def special_terms(agreements: Agreements, at: datetime) -> dict[str, SpecialRecord]:
    """What the agreements in force say of each flag, for whoever acts for the place itself."""
    return _by_flag(_specials(documents_in_force(agreements, at)))


def _specials(agreements: Iterable[Agreement]) -> Iterator[SpecialRecord]:
    for each in agreements:
        yield from each.special_records or ()


def _by_flag(specials: Iterable[SpecialRecord]) -> dict[str, SpecialRecord]:
    """Of several agreements, the one that asks for two to lift a flag."""
    return {str(each.flag): each for each in sorted(specials, key=lambda each: each.lifted_by_two)}


def flag(connection: Connection, person_id: UUID | None, kind: str, step: Step, why: str, by: Flagging) -> State | None:
    """Take a step with a person's flag: where it stands then; `None` alike for nobody, oneself, and a flag not theirs.

    Raises `NotWithThisFlag`. `why` is in words of whoever acts, and never reaches the trail.
    """
    words, acting = own_words(why, NotWithThisFlag, asked="why"), by.acting
    standing = stands_for(connection, person_id) if person_id else None
    if standing is None or kind not in by.terms or standing == by.own:
        acting.tell(connection, Kind.DENIED, person=standing, reason=Reading.SPECIAL_RECORDS)
        return None
    members = list(members_of(connection, standing))
    last = next((told for _, told in reversed(flag_steps(connection, members)) if told.kind == kind), None)
    becomes = _after(last, step, by.terms[kind].lifted_by_two, acting.by)
    if becomes is State.RAISED and step is Step.RAISE:
        raise_flag(connection, standing, kind, partner=by.party, at=acting.at)
    elif becomes is State.NONE:
        lower_flag(connection, members, kind)
    taken = FlagStep(kind=kind, step=step, state=becomes, by=acting.by, at=acting.at, why=words)
    put_flag_step(connection, standing, taken)
    acting.tell(connection, Kind.FLAG_CHANGED, person=standing, reason=f"{kind}/{step}", relied_on=(f"flag/{kind}",))
    return becomes


def _after(last: FlagStep | None, step: Step, by_two: bool, by: Account) -> State:
    stands = State(last.state) if last else State.NONE
    same = last is not None and by.is_called(last.by.subject)
    made = life(by_two=by_two).move(stands, step, {Who.ANYONE} if same else set(Who))
    if isinstance(made, Move):
        return made.to
    if isinstance(made, NotYours):
        raise NotWithThisFlag("a second person decides whether this flag is lifted")
    raise NotWithThisFlag(f"a flag that stands as `{stands}` cannot be changed so: {step}")


def flagged(connection: Connection, by: Flagging) -> list[tuple[UUID, FlagStep]]:
    """Everyone flagged in a way that is theirs to lift, the longest first, with the last step; the trail is told."""
    steps = flag_steps(connection)
    standing = standing_of(connection, {person for person, _ in steps})
    last = {(standing.get(person, person), step.kind): step for person, step in steps}
    by.acting.tell(connection, Kind.AUDIT_READ, reason=Reading.SPECIAL_RECORDS)
    return [
        (person, step)
        for (person, kind), step in sorted(last.items(), key=lambda each: (each[1].at, str(each[0])))
        if kind in by.terms and step.state != State.NONE and person != by.own
    ]
