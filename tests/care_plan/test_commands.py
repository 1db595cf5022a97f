"""`pisano plan`: written, read and looked back on from a command line of the demonstration."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from app.audit.keys import chain_key
from app.bench.intake import load
from app.cli import app
from app.database.transactions import transaction
from app.demonstration.loading import furnish, today
from app.demonstration.partners.files import write_files
from app.settings import Settings
from app.settings import settings as place_settings

PARTS = """
about_me: {what_matters: To stay in my own house}
support:
  needs: [{id: falls, says: Falls at night}]
"""


@pytest.fixture
def person(engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A small place, and somebody on the nurses' caseload."""
    place = Settings(var=tmp_path / "var", demonstration=True)
    write_files(tmp_path / "files", 6, seed=1, on=today())
    furnish(engine, today())
    load(engine, tmp_path / "files", chain_key(place))
    monkeypatch.setenv("PISANO_VAR", str(place.var))
    monkeypatch.setenv("PISANO_DEMONSTRATION", "true")
    monkeypatch.setenv("DATABASE_URL", database_url)
    place_settings.cache_clear()
    with transaction(engine) as connection:
        row = connection.exec_driver_sql(
            "SELECT person_id FROM relationship WHERE kind = 'caseload' AND organisation = 'RL4C' LIMIT 1"
        ).one()
    yield str(row[0])
    place_settings.cache_clear()


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["plan", *[str(argument) for argument in arguments]])


def test_a_plan_is_written_read_and_looked_back_on(person: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(PARTS, encoding="utf-8")

    written = run("write", person, file, "--as", "nurse", "--based-on", 0)
    assert written.exit_code == 0, written.output
    shown = json.loads(run("show", person, "--as", "nurse").output)
    assert (shown["version"], shown["parts"]["support"]["needs"][0]["says"]) == (1, "Falls at night")
    late = run("write", person, file, "--as", "nurse", "--based-on", 0)
    assert (late.exit_code, "at version 1" in late.output) == (1, True)
    rows = json.loads(run("history", person, "--as", "nurse", "--json").output)
    assert {row["part"] for row in rows} == {"about_me", "support"}
    refused = run("write", person, file, "--as", "housing-officer", "--based-on", 1)
    assert (refused.exit_code, run("show", uuid4(), "--as", "nurse").exit_code) == (1, 1)
    file.write_text("support: {needs: [{id: x}]}", encoding="utf-8")
    told = run("write", person, file, "--as", "nurse", "--based-on", 1)
    assert "support.needs.0.says" in str(told.exception)
