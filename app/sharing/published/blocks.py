"""What the paper of an agreement is made of: sections of plain blocks, none of which holds markup. Pure values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; each row as long as the headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its id, why it stands there, and what it says, line by line."""

    id: str
    reason: str
    terms: tuple[tuple[str, str], ...]
    kind: str = "clause"


Block = Paragraph | Table | Clause


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered section."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The whole agreement; `sha256` is the compiled hash that signatures cover and that the trail names."""

    title: str
    version: str
    sha256: str
    effective: str
    sections: tuple[Section, ...]


def table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[Table]:
    """A table, if there is anything to stand in it."""
    if rows:
        yield Table(headings, tuple(rows))
