"""The JSON of alerts and of the weekly report, for whom the agreement lets read the trail of an organisation."""

import asyncio
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query, Response
from pydantic import Field
from sqlalchemy import Connection

from app.asking.caller_first import CallerFirst
from app.asking.callers import ThisPlace
from app.asking.inquiry import Asked, handling, refusals
from app.governance.alerts.store import Alert
from app.governance.alerts.triage import NOTE, State, Step, alerts_for, take, triage_of
from app.watch.report_paper import as_json, as_pdf, as_text
from app.watch.reporting import report_for
from app.watch.sign import Sign, explained
from app.watch.week import Week
from app.web.api.said import Said
from app.web.frame.answers import file, json, refusal
from app.web.frame.handled import written

router = APIRouter(
    prefix="/api",
    route_class=CallerFirst,
    tags=["alerts about looking"],
    responses=refusals(400, 401, 403, 404, 422, 503),
)


class Taking(Said):
    """A step with an alert, and why, in words that stay out of the trail."""

    step: Step
    note: str = Field(default="", max_length=NOTE)


class Format(StrEnum):
    """How a report is answered."""

    JSON = "json"
    TEXT = "text"
    PDF = "pdf"


@router.get("/alerts")
async def list_alerts(
    asked: Asked,
    opened: ThisPlace,
    every: Annotated[bool, Query(alias="all", description="Those that are closed, too.")] = False,
) -> Response:
    """`{alerts: [{id, kind, title, seen, odd, innocent, person, account, organisation, state, …}]}`: not one's own."""
    by = handling(asked, opened)

    def read(connection: Connection) -> list[Alert] | None:
        triage = triage_of(connection, by)
        return alerts_for(connection, triage, waiting=not every) if triage else None

    found = await written(opened, read)
    return json({"alerts": [told(alert) for alert in found]}) if found is not None else refusal()


@router.post("/alerts/{number}/step")
async def take_step(asked: Asked, opened: ThisPlace, number: UUID, taking: Annotated[Taking, Body()]) -> Response:
    """Look into an alert, or say what came of it: `{state}`. Nobody decides about themselves."""
    by = handling(asked, opened)

    def step(connection: Connection) -> State | None:
        triage = triage_of(connection, by)
        return take(connection, number, taking.step, triage, note=taking.note) if triage else None

    state = await written(opened, step)
    return json({"state": state}) if state is not None else refusal()


@router.get("/watch/report", responses={200: {"content": {"application/pdf": {}, "text/plain": {}}}})
async def weekly_report(
    asked: Asked,
    opened: ThisPlace,
    week: Annotated[str, Query(description="Such as 2026-W47.")],
    written_as: Annotated[Format, Query(alias="format")] = Format.JSON,
) -> Response:
    """The week of the requester's own organisation."""
    by, of_week = handling(asked, opened), Week.read(week)
    report = await written(opened, lambda connection: report_for(connection, of_week, by))
    if report is None:
        return refusal()
    if written_as is Format.PDF:
        content = await asyncio.to_thread(as_pdf, report)
        return file(content, "application/pdf")
    if written_as is Format.TEXT:
        return file(as_text(report), "text/plain")
    return json(as_json(report))


def told(alert: Alert) -> dict[str, Any]:
    """An alert with its explanation, if the watch raised it."""
    said = alert._asdict() | {"person": alert.person_id, "account": alert.subject}
    for name in ("person_id", "issuer", "subject"):
        del said[name]
    if alert.evidence is not None and alert.kind in set(Sign):
        said |= explained(Sign(alert.kind), alert.evidence)._asdict()
    return said
