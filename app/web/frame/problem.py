"""What somebody reads in their browser when something is wrong: what it is, and what to do."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from app.web.frame.layout import page
from app.web.frame.words.wording import sentence

_PROGRAMS: Final = ("/api/", "/fhir/", "/oauth2/", "/metrics", "/health/")
_HEADINGS: Final[Mapping[int, str]] = {
    401: "Sign in first",
    403: "You may not do this",
    404: "Page not found",
    422: "Something cannot be understood",
    500: "There is a problem with this service",
    503: "The records cannot be reached",
}


def is_for_a_page(request: Request) -> bool:
    """Whether whoever asks would read a page: a browser says so, and programs have addresses of their own."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(_PROGRAMS)


def problem(status: int, text: str) -> Response:
    """The page of a problem; `text` is worded as error messages are, and holds nothing of anybody."""
    heading = _HEADINGS.get(status, "There is a problem")
    return page("problem.html", {"heading": heading, "text": sentence(text)}, status=status)
