"""`pisano isa`: what an agreement says, and the commands that need a place, where it is proved and signed."""

from collections.abc import Callable, Mapping
from typing import Final

from app.governance.commands import sign
from app.governance.commands.replay import replay_command
from app.governance.commands.simulate import simulate_command
from app.sharing.commands.checking import isa

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

for _name, _command in _COMMANDS.items():
    isa.command(_name)(_command)
isa.add_typer(sign.party_key, name="party-key")
