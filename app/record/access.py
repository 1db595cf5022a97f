"""The one door to the record: every read is decided, written to the trail, and only then answered.

A refusal is `None`, whatever the reason: nobody of that id, nothing permitted, or none of the asker's business. It is
written to the trail too.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID, uuid5

import psycopg
from psycopg import AsyncConnection, IsolationLevel
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from app.audit.chain import ChainKey
from app.audit.event import Event, Kind, disclosure, search_criteria
from app.audit.trail import Trail
from app.database.pipeline import Read
from app.database.transactions import Role, acting_as
from app.governance.exceptions.obligations import unmet_by
from app.person import find
from app.person.find import Candidate, Criteria
from app.record.everything import Everything, Resource
from app.record.freshness import feeds_now
from app.record.inquiry import Inquiry
from app.record.joined import Joined, joined
from app.record.sift import considered
from app.record.sifted import Choose, ChosenT, Considered
from app.record.store import (
    Document,
    filed_under,
    permitted_documents,
    permitted_lines,
    permitted_resources,
    permitted_versions,
    whose,
)
from app.record.view import PartnerFeed, PersonView, partner_feeds
from app.sharing.decide import decide
from app.sharing.decision import Decision, Notices
from app.sharing.facts import PersonFacts
from app.sharing.known.gathering import facts_by_nhs_number, facts_of
from app.sharing.law import Agreements
from app.vocabulary.category import Category
from app.vocabulary.label import Label
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Action

FIND, READ = Action("find"), Action("read")
_FOUND_BY = Category("demographics")
_MOST_LIKELY, _MOST_CANDIDATES = 100, 20
_FEEDS_STAND_FOR = timedelta(seconds=1)
_NOBODY = UUID(int=0)
_LOOKING: Final[Mapping[str, Any]] = {
    "connect_timeout": 5,
    "options": f"{acting_as(Role.SERVICE)} -c statement_timeout=120s",
}

Raw = AsyncConnection[TupleRow]


class Shown(Protocol):
    """An entry that is disclosed, in whatever form."""

    @property
    def number(self) -> int:
        """Its id."""

    @property
    def label(self) -> Label:
        """What the decision permitted."""


class Taken(Protocol):
    """What an answer takes of what is permitted."""

    @property
    def shown(self) -> Sequence[Shown]:
        """All that it discloses anything of."""


TakenT = TypeVar("TakenT", bound=Taken)
ShownT = TypeVar("ShownT", bound=Shown)
MadeT = TypeVar("MadeT")
Permitted = Callable[[Read, UUID, Decision], Awaitable[Sequence[ShownT]]]
Found = tuple[UUID | None, Decision, Sequence[Shown]]
"""Somebody who was looked for, what may be read of them, and what of it is disclosed; `None` for nobody."""


class SharedRecord:
    """The records of a place, as its agreements let them be read."""

    def __init__(
        self, read: Read, pool: AsyncConnectionPool[Raw], trail: Trail, criteria_key: ChainKey, agreements: Agreements
    ) -> None:
        self._read, self._pool, self._trail, self._criteria_key = read, pool, trail, criteria_key
        self.agreements = agreements
        self._feeds: tuple[datetime, tuple[PartnerFeed, ...]] | None = None
        self._sifting = asyncio.Lock()  # one at a time: each is as much work as many thousands of views

    def rule_by(self, agreements: Agreements) -> None:
        """Decide by other agreements from now on."""
        self.agreements = agreements

    async def view(self, inquiry: Inquiry, person_id: UUID, *, kind: Kind = Kind.VIEW) -> PersonView | None:
        """The person's record as pages show it; of someone who was merged, the record of whoever stands for them.

        `kind` is what the trail calls it, where it leaves as something to keep.
        """
        decision, lines = await self._permitted(inquiry, person_id, permitted_lines)
        standing = person_id if lines else await self._who_stands_for(person_id)
        feeds = await self._feeds_at(inquiry.at)
        if standing != person_id:
            return await self.view(inquiry, standing, kind=kind)
        await self._record(kind, inquiry, decision, person_id, lines)
        if decision.denied:
            return None
        return PersonView(person_id=person_id, decision=decision, lines=lines, feeds=feeds, at=inquiry.at)

    async def everything(
        self,
        inquiry: Inquiry,
        person_id: UUID,
        take: Callable[[Everything], TakenT | None],
        *,
        former: bool = False,
        kind: Kind = Kind.EXPORT,
        number: int | None = None,
    ) -> TakenT | None:
        """What `take` takes of the person's entries as FHIR, or of that of a `number`; only that is told to the trail.

        With `former`, former versions too. `None` as ever, and where `take` takes nothing; whatever it raises, nothing
        is disclosed.
        """
        permitted: Permitted[Resource] = partial(permitted_versions if former else permitted_resources, number=number)
        decision, resources = await self._permitted(inquiry, person_id, permitted)
        if not resources and (standing := await self._who_stands_for(person_id)) != person_id:
            return await self.everything(inquiry, standing, take, former=former, kind=kind, number=number)
        taken = None if decision.denied else take(Everything(person_id, decision, resources))
        await self._record(kind, inquiry, decision, person_id, taken.shown if taken else ())
        return taken

    async def joined(self, person_id: UUID, decision: Decision) -> list[Joined]:
        """What was joined to a record that was shown by a decision: no more than what the same decision shows."""
        filed = {} if decision.denied else await filed_under(self._read, person_id, decision)
        return await joined(self._read, person_id, filed)

    async def entry(
        self, inquiry: Inquiry, number: int, take: Callable[[Everything], TakenT | None], *, former: bool = False
    ) -> TakenT | None:
        """The same of whoever's entry that is, known by its number alone."""
        person_id = await whose(self._read, number) or _NOBODY
        return await self.everything(inquiry, person_id, take, former=former, kind=Kind.ENTRY, number=number)

    async def patients(
        self, inquiry: Inquiry, whom: NHSNumber | Criteria, take: Callable[[Everything], TakenT | None]
    ) -> list[TakenT]:
        """What `take` takes of each person who may be meant and whom the asker may find; `None` leaves one out."""
        searched = {"nhs_number": whom.digits} if isinstance(whom, NHSNumber) else _as_searched(whom)
        told: list[Found] = []
        found: list[TakenT] = []
        for person_id, decision in (await self._meant(inquiry, whom)).items():
            resources = [] if decision.denied else await permitted_resources(self._read, person_id, decision)
            taken = None if decision.denied else take(Everything(person_id, decision, resources))
            if taken is not None:
                found.append(taken)
            if taken is not None or decision.denied:
                told.append((person_id, decision, taken.shown if taken else ()))
        await self._record_found(inquiry, FIND, told, searched)
        return found

    async def _meant(self, inquiry: Inquiry, whom: NHSNumber | Criteria) -> dict[UUID, Decision]:
        """Who may be meant, and what may be read to find them: nothing at all of some whom a number names."""
        if isinstance(whom, Criteria):
            async with self._pool.connection() as connection:
                decided = await self._likely(connection, inquiry, whom)
                return {one.person_id: decided[one.person_id] for one in await _as_permitted(connection, whom, decided)}
        person_id, facts = await facts_by_nhs_number(self._read, whom, at=inquiry.at)
        return {person_id: self._decide(inquiry, FIND, facts)} if person_id else {}

    async def document(self, inquiry: Inquiry, person_id: UUID, number: int) -> Document | None:
        """One document of the person's record."""
        decision, found = await self._permitted(inquiry, person_id, partial(permitted_documents, number=number))
        await self._record(Kind.ENTRY, inquiry, decision, person_id, found)
        return found[0] if found else None

    async def find_by_nhs_number(self, inquiry: Inquiry, number: NHSNumber) -> UUID | None:
        """The id of the person whom a number names."""
        person_id, facts = await facts_by_nhs_number(self._read, number, at=inquiry.at)
        decision = self._decide(inquiry, FIND, facts)
        await self._record_found(inquiry, FIND, [(person_id, decision, ())], {"nhs_number": number.digits})
        return None if decision.denied else person_id

    async def search(self, inquiry: Inquiry, criteria: Criteria) -> list[Candidate]:
        """Who may be meant, of those whom the asker may find, as the partners state them that may be read for it."""
        async with self._pool.connection() as connection:
            likely = await self._likely(connection, inquiry, criteria)
            shown = await _as_permitted(connection, criteria, likely)
        found = [(one.person_id, likely[one.person_id], ()) for one in shown]
        await self._record_found(inquiry, FIND, found, _as_searched(criteria))
        return shown

    async def sift(
        self,
        inquiry: Inquiry,
        categories: Collection[Category],
        choose: Choose[ChosenT],
        *,
        criteria: Mapping[str, str],
    ) -> Sequence[ChosenT] | None:
        """Name some of all those among whom the asker may look; `None` where there is nobody of whom they may read.

        `choose` is given each of them with what may be read for the purpose, in a thread of its own, and keeps few.
        """
        async with self._sifting:
            chosen = await asyncio.to_thread(self._sifted, inquiry, categories, choose)
        named = [(one.considered.person_id, one.considered.decision, one.shown) for one in chosen or ()]
        await self._record_found(inquiry, READ, named, criteria)
        return chosen

    def _sifted(
        self, inquiry: Inquiry, categories: Collection[Category], choose: Callable[[Iterator[Considered]], MadeT]
    ) -> MadeT | None:
        with psycopg.connect(str(self._pool.conninfo), **_LOOKING) as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ  # all of it as of one moment
            connection.read_only = True
            people = considered(
                connection,
                inquiry.requester.organisation,
                partial(self._decide, inquiry, READ),
                categories=categories,
                at=inquiry.at,
            )
            first = next(people, None)
            return None if first is None else choose(chain((first,), people))

    def notices(self, inquiry: Inquiry) -> Notices:
        """What the asker is told of every record, whoever's it is."""
        return self._decide(inquiry, READ, PersonFacts()).notices

    async def permission(self, inquiry: Inquiry, person_id: UUID, action: Action) -> Decision:
        """What the asker may do to a person's record beside reading it; whoever acts on it tells the trail."""
        standing = await self._who_stands_for(person_id)
        return self._decide(inquiry, action, await facts_of(self._read, standing, at=inquiry.at))

    async def complete_since(self, category: Category) -> dict[OdsCode, date]:
        """From which date on each partner's feeds tell of everything under a heading, of those that declared it."""
        async with self._pool.connection() as connection:
            told = [
                (feed.partner, feed.complete_since)
                for feed in await feeds_now(connection)
                if category in feed.covers and feed.complete_since is not None
            ]
        since: dict[OdsCode, date] = {}
        for partner, declared in told:
            since[partner] = max(declared, since.get(partner, declared))  # of several feeds the last to be whole
        return since

    async def _likely(self, connection: Raw, inquiry: Inquiry, criteria: Criteria) -> dict[UUID, Decision]:
        """Whoever answers to the criteria by anyone's account, each with what the asker may read to find them."""
        everyone = frozenset(self.agreements.lattice.controllers)
        offered = await find.search(connection, criteria, controllers=everyone, limit=_MOST_LIKELY)
        decided = {
            one.person_id: self._decide(inquiry, FIND, await facts_of(self._read, one.person_id, at=inquiry.at))
            for one in offered
        }
        return {person_id: decision for person_id, decision in decided.items() if not decision.denied}

    async def _permitted(
        self, inquiry: Inquiry, person_id: UUID, permitted: Permitted[ShownT]
    ) -> tuple[Decision, Sequence[ShownT]]:
        decision = self._decide(inquiry, READ, await facts_of(self._read, person_id, at=inquiry.at))
        return decision, [] if decision.denied else await permitted(self._read, person_id, decision)

    async def _who_stands_for(self, person_id: UUID) -> UUID:
        async with self._pool.connection() as connection:
            known = await find.person(connection, person_id)
        return known.person_id if known else person_id

    async def _feeds_at(self, at: datetime) -> tuple[PartnerFeed, ...]:
        """How each feed stands, as of at most a second ago: what a message brings is seen at once all the same."""
        if self._feeds is None or not self._feeds[0] <= at < self._feeds[0] + _FEEDS_STAND_FOR:
            async with self._pool.connection() as connection:
                feeds = partner_feeds(await feeds_now(connection), at)
            if self._feeds is not None and feeds == self._feeds[1]:
                feeds = self._feeds[1]  # the same object, as what is kept for it is looked up with each view
            self._feeds = at, feeds
        return self._feeds[1]

    def _decide(self, inquiry: Inquiry, action: Action, facts: PersonFacts) -> Decision:
        decision = decide(
            inquiry.requester,
            action=action,
            purpose=inquiry.purpose,
            facts=facts,
            agreements=self.agreements,
            at=inquiry.at,
        )
        # INVARIANT: whoever cannot carry out an obligation refuses
        unmet = unmet_by(decision.obligations, inquiry.requester, facts, inquiry.at)
        return decision._replace(granted=(), unmet=unmet) if unmet else decision

    async def _record(
        self, kind: Kind, inquiry: Inquiry, decision: Decision, person_id: UUID, shown: Sequence[Shown]
    ) -> None:
        """INVARIANT: nothing that was read is answered before this returns."""
        await self._trail.commit(told_of(kind, inquiry, READ, decision, person_id, shown))

    async def _record_found(
        self, inquiry: Inquiry, action: Action, found: Sequence[Found], searched: Mapping[str, str]
    ) -> None:
        """INVARIANT: nobody is named before this returns; of nobody it tells that somebody looked."""
        criteria = search_criteria(self._criteria_key, searched)
        of_nobody = (None, self._decide(inquiry, action, PersonFacts()), ())
        await self._trail.commit(
            *[
                told_of(Kind.FIND, inquiry, action, decision, person_id, shown, criteria)
                for person_id, decision, shown in found or [of_nobody]
            ]
        )


def told_of(
    kind: Kind,
    inquiry: Inquiry,
    action: Action,
    decision: Decision,
    person_id: UUID | None,
    shown: Sequence[Shown],
    criteria: str = "",
    *,
    beside: str = "",
) -> Event:
    """What the trail is told of one person's part in an answer; `beside` parts it from others of the same person's."""
    return disclosure(
        kind,
        decision,
        inquiry.requester,
        id=uuid5(inquiry.id, f"{kind}/{person_id}{beside}"),
        at=inquiry.at,
        person=person_id,
        purpose=inquiry.purpose,
        action=action,
        labels={one.label for one in shown},
        entries=[one.number for one in shown],
        criteria=criteria,
        request=str(inquiry.id),
    )


async def _as_permitted(connection: Raw, criteria: Criteria, likely: Mapping[UUID, Decision]) -> list[Candidate]:
    """Of these people, those who answer to the criteria by the accounts that may be read of them, and no others."""
    readable: dict[frozenset[OdsCode], set[UUID]] = {}
    for person_id, decision in likely.items():
        stating = frozenset(label.controller for label in decision.permitted if label.category == _FOUND_BY)
        readable.setdefault(stating, set()).add(person_id)
    found = [
        one
        for controllers, people in readable.items()
        for one in await find.search(connection, criteria, controllers=controllers, limit=_MOST_LIKELY)
        if one.person_id in people
    ]
    return found[:_MOST_CANDIDATES]


def _as_searched(criteria: Criteria) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(criteria).items() if value is not None}
