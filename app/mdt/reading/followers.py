"""Who follows a meeting, in this process: each is woken when something of it changed, and is told nothing by that.

One connection a process listens, from the first follower on; the database says which meeting changed, and no more.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import structlog
from psycopg import AsyncConnection

from app.database.transactions import DATABASE_ERRORS, plain_address

MOST: Final = 24
"""Of one session in one process: whoever chairs has a few screens on, and each holds a connection and asks again."""

MOST_OF_ALL: Final = 500
"""In one process, which may often open no more than a thousand files: a system's teams, all of which meet at once."""

_AT_ONCE: Final = 2

_CHANNEL: Final = "mdt_meeting"
_AGAIN: Final = 1.0  # seconds until a lost connection is tried again
_PATIENCE: Final[Mapping[str, Any]] = {
    "connect_timeout": 5,
    # a network that swallows everything is noticed: seconds, and milliseconds for the last
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

_log = structlog.get_logger()


class Followers:
    """Those who follow meetings over the database at `url`, until it is closed."""

    def __init__(self, url: str) -> None:
        self._url = plain_address(url)
        self._waiting: dict[UUID, set[asyncio.Event]] = {}
        self._of_session: Counter[str] = Counter()
        self._listening: asyncio.Task[None] | None = None
        self.turns = asyncio.Semaphore(_AT_ONCE)
        """Held by whoever looks what changed, so that all who are woken at once leave room for whoever else asks."""
        self.closed = False

    def takes(self, session: str) -> bool:
        """Whether one more of a session may follow."""
        return self._of_session[session] < MOST and self._of_session.total() < MOST_OF_ALL

    @contextmanager
    def following(self, meeting_id: UUID, session: str = "") -> Iterator[asyncio.Event]:
        """An event that is set whenever something of the meeting may have changed; whoever waits clears it."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        woken = asyncio.Event()
        self._waiting.setdefault(meeting_id, set()).add(woken)
        self._of_session[session] += 1
        try:
            yield woken
        finally:
            self._of_session -= Counter([session])  # and it is forgotten at its last
            self._waiting[meeting_id].discard(woken)
            if not self._waiting[meeting_id]:
                del self._waiting[meeting_id]

    def close(self) -> None:
        """Wake everyone for the last time, so that they go."""
        self.closed = True
        self._wake_all()
        if self._listening is not None:
            self._listening.cancel()

    async def gone(self) -> None:
        """Wait until nothing listens any more."""
        self.close()
        if self._listening is not None:
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except DATABASE_ERRORS as error:
                _log.error("meetings cannot be followed just now", exc_info=error)
            await asyncio.sleep(_AGAIN)

    async def _hear(self) -> None:
        async with await AsyncConnection.connect(self._url, autocommit=True, **_PATIENCE) as connection:
            await connection.execute(f"LISTEN {_CHANNEL}")
            self._wake_all()  # whatever was said while nobody listened
            async for heard in connection.notifies():
                for woken in self._waiting.get(UUID(heard.payload), ()):
                    woken.set()

    def _wake_all(self) -> None:
        for followers in self._waiting.values():
            for woken in followers:
                woken.set()
