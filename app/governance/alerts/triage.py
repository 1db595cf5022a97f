"""What becomes of an alert: who looks into it, and what came of that. The life of an alert is a table, and pure.

An alert is for whom the agreements let read the trail of the organisation whose account it is about (`audit: read`),
and for whoever governs the place. Nobody decides about themselves: neither of what their own account did, nor of a look
at their own record.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from app.audit.acting import Acting
from app.audit.event import Kind
from app.audit.telling import Reading
from app.errors import DomainError
from app.governance.alerts import store
from app.governance.alerts.store import Alert
from app.governance.handling import Handling, own_id
from app.governance.reading_reach import Reach, reach_for
from app.vocabulary.lifecycle import Move, lifecycle, moves
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ

NOTE: Final = 1000
"""The most characters of the words that may stand beside a step; they never reach the trail."""


class State(StrEnum):
    """Where an alert stands."""

    RAISED = "raised"
    LOOKED_INTO = "looked-into"
    JUSTIFIED = "justified"  # there was a reason, and somebody said which
    FALSE_ALARM = "false-alarm"  # it was not what it seemed: the rule was wrong, not the reason good
    MISUSE = "misuse"
    PASSED_ON = "passed-on"  # it goes on elsewhere, under the partner's own procedure


class Step(StrEnum):
    """What is done about it."""

    LOOK_INTO = "look-into"
    JUSTIFY = "justify"
    DISMISS = "dismiss"
    FIND_MISUSE = "find-misuse"
    PASS_ON = "pass-on"  # noqa: S105
    REOPEN = "reopen"


class Who(StrEnum):
    """Who does it."""

    IG_LEAD = "ig-lead"  # whoever may read the trail of the organisation whose account it is about
    PLACE = "place"  # whoever governs the place at its command line


LIFE: Final = lifecycle(
    "alert",
    State.RAISED,
    moves("raised", Step.LOOK_INTO, State.LOOKED_INTO, *Who),
    moves("raised looked-into", Step.JUSTIFY, State.JUSTIFIED, *Who),
    moves("raised looked-into", Step.DISMISS, State.FALSE_ALARM, *Who),
    moves("looked-into", Step.FIND_MISUSE, State.MISUSE, *Who),
    moves("raised looked-into", Step.PASS_ON, State.PASSED_ON, *Who),
    moves("justified false-alarm passed-on", Step.REOPEN, State.LOOKED_INTO, *Who),
    moves("misuse", Step.REOPEN, State.LOOKED_INTO, Who.PLACE),
)
"""Whatever is not here cannot happen. Nobody is found to have misused anything before somebody looked into it."""

OPEN: Final = frozenset({State.RAISED, State.LOOKED_INTO})


class NotInThisState(DomainError):
    """What was asked for cannot happen to an alert in its state, or not by whoever asked."""


class OwnAlert(DomainError):
    """Somebody would decide about themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """Who acts on alerts; `reach` is of whose staff, without which they govern the place.

    `own` is the person who they are themselves, where that is known.
    """

    acting: Acting
    reach: Reach | None = None
    own: UUID | None = None

    @property
    def who(self) -> Who:
        """As the table calls them."""
        return Who.PLACE if self.reach is None else Who.IG_LEAD

    @property
    def organisations(self) -> frozenset[OdsCode] | None:
        """About whose staff alerts are theirs to know of; `None` for everyone's."""
        return None if self.reach is None or self.reach.of_all else self.reach.organisations

    def covers(self, alert: Alert) -> bool:
        """Whether it is theirs to know of."""
        return self.organisations is None or alert.organisation in self.organisations


def after(state: State, step: Step, *, by: Who) -> State:
    """The state that follows; raises `NotInThisState`."""
    made = LIFE.move(state, step, {by})
    if isinstance(made, Move):
        return made.to
    possible = ", ".join(sorted(LIFE.possible(state, {by}))) or "nothing"
    raise NotInThisState(f"an alert that is {state} cannot {step}; what can follow: {possible}")


def is_about(alert: Alert, triage: Triage) -> bool:
    """Whether whoever acts would decide about themselves."""
    return triage.acting.by.is_called(alert.subject) or (triage.own is not None and alert.person_id == triage.own)


def triage_of(connection: Connection, by: Handling) -> Triage | None:
    """Somebody as one who triages; `None` for whom no agreement in force lets read the trail, and for that purpose."""
    reach = reach_for(by)
    if not reach:
        by.tell(connection, None, Kind.DENIED, action=READ, reason=Reading.ALERTS)
        return None
    return Triage(acting=by.acting, reach=reach, own=own_id(connection, by))


def alerts_for(connection: Connection, triage: Triage, *, waiting: bool = True) -> list[Alert]:
    """The alerts that are theirs to look into, the most urgent first; `waiting` leaves out those that are closed.

    None about themselves: of that they learn from whoever decides. The trail is told of the reading.
    """
    theirs = _theirs(connection, triage, waiting=waiting)
    triage.acting.tell(connection, Kind.AUDIT_READ, reason=Reading.ALERTS)
    return theirs


def how_many_wait(connection: Connection, triage: Triage) -> int:
    """How many alerts are theirs to look into; nothing of any of them is told by it."""
    return len(_theirs(connection, triage, waiting=True))


def _theirs(connection: Connection, triage: Triage, *, waiting: bool) -> list[Alert]:
    found = store.alerts(connection, organisations=triage.organisations, waiting=waiting)
    return [alert for alert in found if not is_about(alert, triage)]


def steps_from(state: State, who: Who) -> list[Step]:
    """What they can do about an alert that stands so."""
    return [Step(step) for step in LIFE.possible(state, {who})]


def take(connection: Connection, number: UUID, step: Step, triage: Triage, *, note: str = "") -> State | None:
    """Take a step with an alert; `None` where there is none, or none of their organisation's.

    Raises `NotInThisState` or `OwnAlert`. `note` is in words of whoever acts.
    """
    acting, alert = triage.acting, store.hold_alert(connection, number)
    if alert is None or not triage.covers(alert):
        acting.tell(connection, Kind.DENIED, other=number, reason=Reading.ALERTS)
        return None
    if is_about(alert, triage):
        raise OwnAlert("this alert is about you; somebody else must look into it")
    state = after(State(alert.state), step, by=triage.who)
    closed = state not in OPEN
    store.put_alert_step(connection, number, step, state, closed=closed, by=acting.by, at=acting.at, note=note[:NOTE])
    acting.tell(connection, Kind.ALERT_REVIEWED, other=number, reason=state)
    return state
