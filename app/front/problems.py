"""What is answered where something is wrong, to people and programs, by whichever door they came."""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
import psycopg
import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from psycopg.errors import LockNotAvailable
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import DataError, SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.asking.callers import NoRole, NotForThem, NotSignedIn
from app.asking.never_kept import NEVER_KEPT
from app.asking.session_cookie import NotFromHere
from app.audit.chain_store import BrokenTrail
from app.audit.trail import NotRecorded
from app.errors import DomainError
from app.fhir import routes as fhir
from app.fhir.answers import refused as refused_as_fhir
from app.fhir.read.cursor import StaleCursor
from app.intake.pushing.pushed import Busy
from app.mdt.workflow.refusal import Refused
from app.web.api.mdt import refused as refused_as_json
from app.web.frame.nothing import nothing
from app.web.frame.onward import with_then
from app.web.frame.problem import is_for_a_page, problem
from app.web.frame.viewing import Viewing
from app.web.sign_in.kept import keep_typing
from app.web.sign_in.pages import go_to

_log = structlog.get_logger()

_STATUS: Final[Mapping[type[Exception], int]] = {
    NotSignedIn: 401,
    NotForThem: 403,
    StaleCursor: 410,
    NoRole: 403,
    NotFromHere: 403,
    NotRecorded: 503,
    BrokenTrail: 503,
    Busy: 503,
}
_UNREADABLE: Final = "There was an error parsing the body"  # FastAPI's own words
_HTTP_ISSUE: Final = {
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    410: "expired",
    413: "too-long",
    415: "not-supported",
    500: "exception",
    503: "transient",
}


async def _domain_error(request: Request, error: Exception) -> Response:
    return _told(request, _STATUS.get(type(error), 400), str(error))


async def _sign_in_first(request: Request, error: Exception) -> Response:
    """Whoever opens a page is led to where they sign in, or choose a role, and back; programs are told."""
    if not is_for_a_page(request):
        return await _domain_error(request, error)
    if request.method != "GET":
        kept = await keep_typing(request) if isinstance(error, NotSignedIn) else None
        return go_to(with_then("/sign-in", kept)) if kept else await _not_kept(request, error)
    sought = f"{request.url.path}?{request.url.query}".removesuffix("?")
    return go_to(with_then("/sign-in" if isinstance(error, NotSignedIn) else "/sign-in/role", sought))


async def _not_kept(request: Request, error: Exception) -> Response:
    """What somebody sent after they were signed out and which could not be kept for them."""
    if isinstance(error, NotSignedIn):
        return problem(
            HTTPStatus.UNAUTHORIZED, "you are signed out, and what you sent was not saved; sign in and send it anew"
        )
    return await _domain_error(request, error)


async def _refused(request: Request, error: Exception) -> Response:
    """What is none of their business, or cannot be: each door says so in its own way."""
    assert isinstance(error, Refused)  # noqa: S101  # as registered
    looking: Viewing | None = getattr(request.state, "looking", None)
    if looking is not None:
        return nothing(looking)
    if request.url.path.startswith(fhir.PREFIX):
        return refused_as_fhir(error.refusal)
    return refused_as_json(error.refusal)


async def _unfit_to_keep(request: Request, error: Exception) -> Response:
    """A value that no column takes, such as a NUL, which was sent where no form had looked for it."""
    _log.warning("a value cannot be kept", failure=type(error).__name__)
    return _told(request, 422, "what was sent holds a character that is no text; type it anew")


async def _out_of_reach(request: Request, error: Exception) -> Response:
    if isinstance(getattr(error, "orig", error), LockNotAvailable):
        _log.warning("somebody waited for a lock in vain")
        return _told(
            request, 503, "this is being changed just now, perhaps by a large file; try again in a few minutes"
        )
    _log.error("database failed", exc_info=error)
    return _told(request, 503, "the records cannot be reached just now; nothing was disclosed, try again in a minute")


async def _broken(request: Request, _error: Exception) -> Response:
    """What nobody foresaw: whoever serves is told with its traceback, whoever asked that it is no fault of theirs."""
    return _told(
        request,
        500,
        "this went wrong here, and not by what you did; try again, and tell whoever looks after the service",
    )


async def _not_understood(request: Request, error: Exception) -> Response:
    """Names what is wrong, never what was sent."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  # as registered
    if is_for_a_page(request):
        return problem(404, "there is no such page, or what was sent cannot be read; go back and try again")
    places = sorted({".".join(str(part) for part in one["loc"]) for one in error.errors()})
    return _told(request, 422, f"cannot be understood: {', '.join(places)}")


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # as registered
    plain = error.detail == HTTPStatus(error.status_code).phrase  # Starlette's own words, which are no sentence of ours
    if plain and error.status_code == HTTPStatus.NOT_FOUND and is_for_a_page(request):
        return problem(error.status_code, "if you typed or pasted the address, check that all of it is there")
    if error.detail == _UNREADABLE:
        return _told(request, error.status_code, "what was sent cannot be read; send it in UTF-8, and not compressed")
    answer = _told(request, error.status_code, error.detail.lower() if plain else error.detail)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["allow"] = ", ".join(_methods(request))
    return answer


def _methods(request: Request) -> Iterator[str]:
    """Those that are taken at an address, as each of its routes knows of its own alone."""
    routes = request.scope["router"].routes
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        asked = dict(request.scope, method=method)
        if any(route.matches(asked)[0] is Match.FULL for route in routes):
            yield method


ERRORS: Final[dict[int | type[Exception], Callable[[Request, Exception], Coroutine[Any, Any, Response]]]] = {
    NotSignedIn: _sign_in_first,
    NoRole: _sign_in_first,
    Refused: _refused,
    DomainError: _domain_error,
    psycopg.DataError: _unfit_to_keep,
    DataError: _unfit_to_keep,
    psycopg.Error: _out_of_reach,
    SQLAlchemyError: _out_of_reach,
    PoolTimeout: _out_of_reach,
    RequestValidationError: _not_understood,
    HTTPException: _http_error,
    Exception: _broken,
}


def _told(request: Request, status: int, text: str) -> Response:
    if is_for_a_page(request):
        return problem(status, text)
    headers = NEVER_KEPT | ({"www-authenticate": "Bearer"} if status == 401 else {})
    if request.url.path.startswith(fhir.PREFIX):
        content = fhir.outcome("error", _HTTP_ISSUE.get(status, "invalid"), text)
        return Response(content, status, headers, media_type=fhir.MEDIA_TYPE)
    return Response(orjson.dumps({"error": text}), status, headers, media_type="application/json")
