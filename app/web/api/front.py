"""The outermost application, which answers the service's hottest route before anything else is asked."""

from typing import Any

from starlette.applications import Starlette
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send


class Front(Starlette):
    """Starlette with one plain route that is answered without its middleware and its router.

    Those would take a fifth of a view's time. What the route's function raises is told as theirs is, and it stands
    among the routes, which answer whatever is no GET.
    """

    def __init__(self, hottest: Route, **options: Any) -> None:
        super().__init__(routes=[hottest], **options)
        self._hottest = hottest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the hottest route here, and all else as Starlette does."""
        asked = scope["type"] == "http" and scope["method"] == "GET" and self._hottest.path_regex.match(scope["path"])
        if not asked:
            await super().__call__(scope, receive, send)
            return
        convertors = self._hottest.param_convertors
        scope["app"], scope["route"] = self, self._hottest
        scope["path_params"] = {name: convertors[name].convert(said) for name, said in asked.groupdict().items()}
        try:
            answer: ASGIApp = await self._hottest.endpoint(Request(scope, receive))
        except Exception as error:
            answer = ServerErrorMiddleware(ExceptionMiddleware(_raising(error), handlers=self.exception_handlers))
        await answer(scope, receive, send)


def _raising(error: Exception) -> ASGIApp:
    async def fail(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise error

    return fail
