"""The one place that opens transactions and the only one that commits them.

The worker and the command line do their units of work where they stand, the web in threads of their own; what it reads
most has pipelines (`pipeline`). All speak psycopg 3 to the same PostgreSQL. Text columns hold UTC instants as
`timestamptz`; nothing here reads a clock.
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Final, TypeVar

import orjson
import psycopg
from psycopg.pq import ExecStatus
from psycopg.types.string import BytesBinaryDumper
from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

T = TypeVar("T")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every package's `models.py` declares its tables here."""

# psycopg would hand COPY's bytes to a dumper of its DB-API layer, which is written in Python: 1.5 µs a value
psycopg.adapters.register_dumper(bytes, BytesBinaryDumper)

DATABASE_ERRORS: Final = (SQLAlchemyError, psycopg.Error)
"""Whatever a statement may raise: COPY speaks to the driver itself."""

_ITS_OWN: Final = frozenset({"08", "53", "57", "58"})
"""Classes of SQLSTATE that tell of the server, not of a statement: connection, resources, operator, system."""

LOCKED: Final = "55P03"
"""The SQLSTATE of a statement that waited in vain for what somebody else holds."""

_STOOD_STILL: Final = "25P03"
_STILL: Final = "15min"  # of a process that was stopped in the midst: the longest that it holds what others wait for


class Role(StrEnum):
    """As whom the database is spoken to, whoever signed in to it; neither owns a table, and neither can sign in."""

    SERVICE = "pisano_service"
    """Answers requests: of the record it reads what a decision permits, and nothing without one."""
    WORKER = "pisano_worker"
    """Files what partners state, and tends what is due."""


def acting_as(role: Role) -> str:
    """The option with which a connection takes a role as it opens."""
    return f"-c role={role}"


_PATIENCE: Final[
    dict[str, Any]
] = {  # seconds, and milliseconds for the last: a network that swallows everything is noticed
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


def _with_driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def plain_address(url: str | URL) -> str:
    """An address as psycopg by itself takes it; it may hold a password, and is never to be logged."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def open_engine(url: str, *, role: Role | None = None, pool_size: int = 5, lock_timeout: str | None = None) -> Engine:
    """An engine whose log and errors never show a statement's parameters.

    Without a role it acts as whoever the address names: an owner, who migrates and forgets. A statement fails that
    waits for a lock for longer than `lock_timeout`, such as `10s`. In a role no transaction outlives a process that
    stands still.
    """
    options = [acting_as(role), f"-c idle_in_transaction_session_timeout={_STILL}"] if role else []
    if lock_timeout is not None:
        options.append(f"-c lock_timeout={lock_timeout}")
    return create_engine(
        _with_driver(url),
        pool_size=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args=_PATIENCE | {"options": " ".join(options)},
    )


@contextmanager
def opened_engine(url: str, *, role: Role | None = None, lock_timeout: str | None = None) -> Iterator[Engine]:
    """The same for as long as the block lasts."""
    engine = open_engine(url, role=role, lock_timeout=lock_timeout)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One unit of work: committed when the block ends, rolled back when it raises."""
    with engine.begin() as connection:
        yield connection


def is_the_databases(error: Exception) -> bool:
    """Whether an error is the database's own: the same statement may do later.

    It is gone, going or out of room; or somebody held for too long what the statement waited for, or held it oneself.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, psycopg.Error):
        return False
    if cause.sqlstate is None:
        return isinstance(cause, psycopg.OperationalError)
    return cause.sqlstate in (LOCKED, _STOOD_STILL) or cause.sqlstate[:2] in _ITS_OWN


async def in_transaction(engine: Engine, act: Callable[[Connection], T]) -> T:
    """What one unit of work comes to, in a thread of its own; it is committed even where nobody waits any more."""

    def acted() -> T:
        with transaction(engine) as connection:
            return act(connection)

    return await asyncio.to_thread(acted)


def copy_rows(connection: Connection, table: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Write many rows by COPY; `columns` names each value's column and its type as PostgreSQL calls it."""
    if not rows:
        return
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(tuple(columns.values()))
        for row in rows:
            copy.write_row(row)


Answer = psycopg.Cursor[tuple[Any, ...]]
Ask = Callable[[str, Any], Answer]


@contextmanager
def together(connection: Connection) -> Iterator[Ask]:
    """Statements that travel in one exchange, each with its parameters: what they answer is there after the block.

    Where one fails the block raises the driver's error, and those after it are not done.
    """
    driver = _driver(connection)
    with driver.pipeline():
        yield lambda query, parameters: driver.cursor().execute(query, parameters)


def _driver(connection: Connection) -> psycopg.Connection[tuple[Any, ...]]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("this is done over psycopg alone")
    return driver


def fetch_rows(connection: Connection, query: str, parameters: Sequence[object]) -> Sequence[tuple[Any, ...]]:
    """The rows of a query, sent in binary: for many rows, or for bytes, which take twice the room as text."""
    cursor = connection.connection.cursor(binary=True)
    cursor.execute(query, parameters)
    return cursor.fetchall()


_COPY_HEAD: Final = 19  # bytes before the first row


def copied(connection: Connection, statement: str) -> tuple[bytes, list[int]]:
    """The rows of a `COPY … TO STDOUT (FORMAT BINARY)` as they came, side by side, and where each ends.

    All at once, so ask for no more than there is room for. The driver's own reading of each row costs as much again.
    """
    wire, rows, ends = _driver(connection).pgconn, bytearray(), list[int]()
    results = [wire.exec_(statement.encode())]
    while results[0].status == ExecStatus.COPY_OUT and (received := wire.get_copy_data(0))[0] > 0:
        rows += received[1]
        ends.append(len(rows) - _COPY_HEAD)
    results += iter(wire.get_result, None)  # all that is left to say, so that the connection can be used again
    for result in results:
        if result.status not in (ExecStatus.COPY_OUT, ExecStatus.COMMAND_OK):
            raise psycopg.errors.error_from_result(result)
    ends.pop()  # the last only says that it is
    return bytes(memoryview(rows)[_COPY_HEAD : _COPY_HEAD + ends[-1]]) if ends else b"", ends


def as_json(rows: Sequence[object]) -> str:
    """Many values as one parameter, for `json_to_recordset`: the driver writes arrays value by value in Python.

    Raises `ValueError` where a text holds NUL: PostgreSQL would complain of it with what stands around it.
    """
    text = orjson.dumps(rows).decode()
    if "\\u0000" in text and _NUL.search(text):
        raise ValueError("a text holds NUL, which no column can")
    return text


_NUL: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
