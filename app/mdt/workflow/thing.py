"""What all things of the meeting have: a state, a version, and content that people wrote."""

from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import BaseModel

from app.vocabulary.lifecycle import Lifecycle


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something with a lifecycle; its version grows by one with each event."""

    lifecycle: ClassVar[Lifecycle[Any]]
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
