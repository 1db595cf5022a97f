"""Locking an agenda, and taking people off it: who died or objects, and whom somebody withdraws."""

from collections.abc import Iterator
from itertools import pairwise
from uuid import UUID

from app.mdt import store
from app.mdt.steps.agenda.propose import NOT_DISCUSSED, open_items
from app.mdt.steps.office import Office
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.lifecycles.states import ItemState
from app.mdt.workflow.meeting import Lock, Meeting, Reasoned, locks_early
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.refusal import invalid
from app.mdt.workflow.rules.completeness import is_complete
from app.sharing.known.objection_store import kept_from_meeting
from app.sharing.known.store import deceased_among


def lock(office: Office, meeting_id: UUID, form: Lock) -> Meeting:
    """Settle the agenda: who has died or objects is taken off, and of two records that were merged only one stays."""
    meeting = office.seen(Meeting, meeting_id, form.version)
    early = locks_early(meeting.locks_at(office.locality(meeting.locality)), office.at)
    content = meeting.content.model_copy(update={"complete_packs": tuple(_complete_packs(office, meeting))})
    locked = office.advance(meeting, "lock", locked_at=office.at, content=content)
    if early and not form.early:
        raise invalid(f"it locks by itself in {early}; confirm that it is to be locked now", field="early")
    for item, reason in _not_to_be_discussed(office, meeting):
        withdraw_item(office, item, reason)
    return locked


def _complete_packs(office: Office, meeting: Meeting) -> Iterator[UUID]:
    """The items of which the pack lacks nothing that is required."""
    for item in store.among(office.connection, AgendaItem, meeting_id=meeting.id):
        entry = office.held(CaseloadEntry, item.caseload_id)
        referrals = store.among(office.connection, Referral, id=set(entry.content.referrals))
        if item.is_open and is_complete(item.content, entry.content, referrals):
            yield item.id


def _not_to_be_discussed(office: Office, meeting: Meeting) -> list[tuple[AgendaItem, str]]:
    items = [item for item in store.among(office.connection, AgendaItem, meeting_id=meeting.id) if item.is_open]
    standing = office.standing({item.person_id for item in items})
    dead = deceased_among(office.connection, set(standing.values()))
    kept = kept_from_meeting(office.connection, set(standing.values()), meeting.name, at=office.at) - dead
    found = [(item, "the person has died") for item in items if standing.get(item.person_id) in dead]
    found += [(item, NOT_DISCUSSED) for item in items if standing.get(item.person_id) in kept]
    living = sorted(
        (item for item in items if standing.get(item.person_id) not in dead | kept),
        key=lambda item: (str(standing.get(item.person_id)), item.position),
    )
    return found + [
        (later, "listed twice, as two records of one person were merged")
        for first, later in pairwise(living)
        if standing.get(first.person_id) == standing.get(later.person_id)
    ]


def leave_meetings(office: Office, person_id: UUID, locality: str) -> None:
    """Take somebody off the agendas of a locality at whose meetings they object to being discussed."""
    for item in open_items(office, locality):
        meeting = office.held(Meeting, item.meeting_id)
        whose = set(office.standing({item.person_id}).values()) & {person_id}
        if kept_from_meeting(office.connection, whose, meeting.name, at=office.at):
            withdraw_item(office, item, NOT_DISCUSSED)


def withdraw_item(office: Office, item: AgendaItem, reason: str) -> AgendaItem:
    """Take somebody off an agenda by the system's own rule."""
    held = office.held(AgendaItem, item.id)
    content = held.content.model_copy(update={"withdrawn": reason})
    return office.rewrite(held, "withdraw", state=ItemState.WITHDRAWN, ended_at=office.at, content=content)


def withdraw(office: Office, item_id: UUID, form: Reasoned) -> AgendaItem:
    """Take somebody off the agenda, as where they object on the morning; guests lose them at once."""
    item = office.seen(AgendaItem, item_id, form.version)
    content = item.content.model_copy(update={"withdrawn": form.reason})
    return office.advance(item, "withdraw", content=content, ended_at=office.at)
