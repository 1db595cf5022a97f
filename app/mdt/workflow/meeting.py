"""A meeting: planned from the cadence, locked, held, closed, signed; or cancelled."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, model_validator

from app.mdt.workflow.forms import Actor, Change, Line, Words
from app.mdt.workflow.lifecycles.states import TO_COME, MeetingState
from app.mdt.workflow.lifecycles.tables import MEETING
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.thing import Thing
from app.vocabulary.lifecycle import Lifecycle

MOST_EXTENDED = timedelta(hours=2)
_LOCKED_SOON = timedelta(days=1)
_STARTED_SOON = timedelta(hours=1)


class MoveMeeting(Change):
    """Another time; instants with a zone."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    place: Line | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not timedelta(0) < self.ends_at - self.starts_at <= timedelta(hours=8):
            raise ValueError("a meeting ends after it starts, within eight hours")
        return self


class Lock(Change):
    """Settle the agenda; more than a day before it would lock by itself only where that is confirmed."""

    early: bool = False


class Reasoned(Change):
    """Why something is done."""

    reason: Words


class Extend(Change):
    """Until when the meeting goes on; guests stay as long."""

    ends_at: AwareDatetime


class Minutes(Change):
    """What concerns the meeting and no one person: apologies, quorum, learning. What concerns a person stands there."""

    apologies: tuple[Line, ...] = ()
    learning: Words | None = None


class MinutesKept(BaseModel):
    """The minutes of the meeting as a whole, and who signed them."""

    apologies: tuple[str, ...] = ()
    learning: str | None = None
    signed_by: Actor | None = None
    signed_at: datetime | None = None


class MeetingContent(BaseModel):
    """Where, and what became of it."""

    place: str
    started_at: datetime | None = None
    chair: Actor | None = None
    complete_packs: tuple[UUID, ...] | None = None  # the items of which at the lock the pack lacked nothing required
    reason: str | None = None  # of a cancellation, or of reopening the minutes
    minutes: MinutesKept | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting(Thing):
    """One meeting of one locality; instants in UTC. `sitting` is the day of the cadence that it was made for."""

    lifecycle: ClassVar[Lifecycle[MeetingState]] = MEETING
    content_type: ClassVar[type[BaseModel]] = MeetingContent

    state: MeetingState
    locality: str
    sitting: date
    starts_at: datetime
    ends_at: datetime
    locked_at: datetime | None = None
    closed_at: datetime | None = None
    content: MeetingContent

    @property
    def name(self) -> str:
        """What an objection calls it: its locality and the day that it was made for."""
        return f"{self.locality}/{self.sitting}"

    @property
    def takes_items(self) -> bool:
        """Whether people may still be added, late or not."""
        return self.state in TO_COME

    def locks_at(self, locality: LocalityDocument) -> datetime:
        """When the agenda is settled."""
        return self.starts_at - locality.agenda.lock


def locks_early(locks_at: datetime, at: datetime) -> str | None:
    """How long before it locks by itself, where that is long: a button is soon pressed, and a lock stays."""
    return _in_words(locks_at - at, _LOCKED_SOON)


def starts_early(starts_at: datetime, at: datetime) -> str | None:
    """How long before its time, where that is long."""
    return _in_words(starts_at - at, _STARTED_SOON)


def _in_words(span: timedelta, soon: timedelta) -> str | None:
    count, unit = (span.days, "day") if span.days else (span // timedelta(hours=1), "hour")
    return f"{count} {unit}{'s' * (count != 1)}" if span > soon else None


class Attendance(StrEnum):
    """How a seat of the team was filled."""

    HOLDER = "holder"
    DEPUTY = "deputy"
    ABSENT = "absent"


def quorate(locality: LocalityDocument, seats: set[str]) -> bool:
    """Whether enough seats are filled, and those that always must be."""
    return len(seats) >= locality.quorum.at_least and set(locality.quorum.always) <= seats
