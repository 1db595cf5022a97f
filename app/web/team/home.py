"""The home page: what waits for whoever signed in."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from operator import itemgetter
from typing import Any, Final
from uuid import uuid4

from fastapi import APIRouter, Response

from app.asking.inquiry import AtDesk
from app.mdt.reading import lists
from app.mdt.workflow.lifecycles.states import MeetingState
from app.mdt.workflow.referral import AWAITING_TRIAGE
from app.vocabulary.london import london_date
from app.web.frame.layout import page
from app.web.frame.viewing import Looking
from app.web.frame.words.wording import told_apart
from app.web.oversight.trail import waiting
from app.web.team.at_desk import arranged_localities, for_team, own_localities
from app.web.team.besides import besides

router = APIRouter(include_in_schema=False)

_AHEAD: Final = timedelta(days=35)
_UNSIGNED: Final = timedelta(days=92)  # for so long after a meeting its minutes are asked for


@router.get("/home")
async def home(looking: Looking, desk: AtDesk) -> Response:
    """What waits for whoever signed in: their actions, referrals, invitations, the meetings ahead, minutes to sign."""
    asked, on = for_team(looking), london_date(looking.asked.at)
    meetings: list[dict[str, Any]] = [
        {**row, "title": locality.title}
        for locality in own_localities(desk, looking)
        for row in await lists.meetings(desk, asked, locality.locality, on - _UNSIGNED, on + _AHEAD)
    ]
    arranged = {one.locality for one in arranged_localities(desk, looking)}
    ahead = [row for row in meetings if on <= london_date(row["starts_at"]) <= on + _AHEAD]
    known = {row["id"] for row in ahead}
    invited = [
        {
            **row,
            "starts_at": row["meeting"]["starts_at"],
            "title": desk.localities.by_id[row["meeting"]["locality"]].title,
        }
        for row in await lists.own_invitations(desk, asked)
        if row["meeting"]["ends_at"] > asked.at and row["meeting"]["id"] not in known
    ]
    actions, referred = await lists.own_actions(desk, asked), await lists.own_referrals(desk, asked)
    context = {
        "actions": actions,
        "about": told_apart(
            await desk.record.glancing.identities(replace(asked, id=uuid4()), {row["person_id"] for row in actions})
        ),
        "referred": sorted(referred, key=lambda row: row["state"] not in AWAITING_TRIAGE),
        "named": told_apart(
            await desk.record.glancing.identities(looking.asked, {row["person_id"] for row in referred})
        ),
        "triage": await lists.triage_tally(desk, asked),
        "invitations": sorted(invited, key=itemgetter("starts_at")),
        "meetings": _in_order(ahead),
        "unsigned": _in_order(
            row for row in meetings if row["state"] == MeetingState.CLOSED and row["locality"] in arranged
        ),
    }
    return page("team/home.html", looking.context() | context | await besides(looking) | await waiting(looking))


def _in_order(meetings: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(meetings, key=lambda row: (row["starts_at"], str(row["id"])))
