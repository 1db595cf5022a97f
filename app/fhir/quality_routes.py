"""How good what a partner's system sent is, told to that system alone."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from app.asking.callers import CalledBy, Caller, place
from app.asking.inquiry import refusals
from app.asking.never_kept import NEVER_KEPT
from app.database.transactions import transaction
from app.intake.quality.measuring import quality_of

router = APIRouter(prefix="/api/partners", tags=["partners"], responses=refusals(401, 403, 503))

BySystem = Annotated[Caller, Depends(CalledBy(system="OperationOutcome.r"))]


@router.get("/data-quality")
async def data_quality(caller: BySystem, request: Request) -> Response:
    """Of each feed of the calling system's organisation: what came, what was wrong and how to mend it, what is missing.

    `{partner, at, feeds}`; it names nobody, and tells of no other partner's.
    """
    at, engine = datetime.now(UTC), place(request).filing

    def read() -> list[dict[str, Any]]:
        with transaction(engine) as connection:
            return quality_of(connection, caller.requester.organisation, at=at)

    told = {"partner": caller.requester.organisation, "at": at, "feeds": await asyncio.to_thread(read)}
    return Response(orjson.dumps(told), headers=dict(NEVER_KEPT), media_type="application/json")
