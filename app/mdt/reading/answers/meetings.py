"""Meetings, who comes to them, and what may stand on the wall."""

from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from app.mdt.reading.answers.agenda import AgendaRow, Written
from app.mdt.reading.answers.things import Versioned
from app.mdt.workflow.agenda import Cause
from app.mdt.workflow.meeting import Attendance, MinutesKept


class MeetingRow(Versioned):
    """A meeting as lists and invitations name it: nothing of whom it is about."""

    locality: str
    starts_at: datetime
    ends_at: datetime
    place: str


class InvitationRow(Versioned):
    """An invitation of whoever asks."""

    kind: str
    seat: str | None
    meeting: MeetingRow


class Seat(TypedDict):
    """A seat of the team, and how it was filled."""

    seat: str
    title: str
    filled: Attendance


class Invited(Versioned):
    """Whoever is invited, as the team sees them; `items` are those for which a guest comes."""

    kind: str
    name: str
    organisation: str
    seat: str | None
    account: str
    profile: str | None
    remark: str | None
    items: list[UUID]


class StayRow(TypedDict):
    """A while that somebody was in the room."""

    name: str
    organisation: str
    seat: str | None
    arrived_at: datetime
    left_at: datetime | None
    account: str


class OfTeam(TypedDict, total=False):
    """What of a meeting is for its team alone: all of it, or for a guest nothing."""

    arranges: bool
    possible: tuple[str, ...]
    locks_at: datetime
    locked_at: datetime | None
    started_at: datetime | None
    closed_at: datetime | None
    reason: str | None
    minutes: MinutesKept | None
    quorate: bool
    seats: list[Seat]
    invitations: list[Invited]
    room: list[StayRow]


class MeetingTold(MeetingRow, OfTeam):
    """A meeting with those on its agenda whom whoever asks may see."""

    stamp: str
    agenda: list[AgendaRow]


class ScreenTold(TypedDict):
    """What may be shown on the wall; `view` is `None` where somebody in the room may see nothing of the person."""

    present: list[str]
    uncovered: list[str]
    view: dict[str, Any] | None
    written: Written


class Proposed(TypedDict):
    """Somebody on the caseload whom a meeting could list, and since when they wait."""

    caseload_id: UUID
    person_id: UUID
    cause: Cause
    since: date


class Proposal(TypedDict):
    """Whom the free slots of a meeting would take, and who would have to wait."""

    listed: list[Proposed]
    waiting: list[Proposed]
