"""What a clause waits for: each condition looks at one requester and one person, at one instant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from app.identity.requester import Requester
from app.sharing.facts import Flag, FlagKind, Objection, ObjectionScope, PersonFacts, account_of, holds
from app.sharing.lattice import Lattice, union
from app.vocabulary.london import london_date

OWN_RECORD = "own-record"
"""The fact that the requester is the person."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """One requester before one person; `relationships` are those that cover them, ids by kind."""

    requester: Requester
    facts: PersonFacts
    at: datetime
    on: date
    relationships: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, requester: Requester, facts: PersonFacts, at: datetime) -> "Circumstances":
        """Find which relationships cover the requester."""
        covering: dict[str, tuple[str, ...]] = {}
        for relationship in facts.relationships:
            if relationship.covers(requester, at):
                covering[relationship.kind] = (*covering.get(relationship.kind, ()), f"relationship/{relationship.id}")
        return cls(requester, facts, at, london_date(at), covering)

    @property
    def trained(self) -> bool:
        """Whether the requester's training counts on this day, its last day included."""
        return self.requester.training_until is not None and self.on <= self.requester.training_until


class Ground(Protocol):
    """What lets a requester ask about this person."""

    def found(self, circumstances: Circumstances) -> tuple[str, ...]:
        """The facts that give the ground; none where it is not given."""


@dataclass(frozen=True, slots=True)
class RelationshipGround:
    """A relationship of one of these kinds covers the requester."""

    kinds: frozenset[str]

    def found(self, circumstances: Circumstances) -> tuple[str, ...]:
        """The covering relationships."""
        return tuple(
            fact for kind, facts in circumstances.relationships.items() if kind in self.kinds for fact in facts
        )


@dataclass(frozen=True, slots=True)
class EmergencyGround:
    """The requester opened this person's record, less than `lasts` ago."""

    lasts: timedelta

    def found(self, circumstances: Circumstances) -> tuple[str, ...]:
        """The openings."""
        return tuple(
            f"opening/{opening.id}"
            for opening in circumstances.facts.openings
            if opening.covers(circumstances.requester, circumstances.at)
            and circumstances.at - opening.started < self.lasts
        )


@dataclass(frozen=True, slots=True)
class InvitationGround:
    """The requester accepted an invitation for this person, and the meeting is near."""

    profile: str
    lead: timedelta
    lag: timedelta

    def found(self, circumstances: Circumstances) -> tuple[str, ...]:
        """The invitations."""
        requester, at = circumstances.requester, circumstances.at
        return tuple(
            f"invitation/{invitation.id}"
            for invitation in circumstances.facts.invitations
            if invitation.profile == self.profile
            and invitation.account == account_of(requester)
            and invitation.organisation == requester.organisation
            and invitation.accepted
            and invitation.on_agenda
            and invitation.started - at <= self.lead
            and at - invitation.ended < self.lag
        )


Reach = tuple[int, tuple[str, ...]]
"""The labels that a prohibition covers just now, and the facts by which it does."""


class Trigger(Protocol):
    """What makes a prohibition hold."""

    def reach(self, mask: int, circumstances: Circumstances, lattice: Lattice) -> Reach:
        """The part of `mask` that is forbidden."""


@dataclass(frozen=True, slots=True)
class Always:
    """It holds for everyone's record."""

    def reach(self, mask: int, circumstances: Circumstances, lattice: Lattice) -> Reach:
        """All of it."""
        return mask, ()


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """The requester is the person, under any NHS number that was ever theirs."""

    def reach(self, mask: int, circumstances: Circumstances, lattice: Lattice) -> Reach:
        """All of it, or nothing."""
        is_theirs = circumstances.requester.nhs_number in circumstances.facts.nhs_numbers
        return (mask, (OWN_RECORD,)) if is_theirs else (0, ())


@dataclass(frozen=True, slots=True)
class Flagged:
    """Any partner raised a flag, and `after` has passed since; `of_its_partner` narrows it to that partner's entries.

    Where `after` is nothing a raised flag always counts, even one that a partner's wrong clock dates ahead.
    """

    kind: FlagKind
    after: timedelta
    of_its_partner: bool

    def reach(self, mask: int, circumstances: Circumstances, lattice: Lattice) -> Reach:
        """All of it, or what the partners that raised the flag control."""
        raised = [flag for flag in circumstances.facts.flags if self._counts(flag, circumstances.at)]
        facts = tuple(f"flag/{flag.id}" for flag in raised)
        if self.of_its_partner:
            return mask & union(lattice.of_controller.get(flag.partner, 0) for flag in raised), facts
        return (mask, facts) if raised else (0, ())

    def _counts(self, flag: Flag, at: datetime) -> bool:
        return flag.kind == self.kind and (not self.after or at - flag.since >= self.after)


@dataclass(frozen=True, slots=True)
class Objected:
    """An objection is upheld; its own scope says how much it covers."""

    def reach(self, mask: int, circumstances: Circumstances, lattice: Lattice) -> Reach:
        """What the objections cover together."""
        upheld = [
            (objection.id, mask & _objected(objection, circumstances.requester, lattice))
            for objection in circumstances.facts.objections
            if objection.upheld and holds(objection.started, objection.ended, circumstances.at)
        ]
        return union(part for _, part in upheld), tuple(f"objection/{name}" for name, part in upheld if part)


def _objected(objection: Objection, requester: Requester, lattice: Lattice) -> int:
    match objection.scope:
        case ObjectionScope.CATEGORY if objection.category is not None:
            return lattice.of_category.get(objection.category, 0)
        case ObjectionScope.SOURCE if objection.organisation is not None:
            return lattice.of_controller.get(objection.organisation, 0)
        case ObjectionScope.RECIPIENT if objection.organisation is not None:
            return lattice.everything if objection.organisation == requester.organisation else 0
        case ObjectionScope.USER if objection.account is not None:
            return lattice.everything if objection.account == account_of(requester) else 0
        case _:  # `all`, and any that does not say what it covers
            return lattice.everything
