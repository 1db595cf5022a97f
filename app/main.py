"""The service: composed here, and nothing else."""

import gc
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

import orjson
import psycopg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client import Metric
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import DataError, SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from app.asking.callers import EVERYONE, NoRole, NotForThem, NotSignedIn, states
from app.asking.session_cookie import NotFromHere
from app.audit.store import BrokenTrail
from app.audit.trail import NotRecorded
from app.compressed import Compressed
from app.errors import DomainError
from app.fhir import routes as fhir
from app.fhir.doors import ROUTERS as FHIR
from app.fhir.hottest_routes import hottest as hottest_of_fhir
from app.fhir.push.filers import Filers, filers
from app.fhir.read.cursor import StaleCursor, cursors
from app.first_segment import ByFirstSegment
from app.intake.pushed import Busy
from app.intake.quality.gauges import feed_gauges
from app.mdt.outbox import why_mail_waits
from app.mdt.reading.followers import Followers
from app.observability.health import database_obstacle, health_routes
from app.observability.metrics import Measured, metrics_route
from app.place import Place, open_place
from app.settings import Settings
from app.subscriptions.keys import signing_key
from app.subscriptions.subscribing import Subscribing
from app.web.api import routes as api_routes
from app.web.api.front import Front
from app.web.doors import ROUTERS as WEB
from app.web.frame.onward import with_then
from app.web.frame.problem import is_for_a_page, problem
from app.web.frame.static import make_ready, static_routes
from app.web.frame.welcome import welcome_routes
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
_HTTP_ISSUE: Final = {
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    410: "expired",
    413: "too-long",
    415: "not-supported",
    503: "transient",
}


def create_app(settings: Settings, url: str, followers: Followers | None = None, *, push_processes: int = 0) -> ASGIApp:
    """The service of a place, on the database at `url`; raises `NoAssets` where its pages could not be shown.

    What is pushed is filed in so many processes beside it, or in its own. Whoever serves it closes `followers` before
    it waits for answers to end: theirs would go on.
    """
    make_ready()
    followers = followers or Followers(url)

    @asynccontextmanager
    async def lifespan(front: Starlette) -> AsyncIterator[None]:
        async with (
            open_place(settings, url) as place,
            filers(settings, url, processes=push_processes) as front.state.filers,
        ):
            front.state.place, front.state.cursors, front.state.followers = place, cursors(settings), followers
            front.state.subscribing = Subscribing(
                place.writing, signing_key(settings), settings.subscription_hosts, settings.loopback_http
            )
            gc.freeze()  # what is loaded by now stays; to look through it again makes the slowest views slower
            try:
                yield
            finally:
                await followers.gone()

    async def database() -> str | None:
        place: Place = front.state.place
        return await database_obstacle(place.writing)

    async def filing() -> str | None:
        beside: Filers | None = front.state.filers
        return beside.obstacle() if beside else None

    async def gauges() -> list[Metric]:
        place: Place = front.state.place
        return await feed_gauges(place.filing, datetime.now(UTC))

    api = FastAPI(title="Pisano", version="0.1.0", docs_url=None, redoc_url=None, exception_handlers=_ERRORS)
    api.add_middleware(Compressed)
    health = health_routes({"database": database, "filing": filing}, {"mail": why_mail_waits(settings)})
    open_to_all = [*health, metrics_route(gauges)]
    for route in [*open_to_all, *api.router.routes]:  # the last is what describes the others
        states(EVERYONE)(route.endpoint)  # type: ignore[attr-defined]  # all of them are plain routes
    api.router.routes += [*welcome_routes, *static_routes, *open_to_all]
    for door in (*WEB, *FHIR):
        api.include_router(door)
    api.router.middleware_stack = ByFirstSegment(api.router)
    front = Front([api_routes.hottest, *hottest_of_fhir], exception_handlers=_ERRORS, lifespan=lifespan)
    front.router.default = api  # all but the hottest, which would pay for what it does not use
    front.router.redirect_slashes = False  # that is for whoever answers the rest to say
    api.state = front.state
    return Measured(front)


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


async def _unfit_to_keep(request: Request, error: Exception) -> Response:
    """A value that no column takes, such as a NUL, which was sent where no form had looked for it."""
    _log.warning("a value cannot be kept", failure=type(error).__name__)
    return _told(request, 422, "what was sent holds a character that is no text; type it anew")


async def _out_of_reach(request: Request, error: Exception) -> Response:
    _log.error("database failed", exc_info=error)
    return _told(request, 503, "the records cannot be reached just now; nothing was disclosed, try again in a minute")


async def _not_understood(request: Request, error: Exception) -> Response:
    """Names what is wrong, never what was sent."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  # as registered
    if is_for_a_page(request):
        return problem(404, "there is no such page, or its form cannot be understood; go back and try again")
    places = sorted({".".join(str(part) for part in one["loc"]) for one in error.errors()})
    return _told(request, 422, f"cannot be understood: {', '.join(places)}")


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # as registered
    plain = error.detail == HTTPStatus(error.status_code).phrase  # Starlette's own words, which are no sentence of ours
    if plain and error.status_code == HTTPStatus.NOT_FOUND and is_for_a_page(request):
        return problem(error.status_code, "if you typed or pasted the address, check that all of it is there")
    return _told(request, error.status_code, error.detail.lower() if plain else error.detail)


_ERRORS: Final[dict[int | type[Exception], Callable[[Request, Exception], Coroutine[Any, Any, Response]]]] = {
    NotSignedIn: _sign_in_first,
    NoRole: _sign_in_first,
    DomainError: _domain_error,
    psycopg.DataError: _unfit_to_keep,
    DataError: _unfit_to_keep,
    psycopg.Error: _out_of_reach,
    SQLAlchemyError: _out_of_reach,
    PoolTimeout: _out_of_reach,
    RequestValidationError: _not_understood,
    HTTPException: _http_error,
}


def _told(request: Request, status: int, text: str) -> Response:
    if is_for_a_page(request):
        return problem(status, text)
    headers = {"cache-control": "no-store"} | ({"www-authenticate": "Bearer"} if status == 401 else {})
    if request.url.path.startswith(fhir.PREFIX):
        content = fhir.outcome("error", _HTTP_ISSUE.get(status, "invalid"), text)
        return Response(content, status, headers, media_type=fhir.MEDIA_TYPE)
    return Response(orjson.dumps({"error": text}), status, headers, media_type="application/json")
