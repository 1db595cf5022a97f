"""What looking among many people gives, before anyone is told anything of it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar
from uuid import UUID

from app.sharing.decision import Decision
from app.vocabulary.label import Label


class Sifted(NamedTuple):
    """One permitted entry as whoever looks among many people reads it; instants in UTC."""

    number: int
    label: Label
    kind: str
    started: datetime | None
    ended: datetime | None
    standing: str
    content: bytes
    summary: bytes


class Considered(NamedTuple):
    """Someone among whom the requester may look, and what they may read of them for it."""

    person_id: UUID
    decision: Decision
    entries: Sequence[Sifted]


class Chosen(Protocol):
    """Someone who is to be named."""

    @property
    def considered(self) -> Considered:
        """Who they are."""

    @property
    def shown(self) -> Sequence[Sifted]:
        """Every entry that naming them discloses anything of."""


ChosenT = TypeVar("ChosenT", bound=Chosen)
Choose = Callable[[Iterator[Considered]], Sequence[ChosenT]]
