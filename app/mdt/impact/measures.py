"""The measures of the teams that somebody belongs to, as they are asked for: as rows, or as CSV. They name no one."""

from dataclasses import asdict
from datetime import date
from itertools import chain
from typing import Any

from app.mdt.desk import Desk
from app.mdt.impact.control import Chart, charts, months_until
from app.mdt.impact.facts import TeamFacts
from app.mdt.impact.gather import team_facts
from app.mdt.impact.intervals import Middle, Share
from app.mdt.impact.kpis.every import measures
from app.mdt.impact.kpis.measure import Measure
from app.mdt.steps.office import Office
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.refusal import invalid
from app.record.inquiry import Inquiry
from app.vocabulary.london import london_date
from app.vocabulary.working_days import working_days_between

LONGEST_DAYS = 3 * 366
"""Of a period: beyond it the definitions will have changed."""


async def team_measures(desk: Desk, inquiry: Inquiry, locality: str | None, first: date, last: date) -> list[Measure]:
    """The measures of one locality's team, or of all to which the requester belongs together; days are London's."""
    if not 0 <= (last - first).days <= LONGEST_DAYS:
        raise invalid("a period begins before it ends, and lasts three years at most")
    facts = await desk.ask(inquiry, lambda office: _gathered(office, locality, first, last))
    until = min(last, london_date(inquiry.at))  # what is due later is neither done in time nor late
    return measures(facts, first=first, last=until, working_days=working_days_between)


async def team_charts(desk: Desk, inquiry: Inquiry, locality: str | None, last: date) -> list[Chart]:
    """The same month by month, up to a day in London, with what is more than chance."""
    first, _ = months_until(last)[0]
    facts = await desk.ask(inquiry, lambda office: _gathered(office, locality, first, last))
    return charts(facts, last=last, working_days=working_days_between)


def chart_row(chart: Chart) -> dict[str, Any]:
    """A chart as JSON: `{code, title, definition, is_share, mean, points}`.

    A point is `{month, value, of, low, high, signals}`.
    """
    points = [
        {
            "month": f"{one.month.first:%Y-%m}",
            "value": one.month.value,
            "of": one.month.of,
            "low": one.low,
            "high": one.high,
            "signals": list(one.signals),
        }
        for one in chart.points
    ]
    return {
        "code": chart.code,
        "title": chart.title,
        "definition": chart.definition,
        "is_share": chart.is_share,
        "mean": chart.mean,
        "points": points,
    }


def _gathered(office: Office, locality: str | None, first: date, last: date) -> TeamFacts:
    names = [locality] if locality else office.own_localities()
    for name in names:
        office.demand(name, Relation.MEMBER)
    every = [team_facts(office.connection, office.locality(name), first=first, last=last) for name in names]
    return TeamFacts(
        meetings=list(chain.from_iterable(one.meetings for one in every)),
        items=list(chain.from_iterable(one.items for one in every)),
        actions=list(chain.from_iterable(one.actions for one in every)),
        pathways=list(chain.from_iterable(one.pathways for one in every)),
        caseload=list(chain.from_iterable(one.caseload for one in every)),
    )


def measure_row(measure: Measure) -> dict[str, Any]:
    """A measure as JSON: `{code, title, definition, share, middle, counts, groups, middles, untold}`, without what is
    empty.

    A share is `{achieved, of, unknown, value, low, high}`, or `{told: false}` where its counts are too small.
    """
    told = {
        "code": measure.code,
        "title": measure.title,
        "definition": measure.definition,
        "share": share_row(measure.share),
        "middle": _middle(measure.middle),
        "counts": measure.counts,
        "groups": {name: share_row(one) for name, one in measure.groups.items()},
        "middles": {name: _middle(one) for name, one in measure.middles.items()},
        "untold": measure.untold,
    }
    return {name: value for name, value in told.items() if value not in (None, {}, "")}


def share_row(share: Share | None) -> dict[str, Any] | None:
    """A share as JSON, as `measure_row` has it."""
    if share is None or not share.told:
        return None if share is None else {"told": False}
    return {
        "achieved": share.achieved,
        "of": share.of,
        "unknown": share.unknown,
        "value": share.value,
        "low": share.low,
        "high": share.high,
    }


def _middle(middle: Middle | None) -> dict[str, Any] | None:
    return None if middle is None else asdict(middle)
