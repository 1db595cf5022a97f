"""`pisano` knows its commands by their names, and reads them in when they are asked for."""

import errno
import os
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import COMMANDS, app, main
from app.commands.person import _show
from app.serving import PortTaken
from app.settings import settings


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_says_what_it_is_for(name: str) -> None:
    told = CliRunner().invoke(app, [name, "--help"])
    assert told.exit_code == 0, told.output
    assert f"Usage: pisano {name}" in told.output


def test_a_word_that_is_no_code_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PISANO_DEMONSTRATION", "true")
    settings.cache_clear()
    asked = ["person", "show", "--nhs-number", "999 000 0018", "--as", "nurse", "--purpose", "Direct Care"]
    monkeypatch.setattr("sys.argv", ["pisano", *asked])
    with pytest.raises(SystemExit) as ended:
        main()
    settings.cache_clear()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("a purpose is lower-case words joined by hyphens")


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PISANO_PUSH_DEPTH", "deep")
    monkeypatch.setattr("sys.argv", ["pisano", "serve"])
    settings.cache_clear()
    with pytest.raises(SystemExit) as ended:
        main()
    settings.cache_clear()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("settings: PISANO_PUSH_DEPTH: Input should be a valid integer")


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["feed", "status"], ["audit", "verify"]])
def test_a_database_that_is_away_is_told_in_a_line(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PISANO_VAR", str(tmp_path))
    monkeypatch.setenv("PISANO_DEMONSTRATION", "true")
    monkeypatch.setenv("DATABASE_URL", f"postgresql://pisano:secret@/pisano?host={tmp_path}")
    monkeypatch.setattr("sys.argv", ["pisano", *command])
    settings.cache_clear()
    with pytest.raises(SystemExit) as ended:
        main()
    settings.cache_clear()
    assert ended.value.code == 2
    told = " ".join(capsys.readouterr().err.split())
    assert told.startswith("the database does not answer; see that it runs")
    assert "Traceback" not in told


def test_a_port_that_is_taken_is_told_before_a_place_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISANO_VAR", str(tmp_path / "var"))
    settings.cache_clear()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = CliRunner().invoke(app, ["demo", "--port", str(taken.getsockname()[1])])
    settings.cache_clear()
    assert isinstance(told.exception, PortTaken)
    assert "choose another port" in str(told.exception)
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EEXIST, errno.ENOENT])
def test_what_a_disk_refuses_is_told_in_a_line(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(number, "refused", str(tmp_path / "var"))

    monkeypatch.setattr("app.demonstration.commands.demand_port", refused)
    monkeypatch.setattr("sys.argv", ["pisano", "demo"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    told = " ".join(capsys.readouterr().err.split())
    assert told.endswith(
        f"{os.strerror(number).lower()}; see that this account can write there, or name another folder"
    )


@pytest.mark.parametrize("port", ["-1", "70000"])
@pytest.mark.parametrize("name", ["serve", "demo"])
def test_a_port_that_is_none_is_refused_before_anything_is_done(name: str, port: str) -> None:
    told = CliRunner().invoke(app, [name, "--port", port])
    assert told.exit_code == 2
    assert "port" in told.output.lower()


def test_what_is_no_command_is_said_to_be_none() -> None:
    told = CliRunner().invoke(app, ["persn"])
    assert told.exit_code == 2
    assert "No such command 'persn'" in told.output


@pytest.mark.parametrize(
    "command",
    [
        ["audit", "verify", "--heads"],  # else the trail would be said to be whole by heads that nobody looked at
        ["system", "register", "one", "--organisation", "RL4", "--scopes", "system/*.rs", "--keys"],
    ],
)
def test_what_is_not_there_is_not_taken_for_empty(command: list[str]) -> None:
    told = CliRunner().invoke(app, [*command, "/nowhere"])
    assert (told.exit_code, "does not exist" in told.output) == (2, True)


def test_the_command_line_tells_of_a_death_as_the_page_does(capsys: pytest.CaptureFixture[str]) -> None:
    account = {
        "id": "1", "title": "Personal details", "detail": "", "started": None, "recorded": None, "standing": "current",
        "source": {"partner": "RL4"}, "identity": {"deceasedDateTime": "2026-01-31"},
    }  # fmt: skip
    entry = {"disagree": False, "statements": [account]}
    heading = {"category": "demographics", "heading": "Person", "entries": [entry], "silent": {}}
    seen = {"identity": None, "sources": [], "now": [], "headings": [heading], "notices": {"banner": ""}}

    _show(seen)

    assert "Died: 31 January 2026" in capsys.readouterr().out
