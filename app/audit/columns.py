"""Many rows of a chain looked at together, column by column, in the bytes in which PostgreSQL sends them.

Nearly every row of any trail is as it was written, and that is told soonest of hundreds at once; nothing here tells
more than that all is well.

A row is one of COPY in binary (PostgreSQL's manual, COPY, File Formats): how many columns there are, in two bytes; then
of each its length in four, which of NULL is -1, and its content.
"""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.audit.chain import ChainKey, Head
from app.audit.event import quoted

COLUMNS: Final = ("sequence", "leaf", "link", "at", "person", "other", "issuer", "subject", "salt", "event")
"""In which order a row has them: the salt right before the event, as the leaf covers both."""

NULL: Final = -1
"""The length of what is not there."""

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

_WIDTHS: Final = {"sequence": 8, "leaf": 32, "link": 32, "at": 8, "salt": 16}
_AT: Final = b'"at":"'
_EPOCH_OF_NUMPY: Final = np.datetime64("2000-01-01", "us")
_IN_UTC: Final = np.frombuffer(b'+00:00"', np.uint8)
_HEXADECIMAL: Final = np.frombuffer(bytes(range(256)).hex().encode(), np.uint16)
_DIGITS: Final = [place for place in range(1, 37) if place not in (9, 14, 19, 24)]  # of a UUID in quotation marks


class Columns:
    """Those of rows that stand side by side, at least one, of which each begins and ends somewhere."""

    def __init__(self, rows: bytes, begins: Sequence[int], ends: Sequence[int]) -> None:
        self._bytes = bytearray(rows)
        self._array: Bytes = np.frombuffer(self._bytes, np.uint8)
        self._ends: Places = np.array(ends, np.int64)
        self._places: dict[str, Places] = {}
        self._lengths: dict[str, Places] = {}
        at = np.array(begins, np.int64) + 2
        for column in COLUMNS:
            self._lengths[column] = self._cut(at, 4).view(">i4")[:, 0].astype(np.int64)
            self._places[column] = at + 4
            at = self._places[column] + np.maximum(self._lengths[column], 0)

    def follow(self, head: Head, key: ChainKey) -> Head | None:
        """The head that these rows lead to where every one is as it was written after `head`; else nothing is told.

        Once, for it moves salts about.
        """
        if not (self._is_regular() and self._is_in_order(head) and self._is_found_by_what_it_says()):
            return None
        leaves, links = self._content("leaf"), self._content("link")
        before = np.vstack((np.frombuffer(head.link, np.uint8), links[:-1]))
        bound = np.hstack((before, leaves, self._content("sequence")))
        if b"".join(self._hashed()) != leaves.tobytes() or not key.made(bound.tobytes(), links.tobytes()):
            return None
        return Head(head.chain, head.length + len(self._ends), links[-1].tobytes())

    def _is_regular(self) -> bool:
        """Whether each column is as wide as it always is; those of a forgotten event are not."""
        return all((self._lengths[column] == width).all() for column, width in _WIDTHS.items()) and all(
            (self._lengths[column] != NULL).all() for column in ("issuer", "subject", "event")
        )

    def _is_in_order(self, head: Head) -> bool:
        sequences = self._content("sequence").view(">i8")[:, 0]
        return np.array_equal(sequences, np.arange(head.length + 1, head.length + 1 + len(self._ends)))

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
        name, find, some = b'"%b":' % column.encode(), self._bytes.find, self._lengths[column] != NULL
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
