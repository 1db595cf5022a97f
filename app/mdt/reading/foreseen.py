"""Who will be in the room, and what each of them will and will not see there: told before anyone has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.identity.requester import Requester
from app.mdt import store
from app.mdt.desk import Desk
from app.mdt.reading.taking_part import own_items
from app.mdt.steps.office import Office
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.invitation import Invitation, Kind
from app.mdt.workflow.lifecycles.relation import ARRANGERS
from app.mdt.workflow.lifecycles.states import InvitationState
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.meeting import Meeting
from app.record.inquiry import Inquiry
from app.vocabulary.category import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one person is to one invitee: the headings that they will read, none where they will see nothing."""

    item_id: UUID
    person_id: UUID
    headings: frozenset[Category]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitee:
    """One who is invited; `sights` is `None` of somebody whose account this place does not keep."""

    invitation: Invitation
    items: tuple[UUID, ...]
    sights: tuple[Sight, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTheWall:
    """What the wall can show of one person if all who did not decline come; `leave` are those who would have to go.

    `without` says of each who narrows it how many headings more there would be if they alone stayed away.
    """

    item_id: UUID
    person_id: UUID
    headings: frozenset[Category]
    leave: tuple[str, ...]
    without: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """The room as it will be when the meeting starts, or as it is now where it has begun."""

    invitees: tuple[Invitee, ...]
    wall: tuple[OnTheWall, ...]


@dataclass(frozen=True, slots=True)
class _Gathered:
    meeting: Meeting
    locality: LocalityDocument
    items: Sequence[AgendaItem]
    invitations: Sequence[Invitation]
    items_of: Mapping[UUID, list[UUID]]


async def foreseen(desk: Desk, inquiry: Inquiry, meeting_id: UUID) -> Foreseen:
    """For the chair and the coordinator: of the people on the agenda whom they may see themselves."""
    found = await desk.ask(inquiry, lambda office: _gathered(office, meeting_id))
    coming = [one for one in found.invitations if one.ended_at is None]
    requesters = {one.id: await _as_they_will_come(desk, found.locality, one) for one in coming}
    known = {id: requester for id, requester in requesters.items() if requester is not None}
    then = replace(inquiry, at=max(inquiry.at, found.meeting.starts_at))
    sights: dict[UUID, list[Sight]] = {id: [] for id in known}
    visible = await desk.record.glancing.sights(inquiry, {item.person_id for item in found.items})
    seen = [item for item in found.items if visible[item.person_id]]
    for item in seen:
        told = await desk.record.glancing.foreseen(then, item.person_id, list(known.values()))
        for id, headings in zip(known, told, strict=True):
            sights[id].append(Sight(item_id=item.id, person_id=item.person_id, headings=headings))
    invitees = [
        Invitee(
            invitation=one,
            items=tuple(found.items_of[one.id]),
            sights=tuple(sights[one.id]) if one.id in sights else None,
        )
        for one in coming
    ]
    return Foreseen(invitees=tuple(invitees), wall=tuple(_on_the_wall(item, invitees) for item in seen))


def _gathered(office: Office, meeting_id: UUID) -> _Gathered:
    meeting, items, _ = own_items(office, meeting_id)
    office.demand(meeting.locality, *ARRANGERS)
    invitations = store.among(office.connection, Invitation, meeting_id=meeting.id)
    return _Gathered(
        meeting,
        office.locality(meeting.locality),
        [item for item in items if item.is_open],
        sorted(invitations, key=lambda one: (list(Kind).index(Kind(one.kind)), one.content.invitee.name)),
        store.items_of(office.connection, [one.id for one in invitations]),
    )


async def _as_they_will_come(desk: Desk, locality: LocalityDocument, invitation: Invitation) -> Requester | None:
    """In the role of their seat, a guest in their first."""
    account = await desk.account(invitation.subject) if invitation.issuer == "local" else None
    roles = [staff.role for seat in locality.core if seat.id == invitation.content.seat for staff in seat.staff
             if staff.as_account == invitation.account]  # fmt: skip
    return account.asking(next(iter(roles), None)) if account else None


def _on_the_wall(item: AgendaItem, invitees: Sequence[Invitee]) -> OnTheWall:
    """What all can read who will be there for this person: who can read nothing would empty it, and has to leave."""
    coming = [one for one in invitees if one.sights is not None and one.invitation.state != InvitationState.DECLINED]
    theirs = {
        one.invitation.content.invitee.name: next(
            (sight.headings for sight in one.sights or () if sight.item_id == item.id), frozenset[Category]()
        )
        for one in coming
    }
    covered = {name: headings for name, headings in theirs.items() if headings}
    shown = _by_all(covered)
    more = {name: len(_by_all({**covered, name: None}) - shown) for name in covered}
    return OnTheWall(
        item_id=item.id,
        person_id=item.person_id,
        headings=shown,
        leave=tuple(name for name, headings in theirs.items() if not headings),
        without=tuple((name, count) for name, count in more.items() if count),
    )


def _by_all(theirs: Mapping[str, frozenset[Category] | None]) -> frozenset[Category]:
    """What each of them reads; `None` is of somebody who stays away."""
    there = [headings for headings in theirs.values() if headings is not None]
    return frozenset.intersection(*there) if there else frozenset()
