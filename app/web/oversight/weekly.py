"""What a partner's staff did with the record in a week, for whoever answers for them: the report as a page."""

from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Response

from app.asking.callers import ThisPlace
from app.asking.inquiry import handling
from app.vocabulary.london import london_date
from app.vocabulary.plain_time import plain_date
from app.watch.report_paper import in_words
from app.watch.reporting import report_for
from app.watch.week import Week
from app.web.frame.handled import written
from app.web.frame.layout import page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking, Viewing

router = APIRouter(prefix="/oversight", include_in_schema=False)

_WEEKS_OFFERED: Final = 12


@router.get("/week")
async def week(looking: Looking, opened: ThisPlace, week: str = "") -> Response:
    """The week of the viewer's own organisation; the last that is over where none is asked for."""
    looking = looking.overseeing
    offered = list(weeks_over(looking))
    of_week = Week.read(week) if week else offered[0]
    by = handling(looking.asked, opened)
    report = await written(opened, lambda connection: report_for(connection, of_week, by))
    if report is None:
        return nothing(looking)
    context = {
        "said": in_words(report, roles=looking.names.roles),
        "week": str(of_week),
        "weeks": [(str(each), f"From Monday {plain_date(each.monday)}") for each in offered],
    }
    return page("oversight/week.html", looking.context() | context)


def weeks_over(looking: Viewing) -> list[Week]:
    """The weeks that are over, the latest first."""
    this = Week.of(london_date(looking.asked.at))
    return [Week(this.monday - timedelta(weeks=ago)) for ago in range(1, _WEEKS_OFFERED + 1)]
