"""Forms as browsers and OAuth clients send them, read within bounds."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

from app.errors import DomainError

_MOST_BYTES: Final = 16 * 1024
_MOST_FIELDS: Final = 20
_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"


class NoForm(DomainError):
    """What was sent is no form, is too long, or names a field twice."""


async def form(request: Request) -> Mapping[str, str]:
    """The fields of a form; raises `NoForm`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _MEDIA_TYPE:
        raise NoForm(f"send a form, as {_MEDIA_TYPE}")
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > _MOST_BYTES:
            raise NoForm("the form is too long")
    try:
        fields = parse_qsl(content.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise NoForm("the form cannot be read") from None
    if len(dict(fields)) < len(fields):
        raise NoForm("the form names a field twice")
    return dict(fields)
