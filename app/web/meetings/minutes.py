"""The minutes: drafted, signed, opened again with a reason; what concerns one person stands in their own extract."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from app.mdt.packs import minutes as paper
from app.mdt.reading.minutes import signed_minutes
from app.mdt.workflow.refusal import Refusal
from app.web.frame.filled_in.typed import fields, nested
from app.web.frame.layout import HEADERS
from app.web.frame.nothing import nothing
from app.web.meetings.at_meeting import AtMeeting, Here

router = APIRouter(include_in_schema=False)

_EVENTS: Final = ("draft-minutes", "sign", "reopen-minutes")
_LABELS: Final = {
    "reason": ("Why they are opened again", "reason"),
    "learning": ("Learning", "learning"),
    "apologies": ("Apologies", "apologies"),
}


@router.get("/meetings/{meeting_id}/minutes")
async def minutes(here: Here) -> Response:
    """Who was there, what became of each person on the agenda, and the meeting's own minutes."""
    return await _minutes(here)


@router.get("/meetings/{meeting_id}/minutes.pdf")
async def printed(here: Here) -> Response:
    """The same to print, with the reader's name across each page; the trail tells of it as leaving on paper."""
    told = await paper.minutes(here.desk, here.inquiry(), here.id)
    return Response(await asyncio.to_thread(paper.as_pdf, told), headers=dict(HEADERS), media_type="application/pdf")


@router.post("/meetings/{meeting_id}/minutes/{event}")
async def write(event: str, here: Here, request: Request) -> Response:
    """Draft them, sign them, or open them again; what stands beside the signature is what is signed."""
    if event not in _EVENTS:
        return nothing(here.looking)
    typed = dict(fields(await request.form()))
    said = nested(typed.items())
    if event == "draft-minutes" or "learning" in typed:
        apologies = [line.strip() for line in typed.get("apologies", "").splitlines() if line.strip()]
        drafted: Any = await here.take("meetings", "draft-minutes", here.id, said | {"apologies": apologies})
        if isinstance(drafted, Refusal):
            return await _minutes(here, refused=drafted, typed=typed)
        said = {"version": drafted.version}
    if event != "draft-minutes":
        told = await here.take("meetings", event, here.id, said)
        if isinstance(told, Refusal):
            return await _minutes(here, refused=told, typed=typed)
    return here.back("minutes")


async def _minutes(
    here: AtMeeting, *, refused: Refusal | None = None, typed: Mapping[str, str] | None = None
) -> Response:
    told = await here.whole()
    signed: Any = await signed_minutes(here.desk, here.inquiry(), here.id)
    return here.show(
        "meetings/minutes.html",
        told,
        refused=refused,
        labels=_LABELS,
        tab="Minutes",
        signed=signed,
        attended=paper.ATTENDED,
        typed=typed or {},
        typed_stays=bool(refused),
    )
