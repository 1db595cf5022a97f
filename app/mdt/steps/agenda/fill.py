"""Putting people on an agenda, as steps: the proposal, one more by name, late additions; and their order."""

from uuid import UUID

from pydantic import Field

from app.mdt import store
from app.mdt.steps.agenda.propose import NOT_DISCUSSED, latest_referrals, open_items, proposed
from app.mdt.steps.office import Office
from app.mdt.workflow.agenda import AgendaItem, Arrange, Cause, ItemContent, Late, ListPerson, may_list_late
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.forms import Change
from app.mdt.workflow.lifecycles.relation import ARRANGERS
from app.mdt.workflow.lifecycles.states import CaseloadState, MeetingState
from app.mdt.workflow.meeting import Meeting
from app.mdt.workflow.referral import Urgency
from app.mdt.workflow.refusal import invalid, unknown
from app.sharing.known.objection_store import kept_from_meeting
from app.sharing.known.store import deceased_among


class Fill(Change):
    """Put the proposal on the agenda, or of it only these entries of the caseload."""

    only: tuple[UUID, ...] | None = Field(default=None, max_length=100)


def fill(office: Office, meeting_id: UUID, form: Fill) -> Meeting:
    """Put whoever is proposed on the agenda, as far as whoever fills it may see them themselves."""
    meeting = office.seen(Meeting, meeting_id, form.version)
    office.demand(meeting.locality, *ARRANGERS)
    if meeting.state != MeetingState.PLANNED:
        raise invalid("the agenda is locked; add whoever is urgent by themselves, with the reason")
    visible = {person_id for person_id, headings in office.known.visible.items() if headings}
    for candidate in proposed(office, meeting, office.known.happened)[0]:
        if candidate.entry.person_id in visible and (form.only is None or candidate.entry.id in form.only):
            entry = office.held(CaseloadEntry, candidate.entry.id)
            put_on(office, meeting, entry, candidate.cause, candidate.question)
    return meeting


def list_person(office: Office, form: ListPerson) -> AgendaItem:
    """Put somebody on the agenda whom whoever does so may see; after the lock only by the locality's rule."""
    meeting, entry = office.held(Meeting, form.meeting_id), office.held(CaseloadEntry, form.caseload_id)
    office.demand(meeting.locality, *ARRANGERS)
    if entry.locality != meeting.locality or entry.state != CaseloadState.ACTIVE:
        raise unknown()
    standing = office.as_it_stands(entry).person_id
    office.demand_sight(standing)
    if not meeting.takes_items:
        raise invalid("this meeting takes nobody any more; choose the next one")
    if standing in deceased_among(office.connection, {standing}):
        raise invalid("this person has died; step them down instead", field="caseload_id")
    if kept_from_meeting(office.connection, {standing}, meeting.name, at=office.at):
        raise invalid(NOT_DISCUSSED)
    if any(item.caseload_id == entry.id for item in open_items(office, meeting.locality)):
        raise invalid("this person is on an agenda already; move that one, or discuss them there", field="caseload_id")
    late = _late(office, meeting, entry, form) if meeting.state != MeetingState.PLANNED else None
    listed = put_on(office, meeting, entry, form.cause, form.question, late=late)
    changes = {"minutes": form.minutes, "presenter": form.presenter}
    told = {name: value for name, value in changes.items() if value is not None}
    if not told:
        return listed
    content = listed.content.model_copy(update=told)
    return office.rewrite(listed, "arrange", content=content)


def _late(office: Office, meeting: Meeting, entry: CaseloadEntry, form: ListPerson) -> Late:
    referral = latest_referrals(office, [entry])[entry.id]
    if not may_list_late(Urgency(referral.urgency), office.locality(meeting.locality).agenda.late):
        raise invalid(
            "the agenda is locked, and only who was urgent at referral may still be added; choose the next",
            field="caseload_id",
        )
    if form.why_late is None:
        raise invalid("the agenda is locked; say why this cannot wait", field="why_late")
    return Late(reason=form.why_late, by=office.by)


def put_on(
    office: Office,
    meeting: Meeting,
    entry: CaseloadEntry,
    cause: Cause,
    question: str,
    *,
    late: Late | None = None,
    carried: int = 0,
) -> AgendaItem:
    """Put somebody last on an agenda; `carried` is from how many meetings before this one they were carried over."""
    there = store.among(office.connection, AgendaItem, meeting_id=meeting.id)
    content = ItemContent(
        cause=cause,
        question=question,
        minutes=office.locality(meeting.locality).agenda.minutes,
        presenter=entry.content.lead,
        late=late,
        carried=carried,
    )
    item = AgendaItem(
        id=office.new_id(),
        meeting_id=meeting.id,
        caseload_id=entry.id,
        person_id=entry.person_id,
        position=max((one.position for one in there), default=0) + 1,
        state=AgendaItem.lifecycle.initial,
        version=1,
        content=content,
    )
    return office.begin(item, "list-late" if late else "list")


def arrange(office: Office, item_id: UUID, form: Arrange) -> AgendaItem:
    """Change where somebody stands in the order, for how long, and who presents; the others close up."""
    item = office.seen(AgendaItem, item_id, form.version)
    asked = {name: getattr(form, name) for name in ("minutes", "presenter", "question")}
    content = item.content.model_copy(update={name: value for name, value in asked.items() if value is not None})
    moved = office.advance(item, "arrange", content=content)
    if form.position is None:
        return moved
    _reorder(office, moved, form.position)
    return office.held(AgendaItem, moved.id)


def _reorder(office: Office, moved: AgendaItem, position: int) -> None:
    there = store.among(office.connection, AgendaItem, meeting_id=moved.meeting_id)
    others = sorted((one for one in there if one.id != moved.id and one.is_open), key=lambda one: one.position)
    order = [*others[: position - 1], moved, *others[position - 1 :]]
    for place, one in enumerate(order, start=1):
        if one.position != place:
            held = office.held(AgendaItem, one.id)
            office.rewrite(held, "reorder", position=place)
