"""Who is compared with whom: three people whom no team saw for each whom it did, alike at the same month.

Exact on the stratum (index month, sex, age band, locality, whatever the caller joins into it), then the nearest by
the other variables, each measured in its standard deviations among those whom the team saw. Nobody is used twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATIO: Final = 3
CALIPER: Final = 0.5
"""How far apart, in the root mean square over all variables, a person and whoever they are compared with may be."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Everyone of a study, one row each: those whom the team saw, and whoever they may be compared with.

    Counts are of one kind of use in the windows of `impact_use`, `years_*` for how much of a year each window lasted.
    """

    treated: NDArray[np.bool_]
    stratum: Ints
    covariates: Floats  # a column for each of `names`
    names: Sequence[str]
    before: Floats
    years_before: Floats
    after: Floats
    years_after: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """By how many standard deviations those compared differ in one variable, before matching and after."""

    name: str
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Rows of the cohort: `sets[i]` is a treated row and its controls; `unmatched` had too few, and are left out."""

    sets: Ints
    unmatched: int
    balance: tuple[Balance, ...]

    @property
    def worst(self) -> float:
        """The greatest difference that is left."""
        return max((abs(one.after) for one in self.balance), default=0.0)


def match(cohort: Cohort, *, ratio: int = RATIO) -> Matched:
    """Match the hardest first, so that they find somebody while there are many; the same each time."""
    if not cohort.treated.any():
        return Matched(sets=np.empty((0, ratio + 1), dtype=np.int64), unmatched=0, balance=())
    deviation = cohort.covariates[cohort.treated].std(axis=0)
    scaled = cohort.covariates / np.where(deviation > 0, deviation, 1.0)
    sets, unmatched = [], 0
    for stratum in np.unique(cohort.stratum[cohort.treated]):
        here = np.flatnonzero(cohort.stratum == stratum)
        treated, controls = here[cohort.treated[here]], here[~cohort.treated[here]]
        found = _nearest(scaled, treated, controls, ratio)
        sets += found
        unmatched += len(treated) - len(found)
    rows = np.array(sets, dtype=np.int64).reshape(-1, ratio + 1)
    return Matched(sets=rows, unmatched=unmatched, balance=_balance(cohort, rows))


def _nearest(scaled: Floats, treated: Ints, controls: Ints, ratio: int) -> list[Ints]:
    if len(controls) < ratio:
        return []
    theirs, others = scaled[treated], scaled[controls]
    distances = np.einsum("ik,jk->ij", theirs, -2 * others)  # not `@`: its threads cost more than so few columns gain
    distances += (theirs**2).sum(1)[:, None]
    distances += (others**2).sum(1)
    farthest = CALIPER**2 * scaled.shape[1]
    hardest = np.argsort(-np.partition(distances, ratio - 1, axis=1)[:, ratio - 1], kind="stable")
    found, gone = [], np.zeros(len(controls))
    for row in hardest:
        left = distances[row] + gone
        chosen = np.argpartition(left, ratio - 1)[:ratio]
        if left[chosen].max() <= farthest:
            gone[chosen] = np.inf
            found.append(np.concatenate(([treated[row]], controls[np.sort(chosen)])))
    return found


def _balance(cohort: Cohort, sets: Ints) -> tuple[Balance, ...]:
    whole = _differences(cohort.covariates[cohort.treated], cohort.covariates[~cohort.treated])
    matched = _differences(cohort.covariates[sets[:, 0]], cohort.covariates[sets[:, 1:].ravel()])
    return tuple(
        Balance(name=name, before=float(first), after=float(then))
        for name, first, then in zip(cohort.names, whole, matched, strict=True)
    )


def _differences(some: Floats, others: Floats) -> Floats:
    """Standardised mean differences, column by column; 0 where nobody differs at all, and where nobody is."""
    if not len(some) or not len(others):
        return np.zeros(some.shape[1])
    spread = np.sqrt((some.var(axis=0) + others.var(axis=0)) / 2)
    differences: Floats = (some.mean(axis=0) - others.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return differences
