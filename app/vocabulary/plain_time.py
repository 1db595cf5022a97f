"""Dates and times in plain English, as the NHS writes them, in London: `5 July 2026, 1:30pm`. Pure."""

from datetime import date, datetime
from typing import Final

from app.vocabulary.london import LONDON, instant_told, london_date

_MIDNIGHT: Final = (0, 0)


def plain_date(value: date | datetime | str | None) -> str:
    """`5 July 2026`, the date in London; a year or a month alone as it was stated; nothing for nothing."""
    if not value:
        return ""
    if isinstance(value, str):
        if len(value) == 4:
            return value
        if len(value) == 7:
            return f"{date.fromisoformat(f'{value}-01'):%B %Y}"
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    on = london_date(value) if isinstance(value, datetime) else value
    return f"{on.day} {on:%B %Y}"


def plain_time(value: datetime | str | None) -> str:
    """`5 July 2026, 1:30pm` in London; without the time where it is midnight there, as a bare date is stored so."""
    if not value:
        return ""
    at = (instant_told(value) if isinstance(value, str) else value).astimezone(LONDON)
    if (at.hour, at.minute) == _MIDNIGHT:
        return plain_date(at)
    return f"{plain_date(at)}, {clock(at)}"


def weekday_time(at: datetime) -> str:
    """`Wednesday 9 December 2026, 1:30pm`: of what somebody is to come to."""
    return f"{at.astimezone(LONDON):%A} {plain_time(at)}"


def clock(at: datetime) -> str:
    """`9am`, `1:30pm`, `midday`: the time in London as the NHS writes it."""
    at = at.astimezone(LONDON)
    if (at.hour, at.minute) == (12, 0):
        return "midday"
    minutes = f":{at:%M}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'pm' if at.hour >= 12 else 'am'}"


def age(born: date, on: date) -> int:
    """Whole years lived by a day; someone born on 29 February is a year older on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
