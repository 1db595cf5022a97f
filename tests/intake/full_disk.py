"""A place whose disk fills up under it and is then freed: run with its folder, which is a disk of its own.

It prints what became of each step, a word a line.
"""

import sys
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

from sqlalchemy import Engine

from app.database.migrate import upgrade
from app.database.postgres import EmbeddedPostgres, PostgresUnavailable
from app.database.transactions import DATABASE_ERRORS, open_engine
from app.intake.arriving.inbox import receive
from app.intake.process import process_next
from tests.conftest import PATIENCE
from tests.intake.feed import KEY, states
from tests.intake.mortal import NAMES, content
from tests.person.people import COUNCIL


def _now() -> datetime:
    return datetime.now(UTC)


def _receive(engine: Engine, name: str, more: bytes = b"") -> str:
    try:
        receive(engine, BytesIO(content(name) + more), partner=COUNCIL, adapter="caseload", at=_now(), message_id=name)
    except DATABASE_ERRORS:
        return "not-kept"
    return "kept"


def _process(engine: Engine) -> str:
    try:
        processed = process_next(engine, clock=_now, new_id=uuid4, key=KEY)
    except DATABASE_ERRORS:
        return "not-filed"
    return processed.state if processed else "nothing"


def _fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(1 << 20)):
            pass
    return ballast


def _starts(folder: Path) -> str:
    try:
        with EmbeddedPostgres(folder):
            return "started"
    except PostgresUnavailable as reason:
        return str(reason)


def _until(engine: Engine, wanted: list[str]) -> None:
    """Go on as a worker does, until the database has recovered and everything is filed."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        _process(engine)
        with suppress(*DATABASE_ERRORS):
            if states(engine) == wanted:
                return
        sleep(0.1)


def main(disk: Path) -> None:
    """Receive, fill the disk, try, free the disk, and go on."""
    first, second = NAMES
    tell = sys.stdout.write
    with EmbeddedPostgres(disk / "postgres") as postgres:
        upgrade(postgres.url)
        engine = open_engine(postgres.url)
        tell(f"{_receive(engine, first)}\n")
        ballast = _fill(disk)
        tell(f"{_receive(engine, second, bytes(range(32, 127)) * 300_000)}\n")
        ballast.unlink()
        while _receive(engine, second) == "not-kept":
            sleep(0.1)  # PostgreSQL recovers, and its sender sends again
        _until(engine, ["processed", "processed"])
        tell(f"{' '.join(states(engine))}\n")
        engine.dispose()
    ballast = _fill(disk)
    tell(f"{_starts(disk / 'postgres')}\n")
    ballast.unlink()
    tell(f"{_starts(disk / 'postgres')}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
