"""The JSON of care and support plans: `/api/care-plans`."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Response
from pydantic import Field

from app.asking.caller_first import CallerFirst
from app.asking.callers import ThisPlace
from app.asking.inquiry import Asked, Record, refusals
from app.care_plan.plan import Parts
from app.care_plan.read import PartVersion, Plan, read_history, read_plan
from app.care_plan.revise import Conflict, Revision, revise
from app.web.api.said import Said
from app.web.frame.answers import json, refusal

router = APIRouter(
    prefix="/api/care-plans",
    route_class=CallerFirst,
    tags=["care plans"],
    responses=refusals(400, 401, 403, 404, 422, 503),
)


class Change(Said):
    """The parts that change; `based_on` is the version that the author read, 0 for a first plan."""

    based_on: int = Field(ge=0)
    parts: Parts


@router.get("/{person_id}")
async def show(asked: Asked, record: Record, person_id: UUID) -> Response:
    """The plan: `{id, version, parts, written: [{part, version, at, author, controller}], closed: [part]}`."""
    plan = await read_plan(record, asked, person_id)
    return json(_told(plan)) if plan else refusal()


@router.get("/{person_id}/history")
async def history(asked: Asked, record: Record, person_id: UUID) -> Response:
    """Every version, the newest first: `{versions: [{part, version, at, author, controller, content}]}`."""
    found = await read_history(record, asked, person_id)
    if found is None:
        return refusal()
    versions = [_version(one) | {"content": one.content.model_dump(mode="json")} for one in found.versions]
    return json({"versions": versions})


@router.put("/{person_id}", responses=refusals(409))
async def write(
    asked: Asked, record: Record, opened: ThisPlace, person_id: UUID, change: Annotated[Change, Body()]
) -> Response:
    """Write the next version: `{version}`; 409 with the version that is there, where somebody wrote it meanwhile."""
    revision = Revision(parts=change.parts, based_on=change.based_on)
    outcome = await revise(record, opened.filing, asked, person_id, revision, key=opened.key)
    if outcome is None:
        return refusal()
    if isinstance(outcome, Conflict):
        error = "the plan was changed meanwhile; read it again, and write on the version that is there"
        return json({"error": error, "version": outcome.version}, status=409)
    return json({"version": outcome.version})


def _told(plan: Plan) -> dict[str, Any]:
    return {
        "id": plan.person_id,
        "version": plan.version,
        "parts": plan.parts.model_dump(mode="json", exclude_none=True),
        "written": [_version(one) for one in plan.written],
        "closed": plan.closed,
    }


def _version(one: PartVersion) -> dict[str, Any]:
    return {
        "part": one.part,
        "version": one.version,
        "at": one.at,
        "author": one.author,
        "controller": one.controller,
    }
