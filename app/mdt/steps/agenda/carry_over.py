"""Moving to the next meeting whoever was not discussed at this one, everyone where it is cancelled."""

from uuid import UUID

from app.mdt import store
from app.mdt.steps.agenda.fill import put_on
from app.mdt.steps.invite import tell_invited
from app.mdt.steps.office import Office
from app.mdt.steps.plan import next_meeting
from app.mdt.workflow.agenda import AgendaItem, CarriedOver, CarryOver, Cause
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.lifecycles.states import CaseloadState, ItemState
from app.mdt.workflow.meeting import Meeting, Reasoned
from app.mdt.workflow.notice import NoticeKind
from app.sharing.known.objection_store import kept_from_meeting


def carry_over(office: Office, item_id: UUID, form: CarriedOver) -> AgendaItem:
    """Move somebody who was not discussed to the next meeting, with the reason."""
    item = office.seen(AgendaItem, item_id, form.version)
    return carry(office, item, form.reason)


def carry(office: Office, item: AgendaItem, reason: CarryOver) -> AgendaItem:
    """Close an item as carried over, and list the person at the next meeting whose agenda is open."""
    meeting = office.held(Meeting, item.meeting_id)
    content = item.content.stopped(office.at).model_copy(update={"reason": reason})
    carried = office.advance(item, "carry-over", content=content, ended_at=office.at)
    entry = office.held(CaseloadEntry, item.caseload_id)
    if entry.state == CaseloadState.ACTIVE:
        following = next_meeting(office, office.locality(meeting.locality), max(meeting.starts_at, office.at))
        whose = set(office.standing({entry.person_id}).values())
        if not kept_from_meeting(office.connection, whose, following.name, at=office.at):
            cause = item.content.cause if item.content.cause is Cause.URGENT_REFERRAL else Cause.CARRIED_OVER
            put_on(office, following, entry, cause, item.content.question, carried=item.content.carried + 1)
    return carried


def cancel(office: Office, meeting_id: UUID, form: Reasoned) -> Meeting:
    """Cancel a meeting, also after its lock: everyone on it moves to the next, and its guests see nobody any more."""
    meeting = office.seen(Meeting, meeting_id, form.version)
    content = meeting.content.model_copy(update={"reason": form.reason})
    cancelled = office.advance(meeting, "cancel", content=content, closed_at=office.at)
    for item in store.among(office.connection, AgendaItem, meeting_id=meeting.id, state=ItemState.LISTED):
        carry(office, office.held(AgendaItem, item.id), CarryOver.MEETING_CANCELLED)
    tell_invited(office, cancelled, NoticeKind.MEETING_CANCELLED)
    return cancelled
