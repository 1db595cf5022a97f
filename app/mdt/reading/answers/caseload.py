"""Places on the caseload, and what became of telling those who were discussed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from app.mdt.workflow.caseload import Named, Stepped
from app.mdt.workflow.referral import Segment
from app.vocabulary.ods_code import OdsCode


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
