"""What a team asks of the record beside views: whom its members may see, who people are, what a whole room may see.

As with everything at this door, each answer is decided and told to the trail first.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from app.audit.event import Kind
from app.identity.requester import Requester
from app.record.door import told_of
from app.record.inquiry import Inquiry
from app.record.merge import Line, Residence, residence
from app.record.read.access import SharedRecord
from app.record.read.everything import Everything, Resource
from app.record.read.view import PersonView, identity
from app.record.sifted import Sifted
from app.record.store import LineVersion, permitted_lines, permitted_resources, permitted_versions_of_lines
from app.sharing.decision import Decision
from app.sharing.known.gathering import facts_of
from app.sharing.together import together
from app.vocabulary.category import Category
from app.vocabulary.token import READ, Action

_LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)
_NAMED_BY: Final = frozenset({Category("demographics")})
_UNNAMED: Final = object()
_NAMING: Final = frozenset({"Patient", "RelatedPerson"})
_LIVES_BY: Final = frozenset({Category("gp-practice"), Category("address")})


class Frozen(NamedTuple):
    """A person's record as it was at an instant, and what came or changed after; both as one decision now permits.

    `whole` holds the entries of it under the headings that were asked for, whole. `changed` is when anything of what
    is shown was stored last.
    """

    view: PersonView
    added: tuple[Line, ...]
    whole: tuple[Sifted, ...] = ()
    changed: datetime | None = None


class TeamRecord(SharedRecord):
    """The records of a place, also as teams ask for them."""

    async def as_it_was(
        self,
        inquiry: Inquiry,
        person_id: UUID,
        frozen_at: datetime,
        *,
        kind: Kind = Kind.VIEW,
        action: Action = READ,
        whole: frozenset[Category] = frozenset(),
    ) -> Frozen | None:
        """The record as it was held at an instant in UTC, decided anew: what is forbidden by now is in no part of it.

        Of what stands under the headings `whole`, the entries themselves too, as they read now.
        """
        decision = self._door.decide(inquiry, action, await facts_of(self._door.read, person_id, at=inquiry.at))
        versions = [] if decision.denied else await permitted_versions_of_lines(self._door.read, person_id, decision)
        frozen, added = _parted(versions, frozen_at)
        await self._door.tell(kind, inquiry, decision, person_id, [*frozen, *added], action)
        if decision.denied:
            return None
        feeds = await self._feeds_at(inquiry.at)
        view = PersonView(person_id=person_id, decision=decision, lines=frozen, feeds=feeds, at=inquiry.at)
        changed = max((one.stored_at for one in versions if one.is_current), default=None)
        return Frozen(view, tuple(added), await self._whole(person_id, _only(decision, whole), frozen), changed)

    async def _whole(self, person_id: UUID, decision: Decision, lines: Sequence[Line]) -> tuple[Sifted, ...]:
        """The entries of these lines, of those that a decision permits."""
        if decision.denied:
            return ()
        of = {line.number: line for line in lines}
        return tuple(
            Sifted(one.number, one.label, one.kind, line.started, line.ended, line.standing, one.content, line.summary)
            for one in await permitted_resources(self._door.read, person_id, decision)
            if (line := of.get(one.number))
        )

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

    async def accounts(self, inquiry: Inquiry, person_id: UUID) -> list[dict[str, Any]]:
        """How partners name a person and those close to them, as FHIR, as far as the requester may read it."""
        taken = await self.everything(inquiry, person_id, _accounts, kind=Kind.VIEW)
        return [orjson.loads(one.content) for one in taken.shown] if taken else []

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

    async def shown_to_all(self, inquiry: Inquiry, person_id: UUID, present: Sequence[Requester]) -> PersonView | None:
        """What everyone in a room may look at together: what each of them may see, and nothing else.

        The trail is told of each of them. `None` where somebody present may see nothing, or nobody is there.
        """
        facts = await facts_of(self._door.read, person_id, at=inquiry.at)
        inquiries = [replace(inquiry, requester=each) for each in present]
        decisions = [self._door.decide(each, READ, facts) for each in inquiries]
        joint = together(decisions)
        lines = [] if joint is None or joint.denied else await permitted_lines(self._door.read, person_id, joint)
        feeds = await self._feeds_at(inquiry.at)
        events = [
            told_of(Kind.VIEW, each, READ, decision, person_id, lines, beside=f"/{place}")
            for place, (each, decision) in enumerate(zip(inquiries, decisions, strict=True))
        ]
        if events:
            await self._door.trail.commit(*events)
        if joint is None or joint.denied:
            return None
        return PersonView(person_id=person_id, decision=joint, lines=lines, feeds=feeds, at=inquiry.at)

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
        decision = _only(decision, headings)
        return decision, [] if decision.denied else await permitted_lines(self._door.read, person_id, decision)


def _only(decision: Decision, headings: frozenset[Category]) -> Decision:
    """What a decision permits under a few headings alone."""
    only = decision.lattice.mask(categories=headings)
    few = [grant._replace(mask=grant.mask & only) for grant in decision.granted if grant.mask & only]
    return decision._replace(granted=tuple(few))


class _Accounts(NamedTuple):
    """Who people are, of all that is permitted."""

    shown: Sequence[Resource]


def _accounts(everything: Everything) -> _Accounts:
    return _Accounts([one for one in everything.resources if one.kind in _NAMING])


def _parted(versions: Sequence[LineVersion], at: datetime) -> tuple[list[Line], list[Line]]:
    """Each line as it was at an instant, the newest first; and those that are new or read otherwise since."""
    held: dict[int, LineVersion] = {}
    for version in sorted(versions, key=lambda one: one.stored_at):
        if version.stored_at <= at:
            held[version.line.number] = version
    added = [one.line for one in versions if one.is_current and one.stored_at > at]
    return _newest_first(one.line for one in held.values()), _newest_first(added)


def _newest_first(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.started or _LONG_AGO, line.number), reverse=True)
