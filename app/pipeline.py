"""Many requests' reads at once over few connections: what the hottest statements go through.

The same driver as everywhere, one layer lower. A pool lends a connection to one request at a time, and an awaited
cursor registers with the event loop anew at each wait: both cost more than a read by primary key itself. Here a
connection stays registered, and takes the next statement while others are under way (libpq, "Pipeline Mode"). Each
statement is a transaction by itself: where one fails, only whoever asked for it is told.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from itertools import count
from operator import attrgetter
from typing import Any, Final, NamedTuple, Protocol, Self

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult
from psycopg.rows import TupleRow

_TELLING: Final = frozenset((ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.FATAL_ERROR))
_LOOK_EVERY: Final = 0.25  # seconds, while anyone waits
_LOST: Final = "the connection to the database was lost; ask again"


class Read(Protocol):
    """Runs a statement whose parameters are `$1`, `$2`, … and returns its rows; raises `psycopg.Error`."""

    async def __call__(self, statement: bytes, parameters: Sequence[Any], /) -> list[TupleRow]:
        """All rows."""


def over(connection: psycopg.AsyncConnection[Any]) -> Read:
    """The same over an ordinary connection, where nobody is in a hurry."""

    async def read(statement: bytes, parameters: Sequence[Any]) -> list[TupleRow]:
        cursor = psycopg.AsyncRawCursor(connection)
        await cursor.execute(statement, parameters, binary=True)
        return await cursor.fetchall()

    return read


class _Waiting(NamedTuple):
    """Who waits for a statement that was sent, and its results so far, beginning with its preparation's, if any."""

    answer: asyncio.Future[PGresult]
    results: list[PGresult]


class Pipeline:
    """One connection, an asynchronous context manager; `settings` are what psycopg connects with.

    When it is lost, those who wait are told so, and the next who reads opens another. Whoever stops waiting is
    forgotten; their statement runs all the same.
    """

    def __init__(self, address: str, settings: Mapping[str, Any]) -> None:
        self._address, self._settings = address, settings
        self._connection: psycopg.AsyncConnection[TupleRow] | None = None
        self._opening: asyncio.Task[psycopg.AsyncConnection[TupleRow]] | None = None
        self._waiting: deque[_Waiting] = deque()
        self._looking: asyncio.TimerHandle | None = None
        self._numbers = count()

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._opening is not None:
            self._opening.cancel()
        if self._looking is not None:
            self._looking.cancel()
        self._hang_up()

    @property
    def load(self) -> int:
        """How many statements are under way."""
        return len(self._waiting)

    async def read(self, statement: bytes, parameters: Sequence[Any]) -> list[TupleRow]:
        """A `Read`."""
        connection = self._connection or await self._open()
        waiting = _Waiting(asyncio.get_running_loop().create_future(), [])
        try:
            prepared_as = self._send(connection.pgconn, statement, parameters)
            self._waiting.append(waiting)
            self._flush()
            self._look_later()
        except psycopg.OperationalError:
            self._hang_up()
            raise
        result = await waiting.answer
        if result.status == ExecStatus.FATAL_ERROR:
            self._names.pop(prepared_as, None)  # to be prepared anew, as that may be what failed
            raise error_from_result(result)
        self._adapting.set_pgresult(result)
        return self._adapting.load_rows(0, result.ntuples, tuple)

    def _send(self, pgconn: PGconn, statement: bytes, parameters: Sequence[Any]) -> tuple[bytes, tuple[int, ...]]:
        values = self._adapting.dump_sequence(parameters, [PyFormat.BINARY] * len(parameters))
        prepared_as = statement, self._adapting.types or ()
        name = self._names.get(prepared_as)
        if name is None:
            name = self._names[prepared_as] = b"read_%d" % next(self._numbers)
            pgconn.send_prepare(name, *prepared_as)
        pgconn.send_query_prepared(name, values, self._adapting.formats, Format.BINARY)
        pgconn.pipeline_sync()
        return prepared_as

    async def _open(self) -> psycopg.AsyncConnection[TupleRow]:
        """Open it once for all who ask meanwhile, even where the first of them stops waiting."""
        if self._opening is None:
            self._opening = asyncio.create_task(self._connect())
        opening = self._opening
        try:
            return await asyncio.shield(opening)
        finally:
            if opening.done() and self._opening is opening:
                self._opening = None

    async def _connect(self) -> psycopg.AsyncConnection[TupleRow]:
        connection = await psycopg.AsyncConnection.connect(self._address, **self._settings)
        connection.pgconn.enter_pipeline_mode()
        self._connection, self._adapting = connection, Transformer(connection)
        self._socket = connection.pgconn.socket  # which a lost connection tells no more
        self._names: dict[tuple[bytes, tuple[int, ...]], bytes] = {}
        asyncio.get_running_loop().add_reader(self._socket, self._receive)
        return connection

    def _flush(self) -> None:
        """Hand the network what it takes now, and the rest when it can take more."""
        assert self._connection is not None  # noqa: S101  # registered only while it is open
        loop = asyncio.get_running_loop()
        if self._connection.pgconn.flush():
            loop.add_writer(self._socket, self._write)
        else:
            loop.remove_writer(self._socket)

    def _write(self) -> None:
        try:
            self._flush()
        except psycopg.OperationalError:
            self._hang_up()

    def _receive(self) -> None:
        assert self._connection is not None  # noqa: S101  # registered only while it is open
        try:
            self._connection.pgconn.consume_input()
            self._take(self._connection.pgconn)
        except psycopg.OperationalError:
            self._hang_up()

    def _look_later(self) -> None:
        """See to it that a socket is looked at while anyone waits.

        A server that dies with statements unread resets the connection; libuv then stops watching the socket, and tells
        nobody (its poll answers POLLERR with UV_EBADF).
        """
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(_LOOK_EVERY, self._look)

    def _look(self) -> None:
        self._looking = None
        if self._waiting and self._connection is not None:
            self._receive()
            self._look_later()

    def _take(self, pgconn: PGconn) -> None:
        """Give each who waits what is theirs: the results up to the synchronisation point after their statement."""
        while self._waiting and not pgconn.is_busy():
            result = pgconn.get_result()
            if result is None:  # the end of one command, or of all where what the server says makes no sense
                if pgconn.status == ConnStatus.BAD:
                    raise psycopg.OperationalError(_LOST)
            elif result.status in _TELLING:
                self._waiting[0].results.append(result)
            elif result.status == ExecStatus.PIPELINE_SYNC:
                answer, results = self._waiting.popleft()
                if not answer.done():
                    answer.set_result(results[-1])

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._socket)
            loop.remove_writer(self._socket)
            connection.pgconn.finish()
        while self._waiting:
            answer = self._waiting.popleft().answer
            if not answer.done():
                answer.set_exception(psycopg.OperationalError(_LOST))


class Pipelines:
    """Several, of which each statement goes through the one with the least to do; an asynchronous context manager."""

    def __init__(self, address: str, settings: Mapping[str, Any], *, size: int) -> None:
        self._pipelines = [Pipeline(address, settings) for _ in range(size)]

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            for pipeline in self._pipelines:
                await opening.enter_async_context(pipeline)
            self._opened = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    async def read(self, statement: bytes, parameters: Sequence[Any]) -> list[TupleRow]:
        """A `Read`."""
        return await min(self._pipelines, key=_LOAD).read(statement, parameters)


_LOAD: Final = attrgetter("load")
