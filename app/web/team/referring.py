"""Referring somebody to a team: the one form, whichever partner refers."""

from collections.abc import Mapping
from dataclasses import replace
from operator import itemgetter
from typing import Any, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from app.asking.inquiry import AtDesk
from app.mdt.case_finding.find import CASE_FINDING
from app.mdt.desk import Desk
from app.mdt.steps.table import step
from app.mdt.workflow.referral import Source, Urgency
from app.mdt.workflow.refusal import Refusal, Why
from app.web.frame.filled_in.typed import fields, nested
from app.web.frame.layout import SEE_OTHER, page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.words.labels import Choice, Day
from app.web.team.at_desk import Labels, errors_of, status

router = APIRouter(include_in_schema=False)

_LISTS: Final = frozenset({"segments", "agreement.objects_to"})
_REFERRAL: Final[Labels] = {
    "question": "What do you ask the team?",
    "situation": "Situation",
    "background": "Background",
    "assessment": "Assessment",
    "recommendation": "Recommendation",
    "what_matters": "What matters to them",
    "segments": Choice("Which of these describe them?"),
    "source": Choice("How did you come to refer them?"),
    "urgency": Choice("How soon?"),
    "why_urgent": "If urgent, why",
    "informed.was": Choice("Do they know that they will be discussed?"),
    "informed.how": Choice("If yes, how were they told?"),
    "informed.on": Day("On which day?"),
    "informed.why_not": "If no, why not",
    "agreement.stance": Choice("What do they say to it?"),
    "agreement.objects_to": Choice("If they object, to whom?"),
    "agreement.best_interests": "If they lack capacity, why it is in their best interests, and who was consulted",
    "agreement.overriding_reason": "If they object to being discussed at all, why that must be overridden",
}
"""The fields of the form of referral, in their order."""


@router.get("/people/{person_id}/refer")
async def refer(person_id: UUID, looking: Looking, desk: AtDesk) -> Response:
    """The one form of referral, whichever partner refers."""
    found = {"source": Source.RISK_LIST} if looking.asked.purpose == CASE_FINDING else {}
    return await _refer(person_id, looking, desk, found, None)


@router.post("/people/{person_id}/refer")
async def referred(person_id: UUID, request: Request, looking: Looking, desk: AtDesk) -> Response:
    """A referral as it was typed; what is wrong is told, and nothing of it has to be typed again."""
    typed = fields(await request.form())
    said = nested(typed, lists=_LISTS) | {"person_id": str(person_id)}
    told = await desk.take(step("referrals", "new"), looking.asked, None, said)
    if isinstance(told, Refusal) and told.why is Why.UNKNOWN:
        return nothing(looking)
    if isinstance(told, Refusal):
        chosen = {name: [value for each, value in typed if each == name] for name in _LISTS}
        return await _refer(person_id, looking, desk, dict(typed) | chosen, told)
    return RedirectResponse("/home", SEE_OTHER)


async def _refer(
    person_id: UUID, looking: Viewing, desk: Desk, typed: Mapping[str, Any], refused: Refusal | None
) -> Response:
    if not await desk.record.glancing.may_see(looking.asked, person_id):
        return nothing(looking)
    named = await desk.record.glancing.identities(replace(looking.asked, id=uuid4()), {person_id})
    context = {
        "person": named.get(person_id),
        "person_id": person_id,
        "labels": _REFERRAL,
        "partners": sorted(looking.names.partners.items(), key=itemgetter(1)),
        "typed": {"source": Source.PROFESSIONAL, "urgency": Urgency.ROUTINE} | dict(typed),
        "errors": errors_of(refused, _REFERRAL),
    }
    return page("team/refer.html", looking.context() | context, status=status(refused))
