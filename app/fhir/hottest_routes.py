"""What partners' systems ask most, as plain routes: what FastAPI would do for them costs half of the whole.

FastAPI's own routes of the same functions stand behind them, and describe them.
"""

from collections.abc import Sequence
from typing import Final

from fastapi import Request, Response
from starlette.middleware import Middleware
from starlette.routing import Route

from app.callers import states
from app.fhir.asking import PREFIX, FhirAskedBy
from app.fhir.operation_routes import FOR_EVERYTHING, everything
from app.fhir.pushing import SENDERS, bundle
from app.fhir.routes import search_by_form
from app.inquiry import shared_record
from app.record.access import Inquiry

_TO_FIND: Final = FhirAskedBy("s", "Patient")


@states(FOR_EVERYTHING.callers)
async def everything_at_once(request: Request) -> Response:
    """`Patient/{id}/$everything`."""
    asked = await _asked(FOR_EVERYTHING, request)
    return await everything(request.path_params["person_id"], asked, await shared_record(request), request)


@states(_TO_FIND.callers)
async def find(request: Request) -> Response:
    """`Patient/_search`, by a form."""
    asked, record = await _asked(_TO_FIND, request), await shared_record(request)
    return await search_by_form("Patient", asked, record, request, request.headers.get("prefer", ""))


@states(SENDERS)
async def take_bundle(request: Request) -> Response:
    """A bundle that is pushed."""
    return await bundle(await SENDERS(request), request)


async def _asked(by: FhirAskedBy, request: Request) -> Inquiry:
    return await by(request, request.query_params.get("purpose", ""), request.headers.get("purpose-of-use", ""))


def hottest(middleware: Sequence[Middleware] = ()) -> list[Route]:
    """All of them, within what all answers of the service go through."""
    return [
        Route(
            f"{PREFIX}/Patient/{{person_id}}/$everything", everything_at_once, methods=["GET"], middleware=middleware
        ),
        Route(f"{PREFIX}/Patient/_search", find, methods=["POST"], middleware=middleware),
        Route(PREFIX, take_bundle, methods=["POST"], middleware=middleware),
    ]
