"""The session as programs ask of it: `/session`."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Body, Depends, Request, Response
from pydantic import BaseModel, ConfigDict

from app.asking.caller_first import CallerFirst
from app.asking.callers import EVERYONE, Browsing, BySession, place
from app.asking.never_kept import NEVER_KEPT
from app.asking.session_cookie import give, held_by, take_back
from app.errors import DomainError
from app.identity.sessions.session import Cookie, Session
from app.web.frame.answers import Json, json

router = APIRouter(prefix="/session", route_class=CallerFirst, tags=["session"])

InSession = Annotated[Browsing, Depends(BySession())]


class NotTheirRole(DomainError):
    """Somebody chose a role that they do not hold."""


class Chosen(BaseModel):
    """One of the positions, by its place in the list."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    position: int


@router.get("")
async def who_am_i(request: Request, browsing: InSession) -> Response:
    """`{name, positions: [{role, organisation}], chosen, ends, idle_seconds, csrf}`; `chosen` is an index, or null."""
    return _told(request, browsing.held, browsing.session)


@router.get("/remaining", dependencies=[Depends(EVERYONE)])
async def remaining(request: Request) -> Response:
    """`{seconds}` until the session ends if it is not used; to look does not use it. 0 for whoever has none."""
    held = held_by(request)
    left = await place(request).sessions.remaining(held, at=datetime.now(UTC)) if held else timedelta()
    return json({"seconds": int(left.total_seconds())})


@router.post("/role")
async def choose_role(request: Request, browsing: InSession, chosen: Annotated[Chosen, Body()]) -> Response:
    """The same, in the chosen role; the cookie and `csrf` are new."""
    done = await place(request).sessions.choose(browsing.held, browsing.session, chosen.position, at=datetime.now(UTC))
    if done is None:
        raise NotTheirRole("choose one of your own roles, by its place in `positions`")
    answer = _told(request, *done)
    give(request, answer, done[0])
    return answer


@router.post("/end", status_code=204)
async def end(request: Request, browsing: InSession) -> Response:
    """Sign out."""
    await place(request).sessions.end(browsing.held, browsing.session, at=datetime.now(UTC))
    answer = Response(status_code=204, headers=dict(NEVER_KEPT))
    take_back(request, answer)
    return answer


def _told(request: Request, held: Cookie, session: Session) -> Response:
    owner = session.signed_in
    told: dict[str, Any] = {
        "name": owner.name,
        "positions": [{"role": one.role, "organisation": one.organisation} for one in owner.positions],
        "chosen": session.chosen,
        "ends": session.ends,
        "idle_seconds": int(place(request).sessions.limits.idle.total_seconds()),
        "csrf": held.form_token,
    }
    return Json(orjson.dumps(told, option=orjson.OPT_PASSTHROUGH_SUBCLASS, default=str))
