"""What the index answers about one subject: found, or waiting for a person. A wait is an answer, never an error."""

from dataclasses import dataclass, field
from uuid import UUID

from app.person.matching import Field, Reason


@dataclass(frozen=True, slots=True)
class Found:
    """The subject is this person.

    `filed_as` is the person whom the subject's own identifiers name, `person_id` the one who stands for them now; they
    differ where the two were merged, and undoing the merge makes `filed_as` stand for itself again. `is_first` where
    the partner stated nothing of `filed_as` before the call that found them, so that it can have filed nothing yet.
    """

    person_id: UUID
    filed_as: UUID
    is_first: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Waits:
    """Nobody may be chosen without a person: why, which fields disagree, and whom it may be."""

    reason: Reason
    disagrees: tuple[Field, ...] = ()
    candidates: tuple[UUID, ...] = ()


Resolution = Found | Waits
