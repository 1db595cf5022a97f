"""What may happen to a thing, who may do it, and what it becomes: lifecycles as tables. Pure.

Who may is told by relations: what somebody is to a thing, of which they may be several at once.
"""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

StateT = TypeVar("StateT", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Move(Generic[StateT]):
    """One row of a table: `event` takes `state` to `to` when one of `who` brings it about."""

    state: StateT
    event: str
    to: StateT
    who: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stranger:
    """Whoever asks has no part in the thing: they are told what is told of things that do not exist."""


@dataclass(frozen=True, slots=True)
class NotYours:
    """The event is for others to bring about."""

    event: str
    who: frozenset[str]

    def __str__(self) -> str:
        return f"`{self.event}` is for the {' or the '.join(sorted(self.who))}; ask them"


@dataclass(frozen=True, slots=True)
class NotNow:
    """The event cannot happen in the state that the thing is in; `possible` are those that can, for whoever asks."""

    name: str
    state: str
    event: str
    possible: tuple[str, ...]

    def __str__(self) -> str:
        steps = ", ".join(event.replace("-", " ") for event in self.possible)
        instead = f"what can be done now is: {steps}" if steps else "nothing more can be done with it"
        return f"this {self.name} is {self.state.replace('-', ' ')}; {instead}"


Barred = Stranger | NotYours | NotNow


@dataclass(frozen=True, slots=True)
class Lifecycle(Generic[StateT]):
    """A thing's states and what leads from one to another; it begins in `initial`."""

    name: str
    initial: StateT
    moves: tuple[Move[StateT], ...]

    def __post_init__(self) -> None:
        pairs = [(move.state, move.event) for move in self.moves]
        if len(pairs) != len(set(pairs)):
            raise ValueError(f"the {self.name} table says twice what one event does in one state")
        if left := set(type(self.initial)) - set(self.states):
            raise ValueError(f"the {self.name} table has no row of {', '.join(left)}")

    @property
    def code(self) -> str:
        """What the audit trail calls such a thing, as in `agenda-item/note`."""
        return self.name.replace(" ", "-")

    @property
    def states(self) -> tuple[StateT, ...]:
        """Every state, in the order of the table, the first being where it begins."""
        return tuple(dict.fromkeys([self.initial, *(part for move in self.moves for part in (move.state, move.to))]))

    @property
    def events(self) -> tuple[str, ...]:
        """Every event, in the order of the table."""
        return tuple(dict.fromkeys(move.event for move in self.moves))

    def possible(self, state: StateT, relations: Set[str]) -> tuple[str, ...]:
        """What someone of these relations can do now."""
        return tuple(move.event for move in self.moves if move.state == state and move.who & relations)

    def move(self, state: StateT, event: str, relations: Set[str]) -> Move[StateT] | Barred:
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
            return NotNow(self.name, state, event, self.possible(state, relations))
        return row if row.who & relations else NotYours(event, row.who)


class Row(NamedTuple):
    """Several moves as a table has them: from each of `states`, parted by spaces; to `=` leaves the state as it is."""

    states: str
    event: str
    to: str
    who: tuple[str, ...]


def lifecycle(name: str, initial: StateT, *rows: Row) -> Lifecycle[StateT]:
    """A lifecycle of these rows; raises `ValueError` for a state that is none of its kind."""
    kind = type(initial)
    moves = (
        Move(kind(state), row.event, kind(state if row.to == "=" else row.to), frozenset(row.who))
        for row in rows
        for state in row.states.split()
    )
    return Lifecycle(name, initial, tuple(moves))


def moves(states: str, event: str, to: str, *who: str) -> Row:
    """A row of a table."""
    return Row(states, event, to, who)
