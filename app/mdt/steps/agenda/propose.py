"""Whom a meeting could discuss, and why: of the caseload, whoever is referred anew, was in trouble, or is due."""

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from app.mdt import store
from app.mdt.steps.office import Office
from app.mdt.workflow.agenda import AgendaItem, Cause
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.lifecycles.states import TO_COME, CaseloadState
from app.mdt.workflow.meeting import Meeting
from app.mdt.workflow.referral import Referral, Urgency
from app.mdt.workflow.rules.proposal import Candidate, proposal
from app.sharing.known.objection_store import kept_from_meeting
from app.sharing.known.store import deceased_among
from app.vocabulary.london import london_date

NOT_DISCUSSED: Final = "this person is not discussed at this meeting"
"""All that anyone is told of an objection to a meeting: not by whom, nor that there is one."""


def waiting_for(office: Office, meeting: Meeting, happened: Collection[UUID] = ()) -> list[Candidate]:
    """Everyone whom a meeting could list, and why: not who has died or objects, nor who is on an open agenda already.

    `happened` are the people of whom something was recorded since they were last discussed.
    """
    active = store.among(office.connection, CaseloadEntry, locality=meeting.locality, state=CaseloadState.ACTIVE)
    entries = office.as_they_stand(active)
    people = {entry.person_id for entry in entries}
    dead = deceased_among(office.connection, people)
    kept = kept_from_meeting(office.connection, people, meeting.name, at=office.at)
    listed = {item.caseload_id for item in open_items(office, meeting.locality)}
    referrals = latest_referrals(office, entries)
    return [
        candidate
        for entry in entries
        if entry.person_id not in dead | kept and entry.id not in listed
        and (candidate := _candidate(entry, referrals.get(entry.id), london_date(meeting.starts_at), happened))
    ]  # fmt: skip


def open_items(office: Office, locality: str) -> list[AgendaItem]:
    """Whoever waits on any agenda of a locality."""
    meetings = store.among(office.connection, Meeting, locality=locality, state=TO_COME)
    ids = [meeting.id for meeting in meetings]
    return [item for item in store.among(office.connection, AgendaItem, meeting_id=ids) if item.is_open]


def latest_referrals(office: Office, entries: Collection[CaseloadEntry]) -> dict[UUID, Referral]:
    """The referral of each place on the caseload that was made last, by the id of the place."""
    ids = {referral for entry in entries for referral in entry.content.referrals}
    known = {referral.id: referral for referral in store.among(office.connection, Referral, id=ids)}
    return {
        entry.id: max((known[each] for each in entry.content.referrals), key=lambda one: one.content.made[-1].at)
        for entry in entries
    }


def _candidate(
    entry: CaseloadEntry, referral: Referral | None, on: date, happened: Collection[UUID]
) -> Candidate | None:
    last = entry.content.last_discussed
    referred = london_date(referral.content.made[-1].at) if referral else entry.since
    if last is None or referred > last:
        urgent = referral is not None and referral.urgency == Urgency.URGENT
        cause = Cause.URGENT_REFERRAL if urgent else Cause.NEW_REFERRAL
        return Candidate(entry, cause, referred, _question(entry, referral))
    if entry.person_id in happened:
        return Candidate(entry, Cause.EVENT, last, entry.content.question)
    if entry.next_review <= on:
        return Candidate(entry, Cause.REVIEW_DUE, entry.next_review, entry.content.question)
    return None


def _question(entry: CaseloadEntry, referral: Referral | None) -> str:
    return referral.content.made[-1].form.question if referral else entry.content.question


def proposed(
    office: Office, meeting: Meeting, happened: Collection[UUID] = ()
) -> tuple[list[Candidate], list[Candidate]]:
    """Whom a meeting's free slots would take, in their order, and who must wait."""
    there = [item for item in store.among(office.connection, AgendaItem, meeting_id=meeting.id) if item.is_open]
    free = max(office.locality(meeting.locality).agenda.slots - len(there), 0)
    return proposal(waiting_for(office, meeting, happened), free)
