"""Referrals, as lists and their own pages have them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NotRequired, TypedDict
from uuid import UUID

from app.mdt.reading.answers.things import Versioned
from app.mdt.workflow.forms import Remark
from app.mdt.workflow.referral import Made, Segment
from app.vocabulary.ods_code import OdsCode


class ReferralRow(Versioned):
    """A referral in a list; the working days are until and since it is due, whichever holds."""

    person_id: UUID
    locality: str
    urgency: str
    received_at: datetime
    triage_due: date
    days_overdue: int
    working_days_left: int
    working_days_late: int
    clock_stopped: date | None
    referrers: list[OdsCode]
    segments: tuple[Segment, ...]


class TriageRow(ReferralRow):
    """A referral in the list of those who triage it; `own` where whoever asks made it."""

    person: Any
    own: bool


class Received(TypedDict):
    """What was referred to a team and where that stands, with as much of what was said as whoever asks may read."""

    id: UUID
    state: str
    person_id: UUID
    locality: str
    urgency: str
    received_at: datetime
    triage_due: date
    made: Sequence[Made]
    remarks: Sequence[Remark]


class Referred(Received):
    """One referral; `possible` are the events that it may take."""

    version: int
    clock_stopped: date | None
    possible: tuple[str, ...]
    person: NotRequired[Any]
