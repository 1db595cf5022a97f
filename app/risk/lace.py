"""LACE index (van Walraven 2010): points at discharge from hospital. No probability is given: the table is not held."""

from bisect import bisect_right
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Final

from app.risk.algorithm import ALGORITHMS
from app.risk.score import Basis, Input, NotComputed, Result, Score

_ALGORITHM: Final = ALGORITHMS["lace"]
_DAYS: Final = (1, 2, 3, 4, 7, 14)  # of stay, from which on the points are 1, 2, 3, 4, 5, 7
_DAY_POINTS: Final = (0, 1, 2, 3, 4, 5, 7)
_ACUTE: Final = 3

CONDITIONS: Final = {
    "previous-myocardial-infarction": 1,
    "cerebrovascular": 1,
    "peripheral-vascular": 1,
    "diabetes": 1,
    "heart-failure": 2,
    "diabetes-with-end-organ-damage": 2,
    "chronic-pulmonary": 2,
    "mild-liver-or-renal": 2,
    "tumour": 2,  # lymphoma and leukaemia included
    "dementia": 3,
    "connective-tissue": 3,
    "hiv": 4,  # not in the table that was read: confirm with the paper; from 4 on all count alike
    "severe-liver-or-renal": 4,
    "metastatic": 6,
}
"""Weights of its own, not Charlson's."""

_MILDER: Final = {
    "diabetes": "diabetes-with-end-organ-damage",
    "mild-liver-or-renal": "severe-liver-or-renal",
    "tumour": "metastatic",
}


def comorbidity(conditions: Collection[str]) -> int:
    """The total of the conditions, the milder of a pair not counted; raises `ValueError` for one that is none."""
    if unknown := set(conditions) - CONDITIONS.keys():
        raise ValueError(f"{len(unknown)} of the conditions are none of LACE's; see app/risk/lace.py")
    return sum(CONDITIONS[one] for one in set(conditions) if _MILDER.get(one) not in conditions)


def lace(
    *,
    days_in_hospital: int | None,
    acute: bool | None,
    comorbidity: int | None,
    emergency_visits: int | None,
    on: date,
    age: int | None = None,
) -> Result:
    """The points of one stay. `emergency_visits` are those of the six months before it, the one leading to it excluded.

    Each part is `None` where it is not known; then there is no score. Raises `ValueError` for a negative count.
    """
    basis = Basis(algorithm=_ALGORITHM.code, version="van Walraven 2010", as_at=on)
    parts = {
        "days in hospital": days_in_hospital,
        "acute admission": acute,
        "comorbidity": comorbidity,
        "emergency department visits in six months": emergency_visits,
    }
    missing = tuple(name for name, part in parts.items() if part is None)
    if days_in_hospital is None or acute is None or comorbidity is None or emergency_visits is None:
        return NotComputed(basis=basis, reasons=("a part of the index is not known",), missing=missing)
    if min(days_in_hospital, comorbidity, emergency_visits) < 0:
        raise ValueError("days, comorbidity and visits are counted from 0")
    points = (
        _DAY_POINTS[bisect_right(_DAYS, days_in_hospital)],
        _ACUTE if acute else 0,
        comorbidity if comorbidity <= 3 else 5,
        min(emergency_visits, 4),
    )
    outside = _ALGORITHM.outside_validation(age)
    return Score(
        basis=basis,
        value=Decimal(sum(points)),
        band=band(sum(points)),
        used=tuple(Input(name=name, points=Decimal(each)) for name, each in zip(parts, points, strict=True)),
        limits=(outside,) if outside else (),
    )


def band(points: int) -> str:
    """The bands in common use: below 5, 5 to 9, and 10 or more."""
    if points < 5:
        return "low"
    return "moderate" if points < 10 else "high"
