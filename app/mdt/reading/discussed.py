"""One person's discussion, as whoever asks may see it, and what of it may stand on the wall.

What people wrote about a person is shown to those whom the agreement lets read what it stands for: a discussion to who
may read care plans, actions to who may read actions, the question to who may read referrals.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, cast
from uuid import UUID

import orjson

from app.identity.requester import Requester
from app.mdt import store
from app.mdt.desk import Desk
from app.mdt.reading.answers.agenda import ItemRow, ItemTold, Written
from app.mdt.reading.answers.meetings import ScreenTold
from app.mdt.reading.lists import action_row
from app.mdt.reading.taking_part import own_invitation
from app.mdt.steps.office import Office
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.headings import ACTIONS, DISCUSSION, QUESTION
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.lifecycles.states import ItemState
from app.mdt.workflow.meeting import Meeting
from app.mdt.workflow.refusal import unknown
from app.mdt.workflow.rules.room import present_for
from app.record.inquiry import Inquiry
from app.vocabulary.category import Category

_ON_THE_AGENDA: Final = {"cause", "question", "minutes", "presenter", "late", "carried"}
"""What stands on the agenda itself, whoever may read what was said."""


def item_row(item: AgendaItem) -> ItemRow:
    """Somebody on an agenda, without anything that was said of them."""
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
    seen = await desk.record.glancing.may_see(inquiry, held.person_id)
    if not seen:
        raise unknown()
    return {
        **item_row(held),
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
    view = await desk.record.presenting.shown_to_all(inquiry, person_id, present)
    sights = await desk.record.glancing.foreseen(inquiry, person_id, present)
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
