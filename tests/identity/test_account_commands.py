"""`pisano account` makes, resets, locks and changes accounts; each is told to the trail, and ends sessions."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from app.cli import app
from app.main import create_app
from app.settings import settings as the_settings

from .people import CHOSEN, Browser
from .trail import told


@pytest.fixture
def pisano(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("PISANO_VAR", str(tmp_path))
    monkeypatch.setenv("PISANO_DEMONSTRATION", "true")
    the_settings.cache_clear()

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["account", *arguments])

    yield run
    the_settings.cache_clear()


@pytest.fixture
def browser(pisano: Any, database_url: str) -> Iterator[Browser]:
    with TestClient(create_app(the_settings(), database_url)) as client:
        yield Browser(client)


ADDING = ("add", "nell.rushton", "--name", "Nell Rushton", "--organisation", "RL4C", "--role", "community-nurse")


def first_password(result: Result) -> str:
    assert result.exit_code == 0, result.output
    found = re.search(r"signs in first with\s+(\S+)", result.output)
    assert found
    return found.group(1)


def settle(browser: Browser, first: str) -> None:
    form = {"username": "nell.rushton", "current": first, "new": CHOSEN, "again": CHOSEN}
    assert browser.post("/sign-in/password", form).status_code == 303


def test_an_account_is_added_used_locked_and_unlocked(pisano: Any, browser: Browser, engine: Engine) -> None:
    first = first_password(pisano(*ADDING, "--trained-until", "2099-01-01", "--team", "north"))
    assert "Choose a password" in browser.sign_in("nell.rushton", first).text
    settle(browser, first)
    assert browser.looks() == 404
    assert pisano("lock", "nell.rushton").exit_code == 0
    assert browser.looks() == 401
    assert browser.sign_in("nell.rushton", CHOSEN).status_code == 400
    assert pisano("unlock", "nell.rushton").exit_code == 0
    assert browser.sign_in("nell.rushton", CHOSEN).status_code == 303
    changes = [(event["changed"], event["reason"]) for event in told(engine) if event["kind"] == "account-changed"]
    assert changes == [("nell.rushton", "added"), ("nell.rushton", "locked"), ("nell.rushton", "unlocked")]


def test_a_reset_ends_sessions_and_asks_for_another_password(pisano: Any, browser: Browser) -> None:
    settle(browser, first_password(pisano(*ADDING)))
    again = first_password(pisano("reset", "nell.rushton"))
    assert browser.looks() == 401
    assert browser.sign_in("nell.rushton", CHOSEN).status_code == 400
    assert "Choose a password" in browser.sign_in("nell.rushton", again).text


def test_a_change_of_roles_ends_sessions(pisano: Any, browser: Browser) -> None:
    settle(browser, first_password(pisano(*ADDING)))
    assert pisano("roles", "nell.rushton", "--role", "mdt-chair").exit_code == 0
    assert browser.looks() == 401
    browser.sign_in("nell.rushton", CHOSEN)
    assert browser.session().json()["positions"] == [{"role": "mdt-chair", "organisation": "RL4C"}]


@pytest.mark.parametrize(
    ("arguments", "because"),
    [
        (("add", "Nell Rushton", *ADDING[2:]), "lower-case letters"),
        ((*ADDING[:-1], "king"), "no agreement knows the role"),
        (("reset", "nobody"), "no account of that name"),
        (("lock", "nobody"), "no account of that name"),
        (("roles", "nobody", "--role", "gp"), "no account of that name"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(pisano: Any, arguments: Any, because: str) -> None:
    assert because in str(pisano(*arguments).exception)
    assert json.loads(pisano("list", "--json").output) == []


def test_nobody_is_added_twice(pisano: Any) -> None:
    first_password(pisano(*ADDING))
    assert "there is an account of that name" in str(pisano(*ADDING).exception)
    (listed,) = json.loads(pisano("list", "--json").output)
    assert (listed["username"], listed["password"]) == ("nell.rushton", "to be changed")
