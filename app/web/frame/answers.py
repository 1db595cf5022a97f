"""Answers that are no pages: JSON and files, which no cache may keep."""

from typing import Final

import orjson
from starlette.responses import Response

from app.sharing.decision import REFUSAL

NEVER_KEPT: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
"""What stands with every answer: no cache keeps it, and no browser takes it for something else than it is."""

_NEVER_KEPT: Final = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-type", b"application/json"),
)


class Json(Response):
    """JSON as it was written; its headers are written at once, as Starlette would look for each."""

    def __init__(self, content: bytes, status: int = 200) -> None:
        self.body, self.status_code, self.background = content, status, None
        self.raw_headers = [*_NEVER_KEPT, (b"content-length", b"%d" % len(content))]


def json(told: object, status: int = 200) -> Response:
    """Something as JSON."""
    return Json(orjson.dumps(told), status)


def refusal() -> Response:
    """The one answer to `no such person`, `nothing permitted` and `not yours`."""
    return json({"error": REFUSAL}, 404)


def file(content: bytes | str, media_type: str) -> Response:
    """A file, to be read where it is."""
    return Response(content, headers=dict(NEVER_KEPT), media_type=media_type)
