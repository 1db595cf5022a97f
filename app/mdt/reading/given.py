"""What a partner's system reads of the team's work: actions of its organisation, and what was decided about people.

Its own actions it reads whoever they are about, as whoever is to do something may; all else only where the agreement
lets it read such a thing of the person. Each reading is told to the trail, thing by thing; a list that is asked for
again and is as it was is told as one event, by the mark that the events of its reading carry.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID

import orjson

from app.audit.chain import ChainKey
from app.identity.requester import Requester
from app.identity.systems.system import ISSUER
from app.mdt import store
from app.mdt.desk import Desk
from app.mdt.reading.lists import may_read
from app.mdt.steps.office import Office
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.headings import ACTIONS, DISCUSSION
from app.mdt.workflow.refusal import unknown
from app.record.inquiry import Inquiry
from app.sharing.facts import account_of

_READ, _UNCHANGED = "read", "action/unchanged"

Given = Action | AgendaItem
GivenT = TypeVar("GivenT", bound=Given)


@dataclass(frozen=True, slots=True)
class Listed:
    """The actions that are answered, or none where the requester holds them as they are; `mark` is theirs now."""

    actions: Sequence[Action]
    mark: str
    is_unchanged: bool = False


async def given(
    desk: Desk, inquiry: Inquiry, *, key: ChainKey, search: Sequence[tuple[str, str]] = (), held: Collection[str] = ()
) -> Listed:
    """All actions of whoever asks; of a system's organisation, those besides that are open. The soonest due first.

    `search` is what of them the answer is narrowed to, `held` the marks of lists that the requester was answered. What
    may be read is decided anew each time; whom an unchanged list is about stands in the trail under its mark.
    """
    found = await desk.ask(inquiry, _of_whoever_asks)
    others = {one.person_id for one in found if not _is_own(one, inquiry.requester)}
    marked = partial(_mark, key, inquiry, search)
    if held and (mark := marked(_shown(found, inquiry, await _foreseen(desk, inquiry, others)))) in held:
        await desk.ask(inquiry, lambda office: office.tell(_UNCHANGED, None, criteria=mark))
        return Listed((), mark, is_unchanged=True)
    shown = _shown(found, inquiry, await may_read(desk, inquiry, others, ACTIONS))
    mark = marked(shown)
    told = await desk.ask(inquiry, lambda office: [_told(office, one, _READ, mark) for one in shown])
    return Listed(told, mark)


async def given_one(desk: Desk, inquiry: Inquiry, thing_id: UUID, *, event: str = _READ) -> Given:
    """One action, or a discussion with its outcome; `event` is what the trail calls it, where it is not read."""
    found = await desk.ask(inquiry, lambda office: _held(office, thing_id))
    heading = ACTIONS if isinstance(found, Action) else DISCUSSION
    may = _is_own(found, inquiry.requester) or await may_read(desk, inquiry, {found.person_id}, heading)
    if not may:
        return await desk.ask(inquiry, _refuse)
    return await desk.ask(inquiry, lambda office: _told(office, found, event))


async def _foreseen(desk: Desk, inquiry: Inquiry, people: Collection[UUID]) -> set[UUID]:
    """Of these people, those of whom whoever asks may read actions, before anything of it is told to them."""
    decided = {
        person_id: await desk.record.glancing.foreseen(inquiry, person_id, [inquiry.requester]) for person_id in people
    }
    return {person_id for person_id, (headings,) in decided.items() if ACTIONS in headings}


def _shown(found: Sequence[Action], inquiry: Inquiry, readable: Collection[UUID]) -> list[Action]:
    return [one for one in found if one.person_id in readable or _is_own(one, inquiry.requester)]


def _mark(key: ChainKey, inquiry: Inquiry, search: Sequence[tuple[str, str]], shown: Sequence[Action]) -> str:
    """Stands for what one requester is shown in a list, each action in its version: meaningless without the key."""
    who = inquiry.requester
    requester = (*account_of(who), who.organisation, who.role, inquiry.purpose)
    held = [(one.id, one.version, one.person_id) for one in shown]
    return key.pseudonym(orjson.dumps([requester, search, held]).decode())


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
    return sorted(office.as_they_stand(found), key=lambda one: (one.due, str(one.id)))


def _held(office: Office, thing_id: UUID) -> Given:
    """Raises `Refused` for what is no such thing, or is nothing to whoever asks."""
    requester = office.inquiry.requester
    action = store.held(office.connection, Action, thing_id)
    if action is not None:
        if office.relations(action, action.locality):
            return office.as_it_stands(action)
        raise unknown()
    item = office.held(AgendaItem, thing_id)
    kept_from = office.held(CaseloadEntry, item.caseload_id).content.kept_from
    if requester.issuer == ISSUER and item.content.outcome and requester.organisation not in kept_from:
        return office.as_it_stands(item)
    raise unknown()


def _refuse(_office: Office) -> Given:
    raise unknown()


def _told(office: Office, thing: GivenT, event: str, mark: str = "") -> GivenT:
    reason = f"{thing.lifecycle.code}/{event}"
    office.tell(reason, thing.id, person=thing.person_id, criteria=mark)
    return thing
