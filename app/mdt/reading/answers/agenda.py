"""Who is on an agenda, what was said of them, and what somebody will do about it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from app.mdt.reading.answers.things import Versioned
from app.mdt.workflow.action import Priority
from app.mdt.workflow.agenda import CarryOver, Cause, Outcome
from app.mdt.workflow.caseload import Named
from app.mdt.workflow.forms import Remark


class ActionRow(Versioned):
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


class ItemRow(Versioned):
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
