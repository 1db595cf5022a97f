"""What the teams' clock does by itself: plans and locks meetings, reminds owners, escalates, notices who has left."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from uuid import uuid4

from sqlalchemy import Engine

from app.database.transactions import transaction
from app.identity.requester import Requester
from app.identity.store import accounts
from app.mdt import store
from app.mdt.steps import own, plan
from app.mdt.steps.agenda.lock import lock
from app.mdt.steps.invite import invite_core
from app.mdt.steps.office import Office
from app.mdt.steps.refer import waited
from app.mdt.steps.relations import CLOCK
from app.mdt.steps.taking import Teams, taken
from app.mdt.workflow.action import Action
from app.mdt.workflow.forms import Change
from app.mdt.workflow.lifecycles.states import ReferralState
from app.mdt.workflow.locality import LocalityDocument, Staff
from app.mdt.workflow.meeting import Lock, Meeting, Reasoned
from app.mdt.workflow.notice import ESCALATIONS, REMINDERS, NoticeKind, reminder_due
from app.mdt.workflow.referral import Referral
from app.record.inquiry import Inquiry
from app.vocabulary.token import Purpose

PLANNED_AHEAD: Final = timedelta(days=100)
INVITED_AHEAD: Final = timedelta(days=14)
_PURPOSE: Final = Purpose("mdt")


def tend(engine: Engine, teams: Teams, *, at: datetime) -> None:
    """Do whatever is due, each thing in a transaction of its own; doing it twice does nothing twice."""
    for locality in teams.localities.by_id.values():
        for due in (_plan_ahead, _lock_due, _notice_who_left, _remind, _hand_back_late):
            with transaction(engine) as connection:
                taken(connection, teams, as_clock(locality, at), partial(due, locality=locality))


def as_clock(locality: LocalityDocument, at: datetime) -> Inquiry:
    """The background process, acting for a locality: it may do what the tables leave to the clock, and sees nobody."""
    requester = Requester(
        subject="clock", issuer="pisano", name="Pisano", organisation=locality.host, role=CLOCK, session=""
    )
    return Inquiry(id=uuid4(), requester=requester, purpose=_PURPOSE, at=at.astimezone(UTC))


def _plan_ahead(office: Office, locality: LocalityDocument) -> None:
    plan.plan_meetings(
        office, plan.PlanMeetings(locality=locality.locality, until=office.on + PLANNED_AHEAD, first=office.on)
    )
    for meeting in store.meetings_to_lock(office.connection, locality.locality, office.at + INVITED_AHEAD):
        invite_core(office, meeting.id, Change(version=meeting.version))


def _lock_due(office: Office, locality: LocalityDocument) -> None:
    until = office.at + locality.agenda.lock
    for meeting in store.meetings_to_lock(office.connection, locality.locality, until):
        lock(office, meeting.id, Lock(version=office.held(Meeting, meeting.id).version))


def _notice_who_left(office: Office, locality: LocalityDocument) -> None:
    """An owner whose account is gone, or is another organisation's now, owns nothing any more."""
    there = {(one.username, str(one.organisation)) for one in accounts(office.connection)}
    for action in store.open_actions(office.connection, locality=locality.locality, issuer="local"):
        left = (action.subject, action.organisation) not in there
        if left and "owner-left" in action.lifecycle.possible(action.state, office.relations(action, action.locality)):
            own.owner_left(
                office, action.id, Reasoned(version=action.version, reason="their account is no longer there")
            )


def _remind(office: Office, locality: LocalityDocument) -> None:
    for action in store.open_actions(office.connection, locality=locality.locality):
        late = (office.on - action.due).days
        day = reminder_due(late)
        if day is None:
            continue
        if action.account is not None:
            office.notify(REMINDERS[day], action.account, _key(action, day, "owner"), f"/actions/{action.id}")
        for after, whom in ESCALATIONS.items():
            if after <= day:
                _escalate(office, locality, action, after, whom)


def _hand_back_late(office: Office, locality: LocalityDocument) -> None:
    """Tell whoever referred somebody that no one triaged it by its day, whatever the reason; and those who chair.

    It may be that nobody of the team may read it, as the person objects to each of their organisations. That is told to
    no one, so it is told alike of every referral that is late: those who referred know the person, and may act. Whoever
    chairs is led to the board, where what they may not read is a clock without a name.
    """
    for referral in store.among(office.connection, Referral, locality=locality.locality, state=ReferralState.RECEIVED):
        if not waited(referral, office.on):
            continue
        key = f"referral/{referral.id}/late/{referral.triage_due}"
        for account in referral.referrers:
            each = f"{key}/{account.issuer}/{account.subject}"
            office.notify(NoticeKind.REFERRAL_LATE, account, each, f"/referrals/{referral.id}")
        for staff in chairs(locality):
            each = f"{key}/chair/{staff.issuer}/{staff.account}"
            office.notify(NoticeKind.TRIAGE_LATE, staff.as_account, each, "/referrals")


def _escalate(office: Office, locality: LocalityDocument, action: Action, after: int, whom: str) -> None:
    managers = [one for one in locality.managers if one.organisation == action.organisation]
    told = managers if whom == "manager" and managers else chairs(locality)
    for staff in told:
        key = _key(action, after, f"{whom}/{staff.account}")
        office.notify(NoticeKind.ACTION_ESCALATED, staff.as_account, key, f"/actions/{action.id}")


def chairs(locality: LocalityDocument) -> list[Staff]:
    """Who may chair, holders first."""
    staff = [one for seat in locality.core for one in seat.staff if one.role == "mdt-chair"]
    return list({one.as_account: one for one in staff}.values())


def _key(action: Action, day: int, whom: str) -> str:
    return f"action/{action.id}/{action.due}/{day}/{whom}"
