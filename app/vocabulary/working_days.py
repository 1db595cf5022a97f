"""Working days of England, by which triage is timed. Pure.

Bank holidays after the Banking and Financial Dealings Act 1971, with the days that stand in for weekends; those that a
proclamation adds for one year alone are not known here.
"""

from datetime import date, timedelta
from functools import lru_cache

from dateutil.easter import easter

_DAY = timedelta(days=1)


def add_working_days(on: date, days: int) -> date:
    """The day that lies so many working days after another; a weekend or holiday counts for nothing."""
    while days > 0:
        on += _DAY
        days -= is_working_day(on)
    return on


def working_days_between(first: date, last: date) -> int:
    """How many working days there are after `first`, up to and with `last`; none where it lies before."""
    return sum(is_working_day(first + n * _DAY) for n in range(1, (last - first).days + 1))


def is_working_day(on: date) -> bool:
    """Whether offices are open."""
    return on.weekday() < 5 and on not in bank_holidays(on.year)


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of England in a year."""
    christmas, boxing = _observed(date(year, 12, 25), date(year, 12, 26))
    new_year = date(year, 1, 1)
    while new_year.weekday() > 4:
        new_year += _DAY
    return frozenset(
        {
            new_year,
            easter(year) - 2 * _DAY,
            easter(year) + _DAY,
            _monday(date(year, 5, 1)),
            _monday(date(year, 5, 25)),
            _monday(date(year, 8, 25)),
            christmas,
            boxing,
        }
    )


def _monday(from_: date) -> date:
    return from_ + timedelta(days=-from_.weekday() % 7)


def _observed(christmas: date, boxing: date) -> tuple[date, date]:
    """Each moves past the weekend, and past the other."""
    while christmas.weekday() > 4:
        christmas += _DAY
    while boxing.weekday() > 4 or boxing <= christmas:
        boxing += _DAY
    return christmas, boxing
