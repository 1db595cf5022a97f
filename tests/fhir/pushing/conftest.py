"""A place with an empty record, and a partner's system that may send to it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.database.transactions import open_engine, transaction
from app.demonstration.place import staff
from app.identity.store import put_accounts
from app.identity.systems.store import register
from app.main import create_app
from app.settings import Settings
from app.vocabulary.ods_code import OdsCode
from tests.fhir.pushing.sender import System
from tests.identity.systems import a_system, asking, claims, signed


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(var=tmp_path_factory.mktemp("var"), demonstration=True)


@pytest.fixture(scope="module")
def module_template(template: str) -> str:
    return template


@pytest.fixture(scope="module")
def place(module_database_url: str) -> Iterator[Engine]:
    engine = open_engine(module_database_url)
    with transaction(engine) as connection:
        put_accounts(connection, staff(datetime.now(UTC).date()))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def client(place: Engine, module_database_url: str, settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings, module_database_url), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def sending(client: TestClient, place: Engine) -> Callable[..., System]:
    """A partner's system, signed in with its key."""

    def sign_in(partner: str = "RL4", scopes: str = "system/*.cruds") -> System:
        name = f"{partner.lower()}-engine"
        with transaction(place) as connection:
            one = a_system(name, scopes, organisation=OdsCode(partner))
            register(connection, one, at=datetime.now(UTC))
        form = asking(signed(claims(iss=name, sub=name)), scopes)
        token = client.post("/oauth2/token", data=form).json()["access_token"]
        return System(client, token)

    return sign_in


@pytest.fixture(scope="module")
def acute(sending: Callable[..., System]) -> System:
    return sending()
