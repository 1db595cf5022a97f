"""Finding the NHS number of a subject who came without one that can be trusted: the interface, and its answers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.statement import PersonFlag, Subject, Tracing


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """Exactly one person was found.

    `superseded` is the number that was asked about, where the trace says that `nhs_number` has replaced it. `flags` is
    what the tracing authority says of the person beside it.
    """

    nhs_number: NHSNumber
    superseded: NHSNumber | None = None
    flags: tuple[PersonFlag, ...] = ()

    def complete(self, subject: Subject) -> Subject:
        """The subject with the number that was found for it."""
        return replace(subject, nhs_number=self.nhs_number, tracing=Tracing.VERIFIED)


class Failure(StrEnum):
    """Why a trace found no one person."""

    NOBODY = "nobody"
    SEVERAL = "several"
    NOT_ENOUGH = "not-enough"  # too little was asked with
    UNCERTAIN = "uncertain"  # found, but below the confidence that this place demands
    INVALIDATED = "invalidated"  # the number asked about was withdrawn
    NUMBER_DIFFERS = "number-differs"  # found by everything but the number given
    ERROR = "error"  # the tracing authority could not read the question


@dataclass(frozen=True, slots=True)
class Untraced:
    """No one person was found; `candidates` are people here whom it may be, for a person to decide."""

    failure: Failure
    candidates: tuple[UUID, ...] = ()


Answer = Traced | Untraced


class Tracer(Protocol):
    """Something that knows more people than the message does."""

    def trace(self, waiting: Mapping[str, Subject]) -> Mapping[str, Answer]:
        """Answer for those subjects, each under the caller's reference, for whom there is an answer by now.

        A reference that is missing from the answers goes on waiting; ask again later.
        """
