"""`pisano mdt`: the same steps, from a command line of the demonstration."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner

from app.commands.team import mdt
from app.mdt.steps.table import STEPS
from app.settings import Settings
from app.settings import settings as place_settings
from tests.mdt.conftest import FATHER, Wulfrun, referral


@pytest.fixture
def command(wulfrun: Wulfrun, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("PISANO_VAR", str(settings.var))
    monkeypatch.setenv("PISANO_DEMONSTRATION", "true")
    monkeypatch.setenv("DATABASE_URL", wulfrun.url)
    place_settings.cache_clear()
    wulfrun.sql("UPDATE account SET training_until = CURRENT_DATE + 30 WHERE username <> 'lapsed-nurse'")

    def run(*arguments: object) -> Any:
        return CliRunner().invoke(mdt, [str(argument) for argument in arguments])

    yield run
    place_settings.cache_clear()


def test_a_referral_is_made_and_triaged_from_a_command_line(command: Any, wulfrun: Wulfrun, tmp_path: Path) -> None:
    form = tmp_path / "referral.json"
    form.write_text(json.dumps(referral(wulfrun.person(FATHER))), encoding="utf-8")
    made = command("referrals", "new", "--as", "nurse", "--purpose", "direct-care", "--form", form, "--json")
    assert made.exit_code == 0, made.output
    [receipt] = json.loads(made.output)
    refused = command("referrals", "accept", receipt["id"], "--as", "nurse", "version=1", "reason=yes")
    assert refused.exit_code == 1
    assert "is for the triager; ask them" in refused.output
    assert command("referrals", "accept", receipt["id"], "--as", "chair", "version=1", "reason=yes").exit_code == 0
    listed = command("list", "caseload", "--locality", "northgate", "--as", "coordinator", "--json")
    [row] = json.loads(listed.output)
    shown = command("show", "caseload", row["id"], "--as", "chair")
    assert json.loads(shown.output)["question"] == "How can he stay at home safely?"
    until = date.today() + timedelta(days=60)  # noqa: DTZ011  # any day soon
    assert command("meetings", "new", "--as", "chair", "locality=northgate", f"until={until}").exit_code == 0
    [meeting, *_] = json.loads(command("list", "meetings", "--locality", "northgate", "--as", "chair", "--json").output)
    assert command("meetings", "fill", meeting["id"], "--as", "chair", "version=1").exit_code == 0
    assert json.loads(command("show", "minutes", meeting["id"], "--as", "chair").output) == []
    paper = tmp_path / "pack.pdf"
    assert "1 people" in command("pack", meeting["id"], "--as", "chair", "--pdf", paper).output
    assert paper.read_bytes().startswith(b"%PDF")
    assert command("minutes", meeting["id"], "--as", "chair", "--pdf", paper).exit_code == 0
    assert "The meeting has not begun" in PdfReader(paper).pages[0].extract_text()
    diary = tmp_path / "meeting.ics"
    assert command("invitation", meeting["id"], "--as", "chair", "--ics", diary).exit_code == 0
    told = command("invitation", meeting["id"], "--as", "nurse").output + diary.read_text(encoding="utf-8")
    assert "BEGIN:VCALENDAR" in told
    assert "Tranter" not in told
    assert command("invitation", meeting["id"], "--as", "acute-clinician").exit_code == 1


def test_every_step_is_a_command_with_its_own_words() -> None:
    groups = {group.name: group.typer_instance for group in mdt.registered_groups if group.typer_instance}
    told = {
        (things, command.name): command.help
        for things, group in groups.items()
        for command in group.registered_commands
    }
    assert told == {(step.things, step.event): step.says for step in STEPS}


def test_a_form_is_explained_and_a_wrong_one_is_told(command: Any) -> None:
    asked = json.loads(command("form", "actions", "new").output)
    assert {"what", "owner", "due", "test"} <= set(asked["required"])
    told = command("meetings", "new", "--as", "coordinator", "locality=northgate")
    assert told.exit_code == 1
    assert "until: is missing; fill it in" in told.output


def test_localities_and_tables_are_printed(command: Any) -> None:
    rows = json.loads(command("localities", "--json").output)
    assert [row["locality"] for row in rows] == ["bilsmoor", "northgate", "tettenbrook"]
    assert "| received | accept | accepted | triager |" in command("tables").output


def test_only_a_demonstration_lets_a_command_line_act_as_somebody(
    command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISANO_DEMONSTRATION", "false")
    place_settings.cache_clear()
    told = command("list", "own-actions", "--as", "nurse")
    assert told.exit_code != 0
    assert "only a demonstration place" in str(told.exception)


def test_who_might_be_helped_is_listed_with_reasons_to_whoever_has_the_purpose(command: Any) -> None:
    told = json.loads(command("case-finding", "--as", "nurse", "--locality", "northgate", "--json").output)
    assert told["cases"]
    assert {case["locality"] for case in told["cases"]} == {"northgate"}
    assert all(case["reasons"] for case in told["cases"])
    assert "May lose their tenancy" in command("case-finding", "--as", "nurse").output
    assert command("case-finding", "--as", "coordinator").exit_code == 1


def test_measures_are_printed_or_written_as_a_file(command: Any) -> None:
    period = ("--first", "2026-01-01", "--last", "2026-12-31")
    assert "Core attendance" in command("measures", "--as", "chair", *period).output
    assert command("measures", "--as", "chair", *period, "--csv").output.startswith("measure,title,group")
    assert command("measures", "--as", "housing-officer", *period).exit_code == 1
