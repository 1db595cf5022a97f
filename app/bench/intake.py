"""`pisano bench intake`: entries a second from the inbox to the record, against COPY of the same rows."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple, Self
from uuid import uuid4

import psycopg
from sqlalchemy import Engine, make_url

from app.adapters.registry import adapter
from app.audit.chain import ChainKey
from app.audit.keys import chain_key
from app.bench import processor
from app.database.migrate import upgrade
from app.database.transactions import open_engine, plain_address, transaction
from app.demonstration.partners.files import FILES, PlaceFile
from app.intake.arriving.inbox import State, receive
from app.intake.process import process_next
from app.settings import Settings
from app.vocabulary.statement import Sender, Statement


@dataclass(slots=True)
class Cost:
    """What something took: seconds by the clock, and seconds of processor time, here and in PostgreSQL."""

    seconds: float = 0.0
    here: float = 0.0
    database: float = 0.0

    @property
    def processor(self) -> float:
        """All of the processor time."""
        return self.here + self.database

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class FeedCost:
    """How one file fared: its way from inbox to record, its adapter alone, and COPY of all rows that it left.

    `entries` is how many it states, `rows` how many of them left one: what is held already leaves none. `memory` is the
    most that a process of its own held, in bytes, `before` the same before it began.
    """

    adapter: str
    entries: int
    rows: int
    intake: Cost
    reading: Cost
    copy: Cost
    memory: int
    before: int

    def of_copy(self, cost: Callable[[Cost], float]) -> float:
        """Entries a second of intake, over those a second of COPY, by one cost of both."""
        return (self.entries / cost(self.intake)) / (self.rows / cost(self.copy))


def load(engine: Engine, folder: Path, key: ChainKey) -> None:
    """Send every file of a demonstration place through the front door, durably, one after another."""
    for file in FILES:
        _send(engine, folder, file, datetime.now(UTC), key)


def measure(settings: Settings, url: str) -> list[FeedCost]:
    """The same, each file in a process of its own, then COPY of the rows that it left into a place just as empty."""
    floor = _another_database(url, "floor")
    return [_measure(settings, url, floor, file) for file in FILES]


def all_of_them(feeds: Sequence[FeedCost]) -> FeedCost:
    """What they took together; the most memory that one of them held."""
    return FeedCost(
        "all of them",
        sum(feed.entries for feed in feeds),
        sum(feed.rows for feed in feeds),
        sum((feed.intake for feed in feeds), Cost()),
        sum((feed.reading for feed in feeds), Cost()),
        sum((feed.copy for feed in feeds), Cost()),
        max(feed.memory for feed in feeds),
        max(feed.before for feed in feeds),
    )


def _measure(settings: Settings, url: str, floor: str, file: PlaceFile) -> FeedCost:
    at = datetime.now(UTC)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        taken = process.submit(_take_in, settings, url, file, at).result()
    with psycopg.connect(plain_address(url)) as connection:
        held = {table: _taken_out(connection, table, where, taken.message, at) for table, where in _ROWS.items()}
    rows, copy = _copy(floor, held)
    return FeedCost(file.adapter, taken.entries, rows, taken.intake, taken.reading, copy, taken.memory, taken.before)


class _Taken(NamedTuple):
    message: int
    entries: int
    intake: Cost
    reading: Cost
    memory: int
    before: int


def _take_in(settings: Settings, url: str, file: PlaceFile, at: datetime) -> _Taken:
    folder, key = settings.var / "files", chain_key(settings)
    before = peak_memory()
    with _measured() as reading:
        entries = _read_alone(folder / file.name, file)
    engine = open_engine(url, pool_size=1)
    with transaction(engine) as connection:
        backend: int = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with _measured(backend) as intake:
        message = _send(engine, folder, file, at, key)
    engine.dispose()
    return _Taken(message, entries, intake, reading, peak_memory(), before)


def peak_memory() -> int:
    """The most memory that this program has held, in bytes; getrusage counts what began the process too (Linux)."""
    [told] = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(told.split()[1]) * 1024


def _send(engine: Engine, folder: Path, file: PlaceFile, at: datetime, key: ChainKey) -> int:
    with (folder / file.name).open("rb") as content:
        receive(engine, content, partner=file.partner, adapter=file.adapter, at=at)
    processed = process_next(engine, clock=lambda: at, new_id=uuid4, key=key)
    if processed is None or processed.state is not State.PROCESSED:
        raise RuntimeError(f"{file.name} was not processed; see the log")
    return processed.message


def _read_alone(path: Path, file: PlaceFile) -> int:
    """How many entries a file states, when nothing is done with them."""
    with path.open("rb") as message:
        said = adapter(file.adapter).read(message, Sender(partner=file.partner))
        return sum(len(one.entries) for one in said if isinstance(one, Statement))


_ROWS: Final = {
    "inbox_message": "id = %(message)s",
    "inbox_part": "message = %(message)s",
    "person": "created_at = %(at)s",
    "person_nhs_number": "since = %(at)s",
    "person_identifier": "confirmed_at = %(at)s",
    "person_identity": "recorded_at = %(at)s",
    "relationship": "message = %(message)s",
    "person_flag": "message = %(message)s",
    "entry": "message = %(message)s",
    "entry_version": "message = %(message)s",
    "finding": "message = %(message)s",
    "waiting": "message = %(message)s",
}
"""Where a message leaves rows, and which are its own; no document is in a demonstration place."""


def _taken_out(connection: psycopg.Connection, table: str, where: str, message: int, at: datetime) -> BytesIO:
    rows = BytesIO()
    query = psycopg.ClientCursor(connection).mogrify(
        f"COPY (SELECT * FROM {table} WHERE {where}) TO STDOUT (FORMAT BINARY)",  # noqa: S608  # ours
        {"message": message, "at": at},
    )
    with connection.cursor().copy(query.encode()) as copy:
        for piece in copy:
            rows.write(piece)
    rows.seek(0)
    return rows


def _copy(floor: str, held: dict[str, BytesIO]) -> tuple[int, Cost]:
    """COPY rows into the same tables with the same keys, durably and in one transaction, as a message is filed.

    Returns how many of them were versions of entries.
    """
    copied = dict.fromkeys(held, 0)
    with psycopg.connect(plain_address(floor)) as connection, _measured(connection.info.backend_pid) as cost:
        for table, rows in held.items():
            cursor = connection.cursor()
            with cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy:
                for piece in iter(partial(rows.read, 1 << 16), b""):
                    copy.write(piece)
            copied[table] = cursor.rowcount
        connection.commit()
    return copied["entry"] + copied["entry_version"], cost


def _another_database(url: str, name: str) -> str:
    """An empty place beside the other, in the same PostgreSQL."""
    with psycopg.connect(plain_address(url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    other = make_url(url).set(database=name).render_as_string(hide_password=False)
    upgrade(other)
    return other


@contextmanager
def _measured(backend: int | None = None) -> Iterator[Cost]:
    """What the block takes, with what PostgreSQL's process of this connection takes."""
    cost = Cost()
    clocks: list[Callable[[], float]] = [time.perf_counter, time.process_time, partial(processor.seconds, backend)]
    began = [clock() for clock in clocks]
    yield cost
    cost.seconds, cost.here, cost.database = (clock() - then for clock, then in zip(clocks, began, strict=True))
