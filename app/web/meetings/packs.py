"""The pack of a meeting, to read and to print."""

import asyncio

from fastapi import APIRouter, Response

from app.mdt.packs.pack import pack
from app.mdt.packs.paper import as_pdf, as_said
from app.web.frame.layout import HEADERS
from app.web.meetings.at_meeting import Here

router = APIRouter(include_in_schema=False)


@router.get("/meetings/{meeting_id}/pack")
async def read(here: Here) -> Response:
    """A page for each person, as the agreement lets the reader see them."""
    meeting = await here.whole()
    told = await pack(here.desk, here.inquiry(), here.id)
    return here.show("meetings/pack.html", meeting, tab="Pack", pack=as_said(told))


@router.get("/meetings/{meeting_id}/pack.pdf")
async def printed(here: Here, whole: bool = False) -> Response:
    """The same to print, with the reader's name across each page; the trail tells of it as leaving on paper.

    A leaf for each person; `whole`, with all that the record holds behind it.
    """
    told = await pack(here.desk, here.inquiry(), here.id, on_paper=True)
    return Response(
        await asyncio.to_thread(as_pdf, told, whole=whole), headers=dict(HEADERS), media_type="application/pdf"
    )
