"""Planning, as steps: meetings from the cadence, the agenda proposed and filled, late additions, lock, cancellation."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from pydantic import Field

from app.mdt import store
from app.mdt.steps.invite import tell_invited
from app.mdt.steps.office import Office, unknown
from app.mdt.workflow.agenda import (
    AgendaItem,
    Arrange,
    Candidate,
    CarriedOver,
    CarryOver,
    Cause,
    ItemContent,
    Late,
    ListPerson,
    may_list_late,
    proposal,
)
from app.mdt.workflow.cadence import Sitting, sittings
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.completeness import is_complete
from app.mdt.workflow.forms import Change, Form
from app.mdt.workflow.lifecycle import ARRANGERS, Relation
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.meeting import Meeting, MeetingContent, MoveMeeting, Reasoned
from app.mdt.workflow.notice import NoticeKind
from app.mdt.workflow.referral import Referral, Urgency
from app.mdt.workflow.thing import Refused, invalid
from app.sharing.known.store import deceased_among, kept_from_meeting
from app.vocabulary.london import london_date

NOT_DISCUSSED: Final = "this person is not discussed at this meeting"
"""All that anyone is told of an objection to a meeting: not by whom, nor that there is one."""

_AHEAD: Final = timedelta(days=400)


class PlanMeetings(Form):
    """Until which London day a locality's meetings are planned."""

    locality: str
    until: date
    first: date | None = None


class Fill(Change):
    """Put the proposal on the agenda, or of it only these entries of the caseload."""

    only: tuple[UUID, ...] | None = Field(default=None, max_length=100)


def plan_meetings(office: Office, form: PlanMeetings) -> list[Meeting]:
    """Every meeting of the cadence that is not there yet; asking again makes none twice."""
    office.demand(form.locality, *ARRANGERS, Relation.CLOCK)
    locality, first = office.locality(form.locality), form.first or office.on
    if not first <= form.until <= first + _AHEAD:
        raise invalid("meetings are planned from a day on, for up to 400 days; choose a nearer day")
    there = {one.sitting for one in store.meetings_between(office.connection, form.locality, first, form.until)}
    return [_planned(office, locality, one) for one in sittings(locality, first, form.until) if one.on not in there]


def _planned(office: Office, locality: LocalityDocument, sitting: Sitting) -> Meeting:
    return office.begin(
        Meeting(
            id=office.new_id(),
            locality=locality.locality,
            sitting=sitting.on,
            state=Meeting.lifecycle.initial,
            version=1,
            starts_at=sitting.starts_at,
            ends_at=sitting.ends_at,
            content=MeetingContent(place=locality.cadence.place),
        ),
        "plan",
    )


def next_meeting(office: Office, locality: LocalityDocument, after: datetime) -> Meeting:
    """The next whose agenda is open, planned now if need be; raises `Refused` where the cadence has no more."""
    there = store.meetings_between(office.connection, locality.locality, london_date(after), date.max)
    for meeting in there:
        if meeting.state == "planned" and meeting.starts_at > after:
            return meeting
    taken = {meeting.sitting for meeting in there}
    for sitting in sittings(locality, london_date(after), london_date(after) + _AHEAD):
        if sitting.starts_at > after and sitting.on not in taken:
            return _planned(office, locality, sitting)
    raise invalid(f"{locality.title} plans no further meeting; mend its cadence")


def move_meeting(office: Office, meeting_id: UUID, form: MoveMeeting) -> Meeting:
    """Another time or place for a meeting whose agenda is still open."""
    meeting = office.seen(Meeting, meeting_id, form.version)
    content = meeting.content.model_copy(update={"place": form.place or meeting.content.place})
    moved = office.advance(meeting, "move", content=content, starts_at=form.starts_at, ends_at=form.ends_at)
    tell_invited(office, moved, NoticeKind.MEETING_MOVED)
    return moved


def waiting_for(office: Office, meeting: Meeting, happened: Collection[UUID] = ()) -> list[Candidate]:
    """Everyone whom a meeting could list, and why: not who has died or objects, nor who is on an open agenda already.

    `happened` are the people of whom something was recorded since they were last discussed.
    """
    active = store.among(office.connection, CaseloadEntry, locality=meeting.locality, state="active")
    entries = office.as_they_stand(active)
    people = {entry.person_id for entry in entries}
    dead = deceased_among(office.connection, people)
    kept = kept_from_meeting(office.connection, people, meeting.name, at=office.at)
    listed = {item.caseload_id for item in open_items(office, meeting.locality)}
    referrals = _latest_referrals(office, entries)
    return [
        candidate
        for entry in entries
        if entry.person_id not in dead | kept and entry.id not in listed
        and (candidate := _candidate(entry, referrals.get(entry.id), london_date(meeting.starts_at), happened))
    ]  # fmt: skip


def open_items(office: Office, locality: str) -> list[AgendaItem]:
    """Whoever waits on any agenda of a locality."""
    meetings = store.among(office.connection, Meeting, locality=locality, state=("planned", "locked", "in-progress"))
    ids = [meeting.id for meeting in meetings]
    return [item for item in store.among(office.connection, AgendaItem, meeting_id=ids) if item.is_open]


def _latest_referrals(office: Office, entries: Collection[CaseloadEntry]) -> dict[UUID, Referral]:
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


def fill(office: Office, meeting_id: UUID, form: Fill) -> Meeting:
    """Put whoever is proposed on the agenda, as far as whoever fills it may see them themselves."""
    meeting = office.seen(Meeting, meeting_id, form.version)
    office.demand(meeting.locality, *ARRANGERS)
    if meeting.state != "planned":
        raise invalid("the agenda is locked; add whoever is urgent by themselves, with the reason")
    visible = {person_id for person_id, headings in office.known.visible.items() if headings}
    for candidate in proposed(office, meeting, office.known.happened)[0]:
        if candidate.entry.person_id in visible and (form.only is None or candidate.entry.id in form.only):
            entry = office.held(CaseloadEntry, candidate.entry.id)
            _list(office, meeting, entry, candidate.cause, candidate.question)
    return meeting


def list_person(office: Office, form: ListPerson) -> AgendaItem:
    """Put somebody on the agenda whom whoever does so may see; after the lock only by the locality's rule."""
    meeting, entry = office.held(Meeting, form.meeting_id), office.held(CaseloadEntry, form.caseload_id)
    office.demand(meeting.locality, *ARRANGERS)
    if entry.locality != meeting.locality or entry.state != "active":
        raise Refused(unknown())
    standing = office.as_it_stands(entry).person_id
    office.demand_sight(standing)
    if not meeting.takes_items:
        raise invalid("this meeting takes nobody any more; choose the next one")
    if standing in deceased_among(office.connection, {standing}):
        raise invalid("this person has died; step them down instead")
    if kept_from_meeting(office.connection, {standing}, meeting.name, at=office.at):
        raise invalid(NOT_DISCUSSED)
    if any(item.caseload_id == entry.id for item in open_items(office, meeting.locality)):
        raise invalid("this person is on an agenda already; move that one, or discuss them there")
    late = _late(office, meeting, entry, form) if meeting.state != "planned" else None
    listed = _list(office, meeting, entry, form.cause, form.question, late)
    changes = {"minutes": form.minutes, "presenter": form.presenter}
    told = {name: value for name, value in changes.items() if value is not None}
    if not told:
        return listed
    content = listed.content.model_copy(update=told)
    return office.rewrite(listed, "arrange", content=content)


def _late(office: Office, meeting: Meeting, entry: CaseloadEntry, form: ListPerson) -> Late:
    referral = _latest_referrals(office, [entry])[entry.id]
    if not may_list_late(Urgency(referral.urgency), office.locality(meeting.locality).agenda.late):
        raise invalid("the agenda is locked, and only who was urgent at referral may still be added; choose the next")
    if form.why_late is None:
        raise invalid("the agenda is locked; say why this cannot wait")
    return Late(reason=form.why_late, by=office.by)


def _list(
    office: Office, meeting: Meeting, entry: CaseloadEntry, cause: Cause, question: str, late: Late | None = None,
    carried: int = 0,
) -> AgendaItem:  # fmt: skip
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


def lock(office: Office, meeting_id: UUID, form: Change) -> Meeting:
    """Settle the agenda: who has died or objects is taken off, and of two records that were merged only one stays."""
    meeting = office.seen(Meeting, meeting_id, form.version)
    content = meeting.content.model_copy(update={"complete_packs": tuple(_complete_packs(office, meeting))})
    locked = office.advance(meeting, "lock", locked_at=office.at, content=content)
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
    return office.rewrite(held, "withdraw", state="withdrawn", ended_at=office.at, content=content)


def withdraw(office: Office, item_id: UUID, form: Reasoned) -> AgendaItem:
    """Take somebody off the agenda, as where they object on the morning; guests lose them at once."""
    item = office.seen(AgendaItem, item_id, form.version)
    content = item.content.model_copy(update={"withdrawn": form.reason})
    return office.advance(item, "withdraw", content=content, ended_at=office.at)


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
    if entry.state == "active":
        following = next_meeting(office, office.locality(meeting.locality), max(meeting.starts_at, office.at))
        whose = set(office.standing({entry.person_id}).values())
        if not kept_from_meeting(office.connection, whose, following.name, at=office.at):
            cause = item.content.cause if item.content.cause is Cause.URGENT_REFERRAL else Cause.CARRIED_OVER
            _list(office, following, entry, cause, item.content.question, carried=item.content.carried + 1)
    return carried


def cancel(office: Office, meeting_id: UUID, form: Reasoned) -> Meeting:
    """Cancel a meeting, also after its lock: everyone on it moves to the next, and its guests see nobody any more."""
    meeting = office.seen(Meeting, meeting_id, form.version)
    content = meeting.content.model_copy(update={"reason": form.reason})
    cancelled = office.advance(meeting, "cancel", content=content, closed_at=office.at)
    for item in store.among(office.connection, AgendaItem, meeting_id=meeting.id, state="listed"):
        carry(office, office.held(AgendaItem, item.id), CarryOver.MEETING_CANCELLED)
    tell_invited(office, cancelled, NoticeKind.MEETING_CANCELLED)
    return cancelled
