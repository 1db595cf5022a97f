"""One line of a record, opened: what it says now, what it said before, and where it comes from. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from app.record.read.everything import Everything, Resource
from app.vocabulary.plain_time import plain_date, plain_time

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?")  # FHIR date, dateTime
_MACHINERY: Final = frozenset({"resourceType", "id", "meta", "extension", "contained", "text", "subject", "patient"})


@dataclass(frozen=True, slots=True)
class Version:
    """What was stated from `since` on, as pairs of an element's name and its text."""

    number: int
    since: datetime
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry with its versions, the newest first."""

    kind: str
    partner: str
    feed: str
    message: str
    line: str
    versions: tuple[Version, ...]
    shown: Sequence[Resource]


def opened(number: int) -> Callable[[Everything], Opened | None]:
    """Takes one entry, with all its versions that may be seen, out of everything that may be."""

    def take(found: Everything) -> Opened | None:
        rows = [one for one in found.resources if one.number == number]
        if not rows:
            return None
        told = sorted((orjson.loads(row.content) for row in reversed(rows)), key=_since)
        newest = told[-1]
        partner, feed, message, line = _source(newest["meta"]["source"])
        versions = tuple(_as_version(place, resource) for place, resource in enumerate(told, start=1))[::-1]
        return Opened(newest["resourceType"], partner, feed, message, line, versions, rows)

    return take


def _since(resource: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(resource["meta"]["lastUpdated"])


def _as_version(place: int, resource: dict[str, Any]) -> Version:
    """Counted among those that may be seen: no gap tells of others."""
    return Version(place, _since(resource), tuple(_facts(resource)))


def _source(urn: str) -> tuple[str, str, str, str]:
    """`urn:pisano:PARTNER:FEED:MESSAGE#LINE`, as the record writes it."""
    _, _, partner, feed, place = urn.split(":", 4)
    message, _, line = place.partition("#")
    return partner, feed, message, line


def _facts(resource: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in resource.items():
        if name not in _MACHINERY:
            told = "; ".join(_texts(value))
            if told:
                yield _words(name), told


def _words(name: str) -> str:
    """`onsetDateTime` as `Onset date time`."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return spaced[:1].upper() + spaced[1:]


def _texts(value: Any) -> Iterator[str]:
    """What a reader can read of an element: the text of a code rather than the code, where it has one."""
    match value:
        case {"text": str(text)} | {"display": str(text)}:
            yield text
        case {"coding": [first, *_]}:
            yield from _texts(first)
        case {"value": amount, "unit": unit}:
            yield f"{amount} {unit}"
        case {"reference": _} | {"url": _}:
            return
        case {"system": str(system), **told} if ":" in system:
            yield from _texts(told)
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)
        case bool():
            yield "yes" if value else "no"
        case None:
            return
        case str() if _INSTANT.fullmatch(value):
            yield plain_time(value) if "T" in value else plain_date(value)
        case _:
            yield str(value)
