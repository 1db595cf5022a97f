"""Less than a view: whom somebody may see at all, who people are, where they live, whether something happened.

As with everything at this door, each answer is decided and told to the trail first.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from app.audit.event import Kind
from app.identity.requester import Requester
from app.record.door import Door, only
from app.record.inquiry import Inquiry
from app.record.merge import Line, Residence, residence
from app.record.read.view import identity
from app.record.store import permitted_lines
from app.sharing.decision import Decision
from app.sharing.known.gathering import facts_of
from app.vocabulary.category import Category
from app.vocabulary.token import READ, Action

_NAMED_BY: Final = frozenset({Category("demographics")})
_UNNAMED: Final = object()
_LIVES_BY: Final = frozenset({Category("gp-practice"), Category("address")})


class Glancing:
    """One thing that is asked of a record, or of each of many, and nothing else of it."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def may_see(self, inquiry: Inquiry, person_id: UUID) -> frozenset[Category]:
        """The headings of a person that the requester may read, nothing of what is under them; empty for a refusal."""
        decision = self._door.decide(inquiry, READ, await facts_of(self._door.read, person_id, at=inquiry.at))
        await self._door.tell(Kind.VIEW, inquiry, decision, person_id, ())
        return decision.lattice.categories_in(decision.mask)

    async def sights(self, inquiry: Inquiry, people: Collection[UUID]) -> dict[UUID, frozenset[Category]]:
        """Of each of these people, the headings that the requester may read."""
        seen = await asyncio.gather(*[self.may_see(inquiry, person_id) for person_id in people])
        return dict(zip(people, seen, strict=True))

    async def identities(
        self, inquiry: Inquiry, people: Collection[UUID], *, kind: Kind = Kind.VIEW, action: Action = READ
    ) -> dict[UUID, object]:
        """Who these people are, as a list names them, of those whose identity the requester may read, or may keep."""
        named = await asyncio.gather(*[self._named(inquiry, person_id, kind, action) for person_id in people])
        return {person_id: told for person_id, told in zip(people, named, strict=True) if told is not _UNNAMED}

    async def _named(self, inquiry: Inquiry, person_id: UUID, kind: Kind, action: Action) -> object:
        decision, lines = await self._permitted_of(inquiry, person_id, _NAMED_BY, action)
        await self._door.tell(kind, inquiry, decision, person_id, lines, action)
        return _UNNAMED if decision.denied else identity(lines)

    async def residence(self, inquiry: Inquiry, person_id: UUID) -> Residence:
        """With which practices a person is registered and where they live, as far as the requester may read it."""
        decision, lines = await self._permitted_of(inquiry, person_id, _LIVES_BY)
        await self._door.tell(Kind.VIEW, inquiry, decision, person_id, lines)
        return residence(lines)

    async def events_since(
        self, inquiry: Inquiry, person_id: UUID, headings: frozenset[Category], since: datetime
    ) -> bool:
        """Whether anything under these headings that the requester may read began after an instant."""
        decision, lines = await self._permitted_of(inquiry, person_id, headings)
        later = [line for line in lines if line.started is not None and line.started >= since]
        await self._door.tell(Kind.VIEW, inquiry, decision, person_id, later)
        return bool(later)

    async def foreseen(
        self, inquiry: Inquiry, person_id: UUID, those: Sequence[Requester]
    ) -> list[frozenset[Category]]:
        """The headings of a person that others may read at the inquiry's instant, each; they are shown nothing by this.

        INVARIANT: only for who may see the person themselves, or is told no more than that nothing changed.
        """
        facts = await facts_of(self._door.read, person_id, at=inquiry.at)
        decisions = [self._door.decide(replace(inquiry, requester=each), READ, facts) for each in those]
        return [one.lattice.categories_in(one.mask) for one in decisions]

    async def _permitted_of(
        self, inquiry: Inquiry, person_id: UUID, headings: frozenset[Category], action: Action = READ
    ) -> tuple[Decision, Sequence[Line]]:
        """What is permitted under a few headings alone."""
        decision = self._door.decide(inquiry, action, await facts_of(self._door.read, person_id, at=inquiry.at))
        decision = only(decision, headings)
        return decision, [] if decision.denied else await permitted_lines(self._door.read, person_id, decision)
