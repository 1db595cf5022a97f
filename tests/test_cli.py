"""`pisano` knows its commands by their names, and reads them in when they are asked for."""

import pytest
from typer.testing import CliRunner

from app.cli import COMMANDS, app, main
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


def test_what_is_no_command_is_said_to_be_none() -> None:
    told = CliRunner().invoke(app, ["persn"])
    assert told.exit_code == 2
    assert "No such command 'persn'" in told.output
