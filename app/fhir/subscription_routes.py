"""Subscriptions of partners' systems: each sees and ends its own."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import orjson
from fastapi import APIRouter, Depends, Path, Request, Response

from app.asking.callers import CalledBy, Caller
from app.fhir.answers import answer, negotiated, refusal
from app.fhir.asking import PREFIX, base_of, person_of
from app.fhir.bodies import json
from app.fhir.documented import CREATED, RESPONSES, SUBSCRIPTION
from app.fhir.read.bundle import Link, Page, as_entry, bundle
from app.fhir.subscription import read, written
from app.subscriptions.subscribing import Subscribing

router = APIRouter(prefix=PREFIX, tags=["fhir"], responses=RESPONSES, dependencies=[Depends(negotiated)])

ToCreate = Annotated[Caller, Depends(CalledBy(system="Subscription.c"))]
ToRead = Annotated[Caller, Depends(CalledBy(system="Subscription.r"))]
ToSearch = Annotated[Caller, Depends(CalledBy(system="Subscription.s"))]
ToDelete = Annotated[Caller, Depends(CalledBy(system="Subscription.d"))]
Id = Annotated[str, Path(description="The id of a subscription.")]


@router.post("/Subscription", status_code=201, responses=CREATED, openapi_extra=SUBSCRIPTION)
async def subscribe(caller: ToCreate, request: Request) -> Response:
    """Ask to be told of a topic at an address that the operator allowed; the answer alone holds the secret."""
    asked = read(await json(request))
    told = _subscribing(request)
    at = datetime.now(UTC)
    one = await told.ask(caller.requester, asked.topic, asked.endpoint, id=uuid4(), at=at)
    content = orjson.dumps(written(one, secret=told.key.of(one.id)))
    return answer(content, 201, {"location": f"{base_of(request)}/Subscription/{one.id}"})


@router.get("/Subscription")
async def subscriptions(caller: ToSearch, request: Request) -> Response:
    """The caller's own, with how each fares."""
    base = base_of(request)
    entries = [
        as_entry(f"{base}/Subscription/{one.id}", orjson.dumps(written(one)), "match")
        for one in await _subscribing(request).all_of(caller.requester)
    ]
    return answer(bundle("searchset", Page([], entries), [Link("self", f"{base}/Subscription")]))


@router.get("/Subscription/{id}")
async def subscription(id: Id, caller: ToRead, request: Request) -> Response:
    """One of the caller's own: `error` is what went wrong last, and status `error` that it was given up."""
    asked = person_of(id)
    own = await _subscribing(request).all_of(caller.requester)
    found = next((one for one in own if one.id == asked), None)
    return answer(orjson.dumps(written(found))) if found else refusal()


@router.delete("/Subscription/{id}", status_code=204, responses={204: {"description": "Nothing more is told."}})
async def unsubscribe(id: Id, caller: ToDelete, request: Request) -> Response:
    """Be told no longer."""
    asked = person_of(id)
    if asked is None or not await _subscribing(request).end(caller.requester, asked):
        return refusal()
    return Response(status_code=204)


def _subscribing(request: Request) -> Subscribing:
    held: Subscribing = request.app.state.subscribing
    return held
