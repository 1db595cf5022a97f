"""Committing events to the trail, so that nothing leaves before what tells of it is on disk.

A process that answers requests holds one `Trail`, whose single writer takes all events that wait and commits them
together. What must stand or fall with other rows is recorded in their transaction instead, by `record`.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Self

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, make_url

from app.audit import chain_store
from app.audit.chain import ChainKey, Head, extend
from app.audit.event import Event
from app.database.pipeline import Pipeline
from app.database.transactions import Role, acting_as
from app.errors import DomainError

Salt = Callable[[], bytes]

_MOST_AT_ONCE: Final = 256  # commits in one: the last of them waits for all
_ATTEMPTS: Final = 50  # at a chain that is shared with other trails
_SESSION: Final = {
    "autocommit": True,
    "options": f"{acting_as(Role.SERVICE)} -c synchronous_commit=on -c statement_timeout=10s",
}
_PATIENCE: Final = {  # seconds, and milliseconds for the last: a network that swallows everything is noticed
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


class NotRecorded(DomainError):
    """The trail could not be written: whatever was to be disclosed must not be."""


class _Waiting(NamedTuple):
    events: Sequence[Event]
    answer: asyncio.Future[Exception | None]


def fresh_salt() -> bytes:
    """What keeps anyone from guessing an event by its leaf, once it is forgotten."""
    return os.urandom(16)


class Trail:
    """The trail of a process that answers requests, on a connection of its own to PostgreSQL.

    An asynchronous context manager; leaving it commits what still waits. When the database goes away, those who wait at
    that moment are refused; the next look for it again.
    """

    def __init__(self, url: str, key: ChainKey, *, salt: Salt = fresh_salt) -> None:
        self._pipeline = Pipeline(_address(url), _SESSION)
        self._key = key
        self._salt = salt
        self._open = False
        self._waiting: deque[_Waiting] = deque()
        self._called = asyncio.Event()
        self._head = Head(0, 0, b"")

    async def __aenter__(self) -> Self:
        self._open = True
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._open = False
        self._called.set()
        await self._writer

    async def commit(self, event: Event, *more: Event) -> None:
        """Return once the events are on disk, in one commit; raises `NotRecorded`, and nothing may be disclosed."""
        if not self._open:
            raise NotRecorded("the audit trail is closed, so that nothing can be shown; ask again")
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting((event, *more), answer))
        self._called.set()
        failure = await answer
        if failure is not None:
            raise NotRecorded(_told(failure)) from None

    async def _write(self) -> None:
        while (batch := self._take()) or self._open:
            if not batch:
                self._called.clear()
                await self._called.wait()
                continue
            failure = await self._attempt([event for waiting in batch for event in waiting.events])
            for waiting in batch:
                if not waiting.answer.done():
                    waiting.answer.set_result(failure)
        self._pipeline.hang_up()

    def _take(self) -> list[_Waiting]:
        """Those whose turn it is; whoever has gone meanwhile is shown nothing, so nothing need be recorded."""
        turn: list[_Waiting] = []
        while self._waiting and len(turn) < _MOST_AT_ONCE:
            first = self._waiting.popleft()
            if not first.answer.done():
                turn.append(first)
        return turn

    async def _attempt(self, events: Sequence[Event]) -> Exception | None:
        try:
            await self._append(events)
        except Exception as failure:  # whatever it is, all who wait must be told, and the writer live on
            self._pipeline.hang_up()
            return failure
        return None

    async def _append(self, events: Sequence[Event]) -> None:
        if not self._pipeline.is_open:
            chain = await chain_store.claim(self._pipeline.read, self._key)
            self._head = await chain_store.head_of(self._pipeline.read, self._key, chain)
        found_by = [event.found_by for event in events]
        for _ in range(_ATTEMPTS):
            new, records = extend(self._key, self._head, [(self._salt(), event.canonical()) for event in events])
            if await chain_store.advance(self._pipeline.read, self._key, self._head, new, records, found_by):
                self._head = new
                return
            self._head = await chain_store.head_of(self._pipeline.read, self._key, new.chain)
        raise NotRecorded("too many processes write the audit trail at once; ask again")


def record(connection: Connection, events: Sequence[Event], *, key: ChainKey, salt: Salt = fresh_salt) -> None:
    """Record events, one or more, that stand or fall with the transaction they are in.

    It holds one of few chains until that ends, so call it last. Raises `BrokenTrail`.
    """
    old = chain_store.hold(connection, key)
    new, records = extend(key, old, [(salt(), event.canonical()) for event in events])
    chain_store.advance_held(connection, key, old, new, records, [event.found_by for event in events])


def _address(url: str) -> str:
    named = make_url(url).set(drivername="postgresql+psycopg")
    _, parts = named.get_dialect()().create_connect_args(named)  # a password with a space is no URL to PostgreSQL
    return make_conninfo(**{**parts, **_PATIENCE})


def _told(failure: Exception) -> str:
    """Why, without what a database quotes of the rows it was given."""
    if isinstance(failure, DomainError):
        return str(failure)
    what = getattr(failure, "sqlstate", None) or type(failure).__name__
    return f"the audit trail could not be written ({what}), so that nothing can be shown; ask again shortly"
