"""The wall of a meeting: who is discussed just now, as everyone in the room may see them, and the clock."""

from typing import Any
from uuid import UUID

from app.mdt import store
from app.mdt.desk import Desk
from app.mdt.reading.lists import meeting_row
from app.mdt.reading.taking_part import own_items, stamp_of
from app.mdt.reading.whole import Whole, screen
from app.mdt.steps.office import Office
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.lifecycle import Relation
from app.mdt.workflow.meeting import Meeting, quorate
from app.mdt.workflow.thing import Refusal
from app.record.inquiry import Inquiry


async def wall(desk: Desk, inquiry: Inquiry, meeting_id: UUID) -> Whole | Refusal:
    """The screen for the room: `screen` is of whoever is under discussion, `None` while nobody is.

    Of all others it tells how many there are, and when the next is due.
    """
    found = await desk.ask(inquiry, lambda office: _hung(office, meeting_id))
    if isinstance(found, Refusal):
        return found
    told, current = found
    shown = await screen(desk, inquiry, current) if current else None
    return shown if isinstance(shown, Refusal) else told | {"screen": shown}


def _hung(office: Office, meeting_id: UUID) -> tuple[Whole, UUID | None]:
    held, items, due = own_items(office, meeting_id)
    office.demand(held.locality, Relation.MEMBER)
    current = next((item for item in items if item.state == "under-discussion"), None)
    waiting = [due[item.id] for item in items if item.state == "listed"]
    told = meeting_row(held) | {
        "stamp": stamp_of(office, held, items),
        "item": _clock_of(current) if current else None,
        "waiting": len(waiting),
        "ended": sum(not item.is_open for item in items),
        "next_due": min(waiting, default=None),
        **_room(office, held),
    }
    return told, current.id if current else None


def _clock_of(item: AgendaItem) -> dict[str, Any]:
    return {
        "minutes": item.content.minutes,
        "running_since": item.running_since,
        "discussed_seconds": int(item.discussed_for.total_seconds()),
        "presenter": item.content.presenter,
    }


def _room(office: Office, held: Meeting) -> Whole:
    room = [stay for stay in store.room_of(office.connection, held.id) if stay.left_at is None]
    seats = {stay.seat for stay in room if stay.seat is not None}
    names = [{"name": stay.requester["name"], "organisation": stay.requester["organisation"]} for stay in room]
    return {"room": names, "quorate": quorate(office.locality(held.locality), seats)}
