"""The commands of `pisano isa` that need a place: proved and signed there."""

from collections.abc import Callable, Mapping
from typing import Final

import typer

from app.governance.commands import sign
from app.governance.commands.replay import replay_command
from app.governance.commands.simulate import simulate_command

_COMMANDS: Final[Mapping[str, Callable[..., None]]] = {
    "simulate": simulate_command,
    "replay": replay_command,
    "diff": sign.diff_command,
    "sign-payload": sign.sign_payload_command,
    "approve": sign.approve_command,
    "begin": sign.begin_command,
    "suspend": sign.suspend_command,
    "resume": sign.resume_command,
    "end": sign.end_command,
    "status": sign.status_command,
}


def add_to(isa: typer.Typer) -> None:
    """Add them to the commands about agreements."""
    for name, command in _COMMANDS.items():
        isa.command(name)(command)
    isa.add_typer(sign.party_key, name="party-key")
