"""One line of a record, opened: what it says now, what it said before, and where it comes from. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from app.record.read.everything import Everything, Resource
from app.sharing.names import Names
from app.web.people.in_words import Fact, facts


@dataclass(frozen=True, slots=True)
class Version:
    """What was stated from `since` on, in words."""

    number: int
    since: datetime
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry with its versions, the newest first.

    They are counted among those that may be seen: no gap tells of others.
    """

    partner: str
    feed: str
    message: str
    line: str
    versions: tuple[Version, ...]
    shown: Sequence[Resource]


def opened(number: int, names: Names) -> Callable[[Everything], Opened | None]:
    """Takes one entry, with all its versions that may be seen, out of everything that may be."""

    def take(found: Everything) -> Opened | None:
        rows = [one for one in found.resources if one.number == number]
        if not rows:
            return None
        told = sorted((orjson.loads(row.content) for row in reversed(rows)), key=_since)
        newest = told[-1]
        partner, feed, message, line = _source(newest["meta"]["source"])
        versions = tuple(
            Version(place, _since(resource), facts(resource, names)) for place, resource in enumerate(told, start=1)
        )[::-1]
        return Opened(partner, feed, message, line, versions, rows)

    return take


def _since(resource: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(resource["meta"]["lastUpdated"])


def _source(urn: str) -> tuple[str, str, str, str]:
    """`urn:pisano:PARTNER:FEED:MESSAGE#LINE`, as the record writes it."""
    _, _, partner, feed, place = urn.split(":", 4)
    message, _, line = place.partition("#")
    return partner, feed, message, line
