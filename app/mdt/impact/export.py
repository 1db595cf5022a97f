"""Measures and findings as CSV, for whoever reads them in a spreadsheet. Small counts stay back here too."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from app.mdt.impact.control import Chart
from app.mdt.impact.effect import Ratio
from app.mdt.impact.intervals import Middle, Share, is_few
from app.mdt.impact.kpis.measure import Measure
from app.mdt.impact.report import Report
from app.mdt.workflow.case_study import ToldStory

_MEASURES = (
    "measure", "title", "group", "achieved", "of", "unknown", "share", "low", "high",
    "count", "median", "lower_quartile", "upper_quartile", "ninetieth_centile", "greatest", "definition",
)  # fmt: skip
_MONTHS = ("measure", "title", "month", "value", "of", "mean", "low", "high", "more_than_chance", "definition")
_FINDINGS = (
    "use", "people", "died", "before", "after", "expected_without_team", "expected_low", "expected_high",
    "compared_people", "compared_with",
    "without_anyone_alike", "greatest_difference_left", "naive_ratio", "naive_low", "naive_high",
    "matched_ratio", "matched_low", "matched_high", "smallest_detectable_ratio", "verdict",
)  # fmt: skip


def measures_csv(measures: Iterable[Measure]) -> str:
    """A row for each measure, and for each of its groups and counts."""
    return _csv(_MEASURES, (row for measure in measures for row in _rows(measure)))


def charts_csv(charts: Iterable[Chart]) -> str:
    """A row for each month of each measure, with the limits of chance where there are enough months for any."""
    rows = (
        (
            chart.code, chart.title, f"{one.month.first:%Y-%m}", _round(one.month.value), one.month.of,
            _round(chart.mean), _round(one.low), _round(one.high), "; ".join(one.signals), chart.definition,
        )
        for chart in charts
        for one in chart.points
    )  # fmt: skip
    return _csv(_MONTHS, rows)


_ILLUSTRATION = "case study, which illustrates and proves nothing"


def findings_csv(report: Report, stories: Sequence[ToldStory] = ()) -> str:
    """A row for each kind of use, then of which people how many were referred, then how alike those compared are,
    before matching and after, then the caveats, which go wherever the figures go, then what illustrates them.
    """
    rows: list[Sequence[object]] = [
        (
            one.kind.value,
            one.observed.people,
            "" if one.observed.died is None else one.observed.died,
            _round(one.observed.before),
            _round(one.observed.after),
            _round(one.observed.expected),
            _round(one.observed.expected_low),
            _round(one.observed.expected_high),
            one.effect.people,
            one.effect.controls,
            one.effect.matched.unmatched,
            _round(one.effect.matched.worst),
            *_ratio(one.effect.naive),
            *_ratio(one.effect.compared),
            _round(one.effect.detectable),
            one.effect.verdict.value,
        )
        for one in report.findings
    ]
    reach: list[Sequence[object]] = [("referred: " + group, *_share(share)) for group, share in report.reach.items()]
    told = [(_ILLUSTRATION, one.title, one.before, one.done, one.became, one.own_words, one.learned) for one in stories]
    return _csv(_FINDINGS, [*rows, *reach, *_beside(report), *[(caveat,) for caveat in report.caveats], *told])


def _beside(report: Report) -> Iterator[Sequence[object]]:
    """How alike those compared are, in each variable, by what deprivation is told, and who could not be followed."""
    for one in report.findings[:1]:
        for balance in one.effect.matched.balance if one.effect.people else ():
            yield f"standardised difference: {balance.name}", _round(balance.before), _round(balance.after)
    if report.deprivation_by:
        yield "deprivation by", report.deprivation_by
    if report.lost:
        yield "accepted and not followed", "fewer than five" if is_few(report.lost) else report.lost


def _rows(measure: Measure) -> Iterator[Sequence[object]]:
    yield _row(measure, "", measure.share, measure.middle)
    for group, share in measure.groups.items():
        yield _row(measure, group, share, None)
    for group, middle in measure.middles.items():
        yield _row(measure, group, None, middle)
    for group, count in measure.counts.items():
        yield (*_row(measure, group, None, None)[:9], count, *[""] * 5, measure.definition)


def _row(measure: Measure, group: str, share: Share | None, middle: Middle | None) -> Sequence[object]:
    told = (measure.untold, *[""] * 5) if measure.untold else _share(share)
    return (measure.code, measure.title, group, *told, *_middle(middle), measure.definition)


def _share(share: Share | None) -> Sequence[object]:
    if share is None:
        return ("",) * 6
    if not share.told:
        return ("not told: few people", "", "", "", "", "")
    return (share.achieved, share.of, share.unknown, _round(share.value), _round(share.low), _round(share.high))


def _middle(middle: Middle | None) -> Sequence[object]:
    if middle is None:
        return ("",) * 6
    told = (middle.median, middle.lower, middle.upper, middle.ninetieth, middle.greatest)
    return (middle.count, *map(_round, told))


def _ratio(ratio: Ratio | None) -> Sequence[object]:
    return (_round(ratio.value), _round(ratio.low), _round(ratio.high)) if ratio else ("", "", "")


def _round(value: float | None) -> object:
    return "" if value is None else round(value, 3)


def _csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(headings)
    writer.writerows(rows)
    return written.getvalue()
