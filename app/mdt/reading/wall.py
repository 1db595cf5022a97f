"""The wall of a meeting: who is discussed just now, as everyone in the room may see them, and the clock."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from app.mdt import store
from app.mdt.desk import Desk
from app.mdt.reading.answers.meetings import MeetingRow, ScreenTold
from app.mdt.reading.discussed import screen
from app.mdt.reading.lists import meeting_row
from app.mdt.reading.taking_part import own_items, stamp_of
from app.mdt.steps.office import Office
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.caseload import Named
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.lifecycles.states import ItemState
from app.mdt.workflow.meeting import quorate
from app.mdt.workflow.rules.room import Stay, seats_filled
from app.record.inquiry import Inquiry


class Clock(TypedDict):
    """The clock of whoever is under discussion."""

    minutes: int
    running_since: datetime | None
    discussed_seconds: int
    presenter: Named | None


class InTheRoom(TypedDict):
    """Somebody who is in the room now."""

    name: str
    organisation: str


class WallTold(MeetingRow):
    """The wall of a meeting; `screen` is `None` while nobody is under discussion."""

    stamp: str
    item: Clock | None
    waiting: int
    ended: int
    next_due: datetime | None
    room: list[InTheRoom]
    quorate: bool
    screen: ScreenTold | None


async def wall(desk: Desk, inquiry: Inquiry, meeting_id: UUID) -> WallTold:
    """The screen for the room: `screen` is of whoever is under discussion, `None` while nobody is.

    Of all others it tells how many there are, and when the next is due.
    """
    told, current = await desk.ask(inquiry, lambda office: _hung(office, meeting_id))
    shown = await screen(desk, inquiry, current) if current else None
    return {**told, "screen": shown}


def _hung(office: Office, meeting_id: UUID) -> tuple[WallTold, UUID | None]:
    held, items, due = own_items(office, meeting_id)
    office.demand(held.locality, Relation.MEMBER)
    current = next((item for item in items if item.state == ItemState.UNDER_DISCUSSION), None)
    waiting = [due[item.id] for item in items if item.state == ItemState.LISTED]
    room = [stay for stay in store.room_of(office.connection, held.id) if stay.is_here]
    told: WallTold = {
        **meeting_row(held),
        "stamp": stamp_of(office, held, items),
        "item": _clock_of(current) if current else None,
        "waiting": len(waiting),
        "ended": sum(not item.is_open for item in items),
        "next_due": min(waiting, default=None),
        "room": [_present(stay) for stay in room],
        "quorate": quorate(office.locality(held.locality), seats_filled(room)),
        "screen": None,
    }
    return told, current.id if current else None


def _clock_of(item: AgendaItem) -> Clock:
    return {
        "minutes": item.content.minutes,
        "running_since": item.running_since,
        "discussed_seconds": int(item.discussed_for.total_seconds()),
        "presenter": item.content.presenter,
    }


def _present(stay: Stay) -> InTheRoom:
    return {"name": stay.requester.name, "organisation": stay.requester.organisation}
