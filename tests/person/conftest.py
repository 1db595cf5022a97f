"""A connection whose work is rolled back, so that the tests of a module share one database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from app.database.transactions import open_engine


@pytest.fixture
def connection(module_database_url: str) -> Iterator[Connection]:
    engine = open_engine(module_database_url)
    with engine.connect() as opened:
        yield opened
        opened.rollback()
    engine.dispose()
