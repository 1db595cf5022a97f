"""A place that can be signed in to, with an empty record."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.database.transactions import open_engine
from app.main import create_app
from app.settings import Settings


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(var=tmp_path_factory.mktemp("var"), demonstration=True, loopback_http=True)


@pytest.fixture(scope="module")
def place(module_database_url: str) -> Iterator[Engine]:
    """The place's database."""
    engine = open_engine(module_database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def client(place: Engine, module_database_url: str, settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings, module_database_url), raise_server_exceptions=False) as opened:
        yield opened
