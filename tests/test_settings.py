"""What an operator configures, and what contradicts itself."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import Settings


def test_a_demonstration_cannot_be_beside_a_real_sign_in(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="a demonstration place cannot have real sign-in"):
        Settings(demonstration=True, sign_in_providers=tmp_path / "providers.toml")


def test_secrets_lie_in_var_unless_said_otherwise(tmp_path: Path) -> None:
    assert Settings(var=tmp_path).secrets_folder == tmp_path / "secrets"
    assert Settings(var=tmp_path, secrets=tmp_path / "keys").secrets_folder == tmp_path / "keys"


def test_the_databases_password_never_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://pisano:s3cret@db/pisano")

    assert "s3cret" not in repr(Settings())


def test_providers_need_to_know_where_to_send_people_back_to(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="PISANO_PUBLIC_URL"):
        Settings(sign_in_providers=tmp_path / "providers")


@pytest.mark.parametrize(
    "address",
    [
        "http://record.example",
        "record.example",
        "https://",
        "https://record.example/path",
        "https://user@record.example",
    ],
)
def test_a_place_is_reached_by_https_or_on_this_machine(address: str) -> None:
    with pytest.raises(ValidationError, match="PISANO_PUBLIC_URL"):
        Settings(public_url=address)
    assert Settings(public_url="https://record.example/").address == "https://record.example"
    assert Settings(public_url="http://127.0.0.1:9000").address == "http://127.0.0.1:9000"
