"""How the database comes to hold the tables that this version of Pisano needs."""

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from app.database import open_engine
from app.settings import ROOT

_ONE_AT_A_TIME = 0x5049_5341  # an advisory lock, so that a service and a worker may start together


def upgrade(url: str) -> None:
    """Bring a database to the newest migration; all that are outstanding are applied, or none."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ONE_AT_A_TIME})
            command.upgrade(_configuration(url), "head")
    finally:
        engine.dispose()


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
