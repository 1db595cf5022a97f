"""Shares with how sure anyone can be of them, and the middle of what was measured."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import median, quantiles
from typing import Final

_95: Final = 1.959963984540054
SMALL: Final = 5
"""Counts from 1 to below this, in a breakdown by who people are, are not told: somebody could be known by them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of how many, with a Wilson 95% interval; unknown counts as not achieved, and is told beside.

    `low` and `high` are `None` where there is nobody. `told` is false where the counts are too small to be shown.
    """

    achieved: int
    of: int
    unknown: int = 0
    told: bool = True

    @property
    def value(self) -> float | None:
        """The share itself."""
        return self.achieved / self.of if self.of else None

    @property
    def low(self) -> float | None:
        """The lower end of the interval."""
        return _wilson(self.achieved, self.of)[0] if self.of else None

    @property
    def high(self) -> float | None:
        """The upper end of the interval."""
        return _wilson(self.achieved, self.of)[1] if self.of else None


NOT_TOLD: Final = Share(achieved=0, of=0, told=False)


def share(outcomes: Sequence[bool | None]) -> Share:
    """Of outcomes: achieved, not achieved, or not known (`None`)."""
    return Share(
        achieved=sum(outcome is True for outcome in outcomes),
        of=len(outcomes),
        unknown=sum(outcome is None for outcome in outcomes),
    )


def by_group(outcomes: Sequence[tuple[str, bool | None]]) -> dict[str, Share]:
    """The same for each group of people, small counts kept back."""
    groups = sorted({group for group, _ in outcomes})
    shares = {group: share([outcome for of, outcome in outcomes if of == group]) for group in groups}
    few = {group for group, one in shares.items() if is_few(one.achieved) or is_few(one.of - one.achieved)}
    return kept_back(shares, few)


def kept_back(shares: Mapping[str, Share], few: Collection[str]) -> dict[str, Share]:
    """Shares of groups of which those of few people are not told.

    Nor is the smallest other, where one alone would be: all together less the rest would tell it.
    """
    kept = set(few)
    if len(kept) == 1:
        others = [group for group, one in shares.items() if group not in kept and one.of]
        kept.update(sorted(others, key=lambda group: (not shares[group].achieved, shares[group].of))[:1])
    return {group: NOT_TOLD if group in kept else one for group, one in shares.items()}


def is_few(count: int) -> bool:
    """Whether somebody could be known by a count of people."""
    return 0 < count < SMALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Middle:
    """The median of what was measured, with quartiles, the 90th centile and the greatest; `None` where nothing was."""

    count: int
    median: float | None = None
    lower: float | None = None
    upper: float | None = None
    ninetieth: float | None = None
    greatest: float | None = None


def middle(values: Sequence[float]) -> Middle:
    """Of measured values, in any order; the 90th centile is the least value that 90 in 100 do not exceed."""
    if not values:
        return Middle(count=0)
    ordered = sorted(values)
    lower, _, upper = quantiles(ordered, n=4, method="inclusive") if len(ordered) > 1 else (ordered * 3)
    return Middle(
        count=len(ordered),
        median=median(ordered),
        lower=lower,
        upper=upper,
        ninetieth=ordered[ceil(0.9 * len(ordered)) - 1],
        greatest=ordered[-1],
    )


def _wilson(achieved: int, of: int) -> tuple[float, float]:
    """Wilson EB. Probable inference. J Am Stat Assoc 1927;22:209-12."""
    p, z = achieved / of, _95
    centre = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, centre - half), min(1.0, centre + half)
