"""An objection lodged, decided or lifted, with the agendas that it takes the person off: one transaction."""

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import Connection

from app.governance.exceptions import objecting
from app.governance.exceptions.objecting import State, Step
from app.governance.handling import Handling
from app.mdt.steps.agenda.lock import leave_meetings
from app.mdt.steps.clock import as_clock
from app.mdt.steps.taking import Teams, taken
from app.person.standing_store import stands_for
from app.sharing.facts import Objection


def lodge(connection: Connection, teams: Teams, person_id: UUID, objection: Objection, by: Handling) -> int | None:
    """As `objecting.lodge`."""
    number = objecting.lodge(connection, person_id, objection, by)
    if number is not None:
        leave_agendas(connection, teams, person_id, at=by.at)
    return number


def step(connection: Connection, teams: Teams, person_id: UUID, number: int, step: Step, by: Handling) -> State | None:
    """As `objecting.step`. Whoever left an agenda is not put back on it: the team lists them anew."""
    state = objecting.step(connection, person_id, number, step, by)
    if state is State.UPHELD:
        leave_agendas(connection, teams, person_id, at=by.at)
    return state


def leave_agendas(connection: Connection, teams: Teams, person_id: UUID, *, at: datetime) -> None:
    """Take the person off every agenda of a meeting at which they object to being discussed."""
    standing = stands_for(connection, person_id) or person_id
    for locality in teams.localities.by_id.values():
        leave = partial(leave_meetings, person_id=standing, locality=locality.locality)
        taken(connection, teams, as_clock(locality, at), leave)
