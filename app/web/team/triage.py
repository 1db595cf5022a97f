"""Pages of triage: what waits, by whose clock, and deciding one referral; and a referrer's answer to what was asked."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from app.asking.inquiry import AtDesk
from app.mdt.desk import Desk
from app.mdt.reading import lists, referred
from app.mdt.steps.table import step
from app.mdt.workflow.lifecycles.states import ReferralState
from app.mdt.workflow.referral import AWAITING_TRIAGE
from app.mdt.workflow.refusal import Refusal
from app.vocabulary.london import london_date
from app.web.frame.filled_in.typed import fields, nested
from app.web.frame.layout import SEE_OTHER, page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.words.wording import rows_told_apart
from app.web.team.at_desk import errors_of, for_team, own_localities, status

router = APIRouter(prefix="/referrals", include_in_schema=False)

_EVENTS: Final = ("ask", "accept", "redirect", "standard-pathway", "answer", "withdraw")
_LABELS: Final = {"reason": "Why, or what you ask", "to": "To which service"}


@router.get("")
async def board(looking: Looking, desk: AtDesk) -> Response:
    """What the viewer's teams have to triage, the soonest due first, and what waits for an answer."""
    columns = {
        state: rows_told_apart(
            [
                row
                for one in own_localities(desk, looking)
                for row in await lists.referrals(desk, for_team(looking), one.locality, state=state)
            ]
        )
        for state in AWAITING_TRIAGE
    }
    context = {
        "to_triage": sorted(columns[ReferralState.RECEIVED], key=itemgetter("triage_due")),
        "waiting": sorted(columns[ReferralState.AWAITING_INFORMATION], key=itemgetter("clock_stopped")),
        "localities": {one.locality: one.title for one in own_localities(desk, looking)},
        "names": looking.names,
    }
    return page("team/referrals.html", looking.context() | context)


@router.get("/{referral_id}")
async def referral(referral_id: UUID, looking: Looking, desk: AtDesk) -> Response:
    """One referral, with what may be decided of it."""
    return await _referral(referral_id, looking, desk, {}, None)


@router.post("/{referral_id}/{event}")
async def decide(referral_id: UUID, event: str, request: Request, looking: Looking, desk: AtDesk) -> Response:
    """Accept, ask for more, send elsewhere, leave to the standard pathway; answer what was asked, or take it back."""
    if event not in _EVENTS:
        return nothing(looking)
    typed = dict(fields(await request.form()))
    said = nested([(name, value) for name, value in typed.items() if name != "to" or event == "redirect"])
    told = await desk.take(step("referrals", event), for_team(looking), referral_id, said)
    if isinstance(told, Refusal):
        return await _referral(referral_id, looking, desk, typed, told)
    return RedirectResponse("/home" if event in ("answer", "withdraw") else "/referrals", SEE_OTHER)


async def _referral(
    referral_id: UUID, looking: Viewing, desk: Desk, typed: Mapping[str, str], refused: Refusal | None
) -> Response:
    told = await referred.referral(desk, for_team(looking), referral_id)
    context = {
        "referral": told,
        "late": told["state"] == ReferralState.RECEIVED and told["triage_due"] < london_date(looking.asked.at),
        "names": looking.names,
        "typed": typed,
        "errors": errors_of(refused, _LABELS | ({"reason": "Your answer"} if "answer" in told["possible"] else {})),
    }
    return page("team/referral.html", looking.context() | context, status=status(refused))
