"""What may happen to a thing, who may do it, and what it becomes: lifecycles as tables. Pure."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Final, NamedTuple


class Relation(StrEnum):
    """What someone is to a thing; one person may be several at once, and most are nothing to most things."""

    CHAIR = "chair"  # of the locality's team
    COORDINATOR = "coordinator"
    MEMBER = "member"  # anyone of the team, chair and coordinator included
    TRIAGER = "triager"  # a member in a role that the locality lets triage
    REFERRER = "referrer"  # one of those who made this referral
    INVITEE = "invitee"  # whom this invitation invites
    OWNER = "owner"  # whose action it is
    COLLEAGUE = "colleague"  # anyone of the owner's organisation
    CLOCK = "clock"  # the background process, when a time has come


ARRANGERS: Final = (Relation.CHAIR, Relation.COORDINATOR)
"""Who arranges a team's meetings."""


class Move(NamedTuple):
    """One row of a table: `event` takes `state` to `to` when one of `who` brings it about."""

    state: str
    event: str
    to: str
    who: frozenset[Relation]


@dataclass(frozen=True, slots=True)
class Stranger:
    """Whoever asks has no part in the thing: they are told what is told of things that do not exist."""


@dataclass(frozen=True, slots=True)
class NotYours:
    """The event is for others to bring about."""

    event: str
    who: frozenset[Relation]

    def __str__(self) -> str:
        return f"`{self.event}` is for the {' or the '.join(sorted(self.who))}; ask them"


@dataclass(frozen=True, slots=True)
class NotNow:
    """The event cannot happen in the state that the thing is in; `possible` are those that can, for whoever asks."""

    state: str
    event: str
    possible: tuple[str, ...]

    def __str__(self) -> str:
        instead = f"what can be done is {', '.join(self.possible)}" if self.possible else "nothing more can be done"
        return f"`{self.event}` cannot follow `{self.state}`; {instead}"


Barred = Stranger | NotYours | NotNow


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A thing's states and what leads from one to another; it begins in `initial`."""

    name: str
    initial: str
    moves: tuple[Move, ...]

    def __post_init__(self) -> None:
        pairs = [(move.state, move.event) for move in self.moves]
        if len(pairs) != len(set(pairs)):
            raise ValueError(f"the {self.name} table says twice what one event does in one state")

    @property
    def code(self) -> str:
        """What the audit trail calls such a thing, as in `agenda-item/note`."""
        return self.name.replace(" ", "-")

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in the order of the table, the first being where it begins."""
        return tuple(dict.fromkeys([self.initial, *(part for move in self.moves for part in (move.state, move.to))]))

    @property
    def events(self) -> tuple[str, ...]:
        """Every event, in the order of the table."""
        return tuple(dict.fromkeys(move.event for move in self.moves))

    def possible(self, state: str, relations: Set[Relation]) -> tuple[str, ...]:
        """What someone of these relations can do now."""
        return tuple(move.event for move in self.moves if move.state == state and move.who & relations)

    def move(self, state: str, event: str, relations: Set[Relation]) -> Move | Barred:
        """The move that an event makes, or why it makes none; raises `ValueError` for an event of no table row."""
        who = frozenset().union(*(move.who for move in self.moves if move.event == event))
        if not who:
            raise ValueError(f"the {self.name} table has no event `{event}`")
        if not relations:
            return Stranger()
        if not relations & who:
            return NotYours(event, who)
        row = next((move for move in self.moves if (move.state, move.event) == (state, event)), None)
        if row is None:
            return NotNow(state, event, self.possible(state, relations))
        return row if row.who & relations else NotYours(event, row.who)


def lifecycle(name: str, initial: str, *rows: Iterable[Move]) -> Lifecycle:
    """A lifecycle of the rows that `moves` makes."""
    return Lifecycle(name, initial, tuple(chain(*rows)))


def moves(states: str, event: str, to: str, *who: Relation) -> Iterable[Move]:
    """Rows of a table: one event from each of the states, parted by spaces; to `=` leaves the state as it is."""
    return [Move(state, event, state if to == "=" else to, frozenset(who)) for state in states.split()]
