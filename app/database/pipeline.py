"""Many requests' reads at once over few connections: what the hottest statements go through.

The same driver as everywhere, one layer lower. A pool lends a connection to one request at a time, and an awaited
cursor registers with the event loop anew at each wait: both cost more than a read by primary key itself. Here a
connection stays registered, and takes the next statement while others are under way (libpq, "Pipeline Mode").

What is asked for in one turn of the event loop goes in one batch, up to one synchronisation point, since waking a
server process costs more than most statements do. A batch is one transaction to PostgreSQL: where a statement fails,
only whoever asked for it is told, and those that it took with it are asked again. Nobody is answered before the batch
is committed, unless all that is asked there are reads: they are answered as their rows come, so that work on the first
goes on while PostgreSQL looks for the last.

A statement may bring a setting with it, which holds for it alone: it goes last in its batch, after those that bring
none; each setting replaces the one before it; and the end of the batch, being the transaction's, ends the last.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass, field
from itertools import count
from operator import attrgetter
from typing import Any, Final, NamedTuple, Protocol, Self

import psycopg
from psycopg.adapt import Buffer, PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult
from psycopg.rows import TupleRow

_FAILED: Final = frozenset((ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED))
_TELLING: Final = _FAILED | {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}
_MOST_AT_ONCE: Final = 16  # statements in one batch: the first of them waits for all
_LOOK_EVERY: Final = 0.25  # seconds, while anyone waits
_SILENT: Final = 30.0  # seconds of a server that is waited for: more than one takes that ends statements after ten
_LOST: Final = "the connection to the database was lost; ask again"


Setting = tuple[bytes, Sequence[Any]]
"""A statement that sets all that others of its kind set, until the transaction ends (`set_config(…, true)`)."""


class Read(Protocol):
    """Runs a statement whose parameters are `$1`, `$2`, … and returns its rows; raises `psycopg.Error`."""

    async def __call__(
        self, statement: bytes, parameters: Sequence[Any], /, setting: Setting | None = None
    ) -> list[TupleRow]:
        """All rows; a setting holds for this statement alone."""


def over(connection: psycopg.AsyncConnection[Any]) -> Read:
    """The same over an ordinary connection, where nobody is in a hurry."""

    async def read(statement: bytes, parameters: Sequence[Any], setting: Setting | None = None) -> list[TupleRow]:
        cursor = psycopg.AsyncRawCursor(connection)
        async with connection.transaction() if setting else nullcontext():
            if setting:
                await cursor.execute(*setting)
            await cursor.execute(statement, parameters, binary=True)
            return await cursor.fetchall()

    return read


_Prepared = tuple[bytes, tuple[int, ...]]  # a statement and the types of its parameters


class _Statement(NamedTuple):
    """What libpq is given."""

    prepared_as: _Prepared
    values: Sequence[Buffer | None]
    formats: Sequence[Format]


@dataclass(slots=True)
class _Asked:
    """Who waits for a statement, what is sent for them, and the results so far, with those of preparing it."""

    answer: asyncio.Future[PGresult]
    statements: Sequence[_Statement]  # the last is their own
    expected: int = 0
    results: list[PGresult] = field(default_factory=list)

    @property
    def told(self) -> PGresult:
        """The first result that tells of a failure, else the statement's own, which is the last."""
        return next((result for result in self.results if result.status in _FAILED), self.results[-1])


class _Batch:
    """Statements up to one synchronisation point, in their order; `last` are not sent yet."""

    def __init__(self) -> None:
        self.asked: list[_Asked] = []
        self.last: list[_Asked] = []
        self._taken = 0

    def __len__(self) -> int:
        return len(self.asked) + len(self.last)

    def take(self, result: PGresult) -> _Asked | None:
        """Give the result to the statement whose turn it is; after all of them it tells that the commit failed.

        Returns the statement whose last it was, if it was one's last.
        """
        if self._taken == len(self.asked):
            for one in self.asked:
                one.results.insert(0, result)
            return None
        asked = self.asked[self._taken]
        asked.results.append(result)
        if len(asked.results) < asked.expected:
            return None
        self._taken += 1
        return asked


class Pipeline:
    """One connection, an asynchronous context manager; `settings` are what psycopg connects with.

    With `reads_only`, nobody waits for the others of their batch. When the connection is lost, those who wait are told
    so, and the next who reads opens another. Whoever stops waiting is forgotten; their statement runs all the same.
    """

    def __init__(self, address: str, settings: Mapping[str, Any], *, reads_only: bool = False) -> None:
        self._address, self._settings, self._reads_only = address, settings, reads_only
        self._connection: psycopg.AsyncConnection[TupleRow] | None = None
        self._opening: asyncio.Task[psycopg.AsyncConnection[TupleRow]] | None = None
        self._filling = _Batch()
        self._sent: deque[_Batch] = deque()
        self._looking: asyncio.TimerHandle | None = None
        self._heard = 0.0  # when the server said something last, or had nothing to say, by the event loop's clock
        self._numbers = count()

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._opening is not None:
            self._opening.cancel()
        if self._looking is not None:
            self._looking.cancel()
        self.hang_up()

    @property
    def load(self) -> int:
        """How many statements are under way."""
        return len(self._filling) + sum([len(batch) for batch in self._sent])

    @property
    def is_open(self) -> bool:
        """Whether there is a connection; one that was lost is made anew by whoever reads next."""
        return self._connection is not None

    @property
    def is_filling(self) -> bool:
        """Whether a batch waits for the end of the event loop's turn, with room for more."""
        return 0 < len(self._filling) < _MOST_AT_ONCE

    async def read(self, statement: bytes, parameters: Sequence[Any], setting: Setting | None = None) -> list[TupleRow]:
        """A `Read`."""
        while True:
            connection = self._connection or await self._open()
            result = await self._ask(connection.pgconn, statement, parameters, setting)
            if result.status == ExecStatus.FATAL_ERROR:
                raise error_from_result(result)
            if result.status != ExecStatus.PIPELINE_ABORTED:  # by another statement of the batch
                break
        self._adapting.set_pgresult(result)
        return self._adapting.load_rows(0, result.ntuples, tuple)

    def _ask(
        self, pgconn: PGconn, statement: bytes, parameters: Sequence[Any], setting: Setting | None
    ) -> asyncio.Future[PGresult]:
        """Give libpq the statement, which keeps it until it is flushed; one with a setting waits for its turn."""
        loop = asyncio.get_running_loop()
        own = self._written(statement, parameters)
        asked = _Asked(loop.create_future(), (self._written(*setting), own) if setting else (own,))
        if not self._filling:
            loop.call_soon(self._synchronise, pgconn)
        if setting:
            self._filling.last.append(asked)
        else:
            try:
                self._send(pgconn, asked)
            except psycopg.OperationalError:
                self.hang_up()
                raise
        return asked.answer

    def _written(self, statement: bytes, parameters: Sequence[Any]) -> _Statement:
        values = self._adapting.dump_sequence(parameters, [PyFormat.BINARY] * len(parameters))
        return _Statement((statement, self._adapting.types or ()), values, self._adapting.formats or ())

    def _send(self, pgconn: PGconn, asked: _Asked) -> None:
        for prepared_as, values, formats in asked.statements:
            if prepared_as not in self._names:
                self._names[prepared_as] = b"read_%d" % next(self._numbers)
                pgconn.send_prepare(self._names[prepared_as], *prepared_as)
                asked.expected += 1
            pgconn.send_query_prepared(self._names[prepared_as], values, formats, Format.BINARY)
            asked.expected += 1
        self._filling.asked.append(asked)

    def _synchronise(self, pgconn: PGconn) -> None:
        """Send what was asked for in this turn of the event loop."""
        if self._connection is None or self._connection.pgconn is not pgconn:
            return  # it was lost meanwhile, and whoever asked was told so
        try:
            while self._filling.last:
                self._send(pgconn, self._filling.last[0])
                del self._filling.last[0]
            pgconn.pipeline_sync()
            if not self._sent:
                self._heard = asyncio.get_running_loop().time()
            self._sent.append(self._filling)
            self._filling = _Batch()
            self._flush()
            self._look_later()
        except psycopg.OperationalError:
            self.hang_up()

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
        self._names: dict[_Prepared, bytes] = {}
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
            self.hang_up()

    def _receive(self) -> None:
        assert self._connection is not None  # noqa: S101  # registered only while it is open
        try:
            self._connection.pgconn.consume_input()
            self._take(self._connection.pgconn)
        except psycopg.OperationalError:
            self.hang_up()

    def _look_later(self) -> None:
        """See to it that a socket is looked at while anyone waits.

        A server that dies with statements unread resets the connection; libuv then stops watching the socket, and tells
        nobody (its poll answers POLLERR with UV_EBADF). One whose machine stands still says nothing at all.
        """
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(_LOOK_EVERY, self._look)

    def _look(self) -> None:
        self._looking = None
        if self._sent and asyncio.get_running_loop().time() - self._heard > _SILENT:
            self.hang_up()
        if self._sent and self._connection is not None:
            self._receive()
            self._look_later()

    def _take(self, pgconn: PGconn) -> None:
        """Take what has come; a batch is answered at its synchronisation point, when it is committed, but for reads."""
        while self._sent and not pgconn.is_busy():
            result = pgconn.get_result()
            if result is None:  # the end of one command, or of all where what the server says makes no sense
                if pgconn.status == ConnStatus.BAD:
                    raise psycopg.OperationalError(_LOST)
            elif result.status == ExecStatus.PIPELINE_SYNC:
                self._heard = asyncio.get_running_loop().time()
                batch = self._sent.popleft()
                if not self._reads_only:
                    for asked in batch.asked:
                        self._answer(asked)
            elif result.status in _TELLING:
                complete = self._sent[0].take(result)
                if complete is not None and self._reads_only:
                    self._answer(complete)

    def _answer(self, asked: _Asked) -> None:
        told = asked.told
        if told.status in _FAILED:
            for statement in asked.statements:  # to be prepared anew, as that may be what failed
                self._names.pop(statement.prepared_as, None)
        if not asked.answer.done():
            asked.answer.set_result(told)

    def hang_up(self) -> None:
        """Close the connection; whoever waits is told that it was lost."""
        connection, self._connection = self._connection, None
        if connection is not None:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._socket)
            loop.remove_writer(self._socket)
            connection.pgconn.finish()
        lost = [asked for batch in (*self._sent, self._filling) for asked in (*batch.asked, *batch.last)]
        self._sent.clear()
        self._filling = _Batch()
        for asked in lost:
            if not asked.answer.done():
                asked.answer.set_exception(psycopg.OperationalError(_LOST))


class Pipelines:
    """Several for reads alone, of which each batch goes through the one with the least to do.

    An asynchronous context manager.
    """

    def __init__(self, address: str, settings: Mapping[str, Any], *, size: int) -> None:
        self._pipelines = [Pipeline(address, settings, reads_only=True) for _ in range(size)]
        self._next = self._pipelines[0]

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            for pipeline in self._pipelines:
                await opening.enter_async_context(pipeline)
            self._opened = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    async def read(self, statement: bytes, parameters: Sequence[Any], setting: Setting | None = None) -> list[TupleRow]:
        """A `Read`."""
        if not self._next.is_filling:
            self._next = min(self._pipelines, key=_LOAD)
        return await self._next.read(statement, parameters, setting)


_LOAD: Final = attrgetter("load")
