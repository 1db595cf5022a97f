"""How a service fares, request by request: an id that ties its log lines together, and figures for Prometheus.

A request is named by its method and the template of its path, `/api/persons/{person_id}`, never by the path.
"""

import os
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Histogram,
    Metric,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REQUEST_ID: Final = b"x-request-id"
_TOGETHER: Final = "PROMETHEUS_MULTIPROC_DIR"
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

SECONDS = Histogram("pisano_request_seconds", "From a request to its whole answer.", ("method", "route", "status"))

log = structlog.get_logger()


class Measured:
    """ASGI middleware, to be the outermost, that gives each request its id, counts it, times it and logs it.

    A caller's own `X-Request-Id` is kept where it is a UUID, which cannot hold a name or an NHS number.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; anything but HTTP passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        status = 500  # unless an answer begins

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (_REQUEST_ID, request_id.encode())]
            await send(message)

        began = time.perf_counter()
        structlog.contextvars.bind_contextvars(request=request_id)  # until the task of this request ends
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            _tell(scope, status, time.perf_counter() - began)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    method = scope["method"] if scope["method"] in _METHODS else "other"
    route = route_template(scope)
    _seconds(method, route, status).observe(seconds)
    log.info("request", method=method, route=route, status=status, milliseconds=round(seconds * 1000, 1))


@lru_cache(maxsize=1024)
def _seconds(method: str, route: str, status: int) -> Histogram:
    return SECONDS.labels(method, route, status)


def _request_id(scope: Scope) -> str:
    offered = next((value for name, value in scope["headers"] if name == _REQUEST_ID), b"")
    try:
        return str(UUID(offered.decode("latin-1")) if offered else uuid4())
    except ValueError:
        return str(uuid4())


def route_template(scope: Scope) -> str:
    """The template that the router matched, found by its function where a plain route stands within FastAPI."""
    matched, endpoint = scope.get("route"), scope.get("endpoint")
    if matched is None and endpoint is not None:
        matched = next((route for route in scope["app"].routes if getattr(route, "endpoint", None) is endpoint), None)
    return getattr(matched, "path", "unmatched")


def count_together(folder: Path, process: int) -> None:
    """Count for all processes that are told of the folder; before anything is counted.

    No two that run at once are of the same number; whoever comes after one that died counts on from where it was.
    """
    os.environ[_TOGETHER] = str(folder)
    values.ValueClass = values.MultiProcessValue(lambda: process)  # type: ignore[no-untyped-call]


def metrics_route(gauges: Callable[[], Awaitable[Iterable[Metric]]]) -> Route:
    """`GET /metrics`: the figures of all who count together and what `gauges` gathers, for the monitoring network."""

    async def metrics(_request: Request) -> Response:
        now = CollectorRegistry()
        now.register(_Gathered(await gauges()))
        counted = REGISTRY
        if together := os.environ.get(_TOGETHER):
            counted = CollectorRegistry()
            MultiProcessCollector(counted, together)  # type: ignore[no-untyped-call]
        return Response(generate_latest(counted) + generate_latest(now), headers={"content-type": CONTENT_TYPE_LATEST})

    return Route("/metrics", metrics)


class _Gathered(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics
