"""One discussion: the minutes of one person, and of nobody else."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.asking.inquiry import AtDesk
from app.mdt.reading import discussed
from app.web.frame.layout import page
from app.web.frame.viewing import Looking
from app.web.team.at_desk import for_team

router = APIRouter(include_in_schema=False)


@router.get("/discussions/{item_id}")
async def discussion(item_id: UUID, looking: Looking, desk: AtDesk) -> Response:
    """What was said of one person at one meeting, and of nobody else."""
    told = await discussed.item(desk, for_team(looking), item_id)
    named = await desk.record.glancing.identities(for_team(looking), {told["person_id"]})
    context = {"told": told, "names": looking.names, "about": named.get(told["person_id"])}
    return page("meetings/discussion.html", looking.context() | context)
