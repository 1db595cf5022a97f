"""The JSON of what is otherwise than usual for one person: openings in an emergency, and objections."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid4

import orjson
from fastapi import APIRouter, Body, Depends, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from app.callers import place
from app.database import transaction
from app.governance import objecting
from app.governance.objecting import Handling, Step
from app.governance.opening import Asking, Reason, open_record
from app.inquiry import Asked
from app.place import Place
from app.record.access import Inquiry
from app.sharing.facts import Account, Objection, ObjectionScope
from app.vocabulary.category import Category
from app.vocabulary.ods_code import OdsCode
from app.web.routes import NotUnderstood, refusal

router = APIRouter(prefix="/api/persons", tags=["emergency access and objections"])

ThisPlace = Annotated[Place, Depends(place)]
T = TypeVar("T")


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Opening(_Said):
    """Why this record must be seen now: a reason, and the asker's own words, which the privacy officer reads."""

    reason: Reason
    details: str = Field(max_length=1000)


class Whom(_Said):
    """One user, as their sign-in provider knows them."""

    issuer: str = Field(min_length=1, max_length=255)
    subject: str = Field(min_length=1, max_length=255)


class Objecting(_Said):
    """What the person objects to: everything, or one heading, source, recipient or user, which must then be named."""

    scope: ObjectionScope
    category: str | None = Field(default=None, max_length=100)
    organisation: str | None = Field(default=None, max_length=20)
    user: Whom | None = None


class Deciding(_Said):
    """What becomes of an objection."""

    decision: Step


@router.post("/{person_id}/emergency-access")
async def open_in_emergency(
    asked: Asked, opened: ThisPlace, person_id: UUID, opening: Annotated[Opening, Body()]
) -> Response:
    """Open one person's record for a short time: `{until}`; the privacy officer is told, and reviews it."""
    asking = Asking(
        requester=asked.requester,
        purpose=asked.purpose,
        reason=opening.reason,
        details=opening.details,
        at=asked.at,
    )

    def write(connection: Connection) -> Any:
        return open_record(connection, person_id, asking, agreements=opened.agreements, key=opened.key, new_id=uuid4)

    kept = await _written(opened, write)
    return _json({"until": kept.ended}, 201) if kept else refusal()


@router.get("/{person_id}/objections")
async def list_objections(asked: Asked, opened: ThisPlace, person_id: UUID) -> Response:
    """`{objections: [{number, scope, category, organisation, state, since, until}]}`."""
    handling = _handling(asked, opened)
    found = await _written(opened, lambda connection: objecting.objections(connection, person_id, handling))
    if found is None:
        return refusal()
    told = [
        {
            "number": lodged.id,
            "scope": lodged.scope,
            "category": lodged.category,
            "organisation": lodged.organisation,
            "state": state,
            "since": lodged.started,
            "until": lodged.ended,
        }
        for lodged, state in found
    ]
    return _json({"objections": told})


@router.post("/{person_id}/objections")
async def lodge_objection(
    asked: Asked, opened: ThisPlace, person_id: UUID, objection: Annotated[Objecting, Body()]
) -> Response:
    """Lodge what the person objects to: `{number}`."""
    said, handling = _objection(objection, asked), _handling(asked, opened)
    number = await _written(opened, lambda connection: objecting.lodge(connection, person_id, said, handling))
    return _json({"number": number}, 201) if number is not None else refusal()


@router.post("/{person_id}/objections/{number}/decision")
async def decide_objection(
    asked: Asked, opened: ThisPlace, person_id: UUID, number: int, deciding: Annotated[Deciding, Body()]
) -> Response:
    """Uphold, decline or lift an objection: `{state}`."""
    handling = _handling(asked, opened)
    state = await _written(
        opened, lambda connection: objecting.step(connection, person_id, number, deciding.decision, handling)
    )
    return _json({"state": state}) if state is not None else refusal()


def _objection(said: Objecting, asked: Inquiry) -> Objection:
    try:
        category = Category(said.category) if said.category is not None else None
        organisation = OdsCode(said.organisation) if said.organisation is not None else None
    except ValueError as error:
        raise NotUnderstood(str(error)) from None
    named = {
        ObjectionScope.ALL: not (said.category or said.organisation or said.user),
        ObjectionScope.CATEGORY: category is not None,
        ObjectionScope.SOURCE: organisation is not None,
        ObjectionScope.RECIPIENT: organisation is not None,
        ObjectionScope.USER: said.user is not None,
    }
    if not named[said.scope]:
        raise NotUnderstood("say what is objected to: a category, organisation or user as the scope asks, none for all")
    return Objection(
        id="lodged",
        scope=said.scope,
        upheld=False,
        started=asked.at,
        category=category,
        organisation=organisation,
        account=Account(said.user.issuer, said.user.subject) if said.user else None,
    )


def _handling(asked: Inquiry, opened: Place) -> Handling:
    return Handling(
        requester=asked.requester,
        purpose=asked.purpose,
        at=asked.at,
        agreements=opened.agreements,
        key=opened.key,
        new_id=uuid4,
    )


async def _written(opened: Place, write: Callable[[Connection], T]) -> T:
    """What one transaction comes to, in a thread of its own, once it is committed."""

    def written() -> T:
        with transaction(opened.writing) as connection:
            return write(connection)

    return await asyncio.to_thread(written)


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json", headers={"cache-control": "no-store"})
