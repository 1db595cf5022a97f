"""Pages of the multidisciplinary team: what waits for whoever signed in, referring somebody, triage, and meetings."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from operator import itemgetter
from typing import Any, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from app.mdt.case_finding.find import CASE_FINDING
from app.mdt.desk import Desk
from app.mdt.reading import lists
from app.mdt.steps.table import step
from app.mdt.workflow.referral import Source, Urgency
from app.mdt.workflow.thing import Refusal, Why
from app.vocabulary.london import london_date
from app.web.frame.labels import Choice, Day
from app.web.frame.layout import SEE_OTHER, page
from app.web.frame.nothing import nothing
from app.web.frame.typed import fields, nested
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.wording import told_apart
from app.web.oversight.trail import waiting
from app.web.team.at_desk import AtDesk, Labels, errors_of, for_team, rows, status
from app.web.team.besides import besides

router = APIRouter(include_in_schema=False)

_AHEAD: Final = timedelta(days=35)
_UNDECIDED: Final = ("received", "awaiting-information")
_LISTS: Final = frozenset({"segments"})
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
    "agreement.best_interests": "If they lack capacity, why it is in their best interests, and who was consulted",
    "agreement.overriding_reason": "If they object, why that must be overridden",
}
"""The fields of the form of referral, in their order."""


@router.get("/home")
async def home(looking: Looking, desk: AtDesk) -> Response:
    """What waits for whoever signed in: their actions, referrals, invitations, and the meetings ahead."""
    asked, on = for_team(looking), london_date(looking.asked.at)
    meetings = [
        row | {"title": desk.localities.by_id[name].title}
        for name in sorted(desk.localities.by_id)
        for row in rows(await lists.meetings(desk, asked, name, on, on + _AHEAD))
    ]
    known = {row["id"] for row in meetings}
    invited = [
        row
        | {"starts_at": row["meeting"]["starts_at"], "title": desk.localities.by_id[row["meeting"]["locality"]].title}
        for row in rows(await lists.own_invitations(desk, asked))
        if row["meeting"]["ends_at"] > asked.at and row["meeting"]["id"] not in known
    ]
    actions, referred = rows(await lists.own_actions(desk, asked)), rows(await lists.own_referrals(desk, asked))
    context = {
        "actions": actions,
        "about": told_apart(
            await desk.record.identities(replace(asked, id=uuid4()), {row["person_id"] for row in actions})
        ),
        "referred": sorted(referred, key=lambda row: row["state"] not in _UNDECIDED),
        "named": told_apart(await desk.record.identities(looking.asked, {row["person_id"] for row in referred})),
        "triage": await lists.triage_tally(desk, asked),
        "invitations": sorted(invited, key=itemgetter("starts_at")),
        "meetings": sorted(meetings, key=lambda row: (row["starts_at"], str(row["id"]))),
    }
    return page("home.html", looking.context() | context | await besides(looking) | await waiting(looking))


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
    if not await desk.record.may_see(looking.asked, person_id):
        return nothing(looking)
    context = {
        "person_id": person_id,
        "labels": _REFERRAL,
        "typed": {"source": Source.PROFESSIONAL, "urgency": Urgency.ROUTINE} | dict(typed),
        "errors": errors_of(refused, _REFERRAL),
    }
    return page("refer.html", looking.context() | context, status=status(refused))
