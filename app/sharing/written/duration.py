"""ISO 8601 durations, as agreements write greatest ages and windows."""

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

_SHAPE = re.compile(
    r"P(?=.)(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,3})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,5})M)?)?"
)


class Duration(NamedTuple):
    """Calendar months, and a span of days, hours and minutes."""

    months: int
    span: timedelta

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Read `P2Y`, `P6M`, `P30D`, `PT60M`; raises `ValueError` for anything else."""
        found = _SHAPE.fullmatch(text)
        if found is None:
            raise ValueError("a duration is written after ISO 8601, such as `P2Y`, `P30D` or `PT60M`")
        number = {unit: int(digits) for unit, digits in found.groupdict(default="0").items()}
        months = 12 * number.pop("years") + number.pop("months")
        return cls(months, timedelta(**number))

    @lru_cache(maxsize=1024)  # noqa: B019  # there are few durations, and they live as long as the agreements
    def before(self, on: date) -> date:
        """The day that lies this long before another; the month's last day stands for one that it lacks."""
        month = on.year * 12 + on.month - 1 - self.months
        if month < 12:
            return date.min
        year, month = divmod(month, 12)
        day = date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))
        return date.min if (day - date.min) < self.span else day - self.span

    def __str__(self) -> str:
        minutes = int(self.span.total_seconds() // 60)
        days, minutes = divmod(minutes, 24 * 60)
        parts = (f"{self.months}M" if self.months else "", f"{days}D" if days else "")
        return f"P{''.join(parts)}" + (f"T{minutes}M" if minutes else "") if self != _NOTHING else "PT0M"


_NOTHING = Duration(0, timedelta())


def parse_span(text: str) -> timedelta:
    """Read a duration that is the same whenever it begins; raises `ValueError` for years and months."""
    duration = Duration.parse(text)
    if duration.months:
        raise ValueError("say it in days, hours or minutes, such as `P30D`: months and years differ in length")
    return duration.span
