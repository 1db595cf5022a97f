"""Where a place's database is, as its operator says."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import ValidationError

from app.database.postgres import database_address
from app.settings import Settings, settings


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("PISANO_VAR", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_the_address_may_be_a_file_among_the_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "database_url").write_text("postgresql://pisano:secret@database/pisano\n")
    monkeypatch.setenv("PISANO_SECRETS", str(tmp_path))
    assert settings().secrets_folder == tmp_path
    with database_address(settings()) as address:
        assert address == "postgresql://pisano:secret@database/pisano"


def test_an_address_that_is_none_is_refused_without_being_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "pisano:secret@database/pisano")
    with pytest.raises(ValidationError, match="is no address such as postgresql://") as refused:
        settings()
    assert "secret@" not in str(refused.value.errors(include_input=False))


def test_without_an_address_the_embedded_server_serves(tmp_path_factory: pytest.TempPathFactory) -> None:
    var = tmp_path_factory.mktemp("var")
    with database_address(Settings(var=var)) as address, psycopg.connect(address) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert (var / "postgres/data").is_dir()
