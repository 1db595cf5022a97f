"""Dates, times and timestamps as MHSDS extracts carry them: wall-clock time in London unless an offset is written."""

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final, NamedTuple

from app.adapters.delimited import read_date
from app.vocabulary.fhir_elements import period
from app.vocabulary.london import LONDON, from_london, london_midnight
from app.vocabulary.statement import Resource

_TIME: Final = re.compile(r"(?:.*[T ])?([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?")
_OFFSET: Final = re.compile(r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$")


class Moment(NamedTuple):
    """An instant in UTC, and how FHIR writes it: as exact as the source was."""

    instant: datetime
    fhir: str


@lru_cache(maxsize=8192)
def on(day: date) -> Moment:
    """A day without a time: it begins at London midnight."""
    return Moment(london_midnight(day), day.isoformat())


def at(day: date, clock: time) -> Moment:
    """A London day and wall-clock time."""
    instant = from_london(datetime.combine(day, clock))
    return Moment(instant, instant.astimezone(LONDON).isoformat())


@lru_cache(maxsize=8192)
def read_time(text: str) -> time:
    """A time such as 14:30 or 14:30:00; databases put a meaningless day before it. Raises `ValueError` for others."""
    written = _TIME.fullmatch(text)
    if not written:
        raise ValueError("a time is written 14:30:00")
    return time(int(written[1]), int(written[2]), int(written[3] or 0))


@lru_cache(maxsize=8192)
def read_timestamp(text: str) -> Moment:
    """A timestamp, with or without an offset from UTC, or a date alone. Raises `ValueError` for any other shape."""
    if _OFFSET.search(text):
        instant = datetime.fromisoformat(text)
        read_date(instant.date().isoformat())
        return Moment(instant.astimezone(UTC), instant.astimezone(LONDON).isoformat())
    day = read_date(text)
    if day is None:
        raise ValueError("a timestamp is not empty")
    return at(day, read_time(text)) if ":" in text else on(day)


def between(start: Moment | None, end: Moment | None = None) -> Resource:
    """A FHIR Period."""
    return period(start.fhir if start else None, end.fhir if end else None)
