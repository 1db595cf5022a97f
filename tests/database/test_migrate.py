"""Which databases can hold a place, and how they come to."""

import secrets
import threading
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import Engine, make_url, text

from app.database import migrate
from app.database.migrate import UnsuitableDatabase, applied, newest, upgrade
from app.database.transactions import open_engine


@pytest.fixture
def empty(server_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database without tables, made with the options that the test asks for."""
    name = Identifier(f"pisano_test_{secrets.token_hex(8)}")
    address = make_url(server_url).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as server:
        options = SQL(getattr(request, "param", ""))
        server.execute(SQL("CREATE DATABASE {} TEMPLATE template0 {}").format(name, options))
        yield address.set(database=name.as_string().strip('"')).render_as_string(hide_password=False)
        server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def at(url: str) -> str | None:
    engine = open_engine(url)
    with engine.connect() as connection:
        found = applied(connection)
    engine.dispose()
    return found


def test_several_that_start_together_migrate_once(empty: str) -> None:
    together = [threading.Thread(target=upgrade, args=[empty]) for _ in range(3)]
    for one in together:
        one.start()
    for one in together:
        one.join()
    assert at(empty) == newest()


def test_a_second_upgrade_changes_nothing(database_url: str) -> None:
    upgrade(database_url)
    assert at(database_url) == newest()


def test_a_database_of_a_newer_version_is_left_alone(database_url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnsuitableDatabase, match="a newer version of Pisano made this database"):
        upgrade(database_url)
    assert at(database_url) == "9999"


def test_a_database_that_does_not_answer_is_told_without_its_password(tmp_path: object) -> None:
    with pytest.raises(UnsuitableDatabase, match="does not answer; see that it runs") as refused:
        upgrade(f"postgresql://pisano:secret@/pisano?host={tmp_path}")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("empty", ["ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc"], indirect=True)
def test_an_encoding_that_lacks_letters_of_names_is_refused(empty: str) -> None:
    with pytest.raises(UnsuitableDatabase, match="encoded in LATIN1, which lacks letters of names; make it UTF8"):
        upgrade(empty)


def test_an_old_server_is_refused(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "OLDEST", 99)
    with pytest.raises(UnsuitableDatabase, match=r"the database is PostgreSQL \d+; Pisano needs 99 or later"):
        upgrade(empty)


def test_a_migration_that_fails_leaves_nothing_behind(empty: str) -> None:
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("CREATE TABLE inbox_message ()")  # in the way of one of the last
    with pytest.raises(Exception, match="already exists"):
        upgrade(empty)
    assert at(empty) is None
