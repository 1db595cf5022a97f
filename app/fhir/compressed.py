"""gzip, for this door alone: pages hold secrets beside what others may choose, which compression would betray."""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.fhir.asking import PREFIX

_SMALLEST = 1000  # bytes


class Compressed:
    """ASGI middleware that compresses what this door answers, for clients that ask so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._gzip = app, GZipMiddleware(app, minimum_size=_SMALLEST, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        ours = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        await (self._gzip if ours else self._app)(scope, receive, send)
