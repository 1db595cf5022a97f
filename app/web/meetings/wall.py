"""The screen on the wall: what everyone in the room may see of whoever is discussed, in big letters."""

from typing import Any, Final

from fastapi import APIRouter, Response

from app.mdt.packs.words import AT_A_GLANCE
from app.mdt.reading.wall import wall
from app.web.meetings.at_meeting import Here
from app.web.meetings.timer import timer
from app.web.people.person import PersonPage, person_page
from app.web.people.stated import Heading

router = APIRouter(include_in_schema=False)

_ON_THE_WALL: Final = frozenset(AT_A_GLANCE) - {"alerts", "about-me"}  # those two stand above all others


@router.get("/meetings/{meeting_id}/wall")
async def shown(here: Here) -> Response:
    """Nobody is named here who is not under discussion."""
    told = await wall(here.desk, here.inquiry(), here.id)
    screen = told["screen"]
    view = screen["view"] if screen else None
    seen = person_page(view, here.looking.names, here.looking.asked.requester.role) if view else None
    context: dict[str, Any] = {
        "tab": "Wall",
        "screen": screen,
        "person": seen,
        "headings": _headings(seen) if seen else (),
        "timer": timer(told["item"], here.looking.asked.at) if told["item"] else None,
    }
    return here.show("meetings/wall.html", told, **context)


def _headings(seen: PersonPage) -> list[Heading]:
    """As the pack's first page has them, those with something that holds now."""
    by_category = {one.category: one for one in seen.headings if one.groups}
    return [by_category[code] for code in AT_A_GLANCE if code in _ON_THE_WALL and code in by_category]
