"""The JSON of the multidisciplinary team: `/api/mdt`. Each step of `app.mdt.steps.table` is one route, no other is.

Whoever states no purpose asks for the team's. What cannot be done is told as `{error}`: 404 for what does not exist or
is none of the requester's business, 403 for what is for others, 409 for what cannot be now or was changed meanwhile,
with both versions, 422 for a form that is wrong, with each problem.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Body, Depends, Query, Request, Response
from starlette.responses import HTMLResponse

from app.asking.caller_first import CallerFirst
from app.asking.inquiry import AskedBy, AtDesk, refusals
from app.mdt.as_fhir.meeting import meeting_as_fhir
from app.mdt.desk import MDT, Desk
from app.mdt.packs.minutes import as_pdf as minutes_as_pdf
from app.mdt.packs.minutes import minutes
from app.mdt.packs.pack import pack
from app.mdt.packs.paper import as_html, as_pdf
from app.mdt.reading import case_studies, diary, discussed, lists, referred, whole
from app.mdt.reading.as_json import as_json
from app.mdt.reading.minutes import signed_minutes
from app.mdt.steps.table import STEPS, THINGS, Step, receipt
from app.mdt.workflow.refusal import Refusal, Why, unknown
from app.record.inquiry import Inquiry
from app.vocabulary.london import london_date
from app.web.frame.answers import Json, file
from app.web.frame.layout import HEADERS

router = APIRouter(
    prefix="/api/mdt", route_class=CallerFirst, tags=["mdt"], responses=refusals(400, 401, 403, 404, 409, 422, 503)
)

_STATUS: Final = {Why.UNKNOWN: 404, Why.NOT_YOURS: 403, Why.NOT_NOW: 409, Why.CONFLICT: 409, Why.INVALID: 422}


class _AskedForTheTeam(AskedBy):
    """The same, for the team's purpose where none is stated."""

    async def __call__(
        self, request: Request, purpose: Annotated[str, Query(description="What for; the team's if not stated.")] = ""
    ) -> Inquiry:
        return await super().__call__(request, purpose or MDT)


Asked = Annotated[Inquiry, Depends(_AskedForTheTeam(people=True))]


def answer(told: Any, *, status: int = 200) -> Response:
    """What came of it as JSON."""
    return Json(as_json(told), status)


def refused(refusal: Refusal) -> Response:
    """Why nothing came of it as JSON, with the status that it has."""
    detail = refusal.detail if isinstance(refusal.detail, dict) else {}
    return answer({"error": refusal.text, **detail}, status=_STATUS[refusal.why])


def _of(kind: str) -> type[Response]:
    """Describes a route that answers with a file of a kind."""
    return type("File", (Response,), {"media_type": kind})


def _route_of(step: Step[Any]) -> Callable[..., Awaitable[Response]]:
    async def make(asked: Asked, desk: AtDesk, form: Annotated[dict[str, Any], Body()]) -> Response:
        told = await desk.take(step, asked, None, form)
        return refused(told) if isinstance(told, Refusal) else answer(receipt(told), status=201)

    async def change(id: UUID, asked: Asked, desk: AtDesk, form: Annotated[dict[str, Any], Body()]) -> Response:
        told = await desk.take(step, asked, id, form)
        return refused(told) if isinstance(told, Refusal) else answer(receipt(told))

    return make if step.makes else change


for _step in STEPS:
    router.add_api_route(
        _step.path,
        _route_of(_step),
        methods=["POST"],
        status_code=201 if _step.makes else 200,
        summary=_step.says,
        name=f"{_step.things} {_step.event}",
        openapi_extra={"requestBody": {"content": {"application/json": {"schema": _step.form.model_json_schema()}}}},
    )


@router.get("/localities")
async def localities(asked: Asked, desk: AtDesk) -> Response:
    """The localities of the place, and how each team works."""
    return answer([_locality(desk, name) for name in sorted(desk.localities.by_id)])


def _locality(desk: Desk, name: str) -> dict[str, Any]:
    one = desk.localities.by_id[name]
    return {
        "id": one.locality,
        "title": one.title,
        "criteria": [criterion.model_dump() for criterion in one.criteria],
        "consent": one.consent.model_dump(),
        "slots": one.agenda.slots,
        "minutes": one.agenda.minutes,
        "triage": {"routine": one.triage.routine, "urgent": one.triage.urgent},
        "seats": [seat.title for seat in one.core],
    }


@router.get("/referrals")
async def referrals(asked: Asked, desk: AtDesk, locality: str, state: str | None = None) -> Response:
    """A locality's referrals, the soonest due for triage first."""
    return answer(await lists.referrals(desk, asked, locality, state=state))


@router.get("/referrals/own")
async def own_referrals(asked: Asked, desk: AtDesk) -> Response:
    """What the requester has referred."""
    return answer(await lists.own_referrals(desk, asked))


@router.get("/referrals/{id}")
async def referral(id: UUID, asked: Asked, desk: AtDesk) -> Response:
    """One referral."""
    return answer(await referred.referral(desk, asked, id))


@router.get("/caseload")
async def caseload(asked: Asked, desk: AtDesk, locality: str, after: UUID | None = None) -> Response:
    """Who is on a locality's caseload; `after` is the last id of the page before."""
    return answer(await lists.caseload(desk, asked, locality, after=after))


@router.get("/caseload/{id}")
async def caseload_entry(id: UUID, asked: Asked, desk: AtDesk) -> Response:
    """One person's place on the caseload."""
    return answer(await whole.caseload_entry(desk, asked, id))


@router.get("/meetings")
async def meetings(
    asked: Asked, desk: AtDesk, locality: str, first: date | None = None, last: date | None = None
) -> Response:
    """A locality's meetings between two days; the next three months where none are stated."""
    begin = first or london_date(asked.at)
    return answer(await lists.meetings(desk, asked, locality, begin, last or begin + timedelta(days=92)))


@router.get("/meetings/{id}")
async def meeting(id: UUID, asked: Asked, desk: AtDesk) -> Response:
    """A meeting with its agenda, its invitations and its room."""
    return answer(await whole.meeting(desk, asked, id))


@router.get("/meetings/{id}/proposal")
async def proposal(id: UUID, asked: Asked, desk: AtDesk) -> Response:
    """Whom the free slots would take, and who would wait."""
    return answer(await whole.proposal(desk, asked, id))


@router.get("/meetings/{id}/pack")
async def read_pack(id: UUID, asked: Asked, desk: AtDesk) -> Response:
    """The pack of a meeting for the requester: a page a person, as the agreement lets them see it."""
    return answer(await pack(desk, asked, id))


@router.get("/meetings/{id}/pack.html", response_class=HTMLResponse)
async def read_pack_page(id: UUID, asked: Asked, desk: AtDesk) -> Response:
    """The same as a page."""
    return HTMLResponse(as_html(await pack(desk, asked, id)), headers=dict(HEADERS))


@router.get("/meetings/{id}/pack.pdf", response_class=_of("application/pdf"))
async def read_pack_paper(id: UUID, asked: Asked, desk: AtDesk, whole: bool = False) -> Response:
    """The same as a PDF with the requester's name across each page; the trail tells of it as leaving on paper.

    A leaf for each person; `whole`, with all that the record holds behind it.
    """
    told = await pack(desk, asked, id, on_paper=True)
    return file(await asyncio.to_thread(as_pdf, told, whole=whole), "application/pdf")


@router.get("/meetings/{id}/minutes")
async def read_minutes(id: UUID, asked: Asked, desk: AtDesk) -> Response:
    """What was signed of a meeting as a whole, the newest first, and why it was opened again; of no one person."""
    return answer(await signed_minutes(desk, asked, id))


@router.get("/meetings/{id}/minutes.pdf", response_class=_of("application/pdf"))
async def read_minutes_paper(id: UUID, asked: Asked, desk: AtDesk) -> Response:
    """The minutes, draft or signed, as a PDF with the requester's name across each page; told to the trail as paper."""
    told = await minutes(desk, asked, id)
    return file(await asyncio.to_thread(minutes_as_pdf, told), "application/pdf")


@router.get("/meetings/{id}/fhir", response_class=_of("application/fhir+json"))
async def fhir(id: UUID, asked: Asked, desk: AtDesk, request: Request) -> Response:
    """A meeting as a FHIR Bundle, with those of its agenda whom the requester may see; its Appointment is of nobody."""
    told = await meeting_as_fhir(desk, asked, id, base=f"{request.base_url}fhir/R4")
    return file(orjson.dumps(told), "application/fhir+json")


@router.get("/meetings/{id}/calendar.ics", response_class=_of("text/calendar"))
async def calendar(id: UUID, asked: Asked, desk: AtDesk) -> Response:
    """A meeting for a diary, with nothing of whom it is about."""
    return file(await diary.calendar(desk, asked, id), "text/calendar; charset=utf-8")


@router.get("/meetings/{id}/invitation.txt", response_class=_of("text/plain"))
async def invitation_text(id: UUID, asked: Asked, desk: AtDesk) -> Response:
    """The same in words."""
    return file((await diary.invitation_text(desk, asked, id)).encode(), "text/plain; charset=utf-8")


@router.get("/items/{id}")
async def item(id: UUID, asked: Asked, desk: AtDesk) -> Response:
    """One discussion: the minutes of one person and of nobody else."""
    return answer(await discussed.item(desk, asked, id))


@router.get("/items/{id}/screen")
async def screen(id: UUID, asked: Asked, desk: AtDesk) -> Response:
    """What may be shown on the wall: what everyone in the room may see."""
    return answer(await discussed.screen(desk, asked, id))


@router.get("/invitations")
async def invitations(asked: Asked, desk: AtDesk) -> Response:
    """What the requester is invited to."""
    return answer(await lists.own_invitations(desk, asked))


@router.get("/actions")
async def actions(asked: Asked, desk: AtDesk, locality: str | None = None, overdue: bool = False) -> Response:
    """The requester's own open actions, or a locality's."""
    if locality is None:
        return answer(await lists.own_actions(desk, asked))
    return answer(await lists.actions(desk, asked, locality, overdue=overdue))


@router.get("/case-studies")
async def read_case_studies(asked: Asked, desk: AtDesk) -> Response:
    """The case studies of the requester's teams, and which of them a report may tell."""
    return answer(await case_studies.case_studies(desk, asked))


@router.get("/case-studies/{id}")
async def read_case_study(id: UUID, asked: Asked, desk: AtDesk) -> Response:
    """One case study."""
    return answer(await case_studies.case_study(desk, asked, id))


@router.get("/caseload/{id}/path")
async def path(id: UUID, asked: Asked, desk: AtDesk) -> Response:
    """What the team did with somebody, and what came of it: what a case study is written from."""
    return answer([one._asdict() for one in await case_studies.path(desk, asked, id)])


@router.get("/{things}/{id}/history")
async def history(things: str, id: UUID, asked: Asked, desk: AtDesk) -> Response:
    """What happened to a thing, when and by whom."""
    kind = THINGS.get(things)
    if kind is None:
        raise unknown()
    return answer(await whole.history(desk, asked, kind, id))
