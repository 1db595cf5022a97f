"""Somebody holds what a message is filed into, or stands still meanwhile: nothing is lost, and intake goes on."""

import time
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Engine, text

from app.database import transactions
from app.database.migrate import trouble
from app.database.transactions import DATABASE_ERRORS, Role, is_the_databases, open_engine, plain_address
from app.intake.arriving.locks import hold_partner
from tests.conftest import PATIENCE
from tests.intake.feed import Speaking, about, process, rows, send, states
from tests.person.people import ACUTE


@pytest.fixture
def hasty(module_database_url: str) -> Iterator[Engine]:
    """A worker's engine, which waits for less long."""
    engine = open_engine(module_database_url, role=Role.WORKER, lock_timeout="50ms")
    yield engine
    engine.dispose()


def test_a_message_whose_tables_are_held_waits_and_is_not_to_blame(
    engine: Engine, hasty: Engine, spoken: Speaking, module_database_url: str
) -> None:
    spoken.says[b"stroke"] = [about()]
    send(engine, b"stroke")
    with psycopg.connect(plain_address(module_database_url)) as administrator:
        administrator.execute("LOCK TABLE entry IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DATABASE_ERRORS) as waited:
            process(hasty)
        administrator.rollback()

    assert rows(engine, "SELECT state, attempts FROM inbox_message") == [("received", 0)]
    assert "somebody holds" in (trouble(waited.value) or "")
    assert process(hasty)
    assert states(engine) == ["processed"]


def test_whoever_stands_still_while_they_file_keeps_their_partner_from_nobody_for_good(
    engine: Engine, hasty: Engine, spoken: Speaking, module_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "_STILL", "50ms")
    spoken.says[b"stroke"] = [about()]
    send(engine, b"stroke")
    stopped = open_engine(module_database_url, role=Role.WORKER).connect()
    hold_partner(stopped, ACUTE)
    until = time.monotonic() + PATIENCE
    while not process(hasty):
        assert time.monotonic() < until
    with pytest.raises(DATABASE_ERRORS) as ended:
        stopped.execute(text("SELECT 1"))  # it goes on, and is told that its transaction is over
    stopped.engine.dispose()

    assert is_the_databases(ended.value)
    assert states(engine) == ["processed"]
