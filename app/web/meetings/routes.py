"""All routes of a meeting's pages."""

from fastapi import APIRouter

from app.web.meetings import agenda, changes, discussions, invited, listed, minutes, overview, packs, scribe, wall

router = APIRouter(include_in_schema=False)
for _part in (listed, overview, agenda, invited, packs, scribe, wall, changes, minutes, discussions):
    router.include_router(_part.router)
