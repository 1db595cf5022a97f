"""What became of those whom the team saw: observed, expected without it, and beside matched people; never one alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from statistics import fmean
from typing import Final

import numpy as np

from app.mdt.impact.effect import FEWEST, Effect, effect
from app.mdt.impact.expected import Lived, expected_of, fit, size
from app.mdt.impact.intervals import Share, is_few
from app.mdt.impact.matching import Cohort
from app.mdt.impact.scores import Pair, ScoreChange, score_changes
from app.mdt.one_person.use import Followed, Use, after, before, earlier_admissions, monthly_admissions

CAVEATS: Final = (
    "People are referred at their worst, so a fall afterwards is expected without any team. Before and after alone"
    " proves nothing.",
    "The expected figure supposes that each person's risk stays as it is. Frail people's grows, so it may expect too"
    " great a fall. Where what came lies between its two ends, it is no more than chance.",
    "Matched people are alike in what is recorded. Professionals see decline that codes do not: a difference is left.",
    "Rising use may be found need.",
    "A falling risk score is no success: most scores fall by themselves.",
)
"""Printed on every page that shows what follows."""


_OLDER: Final = 60
_FEWEST_IN_BAND: Final = 30
"""People of a band of the population, for what is expected to be fitted on it."""


class Kind(StrEnum):
    """What is counted."""

    ADMISSIONS = "emergency-admissions"
    BED_DAYS = "emergency-bed-days"
    ATTENDANCES = "emergency-department-visits"


_SEGMENTS: Final = ("disabilities", "long-term-conditions", "frailty-and-dementia")
"""Those that what an evaluation may read can tell: complex lives are told by headings that it may not."""

COUNTED: Final[Mapping[Kind, Callable[[Use], int]]] = {
    Kind.ADMISSIONS: lambda use: use.admissions,
    Kind.BED_DAYS: lambda use: use.bed_days,
    Kind.ATTENDANCES: lambda use: use.attendances,
}
"""What each counts of somebody's use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Studied:
    """One person of a study on one day: seen by the team, or one whom it may be compared with, at the same month.

    `number` tells whether two of them are of one person, and leaves with nothing.
    `alike` is what must be the same (index month, sex and ten years of age, locality); `band` the age and sex of the
    whole population; `deprivation` the decile of the area, 1 the most deprived, `None` where not known; `segments` and
    `frail` (moderately or worse, `None` where no score tells) as at the index.
    """

    number: int
    followed: Followed
    seen: bool
    alike: tuple[str, ...]
    band: str
    age: int
    deprivation: int | None
    conditions: int
    segments: frozenset[str] = frozenset()
    frail: bool | None = None

    @property
    def bands(self) -> tuple[str, ...]:
        """Age, sex and frailty; then age and sex alone, twenty years of either, and half of a life.

        Each but the first is for where those before it are of too few people.
        """
        frailty = {True: "frail", False: "not frail", None: "frailty not known"}[self.frail]
        twenty = self.age // 20 * 20
        half = "60 and older" if self.age >= _OLDER else "under 60"
        return f"{self.band}, {frailty}", self.band, f"{twenty} to {twenty + 19}", half


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Rates a person-year among those whom the team saw, before and after, and what was expected without it: between
    `expected_low` and `expected_high` chance alone brings 95 of 100 such groups.

    `expected` is `None` where a band of the population could not be fitted, `died` where it is a few; all are where
    there are so few people that a figure would tell of one of them.
    """

    people: int
    died: int | None
    before: float | None
    after: float | None
    expected: float | None
    expected_low: float | None = None
    expected_high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One kind of use: all three ways of looking at it."""

    kind: Kind
    observed: Observed
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The findings, admissions month by month around the index, and what must be printed beside them.

    A month of which few were admitted is `None`.

    `reach` are those who were referred in the last year as a share of all people, by who they are; `deprivation_by` is
    the edition of the indices, if one is loaded; `lost` are those whom a team accepted and nobody can follow, as they
    are no longer registered, or it is not known when they were born or died.
    """

    findings: Sequence[Finding]
    monthly: Sequence[int | None]
    scores: Sequence[ScoreChange] = ()
    reach: Mapping[str, Share] = field(default_factory=dict)
    deprivation_by: str | None = None
    lost: int = 0
    caveats: Sequence[str] = CAVEATS


def report(
    people: Sequence[Studied],
    population: Mapping[Kind, Mapping[str, Sequence[int]]],
    *,
    until: date,
    scores: Sequence[Pair] = (),
) -> Report:
    """Report on a study whose protocol was fixed before; `until` is the last day of which all use is known.

    `population` holds last year's counts of everyone, by kind and by band.
    """
    seen = [one for one in people if one.seen]
    findings = [
        Finding(
            kind=kind,
            observed=_observed(seen, kind, population, until),
            effect=effect(_cohort(people, kind, until)),
        )
        for kind in Kind
    ]
    counts = monthly_admissions(one.followed for one in seen) if len(seen) >= FEWEST else []
    monthly = [None if is_few(count) else count for count in counts]
    return Report(findings=findings, monthly=monthly, scores=score_changes(scores))


def _observed(
    seen: Sequence[Studied], kind: Kind, population: Mapping[Kind, Mapping[str, Sequence[int]]], until: date
) -> Observed:
    if len(seen) < FEWEST:
        return Observed(people=len(seen), died=None, before=None, after=None, expected=None)
    count = COUNTED[kind]
    first = [before(one.followed) for one in seen]
    then = [after(one.followed, known_until=until) for one in seen]
    years = sum(use.years for use in then)
    events = Kind.ADMISSIONS if kind is Kind.BED_DAYS else kind
    counted, happened = population.get(kind, {}), population.get(events, {})
    known = {band: counts for band, counts in happened.items() if len(counts) >= _FEWEST_IN_BAND and band in counted}
    fitted = {band: fit(list(counts)) for band, counts in known.items()}
    each = {band: size(happened[band], counted[band]) for band in fitted}
    bands = [next((band for band in one.bands if band in fitted), None) for one in seen]
    lived = [
        Lived(fitted[band], COUNTED[events](was), now.years, each[band])
        for band, was, now in zip(bands, first, then, strict=True)
        if band
    ]
    expected = expected_of(lived) if len(lived) == len(seen) else None
    died = sum(one.followed.died and one.followed.until is not None for one in seen)
    return Observed(
        people=len(seen),
        died=None if is_few(died) else died,
        before=sum(map(count, first)) / len(seen),
        after=sum(map(count, then)) / years if years else None,
        expected=expected.rate if expected else None,
        expected_low=expected.low if expected else None,
        expected_high=expected.high if expected else None,
    )


def _deciles(people: Sequence[Studied]) -> list[float]:
    """Those that are not known stand at the mean, where they tell nothing: not being known is a variable too."""
    known = [one.deprivation for one in people if one.deprivation is not None]
    mean = fmean(known) if known else 0.0
    return [mean if one.deprivation is None else float(one.deprivation) for one in people]


def _cohort(people: Sequence[Studied], kind: Kind, until: date) -> Cohort:
    count = COUNTED[kind]
    first = [before(one.followed) for one in people]
    then = [after(one.followed, known_until=until) for one in people]
    strata = {alike: number for number, alike in enumerate(sorted({one.alike for one in people}))}
    variables = {
        "age": [one.age for one in people],
        "deprivation": _deciles(people),
        "deprivation not known": [one.deprivation is None for one in people],
        "conditions": [one.conditions for one in people],
        "frail": [one.frail is True for one in people],
        "frailty not known": [one.frail is None for one in people],
        **{f"in {segment}": [segment in one.segments for one in people] for segment in _SEGMENTS},
        **earlier_admissions([one.followed for one in people]),
        "bed-days before": [use.bed_days for use in first],
        "visits before": [use.attendances for use in first],
    }
    numbers = {number: row for row, number in enumerate(dict.fromkeys(one.number for one in people))}
    return Cohort(
        who=np.array([numbers[one.number] for one in people], dtype=np.int64),
        treated=np.array([one.seen for one in people], dtype=bool),
        stratum=np.array([strata[one.alike] for one in people], dtype=np.int64),
        covariates=np.array(list(variables.values()), dtype=float).T.reshape(len(people), len(variables)),
        names=tuple(variables),
        before=np.array([count(use) for use in first], dtype=float),
        years_before=np.array([use.years for use in first], dtype=float),
        after=np.array([count(use) for use in then], dtype=float),
        years_after=np.array([use.years for use in then], dtype=float),
    )
