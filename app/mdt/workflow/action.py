"""Actions: what one named person of one organisation will have done by a day, and how it is known to be done."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel

from app.mdt.workflow.caseload import Named
from app.mdt.workflow.forms import Actor, Change, Form, Remark, Words
from app.mdt.workflow.lifecycles.states import ActionState
from app.mdt.workflow.lifecycles.tables import ACTION
from app.mdt.workflow.thing import OfPerson
from app.sharing.facts import Account
from app.vocabulary.lifecycle import Lifecycle
from app.vocabulary.london import london_date


class Priority(StrEnum):
    """How much hangs on it."""

    ROUTINE = "routine"
    HIGH = "high"


class AssignAction(Form):
    """A new action; `id`, where the writer gives one, makes it the same action however often it is sent."""

    id: UUID | None = None
    item_id: UUID
    what: Words
    owner: Named
    due: date
    test: Words  # of success
    priority: Priority = Priority.ROUTINE


class HandOver(Change):
    """To whom it goes, and why."""

    owner: Named
    reason: Words


class ReDate(Change):
    """A new day; the original one stays what being on time is counted by."""

    due: date
    reason: Words


class TakeOn(Change):
    """That an owner takes it on; how, if they like to say so."""

    reason: Words | None = None


class Complete(Change):
    """What was found by the test of success."""

    result: Words


class ActionContent(BaseModel):
    """What is to be done, and what was said about it since."""

    what: str
    test: str
    priority: Priority
    owner: Named | None
    asked_by: Actor
    remarks: tuple[Remark, ...] = ()
    result: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(OfPerson):
    """One action of one person's plan, whoever owns it."""

    lifecycle: ClassVar[Lifecycle[ActionState]] = ACTION
    content_type: ClassVar[type[BaseModel]] = ActionContent

    state: ActionState
    locality: str
    item_id: UUID
    issuer: str | None
    subject: str | None
    organisation: str
    original_due: date
    due: date
    ended_at: datetime | None = None
    content: ActionContent

    @property
    def account(self) -> Account | None:
        """Who owns it; nobody where the owner left or has no account."""
        return Account.of(self.issuer, self.subject)

    @property
    def on_time(self) -> bool | None:
        """Whether it was done by its original day in London; `None` while it is open, or where it was cancelled."""
        if self.ended_at is None or self.state == ActionState.CANCELLED:
            return None
        return self.state == ActionState.DONE and london_date(self.ended_at) <= self.original_due

    def is_overdue(self, on: date) -> bool:
        """Whether it is open after the day that it is due."""
        return self.ended_at is None and on > self.due
