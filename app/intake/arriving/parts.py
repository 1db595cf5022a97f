"""The bytes of a message in parts of a megabyte, so that an extract of a gigabyte passes through a few of memory."""

import hashlib
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, Protocol

from sqlalchemy import Connection

from app.database.transactions import fetch_rows

PART_BYTES: Final = 1 << 20


class Content(Protocol):
    """What can be read piece by piece, such as an open file."""

    def read(self, size: int, /) -> bytes:
        """The next piece; empty at the end."""


def keep_parts(
    connection: Connection, message: int, content: Content, progress: Callable[[int], None]
) -> tuple[int, bytes]:
    """Put what a message holds on disk: how many bytes it has, and their SHA-256."""
    size, digest = 0, hashlib.sha256()
    for part, piece in enumerate(_parts(content)):
        connection.exec_driver_sql(
            "INSERT INTO inbox_part (message, part, bytes) VALUES (%s, %s, %b)", (message, part, piece)
        )
        digest.update(piece)
        size += len(piece)
        progress(len(piece))
    return size, digest.digest()


def _parts(content: Content) -> Iterator[bytes]:
    """A megabyte each but for the last, in whatever pieces the content comes."""
    part = b""
    while piece := content.read(PART_BYTES - len(part)):
        part += piece
        if len(part) == PART_BYTES:
            yield part
            part = b""
    if part:
        yield part


def open_message(
    connection: Connection,
    message: int,
    *,
    progress: Callable[[int, int], None] = lambda _bytes, _of: None,
    wait: Callable[[], None] = lambda: None,
) -> BinaryIO:
    """The message's bytes as a stream that can be wound back, one part at a time in memory.

    `progress` is told of each part's bytes when it is fetched, and of how many there are; `wait` returns when the
    connection may be used.
    """
    size: int = connection.exec_driver_sql("SELECT size FROM inbox_message WHERE id = %s", (message,)).scalar_one()
    return io.BufferedReader(_Parts(connection, message, size, progress, wait), buffer_size=PART_BYTES)


class _Parts(io.RawIOBase):
    def __init__(
        self,
        connection: Connection,
        message: int,
        size: int,
        progress: Callable[[int, int], None],
        wait: Callable[[], None],
    ) -> None:
        self._connection, self._message, self._size, self._progress = connection, message, size, progress
        self._wait = wait
        self._position = 0
        self._part = -1
        self._bytes = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer, as the base says
        if self._position >= self._size:
            return 0
        part, offset = divmod(self._position, PART_BYTES)
        if part != self._part:
            self._bytes, self._part = self._fetch(part), part
        piece = self._bytes[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def _fetch(self, part: int) -> bytes:
        self._wait()
        query = "SELECT bytes FROM inbox_part WHERE message = %s AND part = %s"
        [(found,)] = fetch_rows(self._connection, query, (self._message, part))
        self._progress(len(found), self._size)
        return bytes(found)
