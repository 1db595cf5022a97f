"""Emergency admissions, bed-days and A&E visits around the day on which somebody was accepted.

The index is the acceptance, not the discussion: who is discussed has lived until then. Windows are the 365 days before
it and the 365 after, neither with the day itself, and end with death or a move away. Dates are London's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_YEAR: Final = timedelta(days=365)
_DAY: Final = timedelta(days=1)
EMERGENCY: Final = frozenset({"21", "22", "23", "24", "25", "28", "2A", "2B", "2D"})  # not 2C, a birth at home
_TRANSFERS: Final = frozenset({"2B", "81"})
MONTHS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One hospital provider spell; `left` is `None` while it lasts, `method` is ADMISSION METHOD CODE."""

    admitted: date
    left: date | None
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """One person around their index; `until` is when they died or moved away, `None` where they have not."""

    index: date
    until: date | None = None
    died: bool = False
    spells: Sequence[Spell] = ()
    attendances: Sequence[date] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What somebody used in one window, and for how much of a year they were there to use it."""

    admissions: int
    bed_days: int
    attendances: int
    years: float


def before(person: Followed) -> Use:
    """Days −365 to −1."""
    return _use(person, person.index - _YEAR, person.index)


def after(person: Followed, *, known_until: date) -> Use:
    """Days +1 to +365, or until death, a move, or the end of what is known."""
    ends = [person.index + _DAY + _YEAR, known_until + _DAY]
    if person.until is not None:
        ends.append(person.until + _DAY)
    return _use(person, person.index + _DAY, max(person.index + _DAY, min(ends)))


def monthly_admissions(people: Iterable[Followed]) -> list[int]:
    """Emergency admissions by months of 365/12 days, from the twelfth before the index to the twelfth after."""
    counts = [0] * (2 * MONTHS)
    for person in people:
        for spell in superspells(person.spells):
            days = (spell.admitted - person.index).days
            if 0 < abs(days) <= _YEAR.days and spell.method in EMERGENCY:
                month = (abs(days) - 1) * MONTHS // _YEAR.days
                counts[MONTHS + month if days > 0 else MONTHS - 1 - month] += 1
    return counts


def superspells(spells: Iterable[Spell]) -> list[Spell]:
    """Spells with what they were transferred to joined on: one illness that two hospitals saw is one admission."""
    joined: list[Spell] = []
    for spell in sorted(spells, key=lambda one: one.admitted):
        last = joined[-1] if joined else None
        if last and spell.method in _TRANSFERS and (last.left is None or spell.admitted <= last.left + _DAY):
            left = None if spell.left is None or last.left is None else max(last.left, spell.left)
            joined[-1] = Spell(admitted=last.admitted, left=left if last.left else spell.left, method=last.method)
        else:
            joined.append(spell)
    return joined


def _use(person: Followed, begins: date, ends: date) -> Use:
    """Of [begins, ends): admissions that began in it, nights of any emergency spell that lie in it."""
    emergency = [spell for spell in superspells(person.spells) if spell.method in EMERGENCY]
    return Use(
        admissions=sum(begins <= spell.admitted < ends for spell in emergency),
        bed_days=sum(_nights(spell, begins, ends) for spell in emergency),
        attendances=sum(begins <= on < ends for on in person.attendances),
        years=(ends - begins).days / _YEAR.days,
    )


def _nights(spell: Spell, begins: date, ends: date) -> int:
    return max(0, (min(spell.left or ends, ends) - max(spell.admitted, begins)).days)


def earlier_admissions(people: Sequence[Followed]) -> dict[str, list[int]]:
    """Emergency admissions of each person in months −12 to −7, −6 to −3 and −2 to 0 before the index."""
    windows = {"months -12 to -7": (365, 182), "months -6 to -3": (182, 61), "months -2 to 0": (61, 0)}
    began = [
        [(one.index - spell.admitted).days for spell in superspells(one.spells) if spell.method in EMERGENCY]
        for one in people
    ]
    return {
        f"admissions in {name}": [sum(last < days <= first for days in of_one) for of_one in began]
        for name, (first, last) in windows.items()
    }
