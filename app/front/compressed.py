"""gzip, where it cannot betray: compression shows by its length whether what others chose stands beside a secret.

The FHIR door answers holders of tokens, whom no other site can make ask. A browser says which site made it ask
(`Sec-Fetch-Site`); a page is compressed where that was the person or the page before, and never for another site.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.fhir.answers import in_gzip
from app.fhir.asking import PREFIX


class Compressed:
    """ASGI middleware that compresses for clients that ask so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._gzip = app, in_gzip(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        safe = scope["type"] == "http" and (scope["path"].startswith(PREFIX) or _nobody_else_asked(scope))
        await (self._gzip if safe else self._app)(scope, receive, send)


def _nobody_else_asked(scope: Scope) -> bool:
    return Headers(scope=scope).get("sec-fetch-site") in ("same-origin", "none")
