"""The JSON and CSV of what a team measures of itself, `/api/mdt/measures`, and of its impact, `/api/mdt/impact`."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.asking.inquiry import AtDesk, refusals
from app.asking.never_kept import NEVER_KEPT
from app.mdt.impact.export import charts_csv, findings_csv, measures_csv
from app.mdt.impact.measures import chart_row, measure_row, team_charts, team_measures
from app.mdt.impact.study import report_row, study
from app.mdt.reading.case_studies import told as stories
from app.vocabulary.london import london_date
from app.web.api.mdt import Asked, answer

router = APIRouter(prefix="/api/mdt", tags=["mdt"], responses=refusals(400, 401, 403, 404, 422, 503))


@router.get("/measures", responses={200: {"content": {"text/csv": {}}}})
async def measures(
    asked: Asked,
    desk: AtDesk,
    first: date,
    last: date,
    locality: Annotated[str | None, Query(pattern="^[a-z0-9-]{1,60}$")] = None,
    csv: bool = False,
) -> Response:
    """The measures of a period of a locality's team, or of all teams of the requester; with `csv`, as a file."""
    told = await team_measures(desk, asked, locality, first, last)
    if csv:
        return _file(measures_csv(told), "measures.csv")
    return answer({"measures": [measure_row(one) for one in told]})


@router.get("/measures/over-time")
async def over_time(
    asked: Asked,
    desk: AtDesk,
    locality: Annotated[str | None, Query(pattern="^[a-z0-9-]{1,60}$")] = None,
    csv: bool = False,
) -> Response:
    """The same month by month, up to today, with the limits of chance and what stands out; with `csv`, as a file."""
    told = await team_charts(desk, asked, locality, london_date(asked.at))
    if csv:
        return _file(charts_csv(told), "measures-over-time.csv")
    return answer({"charts": [chart_row(one) for one in told]})


@router.get("/impact", responses={200: {"content": {"text/csv": {}}}})
async def impact(asked: Asked, desk: AtDesk, csv: bool = False) -> Response:
    """For `?purpose=evaluation`: use of hospital before and after, expected, and beside matched people; no names.

    With the case studies that people permit a report to tell.
    """
    told, illustrations = await study(desk, asked), await stories(desk, asked)
    if csv:
        return _file(findings_csv(told, illustrations), "impact.csv")
    return answer(report_row(told, illustrations))


def _file(content: str, name: str) -> Response:
    headers = {**NEVER_KEPT, "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, media_type="text/csv; charset=utf-8")
