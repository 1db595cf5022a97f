"""Many rows of a chain looked at together, in the bytes in which PostgreSQL sends them.

Nearly every row of any trail is as it was written, and that is told soonest of hundreds at once. A page of which it
cannot be told is read row by row, by who then says what is wrong: nothing here tells more than that all is well.

A row is one of COPY in binary (PostgreSQL's manual, COPY, File Formats): how many columns there are, in two bytes; then
of each its length in four, which of NULL is -1, and its content.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.audit.chain import ChainKey, Head, Record
from app.audit.event import FoundBy, quoted

COLUMNS: Final = ("sequence", "leaf", "link", "at", "person", "other", "issuer", "subject", "salt", "event")
"""In which order a row has them: the salt right before the event, as the leaf covers both."""

Row = bytes | memoryview
Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

_WIDTHS: Final = {"sequence": 8, "leaf": 32, "link": 32, "at": 8, "salt": 16}
_NULL: Final = -1
_AT, _PERSON, _OTHER = b'"at":"', b'"person":', b'"other":'
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_OF_NUMPY: Final = np.datetime64("2000-01-01", "us")
_IN_UTC: Final = np.frombuffer(b'+00:00"', np.uint8)
_HEXADECIMAL: Final = np.frombuffer(bytes(range(256)).hex().encode(), np.uint16)
_DIGITS: Final = [place for place in range(1, 37) if place not in (9, 14, 19, 24)]  # of a UUID in quotation marks


class Stored(NamedTuple):
    """A record, and what the database finds it by."""

    record: Record
    found_by: FoundBy


class Page:
    """Rows of one chain, at least one, by their sequences."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._bytes = bytearray().join(rows)
        self._array: Bytes = np.frombuffer(self._bytes, np.uint8)
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        self._ends: Places = np.cumsum(lengths)
        self._places: dict[str, Places] = {}
        self._lengths: dict[str, Places] = {}
        at = self._ends - lengths + 2
        for column in COLUMNS:
            self._lengths[column] = self._cut(at, 4).view(">i4")[:, 0].astype(np.int64)
            self._places[column] = at + 4
            at = self._places[column] + np.maximum(self._lengths[column], 0)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, content: bytes) -> bool:
        return content in self._bytes

    @property
    def last(self) -> int:
        """The sequence of the last row."""
        return stored(self._rows[-1]).record.sequence

    def __iter__(self) -> Iterator[Stored]:
        return map(stored, self._rows)

    def follows(self, head: Head, key: ChainKey) -> Head | None:
        """The head that these rows lead to where every one is as it was written after `head`; else nothing is told."""
        if not (self._is_regular() and self._is_in_order(head) and self._is_found_by_what_it_says()):
            return None
        leaves, links = self._content("leaf"), self._content("link")
        before = np.vstack((np.frombuffer(head.link, np.uint8), links[:-1]))
        bound = np.hstack((before, leaves, self._content("sequence")))
        if b"".join(self._hashed()) != leaves.tobytes() or not key.made(bound.tobytes(), links.tobytes()):
            return None
        return Head(head.chain, head.length + len(self), links[-1].tobytes())

    @property
    def leaves(self) -> list[bytes]:
        """What is stored as the leaf of each row, of rows that follow."""
        joined = self._content("leaf").tobytes()
        return [joined[at : at + 32] for at in range(0, len(joined), 32)]

    def _is_regular(self) -> bool:
        """Whether each column is as wide as it always is; those of a forgotten event are not."""
        return all((self._lengths[column] == width).all() for column, width in _WIDTHS.items()) and all(
            (self._lengths[column] != _NULL).all() for column in ("issuer", "subject", "event")
        )

    def _is_in_order(self, head: Head) -> bool:
        sequences = self._content("sequence").view(">i8")[:, 0]
        return np.array_equal(sequences, np.arange(head.length + 1, head.length + 1 + len(self)))

    def _hashed(self) -> list[bytes]:
        """The leaf that each salt and event make; the salt moves over the event's length, to stand right before it."""
        begins = self._places["event"] - 17
        self._array[begins[:, None] + np.arange(17)] = np.pad(self._content("salt"), ((0, 0), (1, 0)))
        content = memoryview(self._bytes)
        places = zip(begins.tolist(), self._ends.tolist(), strict=True)
        return [sha256(content[begin:end]).digest() for begin, end in places]

    def _is_found_by_what_it_says(self) -> bool:
        """As `FoundBy.agrees_with`, but each name is looked for after the one before it, as their order is known."""
        find, rfind, actors = self._bytes.find, self._bytes.rfind, self._actors()
        begins, ends = self._places["event"].tolist(), self._ends.tolist()
        at = [find(_AT, begin, end) for begin, end in zip(begins, ends, strict=True)]
        if min(at) < 0 or not self._say(at, len(_AT), self._instants()):
            return False
        issued = [find(issuer, begin, end) for (issuer, _), begin, end in zip(actors, at, ends, strict=True)]
        if min(issued) < 0:
            return False
        by = [rfind(subject, begin, end) for (_, subject), begin, end in zip(actors, issued, ends, strict=True)]
        return min(by) >= 0 and self._identify("person", issued, by) and self._identify("other", issued, by)

    def _actors(self) -> list[tuple[bytes, bytes]]:
        begins, ends = self._places["issuer"] - 4, self._places["subject"] + self._lengths["subject"]
        places = zip(begins.tolist(), ends.tolist(), strict=True)
        return [_actor(bytes(self._bytes[begin:end])) for begin, end in places]

    def _identify(self, column: str, begins: Sequence[int], ends: Sequence[int]) -> bool:
        """Whether each event names whom a column does, and nobody where it is null."""
        name, find, some = b'"%b":' % column.encode(), self._bytes.find, self._lengths[column] != _NULL
        said = np.array([find(name, begin, end) for begin, end in zip(begins, ends, strict=True)])
        if not np.array_equal(said >= 0, some):
            return False
        return self._say(said[some], len(name), _uuids(self._cut(self._places[column][some], 16)))

    def _say(self, places: Sequence[int] | Places, after: int, texts: Bytes) -> bool:
        """Whether each text, a row of `texts`, stands that much after its place."""
        begins, width = np.asarray(places, np.int64) + after, texts.shape[1]
        within = not len(texts) or int(begins.max()) + width <= len(self._array)
        return within and np.array_equal(self._cut(begins, width), texts)

    def _instants(self) -> Bytes:
        """As events write them, up to the quotation mark."""
        since = self._content("at").view(">i8")[:, 0].astype(np.int64).view("m8[us]")
        texts = np.datetime_as_string(_EPOCH_OF_NUMPY + since).view(np.uint32).reshape(len(since), -1)
        return np.hstack((texts[:, :26].astype(np.uint8), np.broadcast_to(_IN_UTC, (len(since), len(_IN_UTC)))))

    def _content(self, column: str) -> Bytes:
        return self._cut(self._places[column], _WIDTHS[column])

    def _cut(self, places: Places, width: int) -> Bytes:
        """What stands at places, as wide each."""
        cut: Bytes = self._array[places[:, None] + np.arange(width)]
        return cut


@lru_cache(maxsize=4096)
def _actor(columns: bytes) -> tuple[bytes, bytes]:
    """What events write of an issuer and a subject, whose columns stand side by side, each after its length."""
    end = 4 + int.from_bytes(columns[:4])
    issuer, subject = columns[4:end].decode(), columns[end + 4 :].decode()
    return b'"issuer":' + quoted(issuer), b'"subject":' + quoted(subject)


def _uuids(values: Bytes) -> Bytes:
    """As events write them, within quotation marks."""
    texts = np.full((len(values), 38), ord("-"), np.uint8)
    texts[:, _DIGITS] = _HEXADECIMAL[values].view(np.uint8)
    texts[:, (0, 37)] = ord('"')
    return texts


def stored(row: Row) -> Stored:
    """A row by itself."""
    columns, at = [], 2
    for _ in COLUMNS:
        length = int.from_bytes(row[at : at + 4], signed=True)
        at += 4
        columns.append(None if length == _NULL else bytes(row[at : at + length]))
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
