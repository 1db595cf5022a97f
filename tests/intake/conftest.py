"""One database for the tests of a module, emptied after each; and an adapter that says what a test lets it say."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from app.adapters import registry
from app.database.transactions import open_engine, transaction
from tests.intake.feed import Speaking


@pytest.fixture(scope="module")
def module_engine(module_database_url: str) -> Iterator[Engine]:
    opened = open_engine(module_database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def engine(module_engine: Engine) -> Iterator[Engine]:
    """An engine on a database with no rows in it."""
    yield module_engine
    with transaction(module_engine) as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # the trail cannot be emptied else
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        for table in connection.exec_driver_sql(tables).scalars().all():
            connection.exec_driver_sql(f'DELETE FROM "{table}"')


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> Speaking:
    speaking = Speaking()
    monkeypatch.setattr(registry, "adapter", lambda _name: speaking)
    return speaking
