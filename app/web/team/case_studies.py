"""Pages of case studies: what may be told of whom, writing one, recording the permission, approving, taking it back."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from app.asking.inquiry import AtDesk
from app.mdt.desk import Desk
from app.mdt.reading import case_studies
from app.mdt.steps.table import step, step_of
from app.mdt.workflow.case_study import BASES, PARTS, CaseStudy
from app.mdt.workflow.refusal import Refusal, Why
from app.sharing.published.phrases import long
from app.web.frame.filled_in.typed import fields, nested
from app.web.frame.layout import SEE_OTHER, page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.words.labels import Choice, Day
from app.web.team.at_desk import Labels, errors_of, for_team, rows, status

router = APIRouter(prefix="/impact/case-studies", include_in_schema=False)

_PERMIT: Final[Labels] = {
    "basis": Choice("Who permits it"),
    "given_by": "Who decided for the person",
    "consulted": "Why they cannot decide this, and who was asked",
    "uses": Choice("What it may be told in"),
    "asked_by": "Who asked",
    "asked_on": Day("When they were asked"),
    "how": "How they were asked",
    "until": Day("Until when"),
}
_STEPS: Final[Mapping[str, Labels]] = {
    "revise": PARTS,
    "permit": _PERMIT,
    "approve": {},
    "withdraw": {"reason": Choice("Why")},
}
_LISTS: Final = frozenset({"uses"})


@router.get("")
async def listed(looking: Looking, desk: AtDesk) -> Response:
    """Those of the viewer's teams, and which of them a report tells."""
    told = await case_studies.case_studies(desk, for_team(looking))
    return page(
        "team/case_studies.html",
        looking.context() | {"studies": told, "localities": desk.localities.by_id, "bases": BASES},
    )


@router.get("/new")
async def new(caseload: UUID, looking: Looking, desk: AtDesk) -> Response:
    """The form of a new one, beside what happened."""
    return await _write(looking, desk, caseload, {}, None)


@router.post("/new")
async def write(caseload: UUID, request: Request, looking: Looking, desk: AtDesk) -> Response:
    """A new one as it was typed; what says who it is about is pointed at, and nothing has to be typed again."""
    typed = dict(fields(await request.form()))
    said = nested(typed.items()) | {"caseload_id": str(caseload)}
    told = await desk.take(step_of(CaseStudy, "new"), for_team(looking), None, said)
    if isinstance(told, Refusal):
        return await _write(looking, desk, caseload, typed, told)
    return RedirectResponse(f"/impact/case-studies/{told.id}", SEE_OTHER)


@router.get("/{study_id}")
async def shown(study_id: UUID, looking: Looking, desk: AtDesk) -> Response:
    """One of them, with what may be done to it."""
    return await _shown(study_id, looking, desk, None)


@router.get("/{study_id}/{event}")
async def form(study_id: UUID, event: str, looking: Looking, desk: AtDesk) -> Response:
    """The form of one step."""
    return await _form(study_id, event, looking, desk, {}, None)


@router.post("/{study_id}/{event}")
async def take(study_id: UUID, event: str, request: Request, looking: Looking, desk: AtDesk) -> Response:
    """Take the step; what is wrong is told, and nothing of it has to be typed again."""
    if event not in _STEPS:
        return nothing(looking)
    typed = fields(await request.form())
    told = await desk.take(step("case-studies", event), for_team(looking), study_id, nested(typed, lists=_LISTS))
    if not isinstance(told, Refusal):
        return RedirectResponse(f"/impact/case-studies/{study_id}", SEE_OTHER)
    if event == "approve":
        return await _shown(study_id, looking, desk, told)
    chosen = {name: [value for each, value in typed if each == name] for name in _LISTS}
    return await _form(study_id, event, looking, desk, dict(typed) | chosen, told)


async def _write(
    looking: Viewing, desk: Desk, caseload: UUID, typed: Mapping[str, Any], refused: Refusal | None
) -> Response:
    path = await case_studies.path(desk, for_team(looking), caseload)
    if refused and refused.why is Why.UNKNOWN:
        return nothing(looking)
    context = {"event": "new", "path": path, "typed": typed, "back": f"/caseload/{caseload}", "study": None}
    return _page(looking, context, PARTS, refused)


async def _shown(study_id: UUID, looking: Viewing, desk: Desk, refused: Refusal | None) -> Response:
    told = await case_studies.case_study(desk, for_team(looking), study_id)
    context = {
        "study": told,
        "parts": PARTS,
        "labels": _PERMIT,
        "bases": BASES,
        "errors": errors_of(refused, {}),
        "names": looking.names,
    }
    return page("team/case_study.html", looking.context() | context, status=status(refused))


async def _form(
    study_id: UUID, event: str, looking: Viewing, desk: Desk, typed: Mapping[str, Any], refused: Refusal | None
) -> Response:
    told = await case_studies.case_study(desk, for_team(looking), study_id)
    if event not in _STEPS or event not in told["possible"]:
        return nothing(looking)
    path = rows(case_studies.path(desk, for_team(looking), told["caseload_id"])) if event == "revise" else None
    context = {
        "event": event,
        "study": told,
        "path": await path if path else [],
        "typed": typed or (told["story"] if event == "revise" else {}),
        "back": f"/impact/case-studies/{study_id}",
        "longest": long(desk.permission_lasts(looking.asked.at)),
    }
    return _page(looking, context, _STEPS[event], refused)


def _page(looking: Viewing, context: dict[str, Any], labels: Labels, refused: Refusal | None) -> Response:
    detail = refused.detail if refused and isinstance(refused.detail, dict) else {}
    pointed = [
        (PARTS[field], _pointed(context["typed"].get(field, "").strip(), detail["words"], field))
        for field in PARTS
        if any(one["field"] == field for one in detail.get("words", ()))
    ]
    context |= {"labels": labels, "errors": errors_of(refused, labels), "pointed": pointed}
    return page("team/case_study_form.html", looking.context() | context, status=status(refused))


def _pointed(text: str, words: Sequence[Mapping[str, Any]], field: str) -> list[tuple[str, str]]:
    """A text in pieces, each with what it tells of who it is about; nothing of the others."""
    pieces: list[tuple[str, str]] = []
    at = 0
    for one in (each for each in words if each["field"] == field):
        pieces += [(text[at : one["begins"]], ""), (text[one["begins"] : one["ends"]], str(one["kind"]))]
        at = one["ends"]
    return [*pieces, (text[at:], "")]
