"""`pisano bench intake`: entries a second from the inbox to the record, against COPY of the same rows."""

import resource
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import Engine, make_url

from app.adapters.registry import adapter
from app.audit.chain import ChainKey
from app.demonstration.files import FILES, PlaceFile
from app.intake.inbox import State, receive
from app.intake.process import process_next
from app.vocabulary.statement import Sender, Statement


@dataclass(frozen=True, slots=True)
class FeedTime:
    """How one file fared: seconds from inbox to record, of which the adapter's own."""

    adapter: str
    entries: int
    seconds: float
    adapter_seconds: float

    @property
    def rate(self) -> float:
        """Entries a second."""
        return self.entries / self.seconds


def load(engine: Engine, folder: Path, key: ChainKey) -> list[FeedTime]:
    """Send every file of a demonstration place through the front door, durably, one after another."""
    return [_load(engine, folder, file, key) for file in FILES]


def _load(engine: Engine, folder: Path, file: PlaceFile, key: ChainKey) -> FeedTime:
    entries, adapter_seconds = _read_alone(folder, file)
    began = time.perf_counter()
    with (folder / file.name).open("rb") as content:
        receive(engine, content, partner=file.partner, adapter=file.adapter, at=datetime.now(UTC))
    processed = process_next(engine, clock=lambda: datetime.now(UTC), new_id=uuid4, key=key)
    if processed is None or processed.state is not State.PROCESSED:
        raise RuntimeError(f"{file.name} was not processed; see the log")
    return FeedTime(file.adapter, entries, time.perf_counter() - began, adapter_seconds)


def _read_alone(folder: Path, file: PlaceFile) -> tuple[int, float]:
    """How many entries a file states, and the seconds that its adapter takes when nothing is done with them."""
    began = time.perf_counter()
    with (folder / file.name).open("rb") as message:
        said = adapter(file.adapter).read(message, Sender(partner=file.partner))
        entries = sum(len(one.entries) for one in said if isinstance(one, Statement))
    return entries, time.perf_counter() - began


def copy_rate(url: str) -> tuple[int, float]:
    """Rows a second of COPY alone: every entry of the record into a table of the same columns and keys."""
    with psycopg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    ) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_copy")
        connection.execute("CREATE TABLE bench_copy (LIKE entry INCLUDING ALL)")
        connection.commit()
        rows = _taken_out(connection)
        began = time.perf_counter()
        with connection.cursor().copy("COPY bench_copy FROM STDIN (FORMAT BINARY)") as copy:
            while piece := rows.read(1 << 16):
                copy.write(piece)
        connection.commit()
        seconds = time.perf_counter() - began
        count = connection.execute("SELECT count(*) FROM bench_copy").fetchone()
        connection.execute("DROP TABLE bench_copy")
    assert count is not None  # noqa: S101  # as count always answers
    return count[0], count[0] / seconds


def _taken_out(connection: psycopg.Connection) -> BytesIO:
    rows = BytesIO()
    with connection.cursor().copy("COPY (SELECT * FROM entry) TO STDOUT (FORMAT BINARY)") as copy:
        for piece in copy:
            rows.write(piece)
    rows.seek(0)
    return rows


def peak_memory() -> int:
    """The most memory that this process has held, in bytes (getrusage counts kibibytes on Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
