"""Which of many routes can be meant is told by the first part of the address alone; only those are looked through.

A router asks each of its routes in turn, and a router within it twice: a quarter of what most pages took.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

_ANY = ""
"""What stands for every first part, where a route leaves it open, and for the root."""


class ByFirstSegment:
    """ASGI application that answers as a router does; its routes are those it has when it is first asked.

    A slash too many leads to the address without it, told as a path: a router would tell where it is reached too, and
    knows that from whoever asks alone, who may say what they like.
    """

    def __init__(self, router: APIRouter) -> None:
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        scope["router"] = self._router  # and not that of whoever stands before it
        await self.branch(scope).app(scope, receive, send)

    def branch(self, scope: Scope) -> APIRouter:
        """The router of all routes that can be meant, in their order."""
        if scope["type"] == "lifespan" or scope.get("root_path"):
            return self._router
        return self._branches.get(_first(scope["path"]), self._branches[_ANY])

    @cached_property
    def _branches(self) -> Mapping[str, APIRouter]:
        routes = [(route, frozenset(map(_first, _paths(route)))) for route in self._router.routes]
        firsts = frozenset[str]([_ANY]).union(*(of_route for _, of_route in routes))
        return {
            first: self._of([route for route, of_route in routes if not of_route.isdisjoint((first, _ANY))])
            for first in firsts
        }

    def _of(self, routes: list[BaseRoute]) -> APIRouter:
        return APIRouter(routes=routes, redirect_slashes=False, default=_led_on(routes, self._router.default))


def _led_on(routes: list[BaseRoute], nothing: ASGIApp) -> ASGIApp:
    """What leads from a path that ends with a slash to one of these routes, or answers that there is nothing."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].rstrip("/")
        led = dict(scope, path=path)
        if path == scope["path"] or not any(route.matches(led)[0] is not Match.NONE for route in routes):
            await nothing(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        await RedirectResponse(f"{quote(path)}?{query}".removesuffix("?"))(scope, receive, send)

    return answer


def _paths(route: BaseRoute) -> Iterator[str]:
    """Where a route stands, or all of those of a router within; somewhere, where it does not say."""
    within = getattr(route, "effective_route_contexts", None)
    for each in (route,) if within is None else within():
        stands = getattr(each, "starlette_route", None) or each
        yield getattr(stands, "path", "")


def _first(path: str) -> str:
    """The first part of a path; the same as of the root where it is none, or left open."""
    first = path[1:].partition("/")[0] if path.startswith("/") else _ANY
    return _ANY if "{" in first else first
