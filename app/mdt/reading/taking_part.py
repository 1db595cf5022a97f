"""What of a meeting is the business of whoever asks: all of it for its team, for guests those whom they came for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import orjson

from app.mdt import store
from app.mdt.steps.office import Office
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import AgendaItem, timetable
from app.mdt.workflow.invitation import Invitation
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.meeting import Meeting
from app.mdt.workflow.refusal import unknown
from app.mdt.workflow.rules.room import Stay
from app.mdt.workflow.thing import Thing
from app.sharing.facts import account_of


def own_items(office: Office, meeting_id: UUID) -> tuple[Meeting, list[AgendaItem], Mapping[UUID, datetime]]:
    """A meeting with all its items for the team, of a guest's only those they came for, and when each is due.

    Raises `Refused`.
    """
    held = office.held(Meeting, meeting_id)
    there = office.as_they_stand(store.among(office.connection, AgendaItem, meeting_id=held.id))
    everything = sorted(there, key=lambda item: (item.position, str(item.id)))
    due = timetable(held.starts_at, everything)
    if Relation.MEMBER in office.relations(None, held.locality):
        return held, everything, due
    invited = own_invitation(office, held)
    theirs = store.items_of(office.connection, [invited.id])[invited.id]
    return held, [item for item in everything if item.id in theirs and item.is_open], due


def stamp(office: Office, meeting_id: UUID) -> str:
    """What changes whenever something of a meeting does that is the requester's business, and tells nothing else.

    Raises `Refused`.
    """
    held, items, _ = own_items(office, meeting_id)
    return stamp_of(office, held, items)


def stamp_of(office: Office, held: Meeting, items: Sequence[AgendaItem]) -> str:
    """The same of a meeting with what of it `own_items` gave."""
    things: list[Thing] = [held, *items]
    things += store.among(office.connection, Action, item_id=[item.id for item in items])
    room: Sequence[Stay] = ()
    if Relation.MEMBER in office.relations(None, held.locality):
        things += store.among(office.connection, Invitation, meeting_id=held.id)
        room = store.room_of(office.connection, held.id)
    stood = [(str(one.id), one.version) for one in things], [(str(stay.arrived_at), str(stay.left_at)) for stay in room]
    return sha256(orjson.dumps(stood)).hexdigest()[:16]


def own_invitation(office: Office, held: Meeting) -> Invitation:
    """By what whoever asks is invited to a meeting; raises `Refused`."""
    requester = office.inquiry.requester
    for one in store.standing_invitations(office.connection, held.id, account_of(requester)):
        if one.organisation == requester.organisation:
            return one
    raise unknown()
