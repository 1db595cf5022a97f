"""Tasks: the actions that a team gave a partner, their statuses coming back, and what was decided of its people."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Header, Request, Response

from app.asking.callers import place
from app.asking.inquiry import Record
from app.asking.never_kept import NEVER_KEPT
from app.fhir.answers import answer, etag_of, held_versions, refused, version_answer
from app.fhir.asking import PREFIX, FhirAskedBy, base_of
from app.fhir.bodies import json
from app.fhir.documented import OF_READING, OF_SEARCHING, OF_TASKS, RESPONSES, TASK
from app.fhir.read.bundle import Link, Page, address, as_entry, bundle
from app.fhir.read.search import read_search
from app.fhir.routes import search
from app.fhir.team import team
from app.fhir.team.task import asked as asked_by
from app.identity.systems.system import ISSUER
from app.mdt.as_fhir.tasks import discussion, task
from app.mdt.reading.given import given, given_one
from app.mdt.steps.table import step_of
from app.mdt.workflow.action import Action
from app.mdt.workflow.refusal import Refusal
from app.record.inquiry import Inquiry

router = APIRouter(prefix=PREFIX, tags=["fhir"], responses={**RESPONSES, **OF_TASKS})

ToSearch = Annotated[Inquiry, Depends(FhirAskedBy("s", "Task"))]
ToRead = Annotated[Inquiry, Depends(FhirAskedBy("r", "Task"))]
ToUpdate = Annotated[Inquiry, Depends(FhirAskedBy("u", "Task"))]


@router.get("/Task", openapi_extra=OF_SEARCHING)
async def tasks(asked: ToSearch, record: Record, request: Request, prefer: Annotated[str, Header()] = "") -> Response:
    """Without `patient`, the actions that the system and its organisation were given; with it, what is recorded."""
    parameters = request.query_params.multi_items()
    if asked.requester.issuer != ISSUER or any(name in ("patient", "subject", "_cursor") for name, _ in parameters):
        return await search("Task", asked, record, request, prefer)
    wanted = read_search("Task", parameters, strict="handling=strict" in prefer)
    opened = place(request)
    found = await given(opened.desk, asked, key=opened.key, search=tuple(wanted.used), held=held_versions(request))
    etag = {"etag": etag_of(found.mark)}
    if found.is_unchanged:
        return Response(None, 304, {**NEVER_KEPT, **etag})
    base = base_of(request)
    written = [task(action, f"{base}/") for action in found.actions]
    entries = [
        as_entry(f"{base}/Task/{one['id']}", wanted.shape.of("Task", orjson.dumps(one)), "match")
        for one in written
        if all(condition.holds(one) for condition in wanted.conditions)
    ]
    here = [Link("self", address(base, "Task", wanted.told))]
    return answer(bundle("searchset", Page([], entries), here), headers=etag)


@router.get("/Task/{action_id:uuid}", openapi_extra=OF_READING)
async def read_task(action_id: UUID, asked: ToRead, request: Request) -> Response:
    """One action that the caller or its organisation was given; for a partner's system, a discussion's outcome too."""
    if asked.requester.issuer != ISSUER:
        return await team.read("Task", str(action_id), asked, request)
    found = await given_one(place(request).desk, asked, action_id)
    base = base_of(request)
    written = task(found, f"{base}/") if isinstance(found, Action) else discussion(found, f"{base}/")
    return version_answer(request, orjson.dumps(written), version=str(found.version))


@router.put("/Task/{action_id:uuid}", openapi_extra=TASK)
async def update_task(
    action_id: UUID, asked: ToUpdate, request: Request, if_match: Annotated[str, Header()] = ""
) -> Response:
    """Accept, decline, complete or give up an action that the caller was given, by the status of its Task."""
    wanted = asked_by(await json(request), str(action_id), if_match)
    desk = place(request).desk
    done = await desk.take(step_of(Action, wanted.event), asked, action_id, wanted.form)
    if isinstance(done, Refusal):
        return refused(done)
    return version_answer(request, orjson.dumps(task(done, f"{base_of(request)}/")), version=str(done.version))
