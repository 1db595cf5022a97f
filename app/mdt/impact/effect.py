"""Whether use changed more among those whom the team saw than among matched people, and whether anyone could tell.

Negative binomial difference in differences with a person-time offset, errors clustered by matched set (statsmodels). A
team whose people are referred at their worst sees them get better in any case: before-and-after alone proves nothing.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, inf, isfinite, log, sqrt
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from app.mdt.impact.matching import Cohort, Floats, Ints, Matched, as_often, match

OUTCOMES: Final = 3
"""Admissions, bed-days and visits are looked at together: each must be that much surer for the team to be told so."""

WORTH_SEEING: Final = 0.7
"""A rate ratio: whoever could not have seen a fall of 30 per cent cannot say that there was none."""

FEWEST: Final = 12
"""People whom the team saw: of fewer no rate is compared at all."""

NOT_ALIKE: Final = 0.25
"""A standardised difference from which on matched people are too different to compare."""

_NO_DISPERSION: Final = 1e-6
_NORMAL: Final = NormalDist()
_SURE: Final = _NORMAL.inv_cdf(0.975)
_SURE_OF_ALL: Final = _NORMAL.inv_cdf(1 - 0.025 / OUTCOMES)
_POWER: Final = _NORMAL.inv_cdf(0.8)


class Verdict(StrEnum):
    """What may be said."""

    FEWER = "fewer"
    MORE = "more"  # which may be found need
    NO_DIFFERENCE = "no-difference"
    NOT_ENOUGH = "not-enough-people-to-tell"
    NOT_COMPARABLE = "not-comparable"
    NOT_ESTIMATED = "not-estimated"  # the model did not settle: nothing is said rather than what it stopped at


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A ratio of rates with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What was found of one kind of use; `naive` is before and after among those whom the team saw, which misleads.

    `detectable` is the rate ratio nearest to 1 that so many people show in four of five such studies.
    """

    verdict: Verdict
    people: int
    controls: int
    matched: Matched
    naive: Ratio | None
    compared: Ratio | None
    detectable: float | None


@dataclass(frozen=True, slots=True)
class _Model:
    coefficient: float
    error: float
    dispersion: float


def effect(cohort: Cohort) -> Effect:
    """Match, compare and judge; the same rows give the same answer."""
    matched = match(cohort)
    sets = list(_followed(cohort, matched.sets))
    people = len(sets)
    naive = before_and_after(cohort) if cohort.treated.sum() >= FEWEST else None
    model = _fitted(cohort, sets) if people >= FEWEST else None
    detectable = _detectable(cohort, sets, model.dispersion) if model else None
    return Effect(
        verdict=_verdict(people, matched, model, detectable),
        people=people,
        controls=sum(map(len, sets)) - people,
        matched=matched,
        naive=naive,
        compared=_ratio(model.coefficient, model.error) if model else None,
        detectable=detectable,
    )


def before_and_after(cohort: Cohort) -> Ratio | None:
    """The naive ratio among those whom the team saw; `None` where either side is empty."""
    who = cohort.treated & (cohort.years_after > 0)
    then, now = cohort.before[who], cohort.after[who]
    if not then.sum() or not now.sum():
        return None
    log_ratio = log(now.sum() / cohort.years_after[who].sum()) - log(then.sum() / cohort.years_before[who].sum())
    apart = _influence(now, cohort.years_after[who]) - _influence(then, cohort.years_before[who])
    return _ratio(log_ratio, float(np.sqrt((apart**2).sum())))


def smallest_detectable(*, people: int, controls: float, rate: float, dispersion: float) -> float:
    """The greatest rate ratio below 1 that is found with 80% power at 5%, of `rate` a year among controls.

    Counts vary as μ + dispersion × μ². Found by repeating, as the variance depends on the ratio; 0 where there is none.
    """
    ratio = 1.0
    for _ in range(200):
        error = sqrt((1 / (rate * ratio) + dispersion) / people + (1 / rate + dispersion) / controls)
        found = exp(-(_SURE + _POWER) * error)
        if found < 1e-3:
            return 0.0
        if abs(found - ratio) < 1e-6:
            return found
        ratio = (found + ratio) / 2
    return ratio


def _influence(counts: Floats, years: Floats) -> Floats:
    rate = counts.sum() / years.sum()
    influence: Floats = (counts - rate * years) / counts.sum()
    return influence


def _ratio(log_ratio: float, error: float) -> Ratio:
    low, value, high = (_exp(log_ratio + far * error) for far in (-_SURE, 0.0, _SURE))
    return Ratio(value=value, low=low, high=high)


def _exp(x: float) -> float:
    return exp(x) if x < 700 else inf


def _verdict(people: int, matched: Matched, model: _Model | None, detectable: float | None) -> Verdict:
    if people < FEWEST:
        return Verdict.NOT_ENOUGH
    if matched.worst >= NOT_ALIKE:
        return Verdict.NOT_COMPARABLE
    if model is None:
        return Verdict.NOT_ESTIMATED
    if abs(model.coefficient) > _SURE_OF_ALL * model.error:
        return Verdict.FEWER if model.coefficient < 0 else Verdict.MORE
    return Verdict.NO_DIFFERENCE if detectable and detectable >= WORTH_SEEING else Verdict.NOT_ENOUGH


def _followed(cohort: Cohort, sets: Sequence[Ints]) -> Iterator[Ints]:
    """Those of whom anything is known since: no set is left by a control alone, or by a treated one alone."""
    for one in sets:
        known = one[cohort.years_after[one] > 0]
        if len(known) > 1 and known[0] == one[0]:
            yield known


def _detectable(cohort: Cohort, sets: Sequence[Ints], dispersion: float) -> float:
    """Where some have fewer controls than others, all count as many as would tell as much if each had as many."""
    controls = np.concatenate([one[1:] for one in as_often(sets)])
    rate = cohort.after[controls].sum() / cohort.years_after[controls].sum()
    if not rate:
        return 0.0
    told = len(sets) ** 2 / sum(1 / (len(one) - 1) for one in sets)
    return smallest_detectable(people=len(sets), controls=told, rate=float(rate), dispersion=dispersion)


def _fitted(cohort: Cohort, sets: Sequence[Ints]) -> _Model | None:
    """The interaction of team and time; `None` where a cell is empty or the model does not settle.

    A control that stands more than once lies in its set each time; errors are clustered by set: nothing becomes surer.
    """
    standing = as_often(sets)
    rows = np.concatenate(standing)
    seen = cohort.treated[rows].astype(float)
    groups = np.repeat(np.arange(len(standing)), [len(one) for one in standing])
    counts = np.concatenate([cohort.before[rows], cohort.after[rows]])
    years = np.concatenate([cohort.years_before[rows], cohort.years_after[rows]])
    team, time = np.tile(seen, 2), np.repeat([0.0, 1.0], len(rows))
    design = np.column_stack([np.ones(len(team)), team, time, team * time])
    if any(not counts[(team == who) & (time == when)].sum() for who in (0, 1) for when in (0, 1)):
        return None
    return _negative_binomial(counts, design, years, np.tile(groups, 2))


def _negative_binomial(counts: Floats, design: Floats, years: Floats, groups: Any) -> _Model | None:
    """The dispersion is that by which counts vary beyond a Poisson fit; errors hold even where it is off."""
    from statsmodels.genmod.families import NegativeBinomial, Poisson  # heavy: only whoever asks for impact pays
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import ModelWarning, PerfectSeparationError

    with warnings.catch_warnings():
        warnings.simplefilter("error", ModelWarning)
        try:
            mean = GLM(counts, design, family=Poisson(), offset=np.log(years)).fit().mu
            dispersion = max(0.0, float((((counts - mean) ** 2 - mean).sum()) / (mean**2).sum()))
            family = NegativeBinomial(alpha=dispersion) if dispersion > _NO_DISPERSION else Poisson()
            found = GLM(counts, design, family=family, offset=np.log(years)).fit(
                cov_type="cluster", cov_kwds={"groups": groups}
            )
        except (ModelWarning, PerfectSeparationError, np.linalg.LinAlgError):
            return None
    error = float(found.bse[3])
    settled = bool(found.converged) and isfinite(error) and error > 0
    return _Model(float(found.params[3]), error, dispersion) if settled else None
