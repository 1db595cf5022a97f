"""What somebody was typing when their session ended: kept for them, so that they find it again once they sign in."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from app.asking.callers import place
from app.asking.session_cookie import NotFromHere, demand_same_site, held_by
from app.web.frame.onward import onward

_FORM: Final = "application/x-www-form-urlencoded"
_MOST_CHARACTERS: Final = 100_000


async def keep_typing(request: Request) -> str | None:
    """Where it is found again; `None` for what no form of that session sent, and for what was sent to no page."""
    held = held_by(request)
    if held is None or not request.headers.get("content-type", "").startswith(_FORM):
        return None
    fields = [(name, value) for name, value in (await request.form()).multi_items() if isinstance(value, str)]
    try:
        demand_same_site(request)
    except NotFromHere:
        return None
    token = next((value for name, value in fields if name == "csrf"), "")
    typed = [(name, value) for name, value in fields if name != "csrf"]
    if not held.brought(token) or sum(len(name) + len(value) for name, value in typed) > _MOST_CHARACTERS:
        return None
    action = onward(f"{request.url.path}?{request.url.query}".removesuffix("?"))
    kept = await place(request).sessions.keep(held, _page(request, action), action, typed, at=datetime.now(UTC))
    return f"/kept/{kept}" if kept else None


def _page(request: Request, action: str) -> str:
    """The page on which it was typed, as the browser tells it; else where it was sent."""
    told = urlsplit(request.headers.get("referer", ""))
    return onward(f"{told.path}?{told.query}".removesuffix("?")) if told.netloc == request.url.netloc else action
