"""A partner's engineer who has only the guide is feeding the record: its first hour, done as it is written."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from app.database.transactions import open_engine, transaction
from app.intake.quality.measuring import quality_of
from app.settings import ROOT, Settings
from app.vocabulary.ods_code import OdsCode
from tests.conftest import PATIENCE
from tests.fhir.serving import environment, served
from tests.fhir.telling import telling

GUIDE = (ROOT / "docs/partners.md").read_text(encoding="utf-8")
HOUR = GUIDE.split("## Your first hour\n")[1].split("\n## ")[0]
STEPS = re.findall(r"```python\n(.*?)```", HOUR, re.DOTALL)
(COMMAND,) = re.findall(r"```\npisano (demo sandbox .*?)\n```", HOUR)
BUNDLE = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)[0]


@pytest.fixture(scope="module")
def module_template(template: str) -> str:
    """Nobody is there yet: the engineer makes a place."""
    return template


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the engineer works."""
    made = tmp_path_factory.mktemp("engineer")
    (made / "first-bundle.json").write_text(BUNDLE, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def hour(
    folder: Path, settings: Settings, module_database_url: str, engine: Engine
) -> Iterator[tuple[dict[str, Any], str]]:
    """What the engineer's program holds at the end of the hour, and what it printed."""
    told: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        _do(STEPS[0], told)
        command = [*COMMAND.split(), "--people", "3", "--no-serve"]
        made = subprocess.run(
            [sys.executable, "-c", "from app.cli import main; main()", *command],
            env=environment(settings, module_database_url),
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert made.returncode == 0, made.stderr
        with served(settings, module_database_url, PISANO_LOOPBACK_HTTP="true") as address:
            _do(STEPS[1].replace("http://127.0.0.1:8000", address), told)
            with told["pisano"]:
                for step in STEPS[2:-1]:
                    _do(step, told)
                with telling(settings.model_copy(update={"loopback_http": True}), module_database_url, engine):
                    _do(STEPS[-1], told)
            told["receiver"].shutdown()
            told["receiver"].server_close()
            yield told, made.stdout


def _do(step: str, told: dict[str, Any]) -> None:
    exec(compile(step, "partners.md", "exec"), told)


@pytest.fixture(scope="module")
def engine(module_database_url: str) -> Iterator[Engine]:
    opened = open_engine(module_database_url)
    yield opened
    opened.dispose()


def test_the_first_hour_goes_as_it_is_written(hour: tuple[dict[str, Any], str]) -> None:
    told, printed = hour

    assert "my-system signs in for RL4" in " ".join(printed.split())
    assert [entry["response"]["status"] for entry in told["pushed"].json()["entry"]] == ["201 Created"] * 2
    assert told["wrong"].status_code == 422
    assert all(issue["diagnostics"] for issue in told["wrong"].json()["issue"])


def test_a_subscriber_is_told_once_the_worker_runs_beside_the_sandbox(hour: tuple[dict[str, Any], str]) -> None:
    told, _ = hour

    assert "\n```\npisano worker\n```\n" in HOUR
    assert told["asked"]["status"] == "requested"
    assert told["status"] == "active"
    assert [one["resourceType"] for one in told["received"]] == ["Bundle"]


def test_the_report_tells_what_was_pushed_and_how_to_mend_it(hour: tuple[dict[str, Any], str]) -> None:
    told, _ = hour
    fed = told["fed"]

    assert fed["messages"] == {"processed": 1, "refused": 1}
    assert fed["resources"] == [{"type": kind, "held": 1, "taken_back": 0} for kind in ("Condition", "Patient")]
    assert {one["severity"] for one in fed["findings"]} == {"refused"}
    assert all(one["mend"] and one["times"] and one["first_line"] == 1 for one in fed["findings"])
    measured = {(one["type"], one["element"]): (one["present"], one["of"]) for one in fed["completeness"]}
    assert measured["Condition", "code"] == (1, 1)
    assert measured["Condition", "verificationStatus"] == (0, 1)
    assert measured["Patient", "birthDate"] == (1, 1)
    assert measured["Patient", "address"] == (0, 1)
    numbers = {"verified": 1, "not-verified": 0, "missing": 0, "failing": 0}
    assert fed["matching"] == {"people": 1, "nhs_number": numbers, "waiting": {}, "found_share": 1.0}
    assert fed["timeliness"]["last_message_at"]


def test_the_report_names_nobody_and_tells_of_no_other_partner(hour: tuple[dict[str, Any], str]) -> None:
    told, _ = hour
    text = json.dumps(told["report"])

    assert told["report"]["partner"] == "RL4"
    assert {feed["feed"] for feed in told["report"]["feeds"]} == {"acute-hl7v2", "fhir-bundle"}
    assert not re.search(r"999\d{7}|Example|Ada|H0001", text)


@pytest.mark.usefixtures("hour")
def test_files_are_reported_on_like_bundles(engine: Engine) -> None:
    with transaction(engine) as connection:
        reports = quality_of(connection, OdsCode("LA508"), at=datetime.now(UTC))

    by_feed = {one["feed"]: one for one in reports}
    cld = by_feed["social-care-cld"]
    assert cld["messages"] == {"processed": 1}
    assert sum(cld["matching"]["nhs_number"].values()) > 0
    assert cld["timeliness"]["of"] > 0
