"""The service: composed here, and nothing else."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache

from fastapi import FastAPI
from prometheus_client import Metric
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from app.asking.callers import EVERYONE, states
from app.fhir.doors import ROUTERS as FHIR
from app.fhir.hottest_routes import hottest as hottest_of_fhir
from app.fhir.push.filers import Filers, filers
from app.fhir.read.cursor import cursors
from app.front.bounded import Bounded
from app.front.compressed import Compressed
from app.front.first_segment import ByFirstSegment
from app.front.hottest import Front
from app.front.problems import ERRORS
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
from app.web.doors import ROUTERS as WEB
from app.web.frame.static import make_ready, static_routes
from app.web.frame.welcome import welcome_routes


@cache
def _doors() -> tuple[BaseRoute, ...]:
    """The routes of all doors, in their order; to work out what each takes is a third of a second, once a process."""
    apart = FastAPI(openapi_url=None)
    for door in (*WEB, *FHIR):
        apart.include_router(door)
    return tuple(apart.router.routes)


def create_app(
    settings: Settings, url: str, followers: Followers | None = None, *, processes: int = 1, push_processes: int = 0
) -> ASGIApp:
    """The service of a place, on the database at `url`; raises `NoAssets` where its pages could not be shown.

    It is one of so many processes that answer, and what is pushed is filed in so many beside it, or in its own. Whoever
    serves it closes `followers` before it waits for answers to end: theirs would go on.
    """
    make_ready()
    followers = followers or Followers(url)

    @asynccontextmanager
    async def lifespan(front: Starlette) -> AsyncIterator[None]:
        async with (
            open_place(settings, url, processes=processes) as place,
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

    api = FastAPI(title="Pisano", version="0.1.0", docs_url=None, redoc_url=None, exception_handlers=ERRORS)
    api.add_middleware(Compressed)
    api.add_middleware(Bounded)
    health = health_routes({"database": database, "filing": filing}, {"mail": why_mail_waits(settings)})
    open_to_all = [*health, metrics_route(gauges)]
    for route in [*open_to_all, *api.router.routes]:  # the last is what describes the others
        states(EVERYONE)(route.endpoint)  # type: ignore[attr-defined]  # all of them are plain routes
    api.router.routes += [*welcome_routes, *static_routes, *open_to_all]
    api.router.routes += _doors()
    api.router.middleware_stack = ByFirstSegment(api.router)
    front = Front([api_routes.hottest, *hottest_of_fhir], exception_handlers=ERRORS, lifespan=lifespan)
    front.router.default = api  # all but the hottest, which would pay for what it does not use
    front.router.redirect_slashes = False  # that is for whoever answers the rest to say
    api.state = front.state
    return Measured(front)
