"""Pages of the caseload: who is on it, why and with whom, when they are looked at again, and how they leave it."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from app.asking.inquiry import AtDesk
from app.mdt.desk import Desk
from app.mdt.reading import lists, whole
from app.mdt.reading.answers.caseload import CaseloadRow, EntryTold
from app.mdt.steps.table import step
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.locality import Staff
from app.mdt.workflow.refusal import Refusal
from app.web.frame.filled_in.typed import fields, nested
from app.web.frame.layout import SEE_OTHER, page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.words.labels import Choice, Day
from app.web.frame.words.wording import rows_told_apart
from app.web.team.at_desk import (
    Labels,
    errors_of,
    for_team,
    is_named,
    own_localities,
    staff_key,
    staff_of,
    status,
    who,
)

router = APIRouter(prefix="/caseload", include_in_schema=False)

_STEPS: Final[Mapping[str, Labels]] = {
    "assign": {"lead": Choice("Who leads"), "coordinator": Choice("Who coordinates")},
    "plan-review": {"on": Day("Next review"), "reason": "Why then"},
    "step-down": {
        "reason": Choice("Why they leave the caseload"),
        "holder": Choice("Who holds their care from now on"),
        "re_entry_trigger": "What would bring them back",
        "person_told": "Who tells the person, and how",
    },
    "follow-up": {
        "told_on": Day("When the person was told what was decided"),
        "told_how": "How, and by whom",
        "plan_shared_on": Day("When the plan was shared with them and their partners"),
    },
}
"""What can be done to a place on the caseload, each with what its form asks."""

_NAMED: Final = ("lead", "coordinator", "holder")


@router.get("")
async def caseload(looking: Looking, desk: AtDesk, locality: str = "") -> Response:
    """One locality's caseload, whoever is reviewed next first."""
    theirs = own_localities(desk, looking)
    chosen = next((one for one in theirs if one.locality == locality), theirs[0] if theirs and not locality else None)
    if chosen is None:
        return nothing(looking)
    context = {
        "localities": theirs,
        "chosen": chosen,
        "entries": sorted(await _everyone(desk, looking, chosen.locality), key=itemgetter("next_review")),
    }
    return page("team/caseload.html", looking.context() | context)


async def _everyone(desk: Desk, looking: Viewing, locality: str) -> list[CaseloadRow]:
    """All pages of the list together, as it is by id, and people read it by review."""
    everyone: list[CaseloadRow] = []
    while True:
        after = everyone[-1]["id"] if everyone else None
        more = await lists.caseload(desk, for_team(looking), locality, after=after)
        if not more:
            return rows_told_apart(everyone)
        everyone += more


@router.get("/{entry_id}")
async def entry(entry_id: UUID, looking: Looking, desk: AtDesk) -> Response:
    """One person's place on the caseload."""
    told = await whole.caseload_entry(desk, for_team(looking), entry_id)
    return page("team/caseload_entry.html", looking.context() | _told(told, looking, desk))


@router.get("/{entry_id}/{event}")
async def form(entry_id: UUID, event: str, looking: Looking, desk: AtDesk) -> Response:
    """The form of one step."""
    return await _form(entry_id, event, looking, desk, {}, None)


@router.post("/{entry_id}/{event}")
async def take(entry_id: UUID, event: str, request: Request, looking: Looking, desk: AtDesk) -> Response:
    """Take the step; what is wrong is told, and nothing of it has to be typed again."""
    if event not in _STEPS:
        return nothing(looking)
    typed = fields(await request.form())
    staff = staff_of(desk.localities.by_id.values())
    said = {name: who(value, staff) if name in _NAMED else value for name, value in nested(typed).items()}
    discussion = said.pop("discussion", None)
    if event == "follow-up":
        told = await desk.take(step("items", event), for_team(looking), _id(discussion), said)
    else:
        told = await desk.take(step("caseload", event), for_team(looking), entry_id, said)
    if isinstance(told, Refusal):
        return await _form(entry_id, event, looking, desk, dict(typed), told)
    if event == "step-down" and isinstance(told, CaseloadEntry):
        return RedirectResponse(f"/caseload?locality={told.locality}", SEE_OTHER)
    return RedirectResponse(f"/caseload/{entry_id}", SEE_OTHER)


def _id(said: Any) -> UUID:
    """The discussion that a form is of; one that is none is nobody's."""
    try:
        return UUID(said)
    except (TypeError, ValueError, AttributeError):
        return UUID(int=0)


async def _form(
    entry_id: UUID, event: str, looking: Viewing, desk: Desk, typed: Mapping[str, str], refused: Refusal | None
) -> Response:
    told = await whole.caseload_entry(desk, for_team(looking), entry_id)
    if event not in _STEPS or event not in _possible(told):
        return nothing(looking)
    staff = staff_of([desk.localities.by_id[told["locality"]]])
    context = {
        "event": event,
        "labels": _STEPS[event],
        "typed": typed or _as_it_is(told, staff),
        "errors": errors_of(refused, _STEPS[event]),
        "staff": [(staff_key(one), f"{one.name}, {looking.names.partner(one.organisation)}") for one in staff],
        "partners": sorted(looking.names.partners.items(), key=itemgetter(1)),
    }
    return page(
        "team/caseload_step.html", looking.context() | _told(told, looking, desk) | context, status=status(refused)
    )


def _possible(told: EntryTold) -> tuple[str, ...]:
    """What can be done to a place on the caseload, and to the last discussion of it."""
    return (*told["possible"], *(("follow-up",) if told["discussion"] else ()))


def _as_it_is(told: EntryTold, staff: Sequence[Staff]) -> dict[str, str]:
    """Who leads and coordinates now, as the form that changes them has it."""
    typed: dict[str, str] = {}
    for field, held in (("lead", told["lead"]), ("coordinator", told["coordinator"])):
        if held is not None:
            of = next((staff_key(one) for one in staff if is_named(one, held)), "")
            named = {f"{field}.name": held.name, f"{field}.organisation": str(held.organisation)}
            typed |= {f"{field}.of": of} if of else named
    return typed


def _told(told: EntryTold, looking: Viewing, desk: Desk) -> dict[str, Any]:
    return {"entry": told, "locality": desk.localities.by_id[told["locality"]], "names": looking.names}
