"""A record as a team has it before them: as it was when a pack was made, and as a whole room may see it.

As with everything at this door, each answer is decided and told to the trail first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

from app.audit.event import Kind
from app.identity.requester import Requester
from app.record.door import Door, only, told_of
from app.record.inquiry import Inquiry
from app.record.merge import Line
from app.record.read.feeds_told import FeedsTold
from app.record.read.view import PersonView
from app.record.sifted import Sifted
from app.record.store import LineVersion, permitted_lines, permitted_resources, permitted_versions_of_lines
from app.sharing.decision import Decision
from app.sharing.known.gathering import facts_of
from app.sharing.together import together
from app.vocabulary.category import Category
from app.vocabulary.token import READ, Action

_LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)


class Frozen(NamedTuple):
    """A person's record as it was at an instant, and what came or changed after; both as one decision now permits.

    `whole` holds the entries of it under the headings that were asked for, whole. `changed` is when anything of what
    is shown was stored last.
    """

    view: PersonView
    added: tuple[Line, ...]
    whole: tuple[Sifted, ...] = ()
    changed: datetime | None = None


class Presenting:
    """What is prepared of people for a meeting, and what is shown at it."""

    def __init__(self, door: Door, feeds: FeedsTold) -> None:
        self._door, self._feeds = door, feeds

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
        feeds = await self._feeds.at(inquiry.at)
        view = PersonView(person_id=person_id, decision=decision, lines=frozen, feeds=feeds, at=inquiry.at)
        changed = max((one.stored_at for one in versions if one.is_current), default=None)
        return Frozen(view, tuple(added), await self._whole(person_id, only(decision, whole), frozen), changed)

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

    async def shown_to_all(self, inquiry: Inquiry, person_id: UUID, present: Sequence[Requester]) -> PersonView | None:
        """What everyone in a room may look at together: what each of them may see, and nothing else.

        The trail is told of each of them. `None` where somebody present may see nothing, or nobody is there.
        """
        facts = await facts_of(self._door.read, person_id, at=inquiry.at)
        inquiries = [replace(inquiry, requester=each) for each in present]
        decisions = [self._door.decide(each, READ, facts) for each in inquiries]
        joint = together(decisions)
        lines = [] if joint is None or joint.denied else await permitted_lines(self._door.read, person_id, joint)
        feeds = await self._feeds.at(inquiry.at)
        events = [
            told_of(Kind.VIEW, each, READ, decision, person_id, lines, beside=f"/{place}")
            for place, (each, decision) in enumerate(zip(inquiries, decisions, strict=True))
        ]
        if events:
            await self._door.trail.commit(*events)
        if joint is None or joint.denied:
            return None
        return PersonView(person_id=person_id, decision=joint, lines=lines, feeds=feeds, at=inquiry.at)


def _parted(versions: Sequence[LineVersion], at: datetime) -> tuple[list[Line], list[Line]]:
    """Each line as it was at an instant, the newest first; and those that are new or read otherwise since.

    What one message stores in several versions has one instant: which came last their numbers tell.
    """
    held: dict[int, LineVersion] = {}
    for version in sorted(versions, key=lambda one: one.version):
        if version.stored_at <= at:
            held[version.line.number] = version
    added = [one.line for one in versions if one.is_current and one.stored_at > at]
    return _newest_first(one.line for one in held.values()), _newest_first(added)


def _newest_first(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.started or _LONG_AGO, line.number), reverse=True)
