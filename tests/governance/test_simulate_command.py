"""`pisano isa simulate`: what a change would do, before anyone signs it."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from app.cli import app
from app.database import transaction
from app.settings import settings
from tests.governance.test_population import someone
from tests.sharing.worlds import WULFRUN


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """The same without safety notes for housing, which an example of the old one asks for."""
    text = WULFRUN.read_text(encoding="utf-8")
    fewer = text.replace("[equipment, requirements, staff-safety]", "[equipment, requirements]")
    changed = fewer.replace(
        "see: {from: [social-care, acute], categories: [equipment, staff-safety]}",
        "see: {from: [social-care, acute], categories: [equipment]}",
    )
    file = tmp_path / "new.yaml"
    file.write_text(changed, encoding="utf-8")
    return file


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["isa", "simulate", *map(str, arguments)], catch_exceptions=False)


def test_it_tells_what_would_be_hidden_and_which_example_no_longer_holds(new: Path) -> None:
    result = run(WULFRUN, new, "--no-place")
    assert result.exit_code == 1
    assert "Safety of visiting staff" in result.output
    assert "no longer so: A housing officer sees which equipment the home must take" in result.output


def test_it_tells_programs_every_label(new: Path) -> None:
    told = json.loads(run(WULFRUN, new, "--no-place", "--json").output)
    assert {change["role"] for change in told["changes"]} == {"housing-officer"}
    assert {label for change in told["changes"] for label in change["lost"]} == {
        f"{controller}/staff-safety/{kind}"
        for controller in ("LA508", "RL4", "RL4C")
        for kind in ("normal", "locating")
    }
    assert (told["people"], told["replayed"]) == (None, None)


def test_nothing_changed_is_nothing_told() -> None:
    result = run(WULFRUN, WULFRUN, "--no-place")
    assert result.exit_code == 0
    assert "none" in result.output


def test_it_asks_the_place_how_many_people_are_affected(
    new: Path, engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(engine) as connection:
        for n in range(12):
            someone(connection, n, ("tenancy", "WH100"))
        for n in range(12, 15):
            someone(connection, n, ("registration", "M92001"))
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings.cache_clear()
    try:
        told = json.loads(run(WULFRUN, new, "--json").output)
        shown = run(WULFRUN, new).output
    finally:
        settings.cache_clear()
    assert told["people"] == {"more": "0", "less": "10", "either": "10", "people": "15"}
    assert told["replayed"]["decisions"] == "0"
    assert "people, of 15: more of 0, less of 10, either of 10" in shown
