"""What a multidisciplinary team measures of itself: MeasureReport, and Measure."""

from datetime import date, timedelta
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from app.asking.callers import place
from app.asking.inquiry import parameters_of
from app.fhir.answers import answer, refusal
from app.fhir.asking import PREFIX, FhirAskedBy, base_of
from app.fhir.documented import NOT_MODIFIED, OF_READING, RESPONSES
from app.fhir.read.bundle import Link, Page, address, as_entry, bundle
from app.fhir.read.matching import NotUnderstood
from app.fhir.read.reading import shape_of
from app.fhir.read.values import span
from app.fhir.team import team
from app.mdt.as_fhir import reading
from app.mdt.as_fhir.measures import MEASURE_ID, measure
from app.record.inquiry import Inquiry
from app.vocabulary.london import london_date

router = APIRouter(prefix=PREFIX, tags=["fhir"], responses={**RESPONSES, **NOT_MODIFIED})

ToReadMeasure = Annotated[Inquiry, Depends(FhirAskedBy("r", "Measure"))]
ToReadReport = Annotated[Inquiry, Depends(FhirAskedBy("r", "MeasureReport"))]
ToSearchReports = Annotated[Inquiry, Depends(FhirAskedBy("s", "MeasureReport"))]
_PERIOD = "`period` is a year, a month or a day, such as 2026-05"


@router.get("/Measure/{id}", openapi_extra=OF_READING)
async def read_measure(id: str, _asked: ToReadMeasure, request: Request) -> Response:
    """How each measure is defined."""
    return team.single(measure(date(2026, 4, 1)), request) if id == MEASURE_ID else refusal()


@router.get("/MeasureReport", openapi_extra=OF_READING)
async def reports(
    asked: ToSearchReports,
    request: Request,
    period: Annotated[str, Query(description="A year, a month or a day, such as `2026-05`.")] = "",
) -> Response:
    """The measures of a period, of each locality of whose team the requester is."""
    desk = place(request).desk
    _period(period)
    names = await reading.localities_of(desk, asked)
    found = [await reading.report(desk, asked, f"{name}.{period}", _period) for name in names]
    base, shape = base_of(request), shape_of(parameters_of(request))
    entries = []
    for one in found:
        url = f"{base}/MeasureReport/{one['id']}"
        entries.append(as_entry(url, shape.of("MeasureReport", orjson.dumps(one)), "match"))
    here = Link("self", address(base, "MeasureReport", [("period", period)]))
    return answer(bundle("searchset", Page([], entries), [here]))


@router.get("/MeasureReport/{id}", openapi_extra=OF_READING)
async def report(id: str, asked: ToReadReport, request: Request) -> Response:
    """The measures of one locality's team in one period, such as `northgate.2026-05`."""
    return team.single(await reading.report(place(request).desk, asked, id, _period), request)


def _period(text: str) -> tuple[date, date]:
    """The first and the last day of it."""
    try:
        low, high = span(text)
    except (ValueError, OverflowError):
        raise NotUnderstood(_PERIOD) from None
    if "T" in text:
        raise NotUnderstood(_PERIOD)
    return london_date(low), london_date(high - timedelta(microseconds=1))
