"""What a clause waits for: each condition looks at one requester and one person, at one instant."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import ClassVar, Final, NamedTuple, Protocol

from app.identity.requester import Requester
from app.sharing.facts import Objection, ObjectionScope, PersonFacts, account_of, holds
from app.sharing.lattice import Lattice, union
from app.vocabulary.flag import FlagKind
from app.vocabulary.london import london_date

OWN_RECORD: Final = "own-record"
"""The fact that the requester is the person."""

OBJECTION: Final = "objection"
"""What a prohibition waits for that waits for an objection, as others wait for a flag, by its kind."""


_CHILD: Final = FlagKind.CHILD.value  # plain text: looked at with every decision
_MEETING: Final = ObjectionScope.MEETING.value


class Circumstances(NamedTuple):
    """One requester before one person at one instant.

    `covering` are the relationships that cover them, by kind; `closing` the objections that close a team's meetings.
    """

    requester: Requester
    facts: PersonFacts
    at: datetime
    on: date
    covering: list[tuple[str, str]]
    closing: list[Objection]

    @classmethod
    def of(cls, requester: Requester, facts: PersonFacts, at: datetime) -> "Circumstances":
        """Find which relationships cover the requester."""
        if facts.flags:
            facts = _with_flags_that_count(facts, at)
        closing = _closing(facts, at) if facts.objections else []
        closed = [objection.team for objection in closing if objection.team]
        covering = [
            (each.kind, f"relationship/{each.id}")
            for each in facts.relationships
            if each.covers(requester, at) and each.team not in closed
        ]
        return cls(requester, facts, at, london_date(at), covering, closing)

    @property
    def trained(self) -> bool:
        """Whether the requester's training counts on this day, its last day included."""
        return self.requester.training_until is not None and self.on <= self.requester.training_until


def _with_flags_that_count(facts: PersonFacts, at: datetime) -> PersonFacts:
    for flag in facts.flags:
        if flag.kind == _CHILD and not flag.counts(at):
            return replace(facts, flags=tuple(flag for flag in facts.flags if flag.counts(at)))
    return facts


def _closing(facts: PersonFacts, at: datetime) -> list[Objection]:
    """The upheld objections to meetings: they take away what a meeting itself gives, whatever it is asked for."""
    return [
        each
        for each in facts.objections
        if each.scope == _MEETING and each.upheld and holds(each.started, each.ended, at)
    ]


class Ground(Protocol):
    """What lets a requester ask about this person."""

    @property
    def need(self) -> str:
        """What is missing where it is not given, in words."""

    def found(self, circumstances: Circumstances) -> list[str]:
        """The facts that give the ground; none where it is not given."""


@dataclass(frozen=True, slots=True)
class RelationshipGround:
    """A relationship of one of these kinds covers the requester."""

    kinds: frozenset[str]

    @property
    def need(self) -> str:
        """The kinds that suffice."""
        return f"a relationship ({' or '.join(sorted(self.kinds))})"

    def found(self, circumstances: Circumstances) -> list[str]:
        """The covering relationships."""
        return [fact for kind, fact in circumstances.covering if kind in self.kinds]


@dataclass(frozen=True, slots=True)
class EmergencyGround:
    """The requester opened this person's record, less than `lasts` ago."""

    lasts: timedelta

    @property
    def need(self) -> str:
        """An opening."""
        return "an opening of emergency access"

    def found(self, circumstances: Circumstances) -> list[str]:
        """The openings."""
        return [
            f"opening/{opening.id}"
            for opening in circumstances.facts.openings
            if opening.covers(circumstances.requester, circumstances.at)
            and circumstances.at - opening.started < self.lasts
        ]


@dataclass(frozen=True, slots=True)
class InvitationGround:
    """The requester accepted an invitation for this person, and the meeting is near."""

    profile: str
    lead: timedelta
    lag: timedelta

    @property
    def need(self) -> str:
        """An invitation by this profile."""
        return f"an accepted invitation ({self.profile}) to a meeting that is near"

    def found(self, circumstances: Circumstances) -> list[str]:
        """The invitations."""
        requester, at = circumstances.requester, circumstances.at
        return [
            f"invitation/{invitation.id}"
            for invitation in circumstances.facts.invitations
            if invitation.profile == self.profile
            and invitation.account == account_of(requester)
            and invitation.organisation == requester.organisation
            and invitation.accepted
            and invitation.on_agenda
            and invitation.started - at <= self.lead
            and at - invitation.ended < self.lag
            and not any(objection.closes(invitation.meeting) for objection in circumstances.closing)
        ]


class Reach(NamedTuple):
    """The labels that a prohibition covers just now, and the facts by which it does."""

    mask: int
    facts: Sequence[str]


_NOTHING: Final = Reach(0, ())


class Trigger(Protocol):
    """What makes a prohibition hold."""

    @property
    def waits_for(self) -> str:
        """The kind of fact that it looks at: nothing, a flag's kind, `OBJECTION` or `OWN_RECORD`."""

    def reach(self, mask: int, circumstances: Circumstances, lattice: Lattice) -> Reach:
        """The part of `mask` that is forbidden."""


@dataclass(frozen=True, slots=True)
class Always:
    """It holds for everyone's record."""

    waits_for: ClassVar[str] = ""

    def reach(self, mask: int, circumstances: Circumstances, lattice: Lattice) -> Reach:
        """All of it."""
        return Reach(mask, ())


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """The requester is the person, under any NHS number that was ever theirs."""

    waits_for: ClassVar[str] = OWN_RECORD

    def reach(self, mask: int, circumstances: Circumstances, lattice: Lattice) -> Reach:
        """All of it, or nothing."""
        number = circumstances.requester.nhs_number
        is_theirs = number is not None and number in circumstances.facts.nhs_numbers
        return Reach(mask, (OWN_RECORD,)) if is_theirs else _NOTHING


@dataclass(frozen=True, slots=True)
class Flagged:
    """Any partner raised a flag, and `after` has passed since; `of_its_partner` narrows it to that partner's entries.

    Where `after` is nothing a raised flag always counts, even one that a partner's wrong clock dates ahead.
    """

    kind: FlagKind
    after: timedelta
    of_its_partner: bool

    @property
    def waits_for(self) -> str:
        """The flag's kind."""
        return self.kind

    def reach(self, mask: int, circumstances: Circumstances, lattice: Lattice) -> Reach:
        """All of it, or what the partners that raised the flag control."""
        raised = [flag for flag in circumstances.facts.flags if flag.kind == self.kind]
        if raised and self.after:
            raised = [flag for flag in raised if circumstances.at - flag.since >= self.after]
        if not raised:
            return _NOTHING
        if self.of_its_partner:
            mask &= union(lattice.of_controller.get(flag.partner, 0) for flag in raised)
        return Reach(mask, [f"flag/{flag.id}" for flag in raised])


@dataclass(frozen=True, slots=True)
class Objected:
    """An objection is upheld; its own scope says how much it covers."""

    waits_for: ClassVar[str] = OBJECTION

    def reach(self, mask: int, circumstances: Circumstances, lattice: Lattice) -> Reach:
        """What the objections cover together."""
        reached, facts = 0, []
        for objection in circumstances.facts.objections:
            if objection.upheld and holds(objection.started, objection.ended, circumstances.at):
                part = mask & _COVERED.get(objection.scope, _everything)(objection, circumstances.requester, lattice)
                if part:
                    reached |= part
                    facts.append(f"objection/{objection.id}")
        return Reach(reached, facts) if reached else _NOTHING


def _everything(objection: Objection, requester: Requester, lattice: Lattice) -> int:
    return lattice.everything


def _category(objection: Objection, requester: Requester, lattice: Lattice) -> int:
    return lattice.of_category[objection.category] if objection.category else lattice.everything


def _source(objection: Objection, requester: Requester, lattice: Lattice) -> int:
    return lattice.of_controller.get(objection.organisation, 0) if objection.organisation else lattice.everything


def _recipient(objection: Objection, requester: Requester, lattice: Lattice) -> int:
    return lattice.everything if objection.organisation in (None, requester.organisation) else 0


def _user(objection: Objection, requester: Requester, lattice: Lattice) -> int:
    return lattice.everything if objection.account in (None, account_of(requester)) else 0


def _nothing(objection: Objection, requester: Requester, lattice: Lattice) -> int:
    return 0  # it takes away the meeting's ground, and no label that another ground gives


_COVERED: Final[Mapping[str, Callable[[Objection, Requester, Lattice], int]]] = {
    ObjectionScope.ALL: _everything,
    ObjectionScope.CATEGORY: _category,
    ObjectionScope.SOURCE: _source,
    ObjectionScope.RECIPIENT: _recipient,
    ObjectionScope.USER: _user,
    ObjectionScope.MEETING: _nothing,
}
"""What an objection of each scope covers; one that does not say what it covers, covers everything."""
