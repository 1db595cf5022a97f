"""What a team is answered, field by field: as JSON has it, as commands print it and as pages are made of it.

`person` is who somebody is (names and day of birth, as FHIR has them), `None` where whoever asks may not read it.
Instants are in UTC, days London's.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NotRequired, TypedDict
from uuid import UUID

from app.mdt.workflow.action import Priority
from app.mdt.workflow.agenda import CarryOver, Cause, Outcome
from app.mdt.workflow.caseload import Named, Stepped
from app.mdt.workflow.forms import Remark
from app.mdt.workflow.meeting import Attendance, MinutesKept
from app.mdt.workflow.referral import Made, Segment
from app.vocabulary.ods_code import OdsCode


class Held(TypedDict):
    """Something with a lifecycle, in the version that a writer must have seen."""

    id: UUID
    state: str
    version: int


class ReferralRow(Held):
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


class LookedAfter(TypedDict):
    """That a team looks after somebody, and since when."""

    id: UUID
    locality: str
    since: date
    next_review: date


class CaseloadRow(TypedDict):
    """A place on the caseload in its list; `question` is empty where whoever asks may not read referrals."""

    id: UUID
    person_id: UUID
    person: Any
    version: int
    since: date
    question: str
    next_review: date
    overdue: bool
    last_discussed: date | None
    lead: str | None
    coordinator: str | None
    segments: tuple[Segment, ...]
    deceased: bool
    why_still_here: bool


class FollowedUp(TypedDict):
    """Of somebody's last discussion, what became of telling them."""

    id: UUID
    version: int
    on: datetime | None
    told_on: date | None
    told_how: str | None
    plan_shared_on: date | None


class OnCaseload(TypedDict):
    """Since when somebody is on a caseload, by which referrals, who leads and coordinates, and how they left it."""

    id: UUID
    person_id: UUID
    locality: str
    state: str
    since: date
    referrals: Sequence[UUID]
    lead: Named | None
    coordinator: Named | None
    stepped_down: tuple[Stepped, ...]


class EntryTold(OnCaseload):
    """One place on the caseload; `question` is empty where whoever asks may not read referrals."""

    version: int
    person: Any
    next_review: date
    overdue: bool
    possible: tuple[str, ...]
    discussion: FollowedUp | None
    question: str
    segments: tuple[Segment, ...]
    kept_from: tuple[OdsCode, ...]
    review_reason: str
    last_discussed: date | None
    joined_into: UUID | None


class MeetingRow(Held):
    """A meeting as lists and invitations name it: nothing of whom it is about."""

    locality: str
    starts_at: datetime
    ends_at: datetime
    place: str


class InvitationRow(Held):
    """An invitation of whoever asks."""

    kind: str
    seat: str | None
    meeting: MeetingRow


class ActionRow(Held):
    """An action as whoever may read it sees it; `on_time` is `None` while it is open, or where it was cancelled."""

    person_id: UUID
    locality: str
    item_id: UUID
    what: str
    test: str
    priority: Priority
    owner: Named | None
    organisation: str
    due: date
    original_due: date
    overdue: bool
    on_time: bool | None
    result: str | None
    remarks: tuple[Remark, ...]


class ActionTold(ActionRow):
    """One action, with the events that it may take."""

    possible: tuple[str, ...]


class ItemRow(Held):
    """Somebody on an agenda, without anything that was said of them."""

    meeting_id: UUID
    person_id: UUID
    caseload_id: UUID
    position: int
    cause: Cause
    minutes: int
    presenter: Named | None
    late: Any
    carried: int
    outcome: Outcome | None
    reason: CarryOver | None
    running_since: datetime | None
    discussed_seconds: int


class AgendaRow(ItemRow):
    """The same among the others: when they are due, and in which place of those who wait."""

    due: datetime
    place: int | None
    person: Any
    question: str | None


class Written(TypedDict, total=False):
    """What was asked, said and given to do, as far as it may be read; the outcome stands beside it, as in `ItemRow`."""

    question: str
    stints: list[dict[str, Any]]
    summary: str | None
    view: dict[str, Any] | None
    options: Sequence[str]
    not_taken: Sequence[dict[str, Any]]
    rationale: str | None
    dissent: str | None
    risks: str | None
    withheld: str | None
    tells_person: str | None
    told_on: date | None
    told_how: str | None
    plan_shared_on: date | None
    no_action_reason: str | None
    review_on: date | None
    withdrawn: str | None
    actions: list[ActionRow]


class ItemTold(ItemRow, Written):
    """One discussion, and who was there."""

    present: tuple[str, ...]
    minutes_discussed: float


class Seat(TypedDict):
    """A seat of the team, and how it was filled."""

    seat: str
    title: str
    filled: Attendance


class Invited(Held):
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


class Became(TypedDict):
    """Which state something came into, and when."""

    after: str
    at: datetime


class HistoryRow(Became):
    """One event of a thing, and by whom; nothing of what was written."""

    version: int
    event: str
    before: str | None
    by: str
    organisation: str
    role: str
