"""The JSON that pages are made of: `/api`."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import Field
from starlette.requests import Request
from starlette.routing import Route

from app.asking.caller_first import CallerFirst
from app.asking.callers import states
from app.asking.inquiry import Asked, Record, inquiry, purpose_of, refusals, shared_record
from app.person.find import Candidate, Criteria
from app.web.api.said import NotUnderstood, Said, number_of
from app.web.frame.answers import Json, json, refusal

router = APIRouter(
    prefix="/api/persons", route_class=CallerFirst, tags=["persons"], responses=refusals(400, 401, 403, 404, 422, 503)
)


class Lookup(Said):
    """Whom to look up: an NHS number in any spacing. It travels here, in the body, and never in a path."""

    nhs_number: str = Field(max_length=20)


class Search(Said):
    """Whom to search for: a family name, with a date of birth or a postcode."""

    family_name: str = Field(max_length=100)
    given_name: str | None = Field(default=None, max_length=100)
    birth_date: date | None = None
    postcode: str | None = Field(default=None, max_length=10)


@router.post("/lookup")
async def lookup(asked: Asked, record: Record, whom: Annotated[Lookup, Body()]) -> Response:
    """The opaque id of the person of an NHS number: `{id}`."""
    person_id = await record.finding.by_nhs_number(asked, number_of(whom.nhs_number))
    return json({"id": person_id}) if person_id else refusal()


@router.post("/search")
async def search(asked: Asked, record: Record, whom: Annotated[Search, Body()]) -> Response:
    """Who may be meant: `{candidates: [{id, family_name, given_names, birth_date, gender, postcode, partners}]}`."""
    try:
        criteria = Criteria(**whom.model_dump())
    except ValueError as error:
        raise NotUnderstood(str(error)) from None
    found = await record.finding.search(asked, criteria)
    return json({"candidates": [_candidate(one) for one in found]})


@states(inquiry.callers)
async def view(request: Request) -> Response:
    """The person's record, as the agreements let the requester see it.

    A plain route, as it is the service's hottest: what FastAPI would do for it costs a sixth of the whole.
    """
    asked = await inquiry(request, purpose_of(request))
    record = await shared_record(request)
    seen = await record.view(asked, request.path_params["person_id"])
    return Json(seen.json()) if seen else refusal()


hottest = Route("/api/persons/{person_id:uuid}", view)


def _candidate(one: Candidate) -> dict[str, Any]:
    return {
        "id": one.person_id,
        "family_name": one.family_name,
        "given_names": one.given_names,
        "birth_date": one.birth_date,
        "gender": one.gender,
        "postcode": one.postcode,
        "partners": one.partners,
    }
