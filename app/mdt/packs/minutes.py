"""The minutes of a meeting on paper: who was there, what became of each on its agenda, and what was drafted or signed.

What was said of a person is in none of it: that stands in their own extract, for those who may read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any, Final
from uuid import UUID

from app.mdt.desk import Desk
from app.mdt.reading import whole
from app.mdt.reading.answers.agenda import AgendaRow
from app.mdt.reading.answers.meetings import MeetingTold, StayRow
from app.mdt.reading.minutes import SignedMinutes, signed_minutes
from app.mdt.workflow.lifecycles.states import MeetingState
from app.printing import pdf
from app.record.inquiry import Inquiry
from app.record.read.foremost import person_name
from app.sharing.names import Names, names_of
from app.vocabulary.plain_time import clock, plain_time, weekday_time

_TEMPLATE: Final = resources.files("app.mdt.packs").joinpath("templates/minutes.typ")

ATTENDED: Final[Mapping[str, str]] = {"holder": "Present", "deputy": "By a deputy", "absent": "Absent"}
"""How a seat was filled, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """A meeting's minutes for one of its team; of its agenda those of whom they may keep a copy."""

    title: str
    meeting: MeetingTold
    signed: list[SignedMinutes]
    reader: tuple[str, str, str]
    at: datetime
    names: Names


async def minutes(desk: Desk, inquiry: Inquiry, meeting_id: UUID) -> Minutes:
    """The minutes, to be printed, of whom the agreements let the requester keep a copy; the trail is told."""
    signed = await signed_minutes(desk, inquiry, meeting_id)
    meeting = await whole.meeting(desk, inquiry, meeting_id, on_paper=True)
    names, requester = names_of(desk.record.agreements), inquiry.requester
    return Minutes(
        title=desk.localities.by_id[meeting["locality"]].title,
        meeting=meeting,
        signed=signed,
        reader=(requester.name, names.role(requester.role), names.partner(requester.organisation)),
        at=inquiry.at,
        names=names,
    )


def as_pdf(told: Minutes) -> bytes:
    """A tagged PDF (PDF/UA-1), the same bytes for the same minutes."""
    meeting = told.meeting
    said = {
        "title": f"Minutes of the multidisciplinary team of {told.title}",
        "when": weekday_time(meeting["starts_at"]),
        "place": meeting["place"],
        "stands": _how_it_stands(meeting),
        "reader": (*told.reader, plain_time(told.at)),
        "has_begun": bool(meeting["started_at"]),
        "seats": [(seat["title"], ATTENDED[seat["filled"]]) for seat in meeting["seats"]],
        "room": [_stay(one, told.names) for one in meeting["room"]],
        "agenda": [_became(item) for item in meeting["agenda"]],
        "draft": _written(meeting["minutes"]) if meeting["state"] == MeetingState.CLOSED and meeting["minutes"] else [],
        "versions": [_version(one, len(told.signed) - place) for place, one in enumerate(told.signed)],
    }
    return pdf(_TEMPLATE, said, at=told.at)


def _how_it_stands(meeting: MeetingTold) -> str:
    began, closed = meeting["started_at"], meeting["closed_at"]
    if not began:
        return "The meeting has not begun."
    times = f"Began {plain_time(began)}" + (f", closed {plain_time(closed)}" if closed else "")
    return f"{times}. {'Signed' if meeting['state'] == 'signed' else 'Not signed: a draft'}."


def _stay(stay: StayRow, names: Names) -> str:
    until = f" to {clock(stay['left_at'])}" if stay["left_at"] else ""
    return f"{stay['name']}, {names.partner(stay['organisation'])}, from {clock(stay['arrived_at'])}{until}"


def _became(item: AgendaRow) -> tuple[str, str]:
    became = item["outcome"] or (f"{item['state']}: {item['reason']}" if item["reason"] else item["state"])
    begun = became.replace("-", " ")
    late = f"; listed late: {item['late']['reason']}" if item["late"] else ""
    return person_name(item["person"]) or "Name not shown", begun[:1].upper() + begun[1:] + late


def _written(content: Any) -> list[tuple[str, str]]:
    return [("Apologies", "; ".join(content.apologies) or "none"), ("Learning", content.learning or "none")]


def _version(one: SignedMinutes, number: int) -> dict[str, Any]:
    reopened = one["reopened"]
    return {
        "title": f"Version {number}, signed by {one['by']} on {plain_time(one['at'])}",
        "facts": _written(one["minutes"]),
        "reopened": f"Opened again by {reopened['by']} on {plain_time(reopened['at'])}: {reopened['reason']}"
        if reopened
        else "",
    }
