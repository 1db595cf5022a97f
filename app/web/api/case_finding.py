"""The JSON of case finding: `/api/mdt/case-finding`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.asking.callers import place
from app.asking.inquiry import Asked, Record, refusals
from app.mdt.case_finding import find as case_finding
from app.mdt.case_finding.as_json import case_list_json
from app.web.frame.answers import Json, refusal

router = APIRouter(prefix="/api/mdt/case-finding", tags=["mdt"], responses=refusals(400, 401, 403, 404, 422, 503))

_CODE = Query(pattern="^[a-z0-9-]{1,60}$")


@router.get("")
async def find_cases(
    request: Request,
    asked: Asked,
    record: Record,
    locality: Annotated[str | None, _CODE] = None,
    segment: Annotated[str | None, _CODE] = None,
    reason: Annotated[str | None, _CODE] = None,
    most: Annotated[int, Query(ge=1, le=case_finding.MOST_NAMED)] = 50,
) -> Response:
    """Who might be helped, of those among whom the requester may look for `?purpose=case-finding`, and why."""
    wanted = case_finding.Asked(locality=locality, segment=segment, reason=reason, most=most)
    found = await case_finding.find_cases(record, asked, wanted, locality_of=place(request).desk.localities.named)
    if found is None:
        return refusal()
    return Json(case_list_json(found, asked.at))
