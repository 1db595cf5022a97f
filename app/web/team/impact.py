"""Pages of what a team measures of itself, and of what became of those whom it saw: numbers, and no names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from app.asking.inquiry import AtDesk
from app.mdt.impact.effect import FEWEST, Ratio, Verdict
from app.mdt.impact.intervals import Share
from app.mdt.impact.kpis.measure import Measure
from app.mdt.impact.measures import team_measures
from app.mdt.impact.report import Kind, Report
from app.mdt.impact.study import EVALUATION, study
from app.mdt.one_person.use import MONTHS
from app.mdt.reading import case_studies
from app.mdt.workflow.case_study import BASES
from app.mdt.workflow.refusal import Refused, Why
from app.vocabulary.london import london_date
from app.web.frame.filled_in.typed import nested
from app.web.frame.layout import page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking
from app.web.frame.words.wording import sentence
from app.web.team import plots
from app.web.team.at_desk import for_team, own_localities, rows, status

router = APIRouter(prefix="/impact", include_in_schema=False)

_YEAR: Final = timedelta(days=365)
_NO_DAY: Final = "Enter a real date, such as 1 4 2026"

KINDS: Final[Mapping[Kind, str]] = {
    Kind.ADMISSIONS: "Emergency admissions",
    Kind.BED_DAYS: "Emergency bed-days",
    Kind.ATTENDANCES: "A&E visits",
}
VERDICTS: Final[Mapping[Verdict, str]] = {
    Verdict.FEWER: "Fewer than among people who are alike",
    Verdict.MORE: "More than among people who are alike, which may be found need",
    Verdict.NO_DIFFERENCE: "No difference, and there were enough people to see a fall of 30 per cent",
    Verdict.NOT_ENOUGH: "Not enough people to tell",
    Verdict.NOT_COMPARABLE: "Those who could be compared are too different to tell",
    Verdict.NOT_ESTIMATED: "The comparison did not settle, so nothing is said",
}


@router.get("")
async def measures(request: Request, looking: Looking, desk: AtDesk, locality: str = "") -> Response:
    """The measures of a period, each by its definition, with how sure anyone can be of it."""
    theirs = own_localities(desk, looking)
    if not theirs or (locality and not any(one.locality == locality for one in theirs)):
        return nothing(looking)
    typed = {name: value for name, value in request.query_params.items() if name.startswith(("first.", "last."))}
    on = london_date(looking.asked.at)
    first, last = _period(typed, (on - _YEAR, on))
    context: dict[str, Any] = {"localities": theirs, "chosen": locality, "typed": typed or _boxes(first, last)}
    if first is None or last is None:
        wrong = [name for name, day in (("first", first), ("last", last)) if day is None]
        context["errors"] = [{"field": name, "href": f"#{name}", "text": _NO_DAY} for name in wrong]
        return page("team/impact.html", looking.context() | context, status=422)
    try:
        told = await team_measures(desk, for_team(looking), locality or None, first, last)
    except Refused as refused:
        context["errors"] = [{"field": "first", "href": "#first", "text": sentence(refused.refusal.text)}]
        return page("team/impact.html", looking.context() | context, status=status(refused.refusal))
    context |= {
        "measures": told,
        "plot": plots.shares(list(_estimates(told))),
        "width": plots.WIDTH,
        "period": (first, last),
        "evaluation": looking.may_look_for(EVALUATION),
    }
    return page("team/impact.html", looking.context() | context)


@router.get("/hospital-use")
async def hospital_use(looking: Looking, desk: AtDesk) -> Response:
    """Use of hospital before and after: observed, expected without the team, and beside people who are alike."""
    if not looking.may_look_for(EVALUATION):
        return nothing(looking)
    asked = replace(looking.asked, purpose=EVALUATION)
    try:
        told = await study(desk, asked)
    except Refused as refused:
        if refused.refusal.why is not Why.INVALID:
            raise
        context: dict[str, Any] = {"not_yet": sentence(refused.refusal.text)}
    else:
        context = of_report(told)
    context |= {"stories": await rows(case_studies.told(desk, asked)), "bases": BASES}
    return page("team/impact_use.html", looking.context() | context)


def of_report(told: Report) -> dict[str, Any]:
    """What the page of people's use of hospital shows of a report."""
    return {
        "report": told,
        "fewest": FEWEST,
        "kinds": KINDS,
        "verdicts": VERDICTS,
        "ratios": plots.ratios(list(_compared(told))),
        "monthly": plots.columns(told.monthly),
        "months": _months(told.monthly),
        "width": plots.WIDTH,
    }


def _period(typed: Mapping[str, str], usual: tuple[date, date]) -> tuple[date | None, date | None]:
    if not typed:
        return usual
    said = nested(typed.items())
    return _day(said.get("first")), _day(said.get("last"))


def _day(said: Any) -> date | None:
    try:
        return date.fromisoformat(said)
    except (TypeError, ValueError):
        return None


def _boxes(first: date | None, last: date | None) -> dict[str, str]:
    return {
        f"{name}.{part}": str(getattr(day, part))
        for name, day in (("first", first), ("last", last))
        for part in ("day", "month", "year")
        if day
    }


def _estimates(measures: Sequence[Measure]) -> Iterator[plots.Estimate]:
    """A row of the plot for each share of anything."""
    for one in measures:
        share = one.share
        if share is not None and share.told and share.of:
            yield plots.Estimate(
                label=f"{one.title}: {share.achieved} of {share.of}",
                said=percent(share),
                value=share.value or 0.0,
                low=share.low or 0.0,
                high=share.high or 0.0,
            )


def percent(share: Share) -> str:
    """`75% (41% to 93%)`."""
    value, low, high = (round(100 * (one or 0.0)) for one in (share.value, share.low, share.high))
    return f"{value}% ({low}% to {high}%)"


def _compared(report: Report) -> Iterator[plots.Estimate]:
    """Beside each other for each kind: before and after alone, and the comparison."""
    for one in report.findings:
        yield from _ratio(f"{KINDS[one.kind]}, compared", one.effect.compared, "circle")
        yield from _ratio(f"{KINDS[one.kind]}, before and after alone", one.effect.naive, "diamond")


def _ratio(label: str, ratio: Ratio | None, mark: str) -> Iterator[plots.Estimate]:
    if ratio is not None:
        said = f"{ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
        yield plots.Estimate(label=label, said=said, value=ratio.value, low=ratio.low, high=ratio.high, mark=mark)


def _months(counts: Sequence[int | None]) -> list[tuple[str, int | str]]:
    """Each month's count, the first of them twelve months before anybody was accepted."""
    return [
        (f"{MONTHS - n} before" if n < MONTHS else f"{n - MONTHS + 1} after", "1 to 4" if count is None else count)
        for n, count in enumerate(counts)
    ]
