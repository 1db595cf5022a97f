"""What all things of the meeting have: a state, a version, and content that people wrote."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import BaseModel

from app.mdt.workflow.lifecycle import Lifecycle


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something with a lifecycle; its version grows by one with each event."""

    lifecycle: ClassVar[Lifecycle]
    content_type: ClassVar[type[BaseModel]]

    id: UUID
    state: str
    version: int
    content: Any


ThingT = TypeVar("ThingT", bound=Thing)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfPerson(Thing):
    """One that is about somebody: whoever it was written of, whether or not their record was merged since."""

    person_id: UUID


OfPersonT = TypeVar("OfPersonT", bound=OfPerson)


class Why(StrEnum):
    """What kind of refusal it is."""

    UNKNOWN = "unknown"  # no such thing, or none of theirs: the two are never told apart
    NOT_YOURS = "not-yours"
    NOT_NOW = "not-now"
    INVALID = "invalid"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step was not taken; `detail` is for programs, and holds what both sides wrote where they clash."""

    why: Why
    text: str
    detail: Any = None


class Refused(Exception):
    """Ends a step from inside: the desk undoes what the step wrote, and answers with the refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.why)
        self.refusal = refusal


def invalid(text: str, *, field: str = "") -> Refused:
    """What was asked for cannot be done as it stands; `text` says what to do, `field` of a form where."""
    detail = {"problems": [{"field": field, "problem": text}]} if field else None
    return Refused(Refusal(Why.INVALID, text, detail))
