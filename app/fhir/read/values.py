"""What the elements of a resource hold, as searches compare it. Pure."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

from app.vocabulary.london import LONDON

_PARTIAL: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


class Span(NamedTuple):
    """[low, high) in UTC: a date is the whole of it, an instant its last stated digit."""

    low: datetime
    high: datetime


EVER: Final = Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


class Coded(NamedTuple):
    """A code; `system` is `None` where the element has one by definition."""

    system: str | None
    code: str


def held(resource: Any, path: str) -> Iterator[Any]:
    """Every value at a dotted path, lists opened."""
    name, _, rest = path.partition(".")
    value = resource.get(name) if isinstance(resource, dict) else None
    for each in value if isinstance(value, list) else [value]:
        if each is not None:
            yield from held(each, rest) if rest else [each]


def codes(value: Any) -> Iterator[Coded]:
    """The codes of a CodeableConcept, Coding, Identifier, or plain code."""
    if isinstance(value, dict):
        for each in value.get("coding", [value]):
            code = each.get("code", each.get("value"))
            if isinstance(code, str):
                yield Coded(each.get("system", ""), code)
    else:
        yield Coded(None, str(value).lower() if isinstance(value, bool) else str(value))


def spans(value: Any) -> Iterator[Span]:
    """When a date, dateTime, instant or Period was; nothing for what a source called so and is none."""
    with suppress(ValueError, OverflowError, TypeError):
        if isinstance(value, dict):
            first, last = value.get("start"), value.get("end")
            if first or last:
                yield Span(span(first).low if first else EVER.low, span(last).high if last else EVER.high)
        else:
            yield span(value)


def span(text: str) -> Span:
    """What FHIR's date or dateTime covers; without a zone it is London's. Raises `ValueError` for anything else."""
    partial = _PARTIAL.fullmatch(text)
    if partial is None:
        instant = datetime.fromisoformat(text)
        low = instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=LONDON).astimezone(UTC)
        step = timedelta(minutes=1) if len(text.partition("T")[2]) == 5 else timedelta(seconds=1)
        return Span(low, low + (timedelta(microseconds=1) if instant.microsecond else step))
    year, month, day = (int(part) if part else None for part in partial.groups())
    first = date(year or 0, month or 1, day or 1)
    if day:
        after = first + timedelta(days=1)
    elif month:
        after = date(first.year + month // 12, month % 12 + 1, 1)
    else:
        after = date(first.year + 1, 1, 1)
    return Span(_midnight(first), _midnight(after))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON).astimezone(UTC)
