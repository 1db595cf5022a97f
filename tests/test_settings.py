"""What an operator configures."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import ValidationError

from app.postgres import database_address
from app.settings import ROOT, Settings, settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("DATABASE_URL", "PISANO_SECRETS", "PISANO_DEMONSTRATION", "PISANO_VAR"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_all_that_an_installation_makes_is_in_one_folder_unless_told_otherwise() -> None:
    assert settings().var == ROOT / "var"
    assert settings().secrets_folder == ROOT / "var/secrets"


def test_the_databases_address_may_be_a_file_among_the_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "database_url").write_text("postgresql://pisano:secret@database/pisano\n")
    monkeypatch.setenv("PISANO_SECRETS", str(tmp_path))
    assert settings().secrets_folder == tmp_path
    with database_address(settings()) as address:
        assert address == "postgresql://pisano:secret@database/pisano"


def test_a_secret_does_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://pisano:secret@database/pisano")
    assert "database_url=SecretStr(" in repr(settings())
    assert "secret@" not in repr(settings())


def test_without_an_address_the_embedded_server_serves(tmp_path: Path) -> None:
    with database_address(Settings(var=tmp_path)) as address, psycopg.connect(address) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert (tmp_path / "postgres/data").is_dir()


def test_a_demonstration_place_has_no_real_sign_in(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="a demonstration place cannot have real sign-in"):
        Settings(demonstration=True, sign_in_providers=tmp_path)
