"""A small demonstration place, filled through the front door, and a client for each of its staff."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from shutil import copytree
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from app.audit.keys import chain_key
from app.cli import app
from app.database.transactions import open_engine
from app.demonstration.loading import furnish
from app.demonstration.partners.files import FILES, write_files
from app.identity.tokens import issue, token_key
from app.intake.arriving.inbox import State, receive
from app.intake.process import process_next
from app.main import create_app
from app.settings import Settings
from app.settings import settings as current_settings
from app.vocabulary.token import Role
from tests.conftest import made_once

ON = date(2026, 6, 30)
PEOPLE = 40


def pytest_itemcollected(item: pytest.Item) -> None:
    """Drawn worlds are asked every question of everybody, again and again: other tests ask each once."""
    if item.path.stem.startswith("test_non_interference"):
        item.add_marker("unmeasured")


@pytest.fixture(scope="session")
def keys(shared: Path) -> Path:
    """Where the filled place's keys lie."""
    return shared / "place" / "secrets"


@pytest.fixture(scope="session")
def filled(server_url: str, template: str, shared: Path, keys: Path) -> str:
    """The name of a database that holds the place: filled once a run, and cloned by each module."""

    def fill(url: str) -> None:
        engine = open_engine(url)
        write_files(keys.parent / "files", PEOPLE, seed=1, on=ON)
        furnish(engine, datetime.now(UTC).date())
        load(engine, keys.parent / "files", Settings(var=keys.parent, demonstration=True))
        engine.dispose()

    run = sha256(bytes(shared)).hexdigest()[:16]
    return made_once(server_url, f"pisano_place_{run}", fill, like=template)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, filled: str, keys: Path) -> Settings:
    """Of a place with a folder of its own, and the keys with which it was filled."""
    var = tmp_path_factory.mktemp("var")
    copytree(keys, var / keys.name)
    return Settings(var=var, demonstration=True)


@pytest.fixture(scope="module")
def module_template(filled: str) -> str:
    return filled


@pytest.fixture(scope="module")
def place(module_database_url: str) -> Iterator[Engine]:
    """The place's database, filled."""
    engine = open_engine(module_database_url)
    yield engine
    engine.dispose()


def load(engine: Engine, folder: Path, settings: Settings) -> None:
    for file in FILES:
        with (folder / file.name).open("rb") as content:
            receive(engine, content, partner=file.partner, adapter=file.adapter, at=datetime.now(UTC))
    while processed := process_next(engine, clock=lambda: datetime.now(UTC), new_id=uuid4, key=chain_key(settings)):
        assert processed.state is State.PROCESSED, processed


@pytest.fixture(scope="module")
def client(place: Engine, module_database_url: str, settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings, module_database_url), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def command(
    module_database_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Result]]:
    """The command line of this place."""
    monkeypatch.setenv("DATABASE_URL", module_database_url)
    monkeypatch.setenv("PISANO_VAR", str(settings.var))
    monkeypatch.setenv("PISANO_DEMONSTRATION", "true")
    current_settings.cache_clear()
    yield lambda *arguments: CliRunner().invoke(app, [str(each) for each in arguments])
    current_settings.cache_clear()


class As:
    """One of the staff, asking for one purpose."""

    def __init__(self, client: TestClient, settings: Settings, username: str, purpose: str, role: str | None) -> None:
        token = issue(token_key(settings), username, role=Role(role) if role else None, at=datetime.now(UTC))
        self.client, self.headers, self.purpose = client, {"authorization": f"Bearer {token}"}, purpose

    def lookup(self, nhs_number: str) -> Any:
        return self.client.post(
            "/api/persons/lookup",
            params={"purpose": self.purpose},
            headers=self.headers,
            json={"nhs_number": nhs_number},
        )

    def search(self, **whom: str) -> Any:
        return self.client.post(
            "/api/persons/search", params={"purpose": self.purpose}, headers=self.headers, json=whom
        )

    def get(self, path: str) -> Any:
        return self.client.get(path, params={"purpose": self.purpose}, headers=self.headers)

    def record(self, nhs_number: str) -> "Record":
        found = self.lookup(nhs_number)
        assert found.status_code == 200, found.text
        seen = self.get(f"/api/persons/{found.json()['id']}")
        assert seen.status_code == 200, seen.text
        return Record(seen.json())


class Record:
    """A view, as its reader reads it."""

    def __init__(self, view: dict[str, Any]) -> None:
        self.view = view
        self.headings: dict[str, Any] = {heading["category"]: heading for heading in view["headings"]}

    def titles(self, category: str) -> list[str]:
        groups = self.headings[category]["entries"] if category in self.headings else []
        return [statement["title"] for group in groups for statement in group["statements"]]

    def now(self) -> list[str]:
        return [title for line, title in self._lines() if line in self.view["now"]]

    def _lines(self) -> list[tuple[str, str]]:
        return [
            (statement["id"], statement["title"])
            for heading in self.view["headings"]
            for group in heading["entries"]
            for statement in group["statements"]
        ]


@pytest.fixture(scope="module")
def asking(client: TestClient, settings: Settings) -> Callable[..., As]:
    def ask(username: str, purpose: str = "direct-care", role: str | None = None) -> As:
        return As(client, settings, username, purpose, role)

    return ask
