"""What partners' systems send to the FHIR door: bundles, and resources one at a time. JSON only.

Every resource goes the way of every message: through the inbox and the adapter, and it is on disk, and seen by the next
request, before the answer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Final
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, Depends, Path, Request, Response

from app.adapters.fhir_bundle.bundle import Bundle, Method, read_bundle
from app.adapters.fhir_bundle.labels import HEADINGS
from app.adapters.fhir_bundle.reading import read
from app.callers import ANY_SCOPE, CalledBy, Caller, place
from app.fhir.answers import negotiated
from app.fhir.asking import PREFIX, base_of
from app.fhir.documented import OF_PUSHING, RESOURCE, RESPONSES
from app.fhir.pushing_answer import Answer, refusal, status_of, unknown_type
from app.fhir.pushing_request import Asked, Refused, body, one_resource, returned
from app.intake.pushed import Push, Pushed, push
from app.profiles.strict_json import Unreadable

router = APIRouter(prefix=PREFIX, tags=["fhir"], responses={**RESPONSES, **OF_PUSHING})

SENDERS: Final = CalledBy(system=ANY_SCOPE)
Sender = Annotated[Caller, Depends(SENDERS)]
Type = Annotated[str, Path(description="A type of resource.", json_schema_extra={"enum": sorted(HEADINGS)})]
Id = Annotated[str, Path(description="The id that a resource was given here.", pattern=r"^[A-Za-z0-9.-]{1,64}$")]

Take = Callable[[Request], Awaitable[Response]]

_INTERACTION = {Method.POST: "c", Method.PUT: "u", Method.DELETE: "d"}


@router.post("/", include_in_schema=False)  # as some clients write the same address
@router.post("", openapi_extra=RESOURCE)
async def bundle(sender: Sender, request: Request) -> Response:
    """Take a transaction, batch, collection or message: for each entry its location, version and status."""
    return await _guarded(request, partial(_take_bundle, sender, rehearse=False))


@router.post("/Bundle/$validate", openapi_extra=RESOURCE)
async def validate_bundle(sender: Sender, request: Request) -> Response:
    """Say what would become of a bundle, without storing anything."""
    return await _guarded(request, partial(_take_bundle, sender, rehearse=True))


@router.post("/{kind}/$validate", openapi_extra=RESOURCE)
async def validate(kind: Type, sender: Sender, request: Request) -> Response:
    """Say what would become of a resource, without storing anything."""
    asked = Asked(method="POST", type=kind)
    return await _guarded(request, partial(_take_one, sender, asked, rehearse=True))


@router.post("/{kind}", openapi_extra=RESOURCE)
async def create(kind: Type, sender: Sender, request: Request) -> Response:
    """Take a resource; one whose business identifier is held is updated, and with If-None-Exist left as it is."""
    asked = Asked(method="POST", type=kind, if_none_exist=request.headers.get("if-none-exist"))
    return await _guarded(request, partial(_take_one, sender, asked))


@router.put("/{kind}", openapi_extra=RESOURCE)
async def update_by_identifier(kind: Type, sender: Sender, request: Request) -> Response:
    """Take a resource in the place of what is held under `?identifier=system|value`, or as the first of it."""
    asked = Asked(method="PUT", type=kind, search=_search(request), if_match=request.headers.get("if-match"))
    return await _guarded(request, partial(_take_one, sender, asked))


@router.put("/{kind}/{id}", openapi_extra=RESOURCE)
async def update(kind: Type, id: Id, sender: Sender, request: Request) -> Response:
    """Take a resource in the place of what was given that id here; ids are given here, and never by clients."""
    asked = Asked(method="PUT", type=kind, id=id, if_match=request.headers.get("if-match"))
    return await _guarded(request, partial(_take_one, sender, asked))


@router.delete("/{kind}")
async def retract_by_identifier(kind: Type, sender: Sender, request: Request) -> Response:
    """Mark what is held under `?identifier=system|value` as entered in error; it is never erased."""
    asked = Asked(method="DELETE", type=kind, search=_search(request), if_match=request.headers.get("if-match"))
    return await _guarded(request, partial(_take_one, sender, asked))


@router.delete("/{kind}/{id}")
async def retract(kind: Type, id: Id, sender: Sender, request: Request) -> Response:
    """Mark what was given that id here as entered in error; it is never erased."""
    asked = Asked(method="DELETE", type=kind, id=id, if_match=request.headers.get("if-match"))
    return await _guarded(request, partial(_take_one, sender, asked))


def _search(request: Request) -> str:
    """The conditions of a conditional request; `_format` and the purpose are none."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name not in ("_format", "purpose")]
    return "&".join(f"{name}={quote(value, safe=':/|')}" for name, value in asked)


async def _guarded(request: Request, take: Take) -> Response:
    """Answer what can be known before anything is kept, whatever it is that was sent."""
    negotiated(request)
    try:
        return await take(request)
    except Refused as refused:
        return refusal(refused.status, [refused.issue])
    except Unreadable as unreadable:
        return refusal(status_of(unreadable.issue), [unreadable.issue])


async def _take_bundle(sender: Caller, request: Request, *, rehearse: bool) -> Response:
    limits = place(request).push_limits
    content = await body(request, limits)

    def taken() -> tuple[Bundle, Pushed]:
        sent = read_bundle(content, limits)
        _demand(sender, sent)
        return sent, _push(sender, request, content, sent, rehearse=rehearse)

    sent, pushed = await asyncio.to_thread(taken)
    answer = _answer(request, pushed, sent)
    return answer.rehearsed() if rehearse else answer.of_bundle()


async def _take_one(sender: Caller, asked: Asked, request: Request, *, rehearse: bool = False) -> Response:
    limits = place(request).push_limits
    sender.demand(asked.type, _INTERACTION[Method(asked.method)])
    resource = None
    if asked.method != Method.DELETE:
        content = await body(request, limits)
        if asked.type not in HEADINGS:
            return unknown_type()
        resource = await asyncio.to_thread(one_resource, content, asked.type, limits)
    content = asked.wrapped(resource)
    sent = await asyncio.to_thread(read_bundle, content, limits)
    pushed = await asyncio.to_thread(_push, sender, request, content, sent, rehearse=rehearse)
    answer = _answer(request, pushed, sent)
    return answer.rehearsed() if rehearse else answer.of_one()


def _push(sender: Caller, request: Request, content: bytes, sent: Bundle, *, rehearse: bool) -> Pushed:
    """It waits for the database: for a thread of its own."""
    opened = place(request)
    what = Push(
        content=content,
        bundle=read(sent),
        partner=sender.requester.organisation,
        at=datetime.now(UTC),
        new_id=uuid4,
        key=opened.key,
    )
    return push(opened.filing, what, rehearse=rehearse)


def _answer(request: Request, pushed: Pushed, sent: Bundle) -> Answer:
    return Answer(pushed, sent.kind, base=base_of(request), at=datetime.now(UTC), returned=returned(request))


def _demand(sender: Caller, sent: Bundle) -> None:
    """Ask that the sender may do all that the bundle asks; what is about nobody comes with what refers to it."""
    for kind, interaction in _wanted(sent):
        sender.demand(kind, interaction)


def _wanted(sent: Bundle) -> Iterable[tuple[str, str]]:
    """What the bundle asks to be done, by type. What a collection or a message states may be new or not."""
    return {
        (part.type, _INTERACTION[part.method] if part.requested else "cu")
        for part in sent.parts
        if part.type in HEADINGS
    }
