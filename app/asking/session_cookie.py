"""The cookie that a browser holds a session by, and what proves that a request came from our own pages."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from app.errors import DomainError
from app.identity.sessions.session import Cookie

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST = 128


class NotFromHere(DomainError):
    """Another site, or a page of ours from before signing in, sent this with somebody's cookie."""


def held_by(request: Request) -> Cookie | None:
    """What the browser holds, whether or not it opens anything."""
    secret = request.cookies.get(cookie_name(request), "")
    return Cookie(secret) if 0 < len(secret) <= _LONGEST else None


def give(request: Request, answer: Response, held: Cookie) -> None:
    """Let the browser hold a session, until it closes or the session ends."""
    answer.set_cookie(
        cookie_name(request), held.secret, path="/", secure=is_secure(request), httponly=True, samesite="lax"
    )


def take_back(request: Request, answer: Response) -> None:
    """Let the browser forget it."""
    answer.delete_cookie(cookie_name(request), path="/", secure=is_secure(request), httponly=True, samesite="lax")


async def demand_ours(request: Request, held: Cookie) -> None:
    """Raise `NotFromHere` for a request that changes something and was not sent by a page of this session.

    Its token comes in the header `X-CSRF-Token`, or in the field `csrf` of a form.
    """
    if request.method in _SAFE:
        return
    demand_same_site(request)
    token = request.headers.get("x-csrf-token") or (await request.form()).get("csrf")
    if not isinstance(token, str) or not held.brought(token):
        raise NotFromHere("this page is from before you signed in or changed role; go back, load it again, and repeat")


def demand_same_site(request: Request) -> None:
    """Raise `NotFromHere` for what a browser says another site sent, or does not say at all."""
    fetched_from = request.headers.get("sec-fetch-site")
    if fetched_from is not None:
        is_ours = fetched_from == "same-origin"
    else:  # a browser of before 2023
        is_ours = urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host", "-")
    if not is_ours:
        raise NotFromHere("this was sent from another site; open the page here, and repeat")


def is_secure(request: Request) -> bool:
    """Whether browsers reach this place by https: all but a demonstration on the machine itself."""
    address: str = request.app.state.place.address
    return address.startswith("https://")


def cookie_name(request: Request, of: str = "") -> str:
    """A name that browsers keep to this host and to https, where there is https."""
    name = f"pisano-{of}" if of else "pisano"
    return f"__Host-{name}" if is_secure(request) else name
