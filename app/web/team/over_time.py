"""The page of a team's measures month by month: within the limits of chance, or more than chance."""

from fastapi import APIRouter, Response

from app.asking.inquiry import AtDesk
from app.mdt.impact.measures import team_charts
from app.vocabulary.london import london_date
from app.web.frame.layout import page
from app.web.frame.viewing import Looking
from app.web.team import plots
from app.web.team.at_desk import for_team, own_localities

router = APIRouter(prefix="/impact/over-time", include_in_schema=False)


@router.get("")
async def over_time(looking: Looking, desk: AtDesk, locality: str = "") -> Response:
    """Each measure as a run of months with its limits, and as a table."""
    told = await team_charts(desk, for_team(looking), locality or None, london_date(looking.asked.at))
    context = {
        "localities": own_localities(desk, looking),
        "chosen": locality,
        "charts": [(chart, plots.run(chart)) for chart in told],
        "width": plots.WIDTH,
    }
    return page("team/impact_over_time.html", looking.context() | context)
