"""`pisano system` registers what can work, and says why where it cannot."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from app.cli import app
from app.settings import settings as the_settings

from .systems import KEYS, RSA
from .trail import told


@pytest.fixture
def pisano(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("PISANO_VAR", str(tmp_path))
    monkeypatch.setenv("PISANO_DEMONSTRATION", "true")
    monkeypatch.setenv("PISANO_JWKS_HOSTS", "keys.example other.example:8443")
    the_settings.cache_clear()

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["system", *arguments])

    yield run
    the_settings.cache_clear()


@pytest.fixture
def keys(tmp_path: Path) -> str:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(KEYS))
    return str(path)


def registering(*more: str, organisation: str = "RL4", scopes: str = "system/*.rs") -> list[str]:
    return ["register", "rl4-engine", "--organisation", organisation, "--scopes", scopes, *more]


def test_a_system_is_registered_listed_and_revoked(pisano: Any, keys: str, engine: Engine) -> None:
    registered = pisano(*registering("--keys", keys, "--assured-until", "2099-06-30"))
    assert registered.exit_code == 0, registered.output
    (listed,) = json.loads(pisano("list", "--json").output)
    assert (listed["id"], listed["organisation"], listed["keys"]) == ("rl4-engine", "RL4", "rsa, ec")
    assert pisano("revoke", "rl4-engine").exit_code == 0
    assert json.loads(pisano("list", "--json").output)[0]["revoked"]
    assert [(event["kind"], event["changed"]) for event in told(engine)] == [
        ("system-registered", "rl4-engine"),
        ("system-revoked", "rl4-engine"),
    ]


def test_a_published_address_is_registered_if_its_host_is_allowed(pisano: Any) -> None:
    assert pisano(*registering("--keys-address", "https://keys.example/jwks")).exit_code == 0
    refused = pisano(*registering("--keys-address", "https://elsewhere.example/jwks"))
    assert "PISANO_JWKS_HOSTS" in str(refused.exception)


@pytest.mark.parametrize(
    ("arguments", "because"),
    [
        (registering(), "either keys or the address"),
        (registering(organisation="XX999"), "no agreement names that organisation"),
        (registering(scopes="system/Patient.read"), "a scope is"),
        (registering("--role", "king"), "no agreement knows that role"),
    ],
)
def test_what_cannot_work_is_not_registered(pisano: Any, keys: str, arguments: list[str], because: str) -> None:
    whole = arguments if "--keys" in arguments or because.startswith("either") else [*arguments, "--keys", keys]
    assert because in str(pisano(*whole).exception)
    assert json.loads(pisano("list", "--json").output) == []


def test_a_private_key_is_not_registered(pisano: Any, tmp_path: Path) -> None:
    path = tmp_path / "private.json"
    path.write_text(json.dumps(RSA.as_dict(private=True)))
    assert "private key" in str(pisano(*registering("--keys", str(path))).exception)


def test_nobody_is_revoked_who_is_not_there(pisano: Any) -> None:
    assert "no system of that id" in str(pisano("revoke", "nobody").exception)
