"""How this door answers: JSON only, as FHIR says it, never kept by a cache."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import orjson
from fastapi import HTTPException, Request, Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from app.asking.inquiry import parameters_of
from app.asking.never_kept import NEVER_KEPT, headers_of
from app.mdt.workflow.refusal import Refusal, Why
from app.sharing.decision import REFUSAL

MEDIA_TYPE: Final = "application/fhir+json"
_HEADERS: Final = headers_of(MEDIA_TYPE)
_REFUSED: Final = {Why.NOT_NOW: 409, Why.CONFLICT: 412, Why.INVALID: 422}
_VARIES: Final = (b"vary", b"Accept-Encoding")
_JSON: Final = frozenset({"json", "text/json", "application/json", MEDIA_TYPE})
_TAKES_JSON: Final = frozenset({"*/*", "application/*", *_JSON})


def negotiated(request: Request) -> None:
    """Refuse with 406 whoever takes no JSON: `_format` has the word, else `Accept`."""
    asked = dict(parameters_of(request)).get("_format")
    taken = [asked] if asked else request.headers.get("accept", "*/*").split(",")
    kinds = {each.partition(";")[0].strip().lower() for each in taken}
    known = _JSON if asked else _TAKES_JSON
    if kinds.isdisjoint(known):
        raise HTTPException(406, "this server speaks JSON alone, no XML: ask for application/fhir+json")


def answer(content: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """FHIR as JSON."""
    if status != HTTPStatus.OK or headers:
        return Response(content, status, {**NEVER_KEPT, **(headers or {})}, media_type=MEDIA_TYPE)
    return _Found(content)


class _Found(Response):
    """What was asked for; its headers are written at once, as Starlette would look for each."""

    def __init__(self, content: bytes) -> None:
        self.body, self.status_code, self.background = content, 200, None
        self.raw_headers = [*_HEADERS, (b"content-length", b"%d" % len(content))]


def in_gzip(app: ASGIApp) -> ASGIApp:
    """Answers as they are, or compressed for clients that ask so, where that is worth it."""
    return GZipMiddleware(app, minimum_size=1000, compresslevel=5)


def compressed(answer: Response, request: Request) -> ASGIApp:
    """The same as its client takes it, for a route that no middleware stands before."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        return in_gzip(answer)
    answer.raw_headers.append(_VARIES)
    return answer


def version_answer(
    request: Request, content: bytes, *, version: str | None = None, changed: datetime | None = None
) -> Response:
    """One resource with its ETag and when it changed; 304 without it for who has that version already.

    Where it has no version of its own, its bytes are it.
    """
    etag = etag_of(version or hashlib.sha256(content).hexdigest()[:16])
    headers = {"etag": etag} | ({"last-modified": format_datetime(changed, usegmt=True)} if changed else {})
    if _has_it(request, etag, changed):
        return Response(None, 304, {**NEVER_KEPT, **headers})
    return answer(content, headers=headers)


def etag_of(version: str) -> str:
    """The ETag of a version."""
    return f'W/"{version}"'


def held_versions(request: Request) -> list[str]:
    """Which versions whoever asks says that they hold."""
    known = request.headers.get("if-none-match", "")
    return [each.strip().removeprefix("W/").strip('"') for each in known.split(",") if each]


def _has_it(request: Request, etag: str, changed: datetime | None = None) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:
        return known.strip() == "*" or etag in [each.strip() for each in known.split(",")]
    since = request.headers.get("if-modified-since")
    if since is None or changed is None:
        return False
    try:
        return changed.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):  # no date, or one without a zone
        return False


def refusal() -> Response:
    """The one answer to `no such person`, `nothing permitted` and `not yours`, as FHIR says it."""
    return answer(outcome("error", "not-found", REFUSAL), status=404)


def refused(why: Refusal) -> Response:
    """Why nothing came of what was asked of a team; what is a colleague's is none of the caller's either."""
    if why.why in (Why.UNKNOWN, Why.NOT_YOURS):
        return refusal()
    return answer(outcome("error", "business-rule", why.text), _REFUSED[why.why])


def outcome(severity: str, code: str, text: str) -> bytes:
    """An OperationOutcome with one issue."""
    issue = {"severity": severity, "code": code, "diagnostics": text}
    return orjson.dumps({"resourceType": "OperationOutcome", "issue": [issue]})
