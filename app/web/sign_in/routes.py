"""Signing in and out in a browser, without a script: `/sign-in`, `/sign-out`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from app.asking.callers import EVERYONE, Browsing, BySession, place
from app.asking.session_cookie import demand_same_site, give, held_by, take_back
from app.identity.passwords.rules import FEWEST_CHARACTERS
from app.identity.providers.provider import Provider
from app.identity.sessions.session import SignedIn
from app.sharing.names import names_of
from app.sign_in.local import LocalSignIn, NotLetIn, Objection
from app.web.frame.filled_in.forms import form
from app.web.frame.onward import OWN, onward, with_then
from app.web.sign_in.pages import go_to, page

router = APIRouter(include_in_schema=False)

REFUSED: Final = (
    "That name and password cannot be used to sign in now. Check both. After several wrong passwords, wait a while;"
    " then ask whoever looks after accounts."
)
_ASKED: Final[Mapping[str, str]] = {
    "username": "Enter the name that you sign in with",
    "password": "Enter your password",
    "current": "Enter the password that you have",
    "new": "Enter a new password",
    "again": "Enter the new password again",
}
_UNLIKE: Final = "The two new passwords are not the same."
_CHOOSE: Final = "Select one of your roles."

Open = Depends(EVERYONE)
InSession = Annotated[Browsing, Depends(BySession())]


@router.get("/sign-in", dependencies=[Open])
async def start(request: Request, then: str = "", out: str = "") -> Response:
    """By a provider, or by a password of this place's; `out` is the provider that somebody was signed in by."""
    return start_page(request, then, out=out)


@router.post("/sign-in", dependencies=[Open])
async def by_password(request: Request) -> Response:
    """In, or to the choice of a password of one's own, or the one refusal."""
    demand_same_site(request)
    sent = await form(request)
    local, username, then = place(request).local, _username(sent), sent.get("then", "")
    if local is None:
        return start_page(request, then)
    if missing := _left_empty(sent, "username", "password"):
        return start_page(request, then, username=username, missing=missing)
    found = await local.sign_in(username, sent.get("password", ""), at=datetime.now(UTC))
    if found is NotLetIn.MUST_CHANGE:
        return page("password", _asking_password(username) | {"must_change": True})
    if isinstance(found, NotLetIn):
        return start_page(request, then, username=username, error=REFUSED)
    return await signed_in(request, found, then)


@router.get("/sign-in/password", dependencies=[Open])
async def password(request: Request) -> Response:
    """The form by which somebody changes their password."""
    return page("password", _asking_password("")) if place(request).local else start_page(request, "")


@router.post("/sign-in/password", dependencies=[Open])
async def change_password(request: Request) -> Response:
    """Signed in with the new password, or why not."""
    demand_same_site(request)
    local, sent = place(request).local, await form(request)
    if local is None:
        return start_page(request, "")
    username = _username(sent)
    if missing := _left_empty(sent, "username", "current", "new", "again"):
        return page("password", _asking_password(username) | {"missing": missing}, status=400)
    found = await _changed(local, username, sent)
    if isinstance(found, str):
        return page("password", _asking_password(username) | {"error": found}, status=400)
    return await signed_in(request, found, "")


@router.get("/sign-in/role")
async def roles(request: Request, browsing: InSession, then: str = "") -> Response:
    """The roles of whoever is signed in."""
    return _roles(request, browsing, then)


@router.post("/sign-in/role")
async def choose(request: Request, browsing: InSession) -> Response:
    """On in the chosen role, which is a new session to the browser."""
    sent = {name: str(value) for name, value in (await request.form()).items()}
    at, position, then = datetime.now(UTC), sent.get("position", ""), sent.get("then", "")
    number = int(position) if position.isascii() and position.isdigit() and len(position) < 4 else -1
    chosen = await place(request).sessions.choose(browsing.held, browsing.session, number, at=at)
    if chosen is None:
        return _roles(request, browsing, then, error=_CHOOSE)
    answer = go_to(onward(then))
    give(request, answer, chosen[0])
    return answer


@router.post("/sign-out")
async def sign_out(request: Request, browsing: InSession) -> Response:
    """Out, and back to the first page of signing in."""
    return await signed_out(request, browsing)


async def signed_out(request: Request, browsing: Browsing) -> Response:
    """End the session, and lead back to the first page of signing in, with the way out of the provider."""
    await place(request).sessions.end(browsing.held, browsing.session, at=datetime.now(UTC))
    openid = place(request).openid
    provider = openid.of_issuer(browsing.session.signed_in.issuer) if openid else None
    answer = go_to(f"/sign-in?out={provider.id}" if provider else "/sign-in")
    take_back(request, answer)
    return answer


async def signed_in(request: Request, who: SignedIn, then: str) -> Response:
    """Begin a session, and lead on: to the choice of a role where there is one to make."""
    at = datetime.now(UTC)
    held, session = await place(request).sessions.start(who, at=at, instead_of=held_by(request))
    if who.for_themselves:
        then = OWN
    answer = go_to(onward(then) if session.position or who.for_themselves else with_then("/sign-in/role", then))
    give(request, answer, held)
    return answer


async def _changed(local: LocalSignIn, username: str, sent: Mapping[str, str]) -> SignedIn | str:
    """Whoever changed their password, or why they did not."""
    new = sent.get("new", "")
    if new != sent.get("again", ""):
        return _UNLIKE
    found = await local.change_password(username, sent.get("current", ""), new, at=datetime.now(UTC))
    if isinstance(found, Objection):
        return f"The new password is not allowed: {found.text}."
    return REFUSED if isinstance(found, NotLetIn) else found


def _left_empty(sent: Mapping[str, str], *asked: str) -> dict[str, str]:
    """What to say of each field that was left empty: no guess at a password is counted for that."""
    typed = {**sent, "username": _username(sent)}
    return {name: _ASKED[name] for name in asked if not typed.get(name)}


def start_page(
    request: Request,
    then: str,
    *,
    username: str = "",
    error: str | None = None,
    missing: Mapping[str, str] | None = None,
    out: str = "",
) -> Response:
    """The first page of signing in, with what went wrong there."""
    openid = place(request).openid
    providers: Mapping[str, Provider] = openid.providers if openid else {}
    context = {
        "by_password": place(request).local is not None,
        "providers": providers.values(),
        "signed_out": providers.get(out),
        "then": onward(then),
        "then_query": with_then("", then),
        "username": username,
        "error": error,
        "missing": missing,
    }
    return page("start", context, status=400 if error or missing else 200)


def _roles(request: Request, browsing: Browsing, then: str, *, error: str | None = None) -> Response:
    owner, names = browsing.session.signed_in, names_of(place(request).agreements)
    context = {
        "positions": [(names.role(one.role), names.partner(one.organisation)) for one in owner.positions],
        "chosen": browsing.session.chosen,
        "name": owner.name,
        "csrf": browsing.held.form_token,
        "then": onward(then),
        "error": error,
    }
    return page("role", context, status=400 if error else 200)


def _asking_password(username: str) -> dict[str, object]:
    return {"username": username, "fewest": FEWEST_CHARACTERS, "must_change": False}


def _username(sent: Mapping[str, str]) -> str:
    """As names are kept, however it was typed."""
    return sent.get("username", "").strip().lower()
