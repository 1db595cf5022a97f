"""How the database comes to hold the tables that this version of Pisano needs."""

from functools import cache
from typing import Final

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg.errors import LockNotAvailable, UndefinedColumn, UndefinedTable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.database.postgres.installation import OLDEST
from app.database.transactions import is_the_databases, open_engine, opened_engine
from app.errors import DomainError
from app.settings import ROOT

_ONE_AT_A_TIME = 0x5049_5341  # an advisory lock, so that a service and a worker may start together


NO_ANSWER: Final = (
    "the database does not answer; see that it runs (without DATABASE_URL: start this place again), that it lets one"
    " more connection in, that DATABASE_URL is right, and that `pisano db upgrade` was run"
)


class UnsuitableDatabase(DomainError):
    """The database that was named cannot hold a place; the message says why."""


def upgrade(url: str) -> None:
    """Bring a database to the newest migration; all that are outstanding are applied, or none.

    Raises `UnsuitableDatabase`.
    """
    engine = open_engine(url)
    try:
        with _connected(engine) as connection:
            _demand_suitable(connection)
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ONE_AT_A_TIME})
            command.upgrade(_configuration(url), "head")
    except CommandError:
        raise UnsuitableDatabase("a newer version of Pisano made this database; use that, or a newer one") from None
    finally:
        engine.dispose()


def demand_answer(url: str) -> None:
    """See that a database answers, before anything is begun on it; raises `UnsuitableDatabase`."""
    with opened_engine(url) as engine:
        _connected(engine).close()


def trouble(error: Exception) -> str | None:
    """What an error of the database means to whoever typed a command; `None` for one that is not the database's own."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, UndefinedTable | UndefinedColumn):
        return "the database is of another version; run `pisano db upgrade`"
    if not is_the_databases(error):
        return None
    if isinstance(cause, LockNotAvailable):
        return "somebody holds what this has to change; see `pg_stat_activity` for who, and try again"
    has_no_room = isinstance(cause, psycopg.Error) and (cause.sqlstate or "")[:2] in ("53", "58")
    return "the database has no room or no connection left; its own log says which" if has_no_room else NO_ANSWER


def _connected(engine: Engine) -> Connection:
    try:
        return engine.connect()
    except OperationalError:
        raise UnsuitableDatabase(NO_ANSWER) from None


def _demand_suitable(connection: Connection) -> None:
    major = connection.execute(text("SELECT current_setting('server_version_num')::int / 10000")).scalar_one()
    if major < OLDEST:
        raise UnsuitableDatabase(f"the database is PostgreSQL {major}; Pisano needs {OLDEST} or later")
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise UnsuitableDatabase(f"the database is encoded in {encoding}, which lacks letters of names; make it UTF8")


@cache
def newest() -> str:
    """The migration that this version of Pisano needs."""
    return str(ScriptDirectory.from_config(_configuration()).get_current_head())


def applied(connection: Connection) -> str | None:
    """The migration that a database is at; `None` where it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def _configuration(url: str | None = None) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    configuration.attributes["url"] = url
    return configuration
