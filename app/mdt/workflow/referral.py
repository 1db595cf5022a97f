"""A referral: one form for every partner, joined where several refer the same person, and triaged by a clock."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Self
from uuid import UUID

from pydantic import BaseModel, Field, ValidationInfo, field_validator, model_validator

from app.mdt.workflow.forms import Actor, Form, Remark, Words
from app.mdt.workflow.lifecycles.states import ReferralState
from app.mdt.workflow.lifecycles.tables import REFERRAL
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.thing import OfPerson
from app.sharing.facts import Account
from app.sharing.written.words import Ods
from app.vocabulary.lifecycle import Lifecycle
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.working_days import add_working_days, working_days_between

AWAITING_TRIAGE: Final = (ReferralState.RECEIVED, ReferralState.AWAITING_INFORMATION)
"""The states in which nobody has decided on a referral yet."""


class Segment(StrEnum):
    """Population segments; they overlap, so that a referral may name several."""

    CHILDREN_AND_FAMILIES = "healthy-children-and-families"
    DISABILITIES = "disabilities"
    LONG_TERM_CONDITIONS = "long-term-conditions"
    FRAILTY_AND_DEMENTIA = "frailty-and-dementia"
    COMPLEX_LIVES = "complex-lives"


class Urgency(StrEnum):
    """How soon the referral must be triaged, and whether it may be added late."""

    ROUTINE = "routine"
    URGENT = "urgent"


class Source(StrEnum):
    """By which way the person came to be referred; scores miss much need, so that every way is recorded."""

    RISK_LIST = "risk-list"
    PROFESSIONAL = "professional"
    SELF_OR_CARER = "self-or-carer"
    CARE_HOME = "care-home"
    HOSPITAL = "hospital"


class Means(StrEnum):
    """How the person was told."""

    FACE_TO_FACE = "face-to-face"
    TELEPHONE = "telephone"
    VIDEO = "video"
    LETTER = "letter"
    THROUGH_CARER = "through-carer"


class Stance(StrEnum):
    """What the person says to being discussed."""

    AGREES = "agrees"
    OBJECTS = "objects"
    LACKS_CAPACITY = "lacks-capacity"
    NOT_ASKED = "not-asked"


class Informed(Form):
    """Whether the person was told that they are to be discussed."""

    was: bool
    how: Means | None = None
    on: date | None = None
    why_not: Words | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.was and (self.how is None or self.on is None):
            raise ValueError("say how and on which day the person was told")
        if not self.was and self.why_not is None:
            raise ValueError("say why the person was not told")
        return self


class Agreement(Form):
    """Whether the person agrees; `objects_to` are the organisations that they do not want there, all where none."""

    stance: Stance
    objects_to: tuple[Ods, ...] = ()
    best_interests: Words | None = None
    overriding_reason: Words | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.stance is Stance.LACKS_CAPACITY and self.best_interests is None:
            raise ValueError(
                "say why it is in the person's best interests, and who was consulted: they lack capacity to decide"
            )
        if self.stance is not Stance.OBJECTS and (self.objects_to or self.overriding_reason):
            raise ValueError("only of a person who objects is it said to whom, or why that is overridden")
        if self.stance is Stance.OBJECTS and not self.objects_to and self.overriding_reason is None:
            raise ValueError(
                "say to whom the person objects; if they object to being discussed at all, do not refer them,"
                " or say why that must be overridden"
            )
        return self


class ReferralForm(Form):
    """Who is referred and why, after SBAR, with the question for the team."""

    person_id: UUID
    source: Source = Source.PROFESSIONAL
    situation: Words
    background: Words
    assessment: Words
    recommendation: Words
    question: Words = Field(description="what the team is asked")
    segments: Annotated[tuple[Segment, ...], Field(min_length=1)]
    urgency: Urgency = Urgency.ROUTINE
    why_urgent: Annotated[Words | None, Field(validate_default=True)] = None
    informed: Informed
    agreement: Agreement
    what_matters: Words = Field(description="what matters to the person, in their words")
    locality: str | None = Field(default=None, description="only where neither practice nor home tells it")

    @field_validator("why_urgent")
    @classmethod
    def _urgent_for_a_reason(cls, why: str | None, said: ValidationInfo) -> str | None:
        urgency = said.data.get("urgency")  # there, unless it is none
        if urgency is Urgency.URGENT and why is None:
            raise ValueError("say why it is urgent")
        if urgency is Urgency.ROUTINE and why is not None:
            raise ValueError("say that it is urgent, or take the reason out")
        return why


class Made(Form):
    """What one referrer said, and when."""

    by: Actor
    at: datetime
    form: ReferralForm


class ReferralContent(BaseModel):
    """All that was said; `clock_stopped` is the day on which the triagers asked for more and began to wait.

    `decile` tells of the area where the person lived when they were referred, 1 the most deprived; `None` where nobody
    knows. It is counted with others', and shown of nobody.
    """

    made: tuple[Made, ...]
    remarks: tuple[Remark, ...] = ()
    clock_stopped: date | None = None
    decided_on: date | None = None
    redirected_to: str | None = None
    decile: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral(OfPerson):
    """One person's referral to one locality's team, however many partners made it."""

    lifecycle: ClassVar[Lifecycle[ReferralState]] = REFERRAL
    content_type: ClassVar[type[BaseModel]] = ReferralContent

    state: ReferralState
    locality: str
    urgency: str
    received_at: datetime
    triage_due: date
    content: ReferralContent

    @property
    def referrers(self) -> frozenset[Account]:
        """Everyone who referred the person."""
        return frozenset(made.by.account for made in self.content.made)

    @property
    def kept_from(self) -> frozenset[OdsCode]:
        """The organisations to which the person objects, whichever referrer was told so."""
        said = (made.form.agreement for made in self.content.made)
        return frozenset(code for agreement in said for code in agreement.objects_to)


def obstacles(form: ReferralForm, locality: LocalityDocument, parties: Set[OdsCode]) -> list[str]:
    """What of a form is against the locality's own practice of consent; nothing where it may be sent."""
    found = []
    if locality.consent.practice == "agree" and form.agreement.stance is Stance.NOT_ASKED:
        found.append(f"{locality.title} asks people before they are discussed; ask the person, then refer")
    if form.informed.on is not None and form.informed.why_not is not None:
        found.append("the person was told, so that there is no reason why not; take one of the two out")
    strangers = sorted(set(form.agreement.objects_to) - parties)
    if strangers:
        found.append(f"{', '.join(strangers)} is no party to the agreement, so that nobody there takes part")
    return found


def triage_due(received: date, urgency: Urgency, locality: LocalityDocument) -> date:
    """The last day on which the referral is triaged in time."""
    return add_working_days(received, getattr(locality.triage, urgency))


def restarted(referral: Referral, on: date) -> date:
    """When triage is due after the referrer answered: the working days of waiting do not count."""
    stopped = referral.content.clock_stopped or on
    return add_working_days(referral.triage_due, working_days_between(stopped, on))


def segments_of(referral: Referral) -> tuple[Segment, ...]:
    """Every segment that a referrer named, each once."""
    named = {segment for made in referral.content.made for segment in made.form.segments}
    return tuple(segment for segment in Segment if segment in named)
