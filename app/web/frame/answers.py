"""Answers that are no pages: JSON and files, which no cache may keep."""

from typing import Final

import orjson
from starlette.responses import Response

from app.asking.never_kept import NEVER_KEPT, headers_of
from app.sharing.decision import REFUSAL

_HEADERS: Final = headers_of("application/json")


class Json(Response):
    """JSON as it was written; its headers are written at once, as Starlette would look for each."""

    def __init__(self, content: bytes, status: int = 200) -> None:
        self.body, self.status_code, self.background = content, status, None
        self.raw_headers = [*_HEADERS, (b"content-length", b"%d" % len(content))]


def json(told: object, status: int = 200) -> Response:
    """Something as JSON."""
    return Json(orjson.dumps(told), status)


def refusal() -> Response:
    """The one answer to `no such person`, `nothing permitted` and `not yours`."""
    return json({"error": REFUSAL}, 404)


def file(content: bytes | str, media_type: str) -> Response:
    """A file, to be read where it is."""
    return Response(content, headers=dict(NEVER_KEPT), media_type=media_type)
