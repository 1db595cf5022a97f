"""The meetings of the viewer's teams: those ahead, and those of the last months with what is left to do of them."""

from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Response

from app.asking.inquiry import AtDesk
from app.mdt.reading import lists
from app.mdt.workflow.lifecycles.states import MeetingState
from app.vocabulary.london import london_date
from app.web.frame.layout import page
from app.web.frame.viewing import Looking
from app.web.team.at_desk import for_team, own_localities

router = APIRouter(include_in_schema=False)

_BEFORE: Final = timedelta(days=92)
_AHEAD: Final = timedelta(days=100)


@router.get("/meetings")
async def meetings(looking: Looking, desk: AtDesk) -> Response:
    """By team: what is ahead, the next first; and what was, the last first."""
    asked, on = for_team(looking), london_date(looking.asked.at)
    teams = []
    for locality in own_localities(desk, looking):
        found = await lists.meetings(desk, asked, locality.locality, on - _BEFORE, on + _AHEAD)
        over = [
            one for one in found if one["state"] in (MeetingState.CLOSED, MeetingState.SIGNED, MeetingState.CANCELLED)
        ]
        ahead = [one for one in found if one not in over]
        teams.append({"title": locality.title, "ahead": ahead, "over": over[::-1]})
    return page("meetings/meetings.html", looking.context() | {"teams": teams})
