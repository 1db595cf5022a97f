"""Pages of actions: one's own, one's organisation's, one's teams'; what an owner does, and reminding many at once."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from app.asking.inquiry import AtDesk
from app.mdt.desk import Desk
from app.mdt.reading import lists, whole
from app.mdt.reading.answers.agenda import ActionRow
from app.mdt.steps.table import step
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.refusal import Refusal
from app.web.frame.filled_in.typed import fields, nested
from app.web.frame.layout import SEE_OTHER, page
from app.web.frame.nothing import nothing
from app.web.frame.onward import onward
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.words.labels import Choice, Day
from app.web.frame.words.wording import told_apart
from app.web.team.at_desk import (
    Labels,
    errors_of,
    for_team,
    own_localities,
    staff_key,
    staff_of,
    status,
    who,
)

router = APIRouter(prefix="/actions", include_in_schema=False)

_SAID: Final = {"accept": "reason", "decline": "reason", "complete": "result", "give-up": "reason"}
"""What an owner does with a few words, and the field of the step that they fill."""

_FORMS: Final[Mapping[str, Labels]] = {
    "hand-over": {"owner": Choice("Who is to do it"), "reason": "Why"},
    "reassign": {"owner": Choice("Who is to do it"), "reason": "Why"},
    "re-date": {"due": Day("New day"), "reason": "Why"},
    "owner-left": {"reason": "What you know of it"},
    "cancel": {"reason": "Why it is not needed any more"},
}
"""What has a form of its own, and what that asks."""

_MINE, _ORGANISATION = "mine", "organisation"


@router.get("")
async def actions(
    looking: Looking, desk: AtDesk, whose: str = _MINE, reminded: Annotated[int | None, Query(ge=0, le=200)] = None
) -> Response:
    """Open actions by the day that they are due: one's own, one's organisation's, or a locality's."""
    localities = own_localities(desk, looking)
    found = await _open(desk, looking, whose, localities)
    if found is None:
        return nothing(looking)
    people = told_apart(await desk.record.glancing.identities(for_team(looking), {one["person_id"] for one in found}))
    context = {
        "actions": found,
        "people": people,
        "chased": await lists.last_chased(desk, for_team(looking), [one["id"] for one in found]),
        "tabs": {_MINE: "Mine", _ORGANISATION: "My organisation's"} | {one.locality: one.title for one in localities},
        "whose": whose,
        "reminded": reminded,
        "names": looking.names,
    }
    return page("team/actions.html", looking.context() | context)


@router.post("/remind")
async def remind(request: Request, looking: Looking, desk: AtDesk) -> Response:
    """Remind the owners of those that were chosen, or of all that are overdue."""
    typed = fields(await request.form())
    everyone = any(name == "overdue" for name, _ in typed)
    chosen = [value for name, value in typed if name == ("late" if everyone else "action")]
    whose = next((value for name, value in typed if name == "whose"), _MINE)
    told = await desk.take(step("reminders", "new"), for_team(looking), None, {"actions": chosen}) if chosen else []
    if isinstance(told, Refusal):
        return nothing(looking)
    reminded = len(told) if isinstance(told, Sequence) else 0
    return RedirectResponse(f"/actions?{urlencode({'whose': whose, 'reminded': reminded})}", SEE_OTHER)


@router.get("/{action_id}")
async def action(action_id: UUID, looking: Looking, desk: AtDesk) -> Response:
    """One action, with what may be done with it."""
    return await _action(action_id, looking, desk, {}, None)


@router.get("/{action_id}/{event}")
async def form(action_id: UUID, event: str, looking: Looking, desk: AtDesk) -> Response:
    """The form of what takes more than a few words."""
    return await _form(action_id, event, looking, desk, {}, None)


@router.post("/{action_id}/{event}")
async def act(action_id: UUID, event: str, request: Request, looking: Looking, desk: AtDesk) -> Response:
    """Do it; what is wrong is told, and nothing of it has to be typed again."""
    if event not in _SAID and event not in _FORMS:
        return nothing(looking)
    typed = dict(fields(await request.form()))
    onto = typed.pop("then", "/actions")
    said = nested(typed.items())
    if event in _SAID and "said" in said:
        said[_SAID[event]] = said.pop("said")
    if "owner" in said:
        said["owner"] = who(said["owner"], staff_of(desk.localities.by_id.values()))
    told = await desk.take(step("actions", event), for_team(looking), action_id, said)
    if isinstance(told, Refusal):
        show = _form if event in _FORMS else _said
        return await show(action_id, event, looking, desk, typed, told)
    return RedirectResponse(onward(onto), SEE_OTHER)


async def _open(
    desk: Desk, looking: Viewing, whose: str, localities: Sequence[LocalityDocument]
) -> list[ActionRow] | None:
    """Those that were asked for; `None` where the viewer is not of that team."""
    if whose == _MINE:
        return await lists.own_actions(desk, for_team(looking))
    if whose == _ORGANISATION:
        return await lists.organisation_actions(desk, for_team(looking))
    if not any(one.locality == whose for one in localities):
        return None
    return await lists.actions(desk, for_team(looking), whose)


async def _said(
    action_id: UUID, event: str, looking: Viewing, desk: Desk, typed: Mapping[str, str], refused: Refusal
) -> Response:
    return await _action(action_id, looking, desk, typed, refused)


async def _action(
    action_id: UUID, looking: Viewing, desk: Desk, typed: Mapping[str, str], refused: Refusal | None
) -> Response:
    told = await _told(action_id, looking, desk)
    said = {"reason": "What you say of it", "result": "What you say of it"}
    context = {"typed": typed, "errors": errors_of(refused, said), "forms": list(_FORMS)}
    return page("team/action.html", looking.context() | told | context, status=status(refused))


async def _form(
    action_id: UUID, event: str, looking: Viewing, desk: Desk, typed: Mapping[str, str], refused: Refusal | None
) -> Response:
    told = await _told(action_id, looking, desk)
    if event not in _FORMS or event not in told["action"]["possible"]:
        return nothing(looking)
    staff = staff_of([desk.localities.by_id[told["action"]["locality"]]])
    context = {
        "event": event,
        "labels": _FORMS[event],
        "typed": typed,
        "errors": errors_of(refused, _FORMS[event]),
        "staff": [(staff_key(one), f"{one.name}, {looking.names.partner(one.organisation)}") for one in staff],
        "partners": sorted(looking.names.partners.items(), key=itemgetter(1)),
    }
    return page("team/action_step.html", looking.context() | told | context, status=status(refused))


async def _told(action_id: UUID, looking: Viewing, desk: Desk) -> dict[str, Any]:
    told = await whole.action(desk, for_team(looking), action_id)
    people = await desk.record.glancing.identities(for_team(looking), {told["person_id"]})
    chased = await lists.last_chased(desk, for_team(looking), [action_id])
    return {
        "action": told,
        "person": people.get(told["person_id"]),
        "chased": chased.get(action_id),
        "names": looking.names,
    }
