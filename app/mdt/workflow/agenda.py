"""The agenda: who is listed, in which order, for how long, presented by whom; and what was said of each. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from app.mdt.workflow.caseload import Named
from app.mdt.workflow.forms import Actor, Change, Form, Line, Words
from app.mdt.workflow.lifecycles.states import ItemState
from app.mdt.workflow.lifecycles.tables import AGENDA
from app.mdt.workflow.referral import Urgency
from app.mdt.workflow.thing import OfPerson
from app.vocabulary.lifecycle import Lifecycle


class Cause(StrEnum):
    """Why somebody is listed; in the order in which a proposal takes them."""

    URGENT_REFERRAL = "urgent-referral"
    CARRIED_OVER = "carried-over"
    EVENT = "event"  # something happened since they were last discussed
    NEW_REFERRAL = "new-referral"
    REVIEW_DUE = "review-due"
    BY_EXCEPTION = "by-exception"  # a review that needs no discussion; listed and recorded all the same

    @property
    def plain(self) -> str:
        """As an agenda says it."""
        return "new events" if self is Cause.EVENT else self.replace("-", " ")


class CarryOver(StrEnum):
    """Why somebody who was listed was not discussed."""

    OUT_OF_TIME = "out-of-time"
    KEY_PERSON_ABSENT = "key-person-absent"
    INFORMATION_MISSING = "information-missing"
    PERSON_ASKED = "person-asked"
    NOT_QUORATE = "not-quorate"
    MEETING_CANCELLED = "meeting-cancelled"


class Outcome(StrEnum):
    """What the team decided."""

    PLAN_AGREED = "plan-agreed"
    PLAN_CONTINUES = "plan-continues"
    REFERRED_ON = "referred-on"
    MORE_ASSESSMENT = "more-assessment"
    STEP_DOWN = "step-down"
    NO_ACTION = "no-action"


class ListPerson(Form):
    """Somebody for the agenda."""

    meeting_id: UUID
    caseload_id: UUID
    cause: Cause = Cause.REVIEW_DUE
    question: Words
    minutes: Annotated[int, Field(ge=1, le=60)] | None = None
    presenter: Named | None = None
    why_late: Words | None = None


class Arrange(Change):
    """Where in the order, for how long, and who presents; what is left out stays as it is."""

    position: Annotated[int, Field(ge=1, le=60)] | None = None
    minutes: Annotated[int, Field(ge=1, le=60)] | None = None
    presenter: Named | None = None
    question: Words | None = None


class View(Form):
    """The person's own view or their carer's, how it was obtained, and when."""

    said: Words
    whose: Words
    how: Words
    on: date


class NotTaken(Form):
    """An option that the team did not take; why is asked for, and may come later."""

    option: Words
    why: Words | None = None


class Note(Change):
    """What scribes write; a field that is left out stays as it is."""

    summary: Words | None = None
    view: View | None = None
    options: tuple[Words, ...] | None = None
    not_taken: tuple[NotTaken, ...] | None = None
    rationale: Words | None = None
    dissent: Words | None = None
    risks: Words | None = None
    withheld: Words | None = None
    tells_person: Words | None = None


class Conclude(Change):
    """The outcome; where nobody is to do anything, why; and when the team looks again, unless it need not.

    `read_back` are the actions that the room heard read back: every one that is open, and none where there is none.
    """

    outcome: Outcome
    no_action_reason: Words | None = None
    review_on: date | None = None
    read_back: tuple[UUID, ...] = Field(description="the open actions, as they were read back to the room")

    @model_validator(mode="after")
    def _looked_at_again(self) -> Self:
        if self.review_on is None and self.outcome is not Outcome.STEP_DOWN:
            raise ValueError("say when the team looks again, or step the person down")
        return self


class FollowUp(Change):
    """When the person was told what was decided, and how; and when the plan was shared with them and their partners."""

    told_on: date | None = None
    told_how: Line | None = None
    plan_shared_on: date | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.told_on is None and self.plan_shared_on is None:
            raise ValueError("say when the person was told, or when the plan was shared")
        if (self.told_on is None) != (self.told_how is None):
            raise ValueError("say both when and how the person was told")
        return self


class CarriedOver(Change):
    """Why the person is carried over to the next meeting."""

    reason: CarryOver


class Late(Form):
    """Somebody was listed after the lock."""

    reason: str
    by: Actor


class Stint(Form):
    """A while of discussion."""

    began: datetime
    ended: datetime | None = None


class ItemContent(BaseModel):
    """How somebody is listed, and what was said and decided."""

    cause: Cause
    question: str
    minutes: int
    presenter: Named | None = None
    late: Late | None = None
    carried: int = 0  # how often they were carried over before
    stints: tuple[Stint, ...] = ()
    summary: str | None = None
    view: View | None = None
    options: tuple[str, ...] = ()
    not_taken: tuple[NotTaken, ...] = ()
    rationale: str | None = None
    dissent: str | None = None
    risks: str | None = None
    withheld: str | None = None
    tells_person: str | None = None
    told_on: date | None = None
    told_how: str | None = None
    plan_shared_on: date | None = None
    outcome: Outcome | None = None
    no_action_reason: str | None = None
    review_on: date | None = None
    reason: CarryOver | None = None
    withdrawn: str | None = None

    def stopped(self, at: datetime) -> Self:
        """The same with its clock stopped, if it ran."""
        stints = tuple(stint if stint.ended else stint.model_copy(update={"ended": at}) for stint in self.stints)
        return self.model_copy(update={"stints": stints})


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaItem(OfPerson):
    """One person on one meeting's agenda."""

    lifecycle: ClassVar[Lifecycle[ItemState]] = AGENDA
    content_type: ClassVar[type[BaseModel]] = ItemContent

    state: ItemState
    meeting_id: UUID
    caseload_id: UUID
    position: int
    ended_at: datetime | None = None
    content: ItemContent

    @property
    def is_open(self) -> bool:
        """Whether they are still to be discussed."""
        return self.ended_at is None

    @property
    def running_since(self) -> datetime | None:
        """Since when its clock runs; `None` while nobody discusses it."""
        return next((stint.began for stint in self.content.stints if stint.ended is None), None)

    @property
    def discussed_for(self) -> timedelta:
        """How long all stints together lasted; one that goes on counts for nothing yet."""
        whiles = (stint.ended - stint.began for stint in self.content.stints if stint.ended)
        return sum(whiles, timedelta())


def may_list_late(urgency: Urgency | None, late: str) -> bool:
    """Whether a locality's rule lets somebody be listed after the lock."""
    return late == "urgent" and urgency is Urgency.URGENT


def timetable(starts_at: datetime, items: Sequence[AgendaItem]) -> dict[UUID, datetime]:
    """When each item is due to begin, one after another in the order of the agenda; who was taken off takes no time."""
    due, at = {}, starts_at
    for item in sorted(items, key=lambda item: (item.position, str(item.id))):
        due[item.id] = at
        if item.state not in (ItemState.WITHDRAWN, ItemState.CARRIED_OVER):
            at += timedelta(minutes=item.content.minutes)
    return due
