"""The outermost application, which answers the service's hottest routes before anything else is asked."""

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send


class Front(Starlette):
    """Starlette with a few plain routes that are answered without its middleware and its router.

    Those would take a fifth of a view's time. What a route's function raises is told as theirs is, and each stands
    among the routes, which answer whatever else is asked of its address.
    """

    def __init__(self, hottest: Sequence[Route], **options: Any) -> None:
        super().__init__(routes=hottest, **options)
        self._foreseen = {kind: how for kind, how in self.exception_handlers.items() if kind is not Exception}
        self._hottest = [
            (method, route.path_regex, route) for route in hottest for method in (route.methods or set()) - {"HEAD"}
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the hottest routes here, and all else as Starlette does."""
        route = self._routed(scope) if scope["type"] == "http" else None
        if route is None:
            await super().__call__(scope, receive, send)
            return
        try:
            answer: ASGIApp = await route.endpoint(Request(scope, receive))
        except Exception as error:
            told = ExceptionMiddleware(_raising(error), handlers=self._foreseen)
            answer = ServerErrorMiddleware(told, handler=self.exception_handlers.get(Exception))
        await answer(scope, receive, send)

    def _routed(self, scope: Scope) -> Route | None:
        """The hottest route that is asked for, if one is; the scope then tells of it what the router would."""
        method, path = scope["method"], scope["path"]
        for of_method, pattern, route in self._hottest:
            if of_method == method and (asked := pattern.match(path)):
                named = asked.groupdict()
                scope["app"], scope["route"] = self, route
                scope["path_params"] = {name: route.param_convertors[name].convert(named[name]) for name in named}
                return route
        return None


def _raising(error: Exception) -> ASGIApp:
    async def fail(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise error

    return fail
