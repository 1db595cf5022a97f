"""A team's measures month by month, with the limits within which they vary by chance, and what is more than chance.

Shares: a p-chart, limits of three standard errors about the mean, by how many each month counted. Medians: an XmR
chart, limits of 2.66 mean moving ranges. What stands out follows NHS England's Making Data Count (as in
NHSRplotthedots): a point outside the limits, seven on one side of the mean, seven that rise or fall, two of three near
one limit. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from math import inf, sqrt
from statistics import fmean
from typing import Final, NamedTuple

from app.mdt.impact.facts import TeamFacts
from app.mdt.impact.kpis.afterwards import WorkingDays
from app.mdt.impact.kpis.every import measures
from app.mdt.impact.kpis.measure import Measure

FEWEST: Final = 12
"""Months, for limits to be drawn: of fewer they would be a guess."""

MONTHS: Final = 24
_RUN: Final = 7
_XMR: Final = 2.66
_TINY: Final = 1e-9  # as means are no exact fractions
_NEAR: Final = 2 / 3  # of the way from the mean to a limit


class Signal(StrEnum):
    """What is more than chance."""

    OUTSIDE = "outside the limits"
    SHIFT = "seven on one side of the mean"
    TREND = "seven that rise or fall"
    NEAR = "two of three near a limit"


class Month(NamedTuple):
    """What was measured of a month, by its first day, and of how many."""

    first: date
    value: float
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A month with its limits, `None` where there are too few months for any."""

    month: Month
    low: float | None = None
    high: float | None = None
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A measure over time; `mean` is `None` where there are too few months for limits."""

    code: str
    title: str
    definition: str
    is_share: bool
    mean: float | None
    points: tuple[Point, ...]


def charts(facts: TeamFacts, *, last: date, working_days: WorkingDays) -> list[Chart]:
    """Every measure of the months up to that of `last`, as far as it has come; a month with nothing is left out."""
    by_month = [
        (first, {one.code: one for one in measures(facts, first=first, last=ends, working_days=working_days)})
        for first, ends in months_until(last)
    ]
    codes = list(by_month[-1][1].values())
    told = [_chart(one, [(first, found[one.code]) for first, found in by_month]) for one in codes if _is_charted(one)]
    return [chart for chart in told if chart.points]


def months_until(last: date) -> list[tuple[date, date]]:
    """The first and last days of twenty-four months, the last of them cut off at `last`."""
    firsts = [last.replace(day=1)]
    while len(firsts) < MONTHS:
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    firsts.reverse()
    return [*((first, then - timedelta(days=1)) for first, then in pairwise(firsts)), (firsts[-1], last)]


def p_chart(months: Sequence[Month]) -> list[Point]:
    """Shares with their limits, which are wider of months that counted few."""
    total = sum(one.of for one in months)
    if len(months) < FEWEST or not total:
        return [Point(month=one) for one in months]
    mean = sum(one.value * one.of for one in months) / total
    error = sqrt(mean * (1 - mean))
    limits = [(mean - 3 * error / sqrt(one.of), mean + 3 * error / sqrt(one.of)) for one in months]
    return _judged(months, mean, limits, highest=1.0)


def xmr_chart(months: Sequence[Month]) -> list[Point]:
    """Single values with their limits, by how far each is from the one before; nothing is measured below none."""
    if len(months) < FEWEST:
        return [Point(month=one) for one in months]
    mean = fmean(one.value for one in months)
    moved = fmean(abs(after.value - before.value) for before, after in pairwise(months))
    return _judged(months, mean, [(mean - _XMR * moved, mean + _XMR * moved)] * len(months), highest=inf)


def _is_charted(measure: Measure) -> bool:
    return measure.share is not None or measure.middle is not None


def _chart(last: Measure, found: Sequence[tuple[date, Measure]]) -> Chart:
    is_share = last.share is not None
    months = list(_shares(found) if is_share else _medians(found))
    points = p_chart(months) if is_share else xmr_chart(months)
    has_limits = bool(points) and points[0].low is not None
    if is_share:
        mean = sum(one.value * one.of for one in months) / sum(one.of for one in months) if has_limits else None
    else:
        mean = fmean(one.value for one in months) if has_limits else None
    return Chart(
        code=last.code, title=last.title, definition=last.definition, is_share=is_share, mean=mean, points=tuple(points)
    )


def _shares(found: Sequence[tuple[date, Measure]]) -> Iterator[Month]:
    for first, one in found:
        if one.share is not None and one.share.told and one.share.value is not None:
            yield Month(first, one.share.value, one.share.of)


def _medians(found: Sequence[tuple[date, Measure]]) -> Iterator[Month]:
    for first, one in found:
        if one.middle is not None and one.middle.median is not None:
            yield Month(first, float(one.middle.median), one.middle.count)


def _judged(
    months: Sequence[Month], mean: float, limits: Sequence[tuple[float, float]], *, highest: float
) -> list[Point]:
    """Each month by its limits; what is shown of them is possible, none below nought and none above `highest`."""
    values = [one.value for one in months]
    sides = [(value > mean + _TINY) - (value < mean - _TINY) for value in values]
    near = [_near(value, mean, *limit) for value, limit in zip(values, limits, strict=True)]
    return [
        Point(
            month=one,
            low=max(0.0, limits[n][0]),
            high=min(highest, limits[n][1]),
            signals=tuple(_signals(n, values, sides, near, limits[n])),
        )
        for n, one in enumerate(months)
    ]


def _signals(
    at: int, values: Sequence[float], sides: Sequence[int], near: Sequence[int], limit: tuple[float, float]
) -> Iterator[Signal]:
    if not limit[0] - _TINY <= values[at] <= limit[1] + _TINY:
        yield Signal.OUTSIDE
    if any(abs(sum(sides[begin : begin + _RUN])) == _RUN for begin in _windows(at, _RUN, len(values))):
        yield Signal.SHIFT
    if any(_goes_on(values[begin : begin + _RUN]) for begin in _windows(at, _RUN, len(values))):
        yield Signal.TREND
    if near[at] and any(near[begin : begin + 3].count(near[at]) > 1 for begin in _windows(at, 3, len(values))):
        yield Signal.NEAR


def _windows(at: int, size: int, length: int) -> range:
    """Where the runs of a size begin that hold a place."""
    return range(max(0, at - size + 1), min(at, length - size) + 1)


def _goes_on(run: Sequence[float]) -> bool:
    steps = [(after > before) - (after < before) for before, after in pairwise(run)]
    return abs(sum(steps)) == len(steps)


def _near(value: float, mean: float, low: float, high: float) -> int:
    """On which side a value is in the outer third towards a limit or beyond it; 0 for neither."""
    if value > mean + _TINY and value >= mean + _NEAR * (high - mean):
        return 1
    return -1 if value < mean - _TINY and value <= mean - _NEAR * (mean - low) else 0
