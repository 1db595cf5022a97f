"""`pisano`: every command by its name, read in when it is asked for: all of them together take seconds."""

import errno
import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final, NoReturn

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from typer.core import TyperGroup

from app.console import errors
from app.errors import DomainError
from app.vocabulary.token import IllFormed

COMMANDS: Final[Mapping[str, str]] = {
    "serve": "app.commands.running:serve_command",
    "worker": "app.commands.running:worker_command",
    "demo": "app.demonstration.commands:demo",
    "person": "app.commands.person:person",
    "mdt": "app.commands.team:mdt",
    "plan": "app.commands.plan:plan",
    "feed": "app.intake.feed_commands:feed",
    "worklist": "app.intake.worklist.commands:work",
    "isa": "app.governance.commands.isa:isa",
    "deprivation": "app.deprivation.commands:deprivation",
    "code-list": "app.record.code_list_commands:code_list",
    "audit": "app.audit.commands:audit",
    "alert": "app.governance.commands.alerts:alert",
    "flag": "app.governance.commands.flags:flags",
    "objection": "app.commands.objection:objection",
    "watch": "app.watch.commands:watch",
    "system": "app.sign_in.system_commands:system",
    "account": "app.sign_in.account_commands:account",
    "db": "app.commands.running:database",
    "bench": "app.bench.commands:bench",
}
"""Where each stands: a module, and what of it, a group of commands or a function that is one."""


_DISKS: Final = frozenset(
    (
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.ENOTDIR,
        errno.EEXIST,
        errno.ENOENT,
        errno.EISDIR,
    )
)
"""What a disk may refuse, which whoever types a command can mend."""


class ByName(TyperGroup):
    """Commands that are known by their names until they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in the order in which help tells of them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command or the group of commands of a name, if there is one."""
        if cmd_name not in COMMANDS:
            return None
        module, _, of_it = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(module), of_it)
        command = typer.main.get_group(found) if isinstance(found, typer.Typer) else _alone(found)
        command.name = cmd_name
        return command


def _alone(function: Callable[..., None]) -> Any:
    one = typer.Typer(add_completion=False)
    one.command()(function)
    return typer.main.get_command(one)


app = typer.Typer(name="pisano", cls=ByName, pretty_exceptions_enable=False, no_args_is_help=True)


@app.callback()
def pisano() -> None:
    """A shared care record under an executable agreement."""


def main() -> None:
    """Run `pisano`; what cannot be carried out is told in a line, and ends with 2."""
    try:
        app()
    except (DomainError, IllFormed, ValidationError) as error:
        _end(_told(error))
    except Exception as error:
        if told := import_module("app.database.migrate").trouble(error) or _of_disk(error):
            _end(told)
        raise


def _end(told: str) -> NoReturn:
    errors.print(told, markup=False, highlight=False)
    sys.exit(2)


def _told(error: DomainError | IllFormed | ValidationError) -> str:
    if isinstance(error, ValidationError):
        return "settings: " + "; ".join(map(_of_setting, error.errors(include_input=False)))
    return str(error)


def _of_disk(error: Exception) -> str | None:
    """What a disk refused, where it did."""
    if not isinstance(error, OSError) or error.errno not in _DISKS:
        return None
    at = f"`{error.filename}`: " if error.filename else ""
    return f"{at}{os.strerror(error.errno).lower()}; see that this account can write there, or name another folder"


def _of_setting(wrong: ErrorDetails) -> str:
    name = "".join(f"PISANO_{str(one).upper()}: " for one in wrong["loc"][:1] if one != "DATABASE_URL")
    told = wrong["msg"].removeprefix("Value error, ")
    return told if "PISANO_" in told else name + told
