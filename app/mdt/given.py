"""What a partner's system reads of the team's work: actions of its organisation, and what was decided about people.

Its own actions it reads whoever they are about, as whoever is to do something may; all else only where the agreement
lets it read such a thing of the person. Each reading is told to the trail.
"""

from typing import Final, TypeVar
from uuid import UUID

from app.identity.requester import Requester
from app.identity.systems.system import ISSUER
from app.mdt import store
from app.mdt.action import Action
from app.mdt.agenda import AgendaItem
from app.mdt.caseload import CaseloadEntry
from app.mdt.desk import Desk
from app.mdt.lists import may_read
from app.mdt.office import Office, unknown
from app.mdt.thing import Refusal, Refused
from app.record.access import Inquiry
from app.sharing.facts import account_of

_READ: Final = "read"

Given = Action | AgendaItem
GivenT = TypeVar("GivenT", bound=Given)


async def given(desk: Desk, inquiry: Inquiry) -> list[Action] | Refusal:
    """All actions of whoever asks; of a system's organisation, those besides that are open. The soonest due first."""
    found = await desk.ask(inquiry, _of_whoever_asks)
    if isinstance(found, Refusal):
        return found
    others = {one.person_id for one in found if not _is_own(one, inquiry.requester)}
    readable = await may_read(desk, inquiry, others, "actions")
    shown = [one for one in found if one.person_id in readable or _is_own(one, inquiry.requester)]
    return await desk.ask(inquiry, lambda office: [_told(office, one, _READ) for one in shown])


async def given_one(desk: Desk, inquiry: Inquiry, thing_id: UUID, *, event: str = _READ) -> Given | Refusal:
    """One action, or a discussion with its outcome; `event` is what the trail calls it, where it is not read."""
    found = await desk.ask(inquiry, lambda office: _held(office, thing_id))
    if isinstance(found, Refusal):
        return found
    heading = "actions" if isinstance(found, Action) else "care-plans"
    may = _is_own(found, inquiry.requester) or await may_read(desk, inquiry, {found.person_id}, heading)
    if not may:
        return await desk.ask(inquiry, _refuse)
    return await desk.ask(inquiry, lambda office: _told(office, found, event))


def _is_own(thing: Given, requester: Requester) -> bool:
    if isinstance(thing, AgendaItem):
        return False
    return (thing.account, thing.organisation) == (account_of(requester), requester.organisation)


def _of_whoever_asks(office: Office) -> list[Action]:
    requester = office.inquiry.requester
    own = account_of(requester)
    found = store.among(
        office.connection, Action, issuer=own.issuer, subject=own.subject, organisation=requester.organisation
    )
    if requester.issuer == ISSUER:
        others = store.open_actions(office.connection, organisation=requester.organisation)
        found += [one for one in others if not _is_own(one, requester)]
    return sorted(found, key=lambda one: (one.due, str(one.id)))


def _held(office: Office, thing_id: UUID) -> Given:
    """Raises `Refused` for what is no such thing, or is nothing to whoever asks."""
    requester = office.inquiry.requester
    action = store.held(office.connection, Action, thing_id)
    if action is not None:
        is_theirs = requester.issuer == ISSUER and action.organisation == requester.organisation
        if is_theirs or _is_own(action, requester):
            return action
        raise Refused(unknown())
    item = office.held(AgendaItem, thing_id)
    kept_from = office.held(CaseloadEntry, item.caseload_id).content.kept_from
    if requester.issuer == ISSUER and item.content.outcome and requester.organisation not in kept_from:
        return item
    raise Refused(unknown())


def _refuse(_office: Office) -> Given:
    raise Refused(unknown())


def _told(office: Office, thing: GivenT, event: str) -> GivenT:
    office.tell(f"{thing.lifecycle.name.replace(' ', '-')}/{event}", thing.id, person=thing.person_id)
    return thing
