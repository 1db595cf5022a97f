"""What would be expected without the team: people are referred at their worst, and most get better by themselves.

Both formulas assume that each person's true risk stays as it is. Frail people's does not, so that the fall expected
here may be too great: it is shown beside a matched comparison and never instead.
"""

from dataclasses import dataclass
from math import erfc, exp, pi, sqrt
from statistics import fmean, variance
from typing import Final

_ROOT: Final = sqrt(2)


@dataclass(frozen=True, slots=True)
class Band:
    """A gamma-Poisson fit of yearly counts in one age, sex and frailty band of the whole population.

    `shape` is k = mean² / (variance − mean), `None` where counts vary no more than chance: then all have one risk.
    """

    mean: float
    shape: float | None

    def expected(self, before: float) -> float:
        """Next year's count of those who had `before` this year: μ(k + y) / (k + μ)."""
        if self.shape is None:
            return self.mean
        return self.mean * (self.shape + before) / (self.shape + self.mean)


def fit(counts: list[int]) -> Band:
    """Fit a band; raises `ValueError` for fewer than two people, of whom nothing can be told."""
    if len(counts) < 2:
        raise ValueError("a band needs two people or more; join it with a neighbour")
    mean, spread = fmean(counts), variance(counts)
    return Band(mean, mean * mean / (spread - mean) if spread > mean > 0 else None)


def regression_of_scores(*, mean: float, deviation: float, cut: float, correlation: float, measured: int = 1) -> float:
    """By how much the mean score of those beyond a cut moves back by itself.

    Barnett AG et al. Int J Epidemiol 2005;34:215-20. `deviation` is of the population's scores,
    `correlation` between two measurements of one person, and `measured` how many of them chose who is beyond the cut.
    """
    within = (1 - correlation) * deviation**2
    between = correlation * deviation**2
    spread = sqrt(between + within / measured)
    return within / measured / spread * _beyond(abs(cut - mean) / deviation) if spread else 0.0


def _beyond(z: float) -> float:
    """C(z) = φ(z) / (1 − Φ(z))."""
    return exp(-z * z / 2) / sqrt(2 * pi) / (0.5 * erfc(z / _ROOT))
