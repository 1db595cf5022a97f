"""Signing in with a provider, and what a provider tells when somebody signs out there: `/sign-in/…`."""

from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from app.asking.callers import EVERYONE, place
from app.asking.never_kept import NEVER_KEPT
from app.asking.session_cookie import cookie_name, is_secure
from app.identity.providers.provider import Provider
from app.sign_in.openid import BACK, OpenIdSignIn, Pending
from app.web.frame.filled_in.forms import NoForm, form
from app.web.frame.onward import onward
from app.web.sign_in.pages import go_to
from app.web.sign_in.routes import signed_in, start_page

router = APIRouter(include_in_schema=False, dependencies=[Depends(EVERYONE)])

NOT_SIGNED_IN: Final = "You were not signed in. Try again; if it keeps happening, tell whoever looks after this place."
_SECONDS: Final = 600
_NOT_BELIEVED: Final = b'{"error":"invalid_request"}'


@router.get("/sign-in/with/{provider_id}")
async def to_provider(request: Request, provider_id: str, then: str = "") -> Response:
    """Off to the provider, to come back to where somebody wanted to go."""
    openid, provider = _named(request, provider_id)
    begun = await openid.begin(provider, onward(then), at=datetime.now(UTC)) if openid and provider else None
    if begun is None:
        return start_page(request, then, error=NOT_SIGNED_IN)
    address, pending = begun
    answer = go_to(address)
    name, secure = cookie_name(request, "sign-in"), is_secure(request)
    answer.set_cookie(name, pending.written(), _SECONDS, path="/", secure=secure, httponly=True, samesite="lax")
    return answer


@router.get(BACK + "{provider_id}")
async def back(request: Request, provider_id: str) -> Response:
    """Signed in, or the one answer to whatever was wrong."""
    openid, provider = _named(request, provider_id)
    name = cookie_name(request, "sign-in")
    pending = Pending.read(request.cookies.get(name, ""))
    said = dict(request.query_params)
    found = await openid.finish(provider, pending, said, at=datetime.now(UTC)) if openid and provider else None
    if found is None or pending is None:
        answer: Response = start_page(request, pending.then if pending else "", error=NOT_SIGNED_IN)
    else:
        answer = await signed_in(request, found, pending.then)
    answer.delete_cookie(name, path="/", secure=is_secure(request), httponly=True, samesite="lax")
    return answer


@router.get("/sign-in/out/{provider_id}")
async def out_of_provider(request: Request, provider_id: str) -> Response:
    """Off to the provider, to sign out there too."""
    openid, provider = _named(request, provider_id)
    address = await openid.way_out(provider, at=datetime.now(UTC)) if openid and provider else None
    return go_to(address or "/sign-in")


@router.post("/sign-in/ended/{provider_id}")
async def ended(request: Request, provider_id: str) -> Response:
    """Back-channel logout: whoever signed out at the provider is signed out here."""
    openid, provider = _named(request, provider_id)
    at = datetime.now(UTC)
    try:
        token = (await form(request)).get("logout_token", "")
    except NoForm:
        token = ""
    out = await openid.signed_out(provider, token, at=at) if openid and provider else None
    if out is None or provider is None:
        return Response(_NOT_BELIEVED, 400, NEVER_KEPT, media_type="application/json")
    await place(request).sessions.end_for_provider(
        provider.issuer, subject=out.subject, provider_session=out.provider_session, at=at
    )
    return Response(status_code=200, headers=NEVER_KEPT)


def _named(request: Request, provider_id: str) -> tuple[OpenIdSignIn | None, Provider | None]:
    openid = place(request).openid
    return openid, openid.providers.get(provider_id) if openid else None
