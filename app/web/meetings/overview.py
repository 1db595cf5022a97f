"""A meeting at a glance: its agenda, who is there, and the answer of whoever is invited."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from app.mdt.reading import diary, lists
from app.mdt.reading.answers.meetings import InvitationRow
from app.mdt.workflow.refusal import Refusal
from app.vocabulary.london import LONDON, from_london
from app.web.frame.answers import file
from app.web.frame.filled_in.typed import fields, nested
from app.web.frame.nothing import nothing
from app.web.meetings.at_meeting import AtMeeting, Here

router = APIRouter(include_in_schema=False)

_ANSWERS: Final = ("accept", "decline")
_LABELS: Final = {
    "starts_at": ("The day, and when it starts", "on-day"),
    "ends_at": ("When it ends", "ends_at"),
    "the form": ("When it ends", "ends_at"),
    "reason": ("Why it is cancelled", "reason"),
}


@router.get("/meetings/{meeting_id}")
async def meeting(here: Here) -> Response:
    """The agenda of those whom the viewer may see, when each is due, and who is in the room."""
    return await _meeting(here)


@router.get("/meetings/{meeting_id}/calendar.ics")
async def calendar(here: Here) -> Response:
    """The meeting for a diary, with nothing of whom it is about."""
    told = await diary.calendar(here.desk, here.inquiry(), here.id)
    return file(told, "text/calendar; charset=utf-8")


@router.post("/meetings/{meeting_id}/answer/{event}")
async def answer(event: str, here: Here, request: Request) -> Response:
    """Say whether one comes."""
    said = nested(fields(await request.form()))
    own = await _own_invitation(here)
    if own is None or event not in _ANSWERS:
        return nothing(here.looking)
    told = await here.take("invitations", event, own["id"], said)
    return here.back() if not isinstance(told, Refusal) else await _meeting(here, refused=told)


@router.post("/meetings/{meeting_id}/here")
async def come(here: Here) -> Response:
    """Say that one is in the room."""
    told = await here.take("arrivals", "new", None, {"meeting_id": str(here.id)})
    return here.back() if not isinstance(told, Refusal) else await _meeting(here, refused=told)


@router.post("/meetings/{meeting_id}/gone")
async def go(here: Here) -> Response:
    """Say that one has left it."""
    told = await here.take("leavings", "new", None, {"meeting_id": str(here.id)})
    return here.back() if not isinstance(told, Refusal) else await _meeting(here, refused=told)


@router.post("/meetings/{meeting_id}/cancel")
async def cancel(here: Here, request: Request) -> Response:
    """Cancel it, also after the lock: everyone on it moves to the next."""
    said = nested(fields(await request.form()))
    told = await here.take("meetings", "cancel", here.id, said)
    return here.back() if not isinstance(told, Refusal) else await _meeting(here, refused=told)


@router.post("/meetings/{meeting_id}/move")
async def move(here: Here, request: Request) -> Response:
    """Hold it at another time, or elsewhere."""
    typed = dict(fields(await request.form()))
    told = await here.take("meetings", "move", here.id, moved_of(typed))
    return here.back() if not isinstance(told, Refusal) else await _meeting(here, refused=told, typed=typed)


def moved_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """A day and two times of London's clocks as instants; what is none stays as it was typed, to be told of."""
    said = nested((name, value) for name, value in typed.items() if name.startswith("on."))
    told: dict[str, Any] = {name: typed[name] for name in ("version", "place") if typed.get(name, "").strip()}
    for name in ("starts_at", "ends_at"):
        at = typed.get(name, "").strip()
        try:
            told[name] = from_london(
                datetime.combine(date.fromisoformat(said["on"]), time.fromisoformat(at))
            ).isoformat()
        except (KeyError, ValueError):
            told[name] = at
    return told


async def _meeting(
    here: AtMeeting, *, refused: Refusal | None = None, typed: Mapping[str, str] | None = None
) -> Response:
    told = await here.whole()
    own = here.looking.asked.requester
    is_here = any(
        stay["left_at"] is None and (stay["account"], stay["organisation"]) == (own.subject, own.organisation)
        for stay in told.get("room", ())
    )
    invitation = await _own_invitation(here)
    return here.show(
        "meetings/meeting.html",
        told,
        refused=refused,
        labels=_LABELS,
        tab="Meeting",
        invitation=invitation,
        is_here=is_here,
        starts=told["starts_at"].astimezone(LONDON),
        ends=told["ends_at"].astimezone(LONDON),
        typed=typed or {},
        typed_stays=bool(refused),
    )


async def _own_invitation(here: AtMeeting) -> InvitationRow | None:
    theirs = await lists.own_invitations(here.desk, here.inquiry())
    return next((one for one in theirs if one["meeting"]["id"] == here.id), None)
