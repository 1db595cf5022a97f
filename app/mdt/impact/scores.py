"""How scores changed, beside how they change by themselves: same algorithm, same version, each person once. Pure.

Most scores fall by themselves as admissions grow old, or cannot fall at all. So the change of those whom the team saw
stands beside what is expected of people with their first score, as others' second scores follow from their first.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np

from app.mdt.impact.effect import FEWEST
from app.risk.algorithm import ALGORITHMS


class Pair(NamedTuple):
    """Somebody's last score before their index and first after it, by one version of one algorithm."""

    algorithm: str
    version: str
    before: float
    after: float
    seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreChange:
    """The mean change of those whom the team saw; `beyond` is observed less expected, with its 95% interval.

    All but `people` are `None` where either group is of fewer than twelve.
    """

    algorithm: str
    version: str
    people: int
    observed: float | None = None
    expected: float | None = None
    beyond: tuple[float, float, float] | None = None
    over_time: str = ""


def score_changes(pairs: Sequence[Pair]) -> list[ScoreChange]:
    """For each algorithm and version of which there are pairs, in that order."""
    of_kind: defaultdict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        of_kind[pair.algorithm, pair.version].append(pair)
    return [_change(*kind, of_kind[kind]) for kind in sorted(of_kind)]


def _change(algorithm: str, version: str, pairs: Sequence[Pair]) -> ScoreChange:
    seen, others = ([one for one in pairs if one.seen is which] for which in (True, False))
    known = ALGORITHMS.get(algorithm)
    told = ScoreChange(
        algorithm=algorithm, version=version, people=len(seen), over_time=known.over_time if known else ""
    )
    if min(len(seen), len(others)) < FEWEST:
        return told
    first, then = _columns(seen)
    slope, level, error = _follows(others)
    beyond = then - (level + slope * first)
    mean, half = float(beyond.mean()), 1.96 * sqrt(float(beyond.var(ddof=1)) / len(seen) + error**2 / len(others))
    return ScoreChange(
        algorithm=algorithm,
        version=version,
        people=len(seen),
        observed=float((then - first).mean()),
        expected=float((level + slope * first - first).mean()),
        beyond=(mean, mean - half, mean + half),
        over_time=told.over_time,
    )


def _columns(pairs: Sequence[Pair]) -> tuple["np.ndarray[tuple[int], np.dtype[np.float64]]", ...]:
    return np.array([one.before for one in pairs], float), np.array([one.after for one in pairs], float)


def _follows(others: Sequence[Pair]) -> tuple[float, float, float]:
    """The line by which a second score follows from the first, and how far people lie from it."""
    first, then = _columns(others)
    spread = float(((first - first.mean()) ** 2).sum())
    slope = float(((first - first.mean()) * (then - then.mean())).sum()) / spread if spread else 0.0
    level = float(then.mean()) - slope * float(first.mean())
    return slope, level, float((then - level - slope * first).std(ddof=2))
