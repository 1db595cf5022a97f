"""The records of a place as its agreements let them be read, a person at a time.

A refusal is `None`, whatever the reason: nobody of that id, nothing permitted, or none of the requester's business.
It is written to the trail too.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

import orjson
from psycopg_pool import AsyncConnectionPool

from app.audit.chain import ChainKey
from app.audit.event import Kind
from app.audit.trail import Trail
from app.database.pipeline import Read
from app.person import find
from app.record.door import Door, Raw, Shown
from app.record.freshness import feeds_now
from app.record.inquiry import Inquiry
from app.record.read.everything import Everything, Resource, TakenT
from app.record.read.feeds_told import FeedsTold
from app.record.read.finding import Finding
from app.record.read.glancing import Glancing
from app.record.read.joined import Joined, joined
from app.record.read.presenting import Presenting
from app.record.read.sifting import Sifting
from app.record.read.view import PersonView
from app.record.store import (
    Document,
    filed_under,
    permitted_documents,
    permitted_lines,
    permitted_resources,
    permitted_versions,
    whose,
)
from app.sharing.decision import Decision, Notices
from app.sharing.facts import PersonFacts
from app.sharing.known.gathering import facts_of
from app.sharing.law import Agreements
from app.vocabulary.category import Category
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ, Action

_NOBODY: Final = UUID(int=0)
_NAMING: Final = frozenset({"Patient", "RelatedPerson"})

ShownT = TypeVar("ShownT", bound=Shown)
Permitted = Callable[[Read, UUID, Decision], Awaitable[Sequence[ShownT]]]


class SharedRecord:
    """The records of a place: what is asked of one person stands here.

    Other ways to ask stand on the same door: `finding` people, `sifting` many of them, `glancing` at some, and
    `presenting` them to a team.
    """

    def __init__(
        self, read: Read, pool: AsyncConnectionPool[Raw], trail: Trail, criteria_key: ChainKey, agreements: Agreements
    ) -> None:
        self._door = Door(read, pool, trail, criteria_key, agreements)
        self._feeds = FeedsTold(pool)
        self.finding, self.sifting, self.glancing = Finding(self._door), Sifting(self._door), Glancing(self._door)
        self.presenting = Presenting(self._door, self._feeds)

    @property
    def agreements(self) -> Agreements:
        """By which it is decided now."""
        return self._door.agreements

    def rule_by(self, agreements: Agreements) -> None:
        """Decide by other agreements from now on."""
        self._door.agreements = agreements

    async def view(
        self, inquiry: Inquiry, person_id: UUID, *, kind: Kind = Kind.VIEW, action: Action = READ
    ) -> PersonView | None:
        """The person's record as pages show it; of someone who was merged, the record of whoever stands for them.

        `kind` is what the trail calls it, and `action` what the agreements must permit: `EXPORT` for what leaves as
        something to keep.
        """
        decision, lines = await self._permitted(inquiry, person_id, permitted_lines, action)
        standing = person_id if lines else await self._who_stands_for(person_id)
        feeds = await self._feeds.at(inquiry.at)
        if standing != person_id:
            return await self.view(inquiry, standing, kind=kind, action=action)
        await self._door.tell(kind, inquiry, decision, person_id, lines, action)
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
        action: Action = READ,
        number: int | None = None,
    ) -> TakenT | None:
        """What `take` takes of the person's entries as FHIR, or of that of a `number`; only that is told to the trail.

        With `former`, former versions too. `None` as ever, and where `take` takes nothing; whatever it raises, nothing
        is disclosed.
        """
        permitted: Permitted[Resource] = partial(permitted_versions if former else permitted_resources, number=number)
        decision, resources = await self._permitted(inquiry, person_id, permitted, action)
        if not resources and (standing := await self._who_stands_for(person_id)) != person_id:
            return await self.everything(
                inquiry, standing, take, former=former, kind=kind, action=action, number=number
            )
        taken = None if decision.denied else take(Everything(person_id, decision, resources))
        await self._door.tell(kind, inquiry, decision, person_id, taken.shown if taken else (), action)
        return taken

    async def joined(self, person_id: UUID, decision: Decision) -> list[Joined]:
        """What was joined to a record that was shown by a decision: no more than what the same decision shows."""
        filed = {} if decision.denied else await filed_under(self._door.read, person_id, decision)
        return await joined(self._door.read, person_id, filed)

    async def entry(
        self,
        inquiry: Inquiry,
        number: int,
        take: Callable[[Everything], TakenT | None],
        *,
        former: bool = False,
        action: Action = READ,
    ) -> TakenT | None:
        """The same of whoever's entry that is, known by its number alone."""
        person_id = await whose(self._door.read, number) or _NOBODY
        return await self.everything(
            inquiry, person_id, take, former=former, kind=Kind.ENTRY, action=action, number=number
        )

    async def accounts(self, inquiry: Inquiry, person_id: UUID) -> list[dict[str, Any]]:
        """How partners name a person and those close to them, as FHIR, as far as the requester may read it."""
        taken = await self.everything(inquiry, person_id, _accounts, kind=Kind.VIEW)
        return [orjson.loads(one.content) for one in taken.shown] if taken else []

    async def document(self, inquiry: Inquiry, person_id: UUID, number: int) -> Document | None:
        """One document of the person's record."""
        decision, found = await self._permitted(inquiry, person_id, partial(permitted_documents, number=number))
        await self._door.tell(Kind.ENTRY, inquiry, decision, person_id, found)
        return found[0] if found else None

    def notices(self, inquiry: Inquiry) -> Notices:
        """What the requester is told of every record, whoever's it is."""
        return self._door.decide(inquiry, READ, PersonFacts()).notices

    async def permission(self, inquiry: Inquiry, person_id: UUID, action: Action) -> Decision:
        """What the requester may do to a person's record beside reading it; whoever acts on it tells the trail."""
        standing = await self._who_stands_for(person_id)
        return self._door.decide(inquiry, action, await facts_of(self._door.read, standing, at=inquiry.at))

    async def complete_since(self, category: Category) -> dict[OdsCode, date]:
        """From which date on each partner's feeds tell of everything under a heading, of those that declared it."""
        async with self._door.pool.connection() as connection:
            told = [
                (feed.partner, feed.complete_since)
                for feed in await feeds_now(connection)
                if category in feed.covers and feed.complete_since is not None
            ]
        since: dict[OdsCode, date] = {}
        for partner, declared in told:
            since[partner] = max(declared, since.get(partner, declared))  # of several feeds the last to be whole
        return since

    async def _permitted(
        self, inquiry: Inquiry, person_id: UUID, permitted: Permitted[ShownT], action: Action = READ
    ) -> tuple[Decision, Sequence[ShownT]]:
        decision = self._door.decide(inquiry, action, await facts_of(self._door.read, person_id, at=inquiry.at))
        return decision, [] if decision.denied else await permitted(self._door.read, person_id, decision)

    async def _who_stands_for(self, person_id: UUID) -> UUID:
        async with self._door.pool.connection() as connection:
            known = await find.person(connection, person_id)
        return known.person_id if known else person_id


class _Accounts(NamedTuple):
    """Who people are, of all that is permitted."""

    shown: Sequence[Resource]


def _accounts(everything: Everything) -> _Accounts:
    return _Accounts([one for one in everything.resources if one.kind in _NAMING])
