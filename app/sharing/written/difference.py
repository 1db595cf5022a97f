"""What one version of an agreement says that another does not, word by word. Pure."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final, NamedTuple

from app.sharing.written.document import Agreement

_NAMES: Final = ("id", "says", "profile", "title", "to", "what")
"""By which of its keys a part of a list is called, the first that it has."""


class Change(StrEnum):
    """On which side something stands."""

    ADDED = "+"
    REMOVED = "-"


class Difference(NamedTuple):
    """Something that only one of two versions says, and where."""

    place: str
    change: Change
    text: str

    def __str__(self) -> str:
        return f"{self.change} {self.place}: {self.text}"


def differences(old: Agreement, new: Agreement) -> list[Difference]:
    """All that changed, by place; the order of lists does not count, and neither does comments or spacing."""
    before, after = (set(_said(agreement.model_dump(mode="json", by_alias=True), "")) for agreement in (old, new))
    removed = [Difference(place, Change.REMOVED, text) for place, text in before - after]
    added = [Difference(place, Change.ADDED, text) for place, text in after - before]
    return sorted(removed + added, key=lambda each: (each.place, each.change is Change.ADDED, each.text))


def _said(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _said(member, f"{place}/{key}" if place else key)
    elif isinstance(value, list):
        for member in value:
            yield from _said(member, f"{place}/{_name(member)}" if isinstance(member, dict) else place)
    elif value is not None:
        yield place, str(value)


def _name(part: dict[str, Any]) -> str:
    return next((str(part[key]) for key in _NAMES if key in part), "…")
