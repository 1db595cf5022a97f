"""What partners' systems send to the FHIR door: bundles, and resources one at a time. JSON only.

Every resource goes the way of every message: through the inbox and the adapter, and it is on disk, and seen by the next
request, before the answer.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request, Response

from app.adapters.fhir_bundle.bundle import Method
from app.adapters.fhir_bundle.labels import HEADINGS
from app.asking.callers import ANY_SCOPE, CalledBy, Caller, place
from app.fhir.answers import negotiated
from app.fhir.asking import PREFIX, base_of
from app.fhir.documented import OF_PUSHING, RESOURCE, RESPONSES
from app.fhir.push.answer import refusal, status_of, unknown_type
from app.fhir.push.filers import Filers
from app.fhir.push.request import Asked, Refused, body, one_resource, returned, to_judge, wait
from app.fhir.push.taking import INTERACTION, Sent, take
from app.profiles.strict_json import Unreadable

router = APIRouter(prefix=PREFIX, tags=["fhir"], responses={**RESPONSES, **OF_PUSHING})

SENDERS: Final = CalledBy(system=ANY_SCOPE)
Sender = Annotated[Caller, Depends(SENDERS)]
Type = Annotated[str, Path(description="A type of resource.", json_schema_extra={"enum": sorted(HEADINGS)})]
Id = Annotated[str, Path(description="The id that a resource was given here.", pattern=r"^[A-Za-z0-9.-]{1,64}$")]

Take = Callable[[Request], Awaitable[Response]]


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


async def _guarded(request: Request, taken: Take) -> Response:
    """Answer what can be known before anything is kept, whatever it is that was sent."""
    negotiated(request)
    try:
        return await taken(request)
    except Refused as refused:
        return refusal(refused.status, [refused.issue])
    except Unreadable as unreadable:
        return refusal(status_of(unreadable.issue), [unreadable.issue])


async def _take_bundle(sender: Caller, request: Request, *, rehearse: bool) -> Response:
    limits = place(request).push_limits
    content = await body(request, limits)
    if rehearse:
        content = await asyncio.to_thread(to_judge, content, limits)
    return await _taken(sender, request, content, rehearse=rehearse)


async def _take_one(sender: Caller, asked: Asked, request: Request, *, rehearse: bool = False) -> Response:
    limits = place(request).push_limits
    sender.demand(asked.type, INTERACTION[Method(asked.method)])
    resource = None
    if asked.method != Method.DELETE:
        content = await body(request, limits)
        if asked.type not in HEADINGS:
            return unknown_type()
        if rehearse:
            content = await asyncio.to_thread(to_judge, content, limits)
        resource = await asyncio.to_thread(one_resource, content, asked.type, limits)
    return await _taken(sender, request, asked.wrapped(resource), alone=True, rehearse=rehearse)


async def _taken(
    sender: Caller, request: Request, content: bytes, *, alone: bool = False, rehearse: bool = False
) -> Response:
    filers: Filers | None = request.app.state.filers
    opened = place(request)
    sent = Sent(
        content=content,
        sender=sender,
        limits=opened.push_limits,
        base=base_of(request),
        returned=returned(request),
        wait=wait(request),
        alone=alone,
        rehearse=rehearse,
    )
    if filers is None:
        return await asyncio.to_thread(take, opened.filing, opened.key, sent)
    return await filers.take(sent)
