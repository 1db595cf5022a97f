"""`pisano`: every command, composed here, and nothing else."""

import asyncio
import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from app.audit.commands import audit
from app.bench.commands import bench
from app.commands.objection import objection
from app.commands.person import person
from app.commands.plan import plan
from app.commands.team import mdt
from app.console import errors
from app.database.migrate import upgrade
from app.database.postgres import database_address
from app.demonstration.commands import demo
from app.errors import DomainError
from app.governance.commands.alerts import alert
from app.governance.commands.flags import flags
from app.governance.commands.isa import add_to
from app.intake.feed_commands import feed
from app.intake.worklist_commands import work
from app.record.code_list_commands import code_list
from app.serving import serve
from app.settings import settings
from app.sharing.commands import isa
from app.sign_in.account_commands import account
from app.sign_in.system_commands import system
from app.watch.commands import watch
from app.worker import work as worker

app = typer.Typer(
    name="pisano",
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="A shared care record under an executable agreement.",
)
database = typer.Typer(help="The database.", no_args_is_help=True)
for commands, name in (
    (demo, "demo"),
    (person, "person"),
    (mdt, "mdt"),
    (plan, "plan"),
    (feed, "feed"),
    (work, "worklist"),
    (isa, "isa"),
    (code_list, "code-list"),
    (audit, "audit"),
    (alert, "alert"),
    (flags, "flag"),
    (objection, "objection"),
    (watch, "watch"),
    (system, "system"),
    (account, "account"),
    (database, "db"),
    (bench, "bench"),
):
    app.add_typer(commands, name=name)

add_to(isa)


@app.command("serve")
def serve_command(
    host: Annotated[str, typer.Option(help="On which address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="On which port.")] = 8000,
) -> None:
    """Answer requests until told to stop."""
    place = settings()
    with database_address(place) as url:
        serve(place, url, host=host, port=port)


@app.command("worker")
def worker_command() -> None:
    """Listen for HL7 v2 over MLLP, and process what waits in the inbox, until told to stop."""
    place = settings()
    with database_address(place) as url:
        asyncio.run(worker(place, url))


@database.callback()
def database_command() -> None:
    """Keeps `upgrade` a command of its own."""


@database.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to this version's tables: all that is outstanding, or nothing."""
    with database_address(settings()) as url:
        upgrade(url)


def main() -> None:
    """Run `pisano`; what cannot be carried out is told in a line, and ends with 2."""
    try:
        app()
    except (DomainError, ValidationError) as error:
        errors.print(_told(error), markup=False, highlight=False)
        sys.exit(2)


def _told(error: DomainError | ValidationError) -> str:
    if isinstance(error, ValidationError):
        return "settings: " + "; ".join(str(each["msg"]) for each in error.errors(include_input=False))
    return str(error)
