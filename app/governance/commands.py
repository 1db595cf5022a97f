"""The commands of `pisano isa` that need a place: proved and signed there."""

from collections.abc import Callable, Mapping
from typing import Final

import typer

from app.governance import sign_commands
from app.governance.replay_command import replay_command
from app.governance.simulate_command import simulate_command

_COMMANDS: Final[Mapping[str, Callable[..., None]]] = {
    "simulate": simulate_command,
    "replay": replay_command,
    "diff": sign_commands.diff_command,
    "sign-payload": sign_commands.sign_payload_command,
    "approve": sign_commands.approve_command,
    "begin": sign_commands.begin_command,
    "suspend": sign_commands.suspend_command,
    "resume": sign_commands.resume_command,
    "end": sign_commands.end_command,
    "status": sign_commands.status_command,
}


def add_to(isa: typer.Typer) -> None:
    """Add them to the commands about agreements."""
    for name, command in _COMMANDS.items():
        isa.command(name)(command)
    isa.add_typer(sign_commands.party_key, name="party-key")
