"""Electronic frailty index (Clegg 2016), from deficits that the GP's system found: present of 36."""

from collections.abc import Collection
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from app.risk.algorithm import ALGORITHMS, definition
from app.risk.score import Basis, Input, NotComputed, Result, Score

_ALGORITHM: Final = ALGORITHMS["electronic-frailty"]
_DEFINITION: Final = definition("electronic_frailty.toml")
_EACH: Final = Decimal(1)
_YOUNGEST: Final = 65

DEFICITS: Final = frozenset(_DEFINITION["deficits"])


def electronic_frailty(
    present: Collection[str], *, on: date, age: int | None, not_known: Collection[str] = ()
) -> Result:
    """The share of the 36 deficits that are present; raises `ValueError` for a deficit of another name.

    Under 65, or at an unknown age, it is not defined, so there is none. Deficits in `not_known` were not looked for:
    the index is then at least this, and says so.
    """
    basis = Basis(algorithm=_ALGORITHM.code, version=_DEFINITION["version"], as_at=on)
    found, dark = frozenset(present), frozenset(not_known) - frozenset(present)
    if unknown := (found | dark) - DEFICITS:
        raise ValueError(f"{len(unknown)} of the deficits are none of the 36; see app/risk/electronic_frailty.toml")
    missing = tuple(sorted(dark))
    if age is None or age < _YOUNGEST:
        return NotComputed(basis=basis, reasons=(_ALGORITHM.outside_validation(age) or "",), missing=missing)
    if dark == DEFICITS:
        return NotComputed(basis=basis, reasons=("no deficit was looked for",), missing=missing)
    outside = _ALGORITHM.outside_validation(age)
    deficits = "1 deficit was" if len(dark) == 1 else f"{len(dark)} deficits were"
    at_least = f"{deficits} not looked for: it may be higher" if dark else None
    return Score(
        basis=basis,
        value=(Decimal(len(found)) / len(DEFICITS)).quantize(Decimal("0.001"), ROUND_HALF_UP),
        band=band(len(found)),
        used=tuple(Input(name=name, points=_EACH) for name in sorted(found)),
        missing=missing,
        limits=tuple(limit for limit in (outside, at_least) if limit),
    )


def band(deficits: int) -> str:
    """In counts of 36, so that no rounding decides: fit to 4, mild to 8, moderate to 12, severe beyond."""
    return next((name for most, name in ((4, "fit"), (8, "mild"), (12, "moderate")) if deficits <= most), "severe")
