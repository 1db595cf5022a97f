"""HL7 v2 times: as precise as they were written, local to London unless they carry an offset (HL7 v2.4 §2.9.44, TS)."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, NamedTuple

from app.adapters.elements import fhir_instant
from app.vocabulary.london import LONDON, from_london

EARLIEST: Final = 1850  # no one alive in the record was born before
LATEST: Final = 2150

_SHAPE: Final = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d\d)(?:(?P<day>\d\d)"
    r"(?:(?P<hour>\d\d)(?P<minute>\d\d)?(?:(?P<second>\d\d)(?:\.\d{1,4})?)?)?)?)?"
    r"(?P<offset>[+-]\d{4})?",
    re.ASCII,
)


class Moment(NamedTuple):
    """A time as a message gives it: the instant in UTC at which it begins, and FHIR's text of the same precision."""

    instant: datetime
    fhir: str

    @classmethod
    def at(cls, instant: datetime) -> "Moment":
        """A moment known to the second."""
        return cls(instant, fhir_instant(instant.astimezone(LONDON)))

    @property
    def to_the_second(self) -> str:
        """FHIR's text where it demands an instant, which a date does not give."""
        return self.fhir if "T" in self.fhir else self.at(self.instant).fhir

    @property
    def on(self) -> date:
        """The calendar date in London."""
        return self.instant.astimezone(LONDON).date()


@lru_cache(maxsize=8192)
def read_moment(text: str) -> Moment:
    """Read `YYYY[MM[DD[HH[MM[SS[.S]]]]]][+ZZZZ]`; fractions of a second are dropped.

    Raises `ValueError`, without the value, for another shape, a date that no calendar has, and a year outside 1850 to
    2150. A time of day that the clocks skipped in March is read as if they had not yet changed.
    """
    written = _SHAPE.fullmatch(text)
    if not written:
        raise ValueError("it is no HL7 time; write YYYYMMDDHHMM")
    year, month, day, hour, minute, second = (
        int(written[part]) if written[part] else None for part in ("year", "month", "day", "hour", "minute", "second")
    )
    if not (year and EARLIEST <= year <= LATEST):
        raise ValueError("the year lies outside any life on record")
    local = datetime(year, month or 1, day or 1, hour or 0, minute or 0, second or 0)  # noqa: DTZ001  # zoned below
    instant = _zoned(local, written["offset"])
    if hour is not None:
        return Moment.at(instant)
    return Moment(instant, local.date().isoformat()[: 10 if day else 7 if month else 4])


def read_date(text: str) -> date:
    """A calendar date, from a time of any precision down to the day; raises `ValueError` for anything else."""
    if len(text) < 8:
        raise ValueError("the date lacks its day; write YYYYMMDD")
    return read_moment(text[:8]).instant.astimezone(LONDON).date()


def _zoned(local: datetime, offset: str | None) -> datetime:
    if offset is None:
        return from_london(local)
    ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
    return local.replace(tzinfo=timezone(-ahead if offset[0] == "-" else ahead)).astimezone(UTC)
