"""A case study: what became of one person, told with their permission and without saying who they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from app.mdt.workflow.forms import Actor, Change, Form, Line, Words
from app.mdt.workflow.lifecycles.states import StudyState
from app.mdt.workflow.lifecycles.tables import CASE_STUDY
from app.mdt.workflow.thing import OfPerson
from app.vocabulary.lifecycle import Lifecycle
from app.vocabulary.token import Purpose

STORY: Final = Purpose("case-study")
"""What a story is written and read for, as agreements call it."""


class Basis(StrEnum):
    """Who permits it."""

    PERSON = "person"
    ATTORNEY = "attorney-or-deputy"  # with authority over it (Mental Capacity Act 2005 ss 9 and 16)
    BEST_INTERESTS = "best-interests"  # the person lacks capacity to decide it (s 4); those close to them were asked
    PARENT = "parental-responsibility"
    REPRESENTATIVE = "personal-representative"  # of somebody who has died


class Use(StrEnum):
    """What the story may be told in."""

    IMPACT_REPORT = "impact-report"
    TEACHING = "teaching"
    PUBLICATION = "publication"


class Left(StrEnum):
    """Why a case study is told no more."""

    PERMISSION_WITHDRAWN = "permission-withdrawn"
    NOT_NEEDED = "not-needed"


class Story(Form):
    """What is told, and nothing of who it is about."""

    title: Line
    before: Words  # how things stood
    done: Words  # what the team did
    became: Words  # what came of it
    own_words: Words | None = None  # the person's, or their carer's
    learned: Words | None = None

    @property
    def parts(self) -> dict[str, str]:
        """What is written, by field."""
        return {name: said for name, said in self.model_dump(include=set(Story.model_fields)).items() if said}


class WriteStory(Story):
    """A new case study, of somebody on a caseload or who was."""

    caseload_id: UUID


class ReviseStory(Change, Story):
    """The text again, whole."""


class Permission(Form):
    """Who permits the story to be told, in what, and until when; who asked, on which day and how.

    `given_by` names whoever decided for the person, and `consulted` who was asked besides, and why the person could not
    decide: of everyone but the person.
    """

    basis: Basis
    uses: Annotated[tuple[Use, ...], Field(min_length=1)]
    asked_by: Line
    asked_on: date
    how: Words
    until: date
    given_by: Line | None = None
    consulted: Words | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.until <= self.asked_on:
            raise ValueError("a permission ends after it was given; ask again then")
        if self.basis is not Basis.PERSON and self.given_by is None:
            raise ValueError("say who decided for the person")
        if self.basis is Basis.BEST_INTERESTS and self.consulted is None:
            raise ValueError("say why the person cannot decide this, and who was asked about their best interests")
        return self


class Permit(Change, Permission):
    """A permission as it was given."""


class Withdraw(Change):
    """That it is told no more, and why."""

    reason: Left


class CaseStudyContent(BaseModel):
    """What is told, under which permission, written and approved by whom; the text goes when the permission does."""

    story: Story | None
    written_by: Actor
    permission: Permission | None = None
    recorded_by: Actor | None = None
    approved_by: Actor | None = None
    approved_at: datetime | None = None
    left: Left | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStudy(OfPerson):
    """One person's story, of one place on a caseload."""

    lifecycle: ClassVar[Lifecycle[StudyState]] = CASE_STUDY
    content_type: ClassVar[type[BaseModel]] = CaseStudyContent

    state: StudyState
    locality: str
    caseload_id: UUID
    permitted_until: date | None = None
    ended_at: datetime | None = None
    content: CaseStudyContent

    def waits_for(self, by: Actor) -> bool:
        """Whether it is permitted, and they did not write it, so that they may approve it where they chair."""
        return self.content.permission is not None and self.content.written_by.account != by.account

    def may_be_told(self, use: Use, on: date, *, died: bool) -> bool:
        """Whether it may be told on a day in London: approved, permitted for it, and by who can permit it now."""
        permission = self.content.permission
        return (
            self.state == StudyState.APPROVED
            and permission is not None
            and use in permission.uses
            and permission.asked_on <= on <= permission.until
            and (not died or permission.basis is Basis.REPRESENTATIVE)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStory:
    """A story as a report tells it: nothing of whom it is about, and on whose permission."""

    locality: str
    title: str
    before: str
    done: str
    became: str
    own_words: str
    learned: str
    permitted_by: str
    permitted_until: date


BASES: Final[Mapping[str, str]] = {
    Basis.PERSON: "The person",
    Basis.ATTORNEY: "Their attorney or deputy",
    Basis.BEST_INTERESTS: "Decided in their best interests",
    Basis.PARENT: "A parent",
    Basis.REPRESENTATIVE: "Their personal representative",
}
"""Who permits a story to be told, as readers are told it."""

PARTS: Final[Mapping[str, str]] = {
    "title": "Title",
    "before": "How things stood",
    "done": "What the team did",
    "became": "What came of it",
    "own_words": "In their own words",
    "learned": "What the team learned",
}
"""The parts of a story, as they are called."""
