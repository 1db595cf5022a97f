"""What is sent to be searched by: read within bounds, and never repeated."""

from typing import Final
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

from app.fhir.answers import MEDIA_TYPE
from app.fhir.read.matching import NotUnderstood
from app.fhir.read.search import Parameters

_MOST: Final = 64_000  # bytes
_FORM: Final = "application/x-www-form-urlencoded"


async def form(request: Request) -> Parameters:
    """The fields of a form, in their order; nothing where nothing is sent."""
    content = await _content(request)
    if content and _kind(request) != _FORM:
        raise HTTPException(415, f"send a form, as {_FORM}")
    try:
        return parse_qsl(content.decode(), keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError:
        raise NotUnderstood("the form cannot be read; send it in UTF-8, with few parameters") from None


async def json(request: Request) -> bytes:
    """A resource as JSON, not yet read."""
    if _kind(request) not in (MEDIA_TYPE, "application/json"):
        raise HTTPException(415, f"send JSON, as {MEDIA_TYPE}")
    return await _content(request)


async def _content(request: Request) -> bytes:
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > _MOST:
            raise HTTPException(413, "that is more than a search takes; ask for less at once")
    return content


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
