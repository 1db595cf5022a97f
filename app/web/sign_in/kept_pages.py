"""The page on which somebody finds again what they were typing when their session ended."""

from typing import Final
from uuid import UUID

import httpx
from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse

from app.identity.sessions.store import KeptForm
from app.sharing.facts import account_of
from app.web.frame.filled_in.refilled import refilled
from app.web.frame.layout import HEADERS, environment, page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking

router = APIRouter(include_in_schema=False)

_MAIN: Final = 'id="maincontent">'


@router.get("/kept/{number}")
async def kept(number: UUID, request: Request, looking: Looking) -> Response:
    """Their form, filled in as it was; where it can no longer be had, what they had typed."""
    owner, at = account_of(looking.asked.requester), looking.asked.at
    typed = await looking.place.sessions.kept(number, owner, at=at)
    if typed is None:
        return nothing(looking)
    form = await _form(request, typed)
    if form is None:
        return page(
            "sign_in/kept.html", looking.context() | {"typed": [text for _, text in typed.fields if len(text) > 1]}
        )
    notice = environment().get_template("sign_in/_kept.html").render()
    return HTMLResponse(form.replace(_MAIN, _MAIN + notice, 1), headers=dict(HEADERS))


async def _form(request: Request, typed: KeptForm) -> str | None:
    """The page as this browser would be answered now, with the form filled in."""
    asking = {"accept": "text/html", "cookie": request.headers.get("cookie", "")}
    within = httpx.ASGITransport(app=request.app)
    async with httpx.AsyncClient(transport=within, base_url=str(request.base_url)) as itself:
        answer = await itself.get(typed.page, headers=asking)
    return (
        refilled(answer.text, typed.page, typed.action, typed.fields) if answer.status_code == httpx.codes.OK else None
    )
