"""Hospital Frailty Risk Score (Gilbert 2018): points for what hospital stays of the last two years were coded with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from dateutil.relativedelta import relativedelta

from app.risk.algorithm import ALGORITHMS, definition
from app.risk.icd_10 import bare, unreadable
from app.risk.score import Basis, Input, NotComputed, Result, Score

_ALGORITHM: Final = ALGORITHMS["hospital-frailty"]
_DEFINITION: Final = definition("hospital_frailty.toml")
_LOOK_BACK: Final = relativedelta(years=2)

POINTS: Final = {
    code: Decimal(points) for points, codes in _DEFINITION["points"].items() for code in str(codes).split()
}
"""Of each three-character category, in exact tenths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One admission; `emergency` is `None` where its method is not known, `diagnoses` are ICD-10 in any position."""

    admitted: date
    emergency: bool | None
    diagnoses: tuple[str, ...]


def hospital_frailty(stays: Sequence[Stay], *, on: date, age: int | None, known_since: date | None) -> Result:
    """The score as at `on`: of the latest stay, and the emergency stays in the two years before it.

    `known_since` is the date from which every stay is known; where that leaves part of the two years dark, or nobody
    was admitted, or nothing was coded, there is no score. Younger than 75 it is computed, and said to be unvalidated.
    """
    basis = Basis(algorithm=_ALGORITHM.code, version=_DEFINITION["version"], as_at=on)
    past = sorted((stay for stay in stays if stay.admitted <= on), key=lambda stay: stay.admitted)
    if not past:
        return NotComputed(basis=basis, reasons=("no admission to score",))
    index = past[-1]
    begins = index.admitted - _LOOK_BACK
    if known_since is None or known_since > begins:
        return NotComputed(basis=basis, reasons=("the two years before the latest admission are not all known",))
    before = [stay for stay in past[:-1] if stay.admitted >= begins]
    counted = [index, *(stay for stay in before if stay.emergency)]
    codes = [code for stay in counted for code in stay.diagnoses]
    missing = _missing(counted, before)
    if not codes:
        return NotComputed(basis=basis, reasons=("no diagnosis of these admissions is coded yet",), missing=missing)
    used = _used(codes)
    value = sum((one.points for one in used), Decimal("0.0"))
    outside = _ALGORITHM.outside_validation(age)
    return Score(
        basis=basis,
        value=value,
        band=band(value),
        used=used,
        missing=missing,
        limits=(outside,) if outside else (),
    )


def band(value: Decimal) -> str:
    """Low below 5, intermediate from 5 to 15 inclusive, high above (implementations differ at the boundaries)."""
    if value < 5:
        return "low"
    return "intermediate" if value <= 15 else "high"


def _used(codes: Sequence[str]) -> tuple[Input, ...]:
    said: dict[str, set[str]] = {}
    for code in codes:
        read = bare(code)
        if read and read[:3] in POINTS:
            said.setdefault(read[:3], set()).add(read)
    return tuple(Input(name=name, points=POINTS[name], said_by=tuple(sorted(said[name]))) for name in sorted(said))


def _missing(counted: Sequence[Stay], before: Sequence[Stay]) -> tuple[str, ...]:
    told = (
        (sum(not stay.diagnoses for stay in counted), "admission without coded diagnoses"),
        (sum(stay.emergency is None for stay in before), "earlier admission whose method is not known"),
        (unreadable(code for stay in counted for code in stay.diagnoses), "diagnosis code that cannot be read"),
    )
    return tuple(f"{what}: {number}" for number, what in told if number)
