"""The JSON and CSV of what a team measures of itself: `/api/mdt/measures`."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.mdt.impact_export import measures_csv
from app.mdt.impact_measures import measure_row, team_measures
from app.mdt.thing import Refusal
from app.web.mdt import Asked, AtDesk, answer

router = APIRouter(prefix="/api/mdt/measures", tags=["mdt"])


@router.get("")
async def measures(
    asked: Asked,
    desk: AtDesk,
    first: date,
    last: date,
    locality: Annotated[str | None, Query(pattern="^[a-z0-9-]{1,60}$")] = None,
    csv: bool = False,
) -> Response:
    """The measures of a period of a locality's team, or of all teams of the asker; with `csv`, as a file."""
    told = await team_measures(desk, asked, locality, first, last)
    if isinstance(told, Refusal) or not csv:
        return answer(told if isinstance(told, Refusal) else {"measures": [measure_row(one) for one in told]})
    headers = {"cache-control": "no-store", "content-disposition": 'attachment; filename="measures.csv"'}
    return Response(measures_csv(told), headers=headers, media_type="text/csv; charset=utf-8")
