"""What would be expected without the team: people are referred at their worst, and most get better by themselves.

The formula assumes that each person's true risk stays as it is. Frail people's does not, so that the fall expected
here may be too great: it is shown beside a matched comparison and never instead.

Nights come in admissions: what is expected of them is the admissions that are, each as long as the band's. Fitted by
themselves they would seem to stay as they were, as a long stay would be taken for a lasting risk.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance
from typing import Final, NamedTuple

Unsure = tuple[float, float, float]
"""Variances of an estimated mean and of an estimated variance, with their covariance between them."""

_95: Final = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Band:
    """A gamma-Poisson fit of yearly counts in one age, sex and frailty band of the whole population.

    `shape` is k = mean² / (variance − mean), `None` where counts vary no more than chance: then all have one risk.
    `unsure` is the covariance of that mean and variance as estimates: the fewer people, the less is known of either.
    """

    mean: float
    shape: float | None
    unsure: Unsure = (0.0, 0.0, 0.0)

    def expected(self, before: float) -> float:
        """Next year's count of those who had `before` this year: μ(k + y) / (k + μ)."""
        if self.shape is None:
            return self.mean
        return self.mean * (self.shape + before) / (self.shape + self.mean)

    def varies(self, before: float, years: float) -> float:
        """The variance of what such a person comes to in `years`: by chance, and as nobody knows their own risk."""
        mean = self.expected(before) * years
        return mean if self.shape is None else mean + mean * mean / (self.shape + before)

    def moves(self, before: float) -> tuple[float, float]:
        """By how much `expected` follows from the mean of the band, and from its variance."""
        if self.shape is None:
            return 1.0, 0.0
        spread = self.mean + self.mean**2 / self.shape
        return (2 * self.mean - before) / spread, self.mean * (before - self.mean) / spread**2


class Size(NamedTuple):
    """What each of what is counted comes to, such as the nights of an admission: its mean, the mean of its square, and
    of how many that is known.
    """

    mean: float = 1.0
    square: float = 1.0
    of: int = 1


def size(counts: Sequence[int], sums: Sequence[int]) -> Size:
    """Of people's counts and what theirs came to together; none where nothing was counted."""
    of = sum(counts)
    if not of:
        return Size(0.0, 0.0)
    squares = sum(summed * summed / count for count, summed in zip(counts, sums, strict=True) if count)
    return Size(sum(sums) / of, squares / of, of)


class Lived(NamedTuple):
    """Someone's band, what they had in the year before, and for how many years they were there after."""

    band: Band
    before: float
    years: float
    each: Size = Size()


class Expected(NamedTuple):
    """A rate, and between which 95 of 100 such groups would lie where nobody did anything for them."""

    rate: float
    low: float
    high: float


def expected_of(people: Sequence[Lived]) -> Expected | None:
    """What would come of all of them together, a person and year; `None` where nobody was there.

    Between: chance, what is not known of each one's risk, and of what their band is like. By the gamma distribution of
    that mean and variance (Wilson EB, Hilferty MM. Proc Natl Acad Sci USA 1931;17:684-8).
    """
    years = sum(one.years for one in people)
    if not years:
        return None
    total = sum(one.band.expected(one.before) * one.years * one.each.mean for one in people)
    spread = sum(map(_by_chance, people))
    of_band: defaultdict[tuple[Band, Size], list[Lived]] = defaultdict(list)
    for one in people:
        of_band[one.band, one.each].append(one)
    spread += sum(_of_the_fit(band, theirs) for (band, _), theirs in of_band.items())
    if not total:
        return Expected(0.0, 0.0, 0.0)
    low, high = (_gamma_quantile(total, spread, far) / years for far in (-_95, _95))
    return Expected(total / years, low, high)


def _by_chance(one: Lived) -> float:
    count = one.band.expected(one.before) * one.years
    varies = one.band.varies(one.before, one.years)
    return count * (one.each.square - one.each.mean**2) + varies * one.each.mean**2


def _of_the_fit(band: Band, people: Sequence[Lived]) -> float:
    moves = [(one.band.moves(one.before), one.years * one.each.mean) for one in people]
    by_mean, by_spread = (sum(move[which] * by for move, by in moves) for which in (0, 1))
    of_mean, of_both, of_spread = band.unsure
    of_counts = by_mean**2 * of_mean + 2 * by_mean * by_spread * of_both + by_spread**2 * of_spread
    counted, each = sum(band.expected(one.before) * one.years for one in people), people[0].each
    return of_counts + counted**2 * (each.square - each.mean**2) / each.of


def _gamma_quantile(mean: float, spread: float, far: float) -> float:
    shape = mean * mean / spread
    return mean * max(0.0, 1 - 1 / (9 * shape) + far / (3 * sqrt(shape))) ** 3


def fit(counts: list[int]) -> Band:
    """Fit a band; raises `ValueError` for fewer than two people, of whom nothing can be told."""
    if len(counts) < 2:
        raise ValueError("a band needs two people or more; join it with a neighbour")
    mean, spread, people = fmean(counts), variance(counts), len(counts)
    third, fourth = (fmean([(count - mean) ** power for count in counts]) for power in (3, 4))
    unsure = (spread / people, third / people, max(0.0, fourth - spread**2) / people)
    return Band(mean, mean * mean / (spread - mean) if spread > mean > 0 else None, unsure)
