"""What partners' systems ask most, as plain routes: what FastAPI would do for them costs half of the whole.

FastAPI's own routes of the same functions stand behind them, and describe them.
"""

from typing import Final

from fastapi import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from app.asking.callers import states
from app.asking.inquiry import purpose_of, shared_record
from app.fhir.answers import compressed
from app.fhir.asking import PREFIX, FhirAskedBy
from app.fhir.operation_routes import FOR_EVERYTHING, everything
from app.fhir.push.routes import SENDERS, bundle
from app.fhir.routes import search_by_form
from app.record.inquiry import Inquiry

_TO_FIND: Final = FhirAskedBy("s", "Patient")


@states(FOR_EVERYTHING.callers)
async def everything_at_once(request: Request) -> ASGIApp:
    """`Patient/{id}/$everything`."""
    asked = await _asked(FOR_EVERYTHING, request)
    answer = await everything(request.path_params["person_id"], asked, await shared_record(request), request)
    return compressed(answer, request)


@states(_TO_FIND.callers)
async def find(request: Request) -> ASGIApp:
    """`Patient/_search`, by a form."""
    asked, record = await _asked(_TO_FIND, request), await shared_record(request)
    answer = await search_by_form("Patient", asked, record, request, request.headers.get("prefer", ""))
    return compressed(answer, request)


@states(SENDERS)
async def take_bundle(request: Request) -> ASGIApp:
    """A bundle that is pushed."""
    return compressed(await bundle(await SENDERS(request), request), request)


async def _asked(by: FhirAskedBy, request: Request) -> Inquiry:
    return await by(request, purpose_of(request), request.headers.get("purpose-of-use", ""))


hottest: Final = (
    Route(f"{PREFIX}/Patient/_search", find, methods=["POST"]),
    Route(f"{PREFIX}/Patient/{{person_id}}/$everything", everything_at_once, methods=["GET"]),
    Route(PREFIX, take_bundle, methods=["POST"]),
)
