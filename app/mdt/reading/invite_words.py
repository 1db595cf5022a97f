"""What an invitation says: when, where, and that it is a meeting; never about whom. As text, and as a calendar file."""

from datetime import datetime
from typing import Final

from icalendar import Calendar, Event

from app.mdt.workflow.lifecycles.states import MeetingState
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.meeting import Meeting
from app.vocabulary.london import LONDON
from app.vocabulary.plain_time import clock, plain_time

_PRODUCT: Final = "-//Pisano//multidisciplinary team//EN"


def calendar_file(meeting: Meeting, locality: LocalityDocument, *, at: datetime) -> bytes:
    """The meeting for a diary (RFC 5545), in London's time with its rules, so that a diary elsewhere is right too.

    Its UID stays the same when the meeting is moved or cancelled, and its SEQUENCE grows, so that diaries follow.
    """
    event = Event()
    event.add("uid", f"{meeting.id}@mdt.pisano")
    event.add("sequence", meeting.version)
    event.add("dtstamp", at)
    event.add("dtstart", meeting.starts_at.astimezone(LONDON))
    event.add("dtend", meeting.ends_at.astimezone(LONDON))
    event.add("summary", _title(locality))
    event.add("location", meeting.content.place)
    event.add("description", "Sign in to see what concerns you.")
    event.add("status", "CANCELLED" if meeting.state == MeetingState.CANCELLED else "CONFIRMED")
    event.add("class", "PRIVATE")
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if meeting.state == MeetingState.CANCELLED else "PUBLISH")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def plain_invitation(meeting: Meeting, locality: LocalityDocument) -> str:
    """The same in words."""
    starts, ends = meeting.starts_at.astimezone(LONDON), meeting.ends_at
    when = f"{starts:%A} {plain_time(starts)} to {clock(ends)}"
    first = "This meeting is cancelled." if meeting.state == MeetingState.CANCELLED else "You are invited to a meeting."
    return "\n".join(
        [first, "", _title(locality), when, meeting.content.place, "", "Sign in to see what concerns you.", ""]
    )


def _title(locality: LocalityDocument) -> str:
    return f"Multidisciplinary team meeting: {locality.title}"
