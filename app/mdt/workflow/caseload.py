"""The caseload: who is on it, why, since when, who leads, when they are next reviewed, and how they leave it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel

from app.mdt.workflow.forms import Change, Form, Line, Problem, Words
from app.mdt.workflow.lifecycles.states import CaseloadState
from app.mdt.workflow.lifecycles.tables import CASELOAD
from app.mdt.workflow.referral import Segment
from app.mdt.workflow.thing import OfPerson
from app.sharing.written.words import Ods
from app.vocabulary.lifecycle import Lifecycle


class Named(Form):
    """Somebody by name and organisation; with the account by which they sign in, where they have one."""

    name: Line
    organisation: Ods
    issuer: str | None = None
    account: str | None = None


class Assign(Change):
    """Who leads and who coordinates."""

    lead: Named
    coordinator: Named


class PlanReview(Change):
    """When the team looks again."""

    on: date
    reason: Words


class StepDownReason(StrEnum):
    """Why somebody leaves the caseload."""

    GOALS_MET = "goals-met"
    DECLINED = "declined"
    MOVED = "moved"
    DIED = "died"
    OTHER_SERVICE = "other-service"


class StepDown(Change):
    """To whom the person goes on, and what would bring them back; somebody who died goes to nobody."""

    reason: StepDownReason
    holder: Named | None = None
    re_entry_trigger: Words | None = None
    person_told: Words | None = None


class JoinEntries(Change):
    """Into which entry this one is joined, as both are of one person."""

    into: UUID


class Stepped(Form):
    """How somebody left the caseload."""

    on: date
    reason: StepDownReason
    holder: Named | None
    re_entry_trigger: str | None
    person_told: str | None


class CaseloadContent(BaseModel):
    """Why the person is on the caseload and with whom; `kept_from` are organisations to which they object."""

    question: str
    segments: tuple[Segment, ...]
    referrals: tuple[UUID, ...]
    kept_from: tuple[Ods, ...] = ()
    lead: Named | None = None
    coordinator: Named | None = None
    review_reason: str = ""
    last_discussed: date | None = None
    stepped_down: tuple[Stepped, ...] = ()
    joined_into: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseloadEntry(OfPerson):
    """One person on one locality's caseload."""

    lifecycle: ClassVar[Lifecycle[CaseloadState]] = CASELOAD
    content_type: ClassVar[type[BaseModel]] = CaseloadContent

    state: CaseloadState
    locality: str
    since: date
    next_review: date
    content: CaseloadContent


def step_down_obstacle(form: StepDown) -> Problem | None:
    """What is missing for somebody to leave the caseload safely."""
    if form.reason is StepDownReason.DIED:
        return None
    if form.holder is None:
        return Problem("holder", "name who holds the person's care from now on")
    if form.re_entry_trigger is None:
        return Problem("re_entry_trigger", "say what would bring the person back to the team")
    if form.person_told is None:
        return Problem("person_told", "say who tells the person, and how")
    return None
