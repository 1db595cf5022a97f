"""The JSON of special records: raising and lifting a flag of a person, for whom the agreements name."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Response
from pydantic import Field
from sqlalchemy import Connection

from app.asking.caller_first import CallerFirst
from app.asking.callers import ThisPlace
from app.asking.inquiry import Asked, handling, refusals
from app.governance.exceptions.flagging import State, Step, flag, flagged, flagging_of
from app.governance.exceptions.store import FlagStep
from app.governance.handling import named_by
from app.web.api.said import Said, number_of
from app.web.frame.answers import json, refusal
from app.web.frame.handled import written

router = APIRouter(
    prefix="/api/special-records",
    route_class=CallerFirst,
    tags=["special records"],
    responses=refusals(400, 401, 403, 404, 422, 503),
)


class Stepping(Said):
    """A step with a flag, and why, in words that stay out of the trail."""

    flag: str = Field(max_length=100)
    step: Step
    why: str = Field(max_length=1000)


class OfNumber(Stepping):
    """The same for whoever has an NHS number."""

    nhs_number: str = Field(max_length=20)


@router.get("")
async def list_flagged(asked: Asked, opened: ThisPlace) -> Response:
    """`{flagged: [{person, flag, state, since, by}]}`: those whose flags are the requester's to lift."""
    by = handling(asked, opened)

    def read(connection: Connection) -> list[tuple[UUID, FlagStep]] | None:
        flagging = flagging_of(connection, by)
        return flagged(connection, flagging) if flagging else None

    found = await written(opened, read)
    if found is None:
        return refusal()
    told = [
        {"person": person, "flag": step.kind, "state": step.state, "since": step.at, "by": step.by.subject}
        for person, step in found
    ]
    return json({"flagged": told})


@router.post("")
async def flag_number(asked: Asked, opened: ThisPlace, said: Annotated[OfNumber, Body()]) -> Response:
    """Raise, lift or keep a flag of whoever has an NHS number, which travels here and never in a path: `{state}`."""
    number = number_of(said.nhs_number)
    by = handling(asked, opened)

    def write(connection: Connection) -> State | None:
        flagging = flagging_of(connection, by)
        person = named_by(connection, number) if flagging else None
        return flag(connection, person, said.flag, said.step, said.why, flagging) if flagging else None

    return _told(await written(opened, write))


@router.post("/{person_id}")
async def flag_person(asked: Asked, opened: ThisPlace, person_id: UUID, said: Annotated[Stepping, Body()]) -> Response:
    """The same of a person who is listed: `{state}`."""
    by = handling(asked, opened)

    def write(connection: Connection) -> State | None:
        flagging = flagging_of(connection, by)
        return flag(connection, person_id, said.flag, said.step, said.why, flagging) if flagging else None

    return _told(await written(opened, write))


def _told(state: State | None) -> Response:
    return json({"state": state}) if state is not None else refusal()
