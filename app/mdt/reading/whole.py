"""One thing as a whole, as whoever asks may see it: a place on the caseload, a meeting, an action; and its history."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from app.audit.event import Kind
from app.mdt import store
from app.mdt.desk import Desk
from app.mdt.reading.answers.agenda import ActionTold, AgendaRow
from app.mdt.reading.answers.caseload import EntryTold, FollowedUp
from app.mdt.reading.answers.meetings import MeetingTold, OfTeam, Proposal, Proposed
from app.mdt.reading.answers.things import HistoryRow
from app.mdt.reading.discussed import item_row
from app.mdt.reading.lists import action_row, meeting_row
from app.mdt.reading.taking_part import own_items, stamp_of
from app.mdt.steps.agenda.propose import proposed
from app.mdt.steps.office import Office
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.headings import ACTIONS, QUESTION
from app.mdt.workflow.invitation import Invitation
from app.mdt.workflow.lifecycles.relation import ARRANGERS, Relation
from app.mdt.workflow.lifecycles.states import CaseloadState, ItemState
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.meeting import Attendance, Meeting, quorate
from app.mdt.workflow.refusal import unknown
from app.mdt.workflow.rules.proposal import Candidate
from app.mdt.workflow.rules.room import Stay, seats_filled
from app.mdt.workflow.thing import Thing
from app.record.inquiry import Inquiry
from app.vocabulary.london import london_date
from app.vocabulary.token import EXPORT, READ


async def caseload_entry(desk: Desk, inquiry: Inquiry, entry_id: UUID) -> EntryTold:
    """One person's place on the caseload, for the team."""

    def shown(office: Office) -> tuple[CaseloadEntry, tuple[str, ...], AgendaItem | None]:
        held = office.as_it_stands(office.held(CaseloadEntry, entry_id))
        office.demand(held.locality, Relation.MEMBER)
        discussed = store.among(office.connection, AgendaItem, caseload_id=held.id, state=ItemState.DISCUSSED)
        last = max(discussed, key=lambda item: str(item.ended_at), default=None)
        return held, held.lifecycle.possible(held.state, office.relations(held, held.locality)), last

    held, possible, last = await desk.ask(inquiry, shown)
    seen = await desk.record.glancing.may_see(inquiry, held.person_id)
    if not seen:
        raise unknown()
    content = held.content
    names = await desk.record.glancing.identities(inquiry, {held.person_id})
    return {
        "id": held.id, "person_id": held.person_id, "person": names.get(held.person_id), "locality": held.locality,
        "state": held.state, "version": held.version, "since": held.since, "next_review": held.next_review,
        "overdue": held.next_review < london_date(inquiry.at), "possible": possible,
        "discussion": _followed_up(last) if last else None,
        "question": content.question if QUESTION in seen else "", "segments": content.segments,
        "referrals": content.referrals, "kept_from": content.kept_from, "lead": content.lead,
        "coordinator": content.coordinator, "review_reason": content.review_reason,
        "last_discussed": content.last_discussed, "stepped_down": content.stepped_down,
        "joined_into": content.joined_into,
    }  # fmt: skip


def _followed_up(item: AgendaItem) -> FollowedUp:
    """Of somebody's last discussion, what became of telling them."""
    return {
        "id": item.id, "version": item.version, "on": item.ended_at, "told_on": item.content.told_on,
        "told_how": item.content.told_how, "plan_shared_on": item.content.plan_shared_on,
    }  # fmt: skip


async def meeting(desk: Desk, inquiry: Inquiry, meeting_id: UUID, *, on_paper: bool = False) -> MeetingTold:
    """A meeting with its agenda: everyone whom whoever asks may see, and of a guest's only those they came for.

    `on_paper` only those of whom the agreements let them keep a copy; the trail is told of each as leaving so.
    """
    held, items, due, stamp, team = await desk.ask(inquiry, lambda office: _of_meeting(office, meeting_id))
    seen = await desk.record.glancing.sights(inquiry, {item.person_id for item in items})
    shown = {person_id for person_id, headings in seen.items() if headings}
    kind, action = (Kind.EXPORT, EXPORT) if on_paper else (Kind.VIEW, READ)
    names = await desk.record.glancing.identities(inquiry, shown, kind=kind, action=action)
    waiting = [item.id for item in items if item.is_open]
    agenda: list[AgendaRow] = [
        {
            **item_row(item),
            "due": due[item.id],
            "place": waiting.index(item.id) + 1 if item.is_open else None,
            "person": names.get(item.person_id),
            "question": item.content.question if QUESTION in seen[item.person_id] else None,
        }
        for item in items
        if seen[item.person_id] and (item.person_id in names or not on_paper)
    ]
    return {**meeting_row(held), "stamp": stamp, "agenda": agenda, **team}


def _of_meeting(
    office: Office, meeting_id: UUID
) -> tuple[Meeting, list[AgendaItem], Mapping[UUID, datetime], str, OfTeam]:
    held, items, due = own_items(office, meeting_id)
    is_member = Relation.MEMBER in office.relations(None, held.locality)
    return held, items, due, stamp_of(office, held, items), _team(office, held) if is_member else {}


def _team(office: Office, held: Meeting) -> OfTeam:
    locality = office.locality(held.locality)
    invitations = store.among(office.connection, Invitation, meeting_id=held.id)
    items = store.items_of(office.connection, [one.id for one in invitations])
    room = store.room_of(office.connection, held.id)
    relations = office.relations(held, held.locality)
    return {
        "arranges": not relations.isdisjoint(ARRANGERS),
        "possible": held.lifecycle.possible(held.state, relations),
        "locks_at": held.locks_at(locality),
        "locked_at": held.locked_at,
        "started_at": held.content.started_at,
        "closed_at": held.closed_at,
        "reason": held.content.reason,
        "minutes": held.content.minutes,
        "quorate": quorate(locality, seats_filled(room)),
        "seats": [
            {"seat": seat.id, "title": seat.title, "filled": _filled(locality, seat.id, room)} for seat in locality.core
        ],
        "invitations": [
            {
                "id": one.id, "kind": one.kind, "state": one.state, "version": one.version,
                "name": one.content.invitee.name, "organisation": one.organisation, "seat": one.content.seat,
                "account": one.subject, "profile": one.profile, "remark": one.content.remark, "items": items[one.id],
            }
            for one in invitations
        ],
        "room": [
            {
                "name": stay.requester.name, "organisation": stay.requester.organisation, "seat": stay.seat,
                "arrived_at": stay.arrived_at, "left_at": stay.left_at, "account": stay.account.subject,
            }
            for stay in room
        ],
    }  # fmt: skip


def _filled(locality: LocalityDocument, seat: str, room: Sequence[Stay]) -> Attendance:
    """How a seat was filled: by its holder, else by a deputy, at any time of the meeting."""
    holder = next(one.holder for one in locality.core if one.id == seat)
    there = {stay.account for stay in room if stay.seat == seat}
    if holder.as_account in there:
        return Attendance.HOLDER
    return Attendance.DEPUTY if there else Attendance.ABSENT


async def action(desk: Desk, inquiry: Inquiry, action_id: UUID) -> ActionTold:
    """One action: for its owner whoever it is about, for the team and colleagues where they may read actions."""

    def shown(office: Office) -> tuple[Action, frozenset[Relation]]:
        held = office.as_it_stands(office.held(Action, action_id))
        office.demand_part(held)
        return held, office.relations(held, held.locality)

    held, relations = await desk.ask(inquiry, shown)
    if Relation.OWNER not in relations and ACTIONS not in await desk.record.glancing.may_see(inquiry, held.person_id):
        raise unknown()
    return {**action_row(held, inquiry.at), "possible": held.lifecycle.possible(held.state, relations)}


async def proposal(desk: Desk, inquiry: Inquiry, meeting_id: UUID) -> Proposal:
    """Whom the free slots of a meeting would take and why, and who would wait: of whom the requester may see."""

    def waiting(office: Office) -> tuple[Meeting, set[UUID]]:
        held = office.held(Meeting, meeting_id)
        office.demand(held.locality, *ARRANGERS)
        entries = store.among(office.connection, CaseloadEntry, locality=held.locality, state=CaseloadState.ACTIVE)
        return held, set(office.standing({entry.person_id for entry in entries}).values())

    held, people = await desk.ask(inquiry, waiting)
    visible = await desk.record.glancing.sights(inquiry, people)
    happened = await desk.happened(inquiry, visible)
    both = await desk.ask(inquiry, lambda office: proposed(office, held, happened))
    listed, waiting_on = ([_candidate(one) for one in part if visible.get(one.entry.person_id)] for part in both)
    return {"listed": listed, "waiting": waiting_on}


def _candidate(one: Candidate) -> Proposed:
    return {"caseload_id": one.entry.id, "person_id": one.entry.person_id, "cause": one.cause, "since": one.since}


async def history(desk: Desk, inquiry: Inquiry, kind: type[Thing], thing_id: UUID) -> list[HistoryRow]:
    """What happened to a thing, when and by whom, for its locality's team; nothing of what was written."""

    def told(office: Office) -> list[HistoryRow]:
        held = office.held(kind, thing_id)
        office.demand(office.locality_of(held), Relation.MEMBER)
        return [
            {
                "version": row.version, "event": row.event, "before": row.before, "after": row.after, "at": row.at,
                "by": row.name, "organisation": row.organisation, "role": row.role,
            }
            for row in store.history_of(office.connection, held.id)
        ]  # fmt: skip

    return await desk.ask(inquiry, told)
