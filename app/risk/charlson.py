"""Charlson comorbidity index, in three weightings, each on its own list of codes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from app.risk.algorithm import definition
from app.risk.icd_10 import prefixes, readable, unreadable
from app.risk.score import Basis, Input, NotComputed, Result, Score

_DEFINITION: Final = definition("charlson.toml")


class Weighting(StrEnum):
    """By which publication groups weigh."""

    ORIGINAL = "original"  # 1987
    QUAN = "quan"  # 2011
    SHMI = "shmi"


_CODES: Final = {
    Weighting.ORIGINAL: "quan_codes",
    Weighting.QUAN: "quan_codes",
    Weighting.SHMI: "shmi_codes",
}


@dataclass(frozen=True, slots=True)
class Group:
    """One group of conditions, with its points and prefixes; beside the group it is milder than it counts nothing."""

    name: str
    points: Mapping[Weighting, Decimal]
    codes: Mapping[Weighting, tuple[str, ...]]
    milder_than: str | None

    def said_by(self, codes: Collection[str], weighting: Weighting) -> tuple[str, ...]:
        """Those codes that put someone in the group."""
        return tuple(sorted(code for code in codes if code.startswith(self.codes[weighting])))


def _group(name: str, row: Mapping[str, Any]) -> Group:
    return Group(
        name,
        {weighting: Decimal(row[weighting]) for weighting in Weighting},
        {weighting: tuple(prefixes(row[_CODES[weighting]])) for weighting in Weighting},
        row.get("milder_than"),
    )


GROUPS: Final = tuple(_group(name, row) for name, row in _DEFINITION["groups"].items())


def charlson(
    diagnoses: Collection[str], *, weighting: Weighting, on: date, age: int | None = None, age_adjusted: bool = False
) -> Result:
    """The index of ICD-10 diagnoses in any position and order; each group counts once, the milder of a pair not.

    Age adjustment exists for the 1987 weights alone, and asks for the age in whole years. Without any diagnosis that
    can be read there is no score: nothing coded is not nothing wrong.
    """
    version = _DEFINITION["versions"][weighting] + (", age-adjusted" if age_adjusted else "")
    basis = Basis(algorithm="charlson", version=version, as_at=on)
    codes = readable(diagnoses)
    lost = unreadable(diagnoses)
    missing = (f"diagnosis code that cannot be read: {lost}",) if lost else ()
    reasons = _reasons(codes, weighting, age, age_adjusted)
    if reasons:
        return NotComputed(basis=basis, reasons=reasons, missing=missing)
    used = _used(codes, weighting) + (_for_age(age) if age_adjusted and age is not None else ())
    total = max(Decimal(0), sum((one.points for one in used), Decimal(0)))  # SHMI's own floor; others cannot fall below
    limits = ("fitted to death in hospital: it does not measure need in the community",)
    return Score(
        basis=basis,
        value=total,
        band=None,
        used=used,
        missing=missing,
        limits=limits if weighting is Weighting.SHMI else (),
    )


def _reasons(codes: Collection[str], weighting: Weighting, age: int | None, age_adjusted: bool) -> tuple[str, ...]:
    told = (
        (not codes, "no diagnosis that can be read"),
        (age_adjusted and weighting is not Weighting.ORIGINAL, "only the 1987 weights have an adjustment for age"),
        (age_adjusted and age is None, "the age is not known"),
    )
    return tuple(why for holds, why in told if holds)


def _used(codes: Collection[str], weighting: Weighting) -> tuple[Input, ...]:
    present = {group.name: said for group in GROUPS if (said := group.said_by(codes, weighting))}
    return tuple(
        Input(name=group.name, points=group.points[weighting], said_by=present[group.name])
        for group in GROUPS
        if group.name in present and group.milder_than not in present
    )


def _for_age(age: int) -> tuple[Input, ...]:
    points = min(4, max(0, (age - 40) // 10))  # 50 to 59 count 1
    return (Input(name="age", points=Decimal(points)),)
