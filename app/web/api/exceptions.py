"""The JSON of what is otherwise than usual for one person: openings, relationships made by staff, objections."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Body, Response
from pydantic import Field
from sqlalchemy import Connection

from app.asking.caller_first import CallerFirst
from app.asking.callers import ThisPlace
from app.asking.inquiry import Asked, handling, refusals
from app.governance.exceptions import objecting
from app.governance.exceptions.known_user import signs_in
from app.governance.exceptions.objecting import Step
from app.governance.exceptions.opening import Asking, Reason, open_record
from app.governance.exceptions.relating import Making, make
from app.governance.handling import named_by
from app.mdt.steps import objected as team
from app.place import Place
from app.record.inquiry import Inquiry
from app.sharing.facts import Account, EmergencyOpening, Objection, Relationship
from app.vocabulary.ods_code import OdsCode
from app.web.api.objection import Objecting, Whom, objected
from app.web.api.said import NotUnderstood, Said, number_of
from app.web.frame.answers import json, refusal
from app.web.frame.handled import written

router = APIRouter(
    prefix="/api/persons",
    route_class=CallerFirst,
    tags=["emergency access and objections"],
    responses=refusals(400, 401, 403, 404, 422, 503),
)


class Opening(Said):
    """Why this record must be seen now: a reason, and the requester's own words, which the privacy officer reads."""

    reason: Reason
    details: str = Field(max_length=1000)


class Deciding(Said):
    """What becomes of an objection."""

    decision: Step


class OpeningOfNumber(Opening):
    """The same for somebody whom the requester knows by their NHS number alone."""

    nhs_number: str = Field(max_length=20)


class Claim(Said):
    """The requester's own relationship, of a kind that the agreement lets them claim, and what it rests on."""

    nhs_number: str = Field(max_length=20)
    kind: str = Field(max_length=100)
    evidence: str = Field(max_length=1000)


class BringingIn(Said):
    """A colleague whom the requester brings in, at an organisation, and what that rests on."""

    kind: str = Field(max_length=100)
    evidence: str = Field(max_length=1000)
    colleague: Whom
    organisation: str = Field(max_length=20)


@router.post("/emergency-access", status_code=201)
async def open_by_number(asked: Asked, opened: ThisPlace, opening: Annotated[OpeningOfNumber, Body()]) -> Response:
    """Open the record of whoever has an NHS number: `{id, until}`. The number travels here, and never in a path."""
    number = number_of(opening.nhs_number)
    return await _opened(asked, opened, opening, lambda connection: named_by(connection, number))


@router.post("/{person_id}/emergency-access", status_code=201)
async def open_in_emergency(
    asked: Asked, opened: ThisPlace, person_id: UUID, opening: Annotated[Opening, Body()]
) -> Response:
    """Open one person's record for a short time: `{id, until}`; the privacy officer is told, and reviews it."""
    return await _opened(asked, opened, opening, lambda _: person_id)


async def _opened(
    asked: Inquiry, opened: Place, opening: Opening, whom: Callable[[Connection], UUID | None]
) -> Response:
    asking = Asking(
        requester=asked.requester,
        purpose=asked.purpose,
        reason=opening.reason,
        details=opening.details,
        at=asked.at,
    )

    def write(connection: Connection) -> tuple[UUID | None, EmergencyOpening | None]:
        person_id = whom(connection)
        kept = open_record(connection, person_id, asking, agreements=opened.agreements, key=opened.key, new_id=uuid4)
        return person_id, kept

    person_id, kept = await written(opened, write)
    return json({"id": person_id, "until": kept.ended}, 201) if kept else refusal()


@router.post("/relationships", status_code=201)
async def claim_relationship(asked: Asked, opened: ThisPlace, claim: Annotated[Claim, Body()]) -> Response:
    """Claim a relationship of one's own: `{id, until}`; the privacy officer is told."""
    number, making = number_of(claim.nhs_number), Making(kind=claim.kind, evidence=claim.evidence)
    return await _made(asked, opened, making, lambda connection: named_by(connection, number))


@router.post("/{person_id}/relationships", status_code=201)
async def bring_in_colleague(
    asked: Asked, opened: ThisPlace, person_id: UUID, bringing: Annotated[BringingIn, Body()]
) -> Response:
    """Bring in a colleague: `{id, until}`."""
    try:
        organisation = OdsCode(bringing.organisation)
    except ValueError as error:
        raise NotUnderstood(str(error)) from None
    colleague = Account(bringing.colleague.issuer, bringing.colleague.subject)
    making = Making(kind=bringing.kind, evidence=bringing.evidence, colleague=colleague, organisation=organisation)
    return await _made(asked, opened, making, lambda _: person_id)


async def _made(asked: Inquiry, opened: Place, making: Making, whom: Callable[[Connection], UUID | None]) -> Response:
    by = handling(asked, opened)

    def write(connection: Connection) -> tuple[UUID | None, Relationship | None]:
        person_id = whom(connection)
        return person_id, make(connection, person_id, making, by)

    person_id, made = await written(opened, write)
    return json({"id": person_id, "until": made.ended}, 201) if made else refusal()


@router.get("/{person_id}/objections")
async def list_objections(asked: Asked, opened: ThisPlace, person_id: UUID) -> Response:
    """`{objections: [{number, scope, category, organisation, meeting, state, since, until}]}`."""
    by = handling(asked, opened)
    found = await written(opened, lambda connection: objecting.objections(connection, person_id, by))
    if found is None:
        return refusal()
    return json({"objections": [objecting.as_row(lodged, state) for lodged, state in found]})


@router.post("/{person_id}/objections", status_code=201)
async def lodge_objection(
    asked: Asked, opened: ThisPlace, person_id: UUID, objection: Annotated[Objecting, Body()]
) -> Response:
    """Lodge what the person objects to: `{number}`. Whom or what it names must be there, else it protects nobody.

    Who is there is told to nobody who may not handle this person's objections.
    """
    said, by = objected(objection, opened.desk.localities, at=asked.at), handling(asked, opened)

    def lodge(connection: Connection) -> int | None:
        number = team.lodge(connection, opened.desk.teams, person_id, said, by)
        if number is not None and (nobody := _protects_nobody(connection, said, opened)):
            raise NotUnderstood(nobody)  # nothing of what was lodged is kept
        return number

    number = await written(opened, lodge)
    return json({"number": number}, 201) if number is not None else refusal()


def _protects_nobody(connection: Connection, said: Objection, opened: Place) -> str:
    """Why an objection would protect nobody, in the words of the page; nothing where it does."""
    if said.account is not None and not signs_in(connection, said.account):
        return "nobody signs in with that; check it"
    if said.organisation is not None and said.organisation not in opened.desk.teams.parties:
        return "no party to the agreements has that code; check it"
    return ""


@router.post("/{person_id}/objections/{number}/decision")
async def decide_objection(
    asked: Asked, opened: ThisPlace, person_id: UUID, number: int, deciding: Annotated[Deciding, Body()]
) -> Response:
    """Uphold, decline or lift an objection: `{state}`."""
    by = handling(asked, opened)
    state = await written(
        opened,
        lambda connection: team.step(connection, opened.desk.teams, person_id, number, deciding.decision, by),
    )
    return json({"state": state}) if state is not None else refusal()
