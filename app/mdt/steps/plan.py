"""Planning meetings, as steps: from the cadence of a locality, and at another time or place."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from app.mdt import store
from app.mdt.steps.invite import tell_invited
from app.mdt.steps.office import Office
from app.mdt.workflow.forms import Form
from app.mdt.workflow.lifecycles.relation import ARRANGERS, Relation
from app.mdt.workflow.lifecycles.states import MeetingState
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.meeting import Meeting, MeetingContent, MoveMeeting
from app.mdt.workflow.notice import NoticeKind
from app.mdt.workflow.refusal import invalid
from app.mdt.workflow.rules.cadence import Sitting, sittings
from app.vocabulary.london import london_date

_AHEAD: Final = timedelta(days=400)


class PlanMeetings(Form):
    """Until which London day a locality's meetings are planned."""

    locality: str
    until: date
    first: date | None = None


def plan_meetings(office: Office, form: PlanMeetings) -> list[Meeting]:
    """Every meeting of the cadence that is not there yet; asking again makes none twice."""
    office.demand(form.locality, *ARRANGERS, Relation.CLOCK)
    locality, first = office.locality(form.locality), form.first or office.on
    if not first <= form.until <= first + _AHEAD:
        raise invalid("meetings are planned from a day on, for up to 400 days; choose a nearer day")
    there = {one.sitting for one in store.meetings_between(office.connection, form.locality, first, form.until)}
    return [_planned(office, locality, one) for one in sittings(locality, first, form.until) if one.on not in there]


def _planned(office: Office, locality: LocalityDocument, sitting: Sitting) -> Meeting:
    return office.begin(
        Meeting(
            id=office.new_id(),
            locality=locality.locality,
            sitting=sitting.on,
            state=Meeting.lifecycle.initial,
            version=1,
            starts_at=sitting.starts_at,
            ends_at=sitting.ends_at,
            content=MeetingContent(place=locality.cadence.place),
        ),
        "plan",
    )


def next_meeting(office: Office, locality: LocalityDocument, after: datetime) -> Meeting:
    """The next whose agenda is open, planned now if need be; raises `Refused` where the cadence has no more."""
    there = store.meetings_between(office.connection, locality.locality, london_date(after), date.max)
    for meeting in there:
        if meeting.state == MeetingState.PLANNED and meeting.starts_at > after:
            return meeting
    taken = {meeting.sitting for meeting in there}
    for sitting in sittings(locality, london_date(after), london_date(after) + _AHEAD):
        if sitting.starts_at > after and sitting.on not in taken:
            return _planned(office, locality, sitting)
    raise invalid(f"{locality.title} plans no further meeting; mend its cadence")


def move_meeting(office: Office, meeting_id: UUID, form: MoveMeeting) -> Meeting:
    """Another time or place for a meeting whose agenda is still open."""
    meeting = office.seen(Meeting, meeting_id, form.version)
    content = meeting.content.model_copy(update={"place": form.place or meeting.content.place})
    moved = office.advance(meeting, "move", content=content, starts_at=form.starts_at, ends_at=form.ends_at)
    tell_invited(office, moved, NoticeKind.MEETING_MOVED)
    return moved
