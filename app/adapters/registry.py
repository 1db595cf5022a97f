"""Adapters found by name, ours and any that a partner's package brings.

A package offers one through the entry point group `pisano.adapters`: the entry point's name is the adapter's, and it
loads an object that is an `Adapter`.
"""

from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from typing import BinaryIO, Protocol

from app.errors import DomainError
from app.vocabulary.category import Category
from app.vocabulary.statement import Sender, Utterance

GROUP = "pisano.adapters"


class Adapter(Protocol):
    """Reads one format of one kind of source system."""

    @property
    def name(self) -> str:
        """As `pisano feed load --adapter` calls it."""

    @property
    def covers(self) -> frozenset[Category]:
        """The categories that it can state, so that a view can tell `nothing recorded` from `no feed`."""

    def read(self, message: BinaryIO, sender: Sender) -> Iterator[Utterance]:
        """Say what a message says, in its own order, reading it as a stream.

        A row that cannot be trusted gives a refused `Finding` and the next row is read.
        Raises `UnreadableMessage` where the whole cannot be trusted; whatever came before it is then forgotten.
        """


class UnknownAdapter(DomainError):
    """No installed package offers an adapter of that name."""


@cache
def adapter(name: str) -> Adapter:
    """The adapter of that name; raises `UnknownAdapter`, which lists those there are."""
    found = entry_points(group=GROUP, name=name)
    if not found:
        raise UnknownAdapter(f"no adapter is called `{name}`; there are: {', '.join(names())}")
    loaded: Adapter = next(iter(found)).load()
    return loaded


def mappable_fields(name: str) -> frozenset[str]:
    """The fields whose columns a partner may call as it likes: an adapter of mapped files lists them as `fields`."""
    return frozenset(getattr(adapter(name), "fields", ()))


def names() -> list[str]:
    """The names of all adapters installed, in alphabetical order."""
    return sorted({point.name for point in entry_points(group=GROUP)})
