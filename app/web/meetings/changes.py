"""Following a meeting: server-sent events that say that something changed, and never what or about whom.

Whoever follows asks for their page again, which decides anew what they may see. Each time, and each quarter of a minute
besides, whether they may still follow is looked up: signing out, another role, an invitation that ends, on whichever
worker, ends it.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import structlog
from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from app.asking.callers import Caller, still_calls
from app.database.transactions import DATABASE_ERRORS
from app.mdt.reading import taking_part
from app.mdt.reading.followers import Followers
from app.mdt.workflow.refusal import unless_refused
from app.web.frame.layout import HEADERS
from app.web.frame.nothing import nothing
from app.web.meetings.at_meeting import AtMeeting, Here

router = APIRouter(include_in_schema=False)

_log = structlog.get_logger()

_LOOK_AGAIN: Final = 15.0  # seconds: also as long as a connection that is gone may go unnoticed
_MEDIA_TYPE: Final = "text/event-stream"
_HERE: Final = b"event: here\ndata:\n\n"  # by which a screen knows that it would hear
_OVER: Final = b"event: over\ndata:\n\n"
_LATER: Final = b"retry: 60000\n\n"  # a browser comes again by itself, in three seconds unless it is told when


@router.get("/meetings/{meeting_id}/changes")
async def changes(request: Request, here: Here) -> Response:
    """An event for each change: its data is a stamp, which the pages of the meeting bear too."""
    if await _stamp(here) is None:
        return nothing(here.looking)
    headers = dict(HEADERS) | {"x-accel-buffering": "no"}  # a proxy that waited for more would keep it
    return StreamingResponse(told(request, here), headers=headers, media_type=_MEDIA_TYPE)


async def told(request: Request, here: AtMeeting) -> AsyncGenerator[bytes]:
    """What whoever follows is sent, until it is over."""
    caller = Caller(here.looking.asked.requester, form_token=here.looking.form_token)
    followers: Followers = request.app.state.followers
    session = caller.requester.session or caller.requester.subject
    if not followers.takes(session):
        _log.warning("more screens follow meetings than may, of one session or of all")
        yield _LATER
        return
    before = None
    with (
        followers.following(here.id, session) as woken,
        suppress(*DATABASE_ERRORS),
    ):  # whoever follows comes again by themselves
        while not followers.closed:
            woken.clear()
            async with followers.turns:
                stamp = await _stamp(here) if await still_calls(request, caller, datetime.now(UTC)) else None
            if stamp is None:
                yield _OVER
                return
            yield _HERE if stamp == before else f"data: {stamp}\n\n".encode()
            before = stamp
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), _LOOK_AGAIN)


async def _stamp(here: AtMeeting) -> str | None:
    """How the meeting stands for them; `None` where it is none of their business, or no longer."""
    asked = replace(here.inquiry(), at=datetime.now(UTC))
    return await unless_refused(here.desk.ask(asked, lambda office: taking_part.stamp(office, here.id)))
