"""The service's bare address: on to the first page, which leads to signing in whoever has not."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from app.asking.callers import EVERYONE, states
from app.web.frame.onward import HOME


@states(EVERYONE)
async def welcome(_request: Request) -> RedirectResponse:
    """The same for everybody."""
    return RedirectResponse(HOME, 303)


welcome_routes: Final = [Route("/", welcome)]
