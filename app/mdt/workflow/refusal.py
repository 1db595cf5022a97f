"""Why nothing came of what somebody asked of a team: a value for whoever sent a form, an end to everything else."""

from collections.abc import Awaitable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from app.sharing.decision import REFUSAL

T = TypeVar("T")


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
    """Ends a step or a reading from inside: nothing that it wrote stands, and each door answers with the refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.why)
        self.refusal = refusal


def unknown() -> Refused:
    """The one answer to what does not exist and to what is none of the requester's business."""
    return Refused(Refusal(Why.UNKNOWN, REFUSAL))


def invalid(text: str, *, field: str = "") -> Refused:
    """What was asked for cannot be done as it stands; `text` says what to do, `field` of a form where."""
    detail = {"problems": [{"field": field, "problem": text}]} if field else None
    return Refused(Refusal(Why.INVALID, text, detail))


async def unless_refused(told: Awaitable[T]) -> T | None:
    """What is told, or `None` where it is refused: for what stands beside something else, or not at all."""
    try:
        return await told
    except Refused:
        return None
