"""Who is compared with whom: up to three people whom no team saw for each whom it did, alike at the same month.

Exact on the stratum (index month, sex, age band, locality, whatever the caller joins into it), then the nearest by
the other variables, each measured in its standard deviations among those whom the team saw. Nobody is used twice,
though they may stand in the cohort at several months. Everyone is given a first before anyone is given a second, so
that of few people as many as can be are compared; those of a person with fewer than three weigh the more.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import lcm
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATIO: Final = 3
CALIPER: Final = 0.5
"""How far apart, in the root mean square over all variables, a person and whoever they are compared with may be."""

_NEAREST: Final = 50
"""Of how many a person's own are chosen: others may have taken the nearest."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Those of a study, a row for each day on which one is looked at: whom the team saw, and who they may be compared
    with. `who` tells whose row it is.

    Counts are of one kind of use in the windows of `impact_use`, `years_*` for how much of a year each window lasted.
    """

    who: Ints
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


@dataclass(frozen=True, kw_only=True)
class Matched:
    """Rows of the cohort: each of `sets` is a treated row and its controls; `unmatched` had none, and are left out."""

    sets: Sequence[Ints]
    unmatched: int
    balance: tuple[Balance, ...]

    @property
    def worst(self) -> float:
        """The greatest difference that is left."""
        return max((abs(one.after) for one in self.balance), default=0.0)

    @cached_property
    def with_each(self) -> Mapping[int, int]:
        """How many are compared with three others, how many with two, and how many with one."""
        sizes = Counter(len(one) - 1 for one in self.sets)
        return {size: sizes[size] for size in sorted(sizes, reverse=True)}


def match(cohort: Cohort, *, ratio: int = RATIO) -> Matched:
    """Match the hardest first, so that they find somebody while there are many; the same each time."""
    if not cohort.treated.any():
        return Matched(sets=(), unmatched=0, balance=())
    deviation = cohort.covariates[cohort.treated].std(axis=0)
    scaled = cohort.covariates / np.where(deviation > 0, deviation, 1.0)
    near: dict[int, Ints] = {}
    for stratum in np.unique(cohort.stratum[cohort.treated]):
        here = np.flatnonzero(cohort.stratum == stratum)
        treated, controls = here[cohort.treated[here]], here[~cohort.treated[here]]
        near |= dict(zip(treated.tolist(), _nearest(scaled, treated, controls), strict=True))
    sets = _taken(cohort.who, near, ratio)
    return Matched(sets=sets, unmatched=len(near) - len(sets), balance=_balance(cohort, sets))


def _nearest(scaled: Floats, treated: Ints, controls: Ints) -> list[Ints]:
    """For each treated row those controls that are near enough, the nearest first."""
    theirs, others = scaled[treated], scaled[controls]
    distances = np.einsum("ik,jk->ij", theirs, -2 * others)  # not `@`: its threads cost more than so few columns gain
    distances += (theirs**2).sum(1)[:, None]
    distances += (others**2).sum(1)
    farthest = CALIPER**2 * scaled.shape[1]
    if len(controls) > _NEAREST:
        some = np.sort(np.argpartition(distances, _NEAREST - 1, axis=1)[:, :_NEAREST], axis=1)
    else:
        some = np.broadcast_to(np.arange(len(controls)), distances.shape)
    found = []
    for row, columns in zip(distances, some, strict=True):
        within = columns[row[columns] <= farthest]
        found.append(controls[within[np.argsort(row[within], kind="stable")]])
    return found


def _taken(who: Ints, near: Mapping[int, Ints], ratio: int) -> list[Ints]:
    """Each takes the nearest whom nobody took, one in each of as many turns; whoever has the fewest near goes first."""
    hardest = sorted(near, key=lambda row: (len(near[row]), row))
    left = {row: zip(near[row].tolist(), who[near[row]].tolist(), strict=True) for row in hardest}
    gone: set[int] = set()
    chosen: dict[int, list[int]] = {row: [row] for row in hardest}
    for _ in range(ratio):
        for row in hardest:
            found = next(((control, person) for control, person in left[row] if person not in gone), None)
            if found is not None:
                chosen[row].append(found[0])
                gone.add(found[1])
    return [np.array(one, dtype=np.int64) for _, one in sorted(chosen.items()) if len(one) > 1]


def as_often(sets: Sequence[Ints]) -> list[Ints]:
    """The sets with each control as often as makes all of them equally many: a person's only one stands for three."""
    most = lcm(*(len(one) - 1 for one in sets))
    return [np.concatenate([one[:1], np.repeat(one[1:], most // (len(one) - 1))]) for one in sets]


def _balance(cohort: Cohort, sets: Sequence[Ints]) -> tuple[Balance, ...]:
    whole = _differences(cohort.covariates[cohort.treated], cohort.covariates[~cohort.treated])
    rows = np.concatenate(as_often(sets)) if sets else np.empty(0, dtype=np.int64)
    seen = cohort.treated[rows]
    matched = _differences(cohort.covariates[rows[seen]], cohort.covariates[rows[~seen]])
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
