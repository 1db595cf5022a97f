"""One thing as a whole, as whoever asks may see it: a place on the caseload, a meeting, a discussion, the screen.

What people wrote about a person is shown to those whom the agreement lets read what it stands for: a discussion to who
may read care plans, actions to who may read actions, the question to who may read referrals.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, cast
from uuid import UUID

import orjson

from app.audit.event import Kind
from app.identity.requester import Requester
from app.mdt import store
from app.mdt.desk import Desk
from app.mdt.reading.answers import (
    ActionTold,
    AgendaRow,
    EntryTold,
    FollowedUp,
    HistoryRow,
    ItemRow,
    ItemTold,
    MeetingTold,
    OfTeam,
    Proposal,
    Proposed,
    ScreenTold,
    Written,
)
from app.mdt.reading.lists import action_row, meeting_row
from app.mdt.reading.taking_part import own_invitation, own_items, stamp_of
from app.mdt.steps.agenda.propose import proposed
from app.mdt.steps.office import Office
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.headings import ACTIONS, DISCUSSION, QUESTION
from app.mdt.workflow.invitation import Invitation
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.meeting import Attendance, Meeting, quorate
from app.mdt.workflow.proposal import Candidate
from app.mdt.workflow.refusal import unknown
from app.mdt.workflow.relation import ARRANGERS, Relation
from app.mdt.workflow.room import Stay, present_for, seats_filled
from app.mdt.workflow.states import CaseloadState, ItemState
from app.mdt.workflow.thing import Thing
from app.record.inquiry import Inquiry
from app.vocabulary.category import Category
from app.vocabulary.london import london_date
from app.vocabulary.token import EXPORT, READ

_ON_THE_AGENDA: Final = {"cause", "question", "minutes", "presenter", "late", "carried"}
"""What stands on the agenda itself, whoever may read what was said."""


async def caseload_entry(desk: Desk, inquiry: Inquiry, entry_id: UUID) -> EntryTold:
    """One person's place on the caseload, for the team."""

    def shown(office: Office) -> tuple[CaseloadEntry, tuple[str, ...], AgendaItem | None]:
        held = office.as_it_stands(office.held(CaseloadEntry, entry_id))
        office.demand(held.locality, Relation.MEMBER)
        discussed = store.among(office.connection, AgendaItem, caseload_id=held.id, state=ItemState.DISCUSSED)
        last = max(discussed, key=lambda item: str(item.ended_at), default=None)
        return held, held.lifecycle.possible(held.state, office.relations(held, held.locality)), last

    held, possible, last = await desk.ask(inquiry, shown)
    seen = await desk.record.may_see(inquiry, held.person_id)
    if not seen:
        raise unknown()
    content = held.content
    names = await desk.record.identities(inquiry, {held.person_id})
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
    seen = await desk.record.sights(inquiry, {item.person_id for item in items})
    shown = {person_id for person_id, headings in seen.items() if headings}
    kind, action = (Kind.EXPORT, EXPORT) if on_paper else (Kind.VIEW, READ)
    names = await desk.record.identities(inquiry, shown, kind=kind, action=action)
    waiting = [item.id for item in items if item.is_open]
    agenda: list[AgendaRow] = [
        {
            **_item_row(item),
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


def _item_row(item: AgendaItem) -> ItemRow:
    return {
        "id": item.id, "meeting_id": item.meeting_id, "person_id": item.person_id, "caseload_id": item.caseload_id,
        "position": item.position,
        "state": item.state, "version": item.version, "cause": item.content.cause, "minutes": item.content.minutes,
        "presenter": item.content.presenter, "late": item.content.late, "carried": item.content.carried,
        "outcome": item.content.outcome, "reason": item.content.reason, "running_since": item.running_since,
        "discussed_seconds": int(item.discussed_for.total_seconds()),
    }  # fmt: skip


async def item(desk: Desk, inquiry: Inquiry, item_id: UUID) -> ItemTold:
    """One discussion, as the minutes tell of this person and nobody else."""
    held, actions, present = await desk.ask(inquiry, lambda office: _of_item(office, item_id))
    seen = await desk.record.may_see(inquiry, held.person_id)
    if not seen:
        raise unknown()
    return {
        **_item_row(held),
        "present": present,
        "minutes_discussed": held.discussed_for.total_seconds() / 60,
        **_written(held, actions, seen, inquiry.at),
    }


def _of_item(office: Office, item_id: UUID) -> tuple[AgendaItem, list[Action], tuple[str, ...]]:
    held = office.held(AgendaItem, item_id)
    meeting = office.held(Meeting, held.meeting_id)
    if Relation.MEMBER not in office.relations(None, meeting.locality):
        invited = own_invitation(office, meeting)
        if held.id not in store.items_of(office.connection, [invited.id])[invited.id]:
            raise unknown()
    present = {stay.requester.name for stay in present_for(held, store.room_of(office.connection, meeting.id))}
    actions = office.as_they_stand(store.among(office.connection, Action, item_id=held.id))
    return office.as_it_stands(held), actions, tuple(sorted(present))


async def action(desk: Desk, inquiry: Inquiry, action_id: UUID) -> ActionTold:
    """One action: for its owner whoever it is about, for the team and colleagues where they may read actions."""

    def shown(office: Office) -> tuple[Action, frozenset[Relation]]:
        held = office.as_it_stands(office.held(Action, action_id))
        office.demand_part(held)
        return held, office.relations(held, held.locality)

    held, relations = await desk.ask(inquiry, shown)
    if Relation.OWNER not in relations and ACTIONS not in await desk.record.may_see(inquiry, held.person_id):
        raise unknown()
    return {**action_row(held, inquiry.at), "possible": held.lifecycle.possible(held.state, relations)}


async def screen(desk: Desk, inquiry: Inquiry, item_id: UUID) -> ScreenTold:
    """What may be shown on the wall: of this person, what everyone in the room may see, and nothing else.

    Where somebody present may see nothing the view is `None`, and `uncovered` names whom to ask to leave. What scribes
    wrote of them stands beside it, as far as everyone in the room may read it.
    """

    def room(office: Office) -> tuple[AgendaItem, list[Action], UUID, list[Requester]]:
        held = office.held(AgendaItem, item_id)
        meeting = office.held(Meeting, held.meeting_id)
        office.demand(meeting.locality, Relation.MEMBER)
        standing = office.as_it_stands(held).person_id
        present = [stay.requester for stay in store.room_of(office.connection, meeting.id) if stay.is_here]
        actions = store.open_actions(office.connection, item_id=held.id)
        return held, actions, standing, present if held.state == ItemState.UNDER_DISCUSSION else []

    held, actions, person_id, present = await desk.ask(inquiry, room)
    view = await desk.record.shown_to_all(inquiry, person_id, present)
    sights = await desk.record.foreseen(inquiry, person_id, present)
    uncovered = [one.name for one, headings in zip(present, sights, strict=True) if not headings]
    return {
        "present": [one.name for one in present],
        "uncovered": uncovered,
        "view": orjson.loads(view.json()) if view else None,
        "written": _written(held, actions, view.decision.lattice.categories_in(view.decision.mask), inquiry.at)
        if view
        else {},
    }


def _written(held: AgendaItem, actions: Sequence[Action], seen: Collection[Category], at: datetime) -> Written:
    """What was asked, said and given to do, as far as these headings let it be read."""
    told: Written = {}
    if QUESTION in seen:
        told["question"] = held.content.question
    if DISCUSSION in seen:
        told |= cast(Written, held.content.model_dump(exclude=_ON_THE_AGENDA))
    if ACTIONS in seen:
        told["actions"] = [action_row(one, at) for one in actions]
    return told


async def proposal(desk: Desk, inquiry: Inquiry, meeting_id: UUID) -> Proposal:
    """Whom the free slots of a meeting would take and why, and who would wait: of whom the requester may see."""

    def waiting(office: Office) -> tuple[Meeting, set[UUID]]:
        held = office.held(Meeting, meeting_id)
        office.demand(held.locality, *ARRANGERS)
        entries = store.among(office.connection, CaseloadEntry, locality=held.locality, state=CaseloadState.ACTIVE)
        return held, set(office.standing({entry.person_id for entry in entries}).values())

    held, people = await desk.ask(inquiry, waiting)
    visible = await desk.record.sights(inquiry, people)
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
