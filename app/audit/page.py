"""Rows of a chain that are read together, in the bytes in which PostgreSQL sends them.

Of most it is told at once that all are as they were written (`columns`), or as a signed head vouched for (`vouching`).
Where it is not, they are read one by one, by who then says what is wrong.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

from app.audit.chain import ChainKey, Head, Record
from app.audit.columns import COLUMNS, NULL, Columns
from app.audit.event import FoundBy

BLOCK: Final = 1024
"""Rows that are read together, those after each multiple of it: so many stay in a processor's cache."""

_LEAF: Final = 18  # where it begins in a row: after the number of columns, the sequence and two lengths
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Stored(NamedTuple):
    """A record, and what the database finds it by."""

    record: Record
    found_by: FoundBy


class Page:
    """Rows of one chain by their sequences, side by side, and where each of them ends."""

    def __init__(self, rows: bytes, ends: Sequence[int]) -> None:
        self._rows = rows
        self._ends = ends
        self._begins = [0, *ends][:-1]

    def __len__(self) -> int:
        return len(self._ends)

    def __contains__(self, content: bytes) -> bool:
        return content in self._rows

    def __getitem__(self, place: int) -> Stored:
        return _stored(self._rows[self._begins[place] : self._ends[place]])

    def __iter__(self) -> Iterator[Stored]:
        return map(self.__getitem__, range(len(self)))

    @property
    def last(self) -> int:
        """The sequence of the last row, where there is one."""
        return self[-1].record.sequence

    @property
    def leaves(self) -> list[bytes]:
        """What is stored as the leaf of each row, of rows that follow or join."""
        return [self._rows[begin + _LEAF : begin + _LEAF + 32] for begin in self._begins]

    def follows(self, head: Head, key: ChainKey) -> Head | None:
        """The head that these rows lead to where every one is as it was written after `head`; else nothing is told."""
        return Columns(self._rows, self._begins, self._ends).follow(head, key)

    def joins(self, head: Head, key: ChainKey) -> Head | None:
        """The same of rows that are known to be as they were written, but not yet after which."""
        first, last = self[0].record, self[-1].record
        if not key.linked(head.link, first.leaf, head.length + 1, first.link):
            return None
        return Head(head.chain, head.length + len(self), last.link)

    def digests(self, counts: Iterable[int]) -> list[bytes]:
        """SHA-256 of the first so many rows, as they came, for each of some counts in ascending order."""
        hashing, rows, done, digests = sha256(), memoryview(self._rows), 0, list[bytes]()
        for count in counts:
            end = self._ends[count - 1]
            hashing.update(rows[done:end])
            digests.append(hashing.digest())
            done = end
        return digests


def _stored(row: bytes) -> Stored:
    """A row by itself."""
    columns, at = [], 2
    for _ in COLUMNS:
        length = int.from_bytes(row[at : at + 4], signed=True)
        at += 4
        columns.append(None if length == NULL else row[at : at + length])
        at += max(length, 0)
    sequence, leaf, link, instant, person, other, issuer, subject, salt, event = columns
    record = Record(int.from_bytes(sequence or b"", signed=True), leaf or b"", link or b"", salt, event)
    return Stored(record, FoundBy(_instant(instant), _text(issuer), _text(subject), _uuid(person), _uuid(other)))


def _instant(content: bytes | None) -> datetime | None:
    """`None` for one that no event can have, such as infinity."""
    if content is None:
        return None
    try:
        return _EPOCH + timedelta(microseconds=int.from_bytes(content, signed=True))
    except OverflowError:
        return None


def _text(content: bytes | None) -> str | None:
    return None if content is None else content.decode()


def _uuid(content: bytes | None) -> UUID | None:
    return None if content is None else UUID(bytes=content)
