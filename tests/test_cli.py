"""`pisano` knows its commands by their names, and reads them in when they are asked for."""

import pytest
from typer.testing import CliRunner

from app.cli import COMMANDS, app


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_says_what_it_is_for(name: str) -> None:
    told = CliRunner().invoke(app, [name, "--help"])
    assert told.exit_code == 0, told.output
    assert f"Usage: pisano {name}" in told.output


def test_what_is_no_command_is_said_to_be_none() -> None:
    told = CliRunner().invoke(app, ["persn"])
    assert told.exit_code == 2
    assert "No such command 'persn'" in told.output
