"""`pisano serve`, `pisano worker` and `pisano db`: what an operator keeps running, and what it stands on."""

import asyncio
from typing import Annotated

import typer

from app.database.migrate import upgrade
from app.database.postgres import database_address
from app.serving import serve
from app.settings import settings
from app.worker.working import work

database = typer.Typer(help="The database.", no_args_is_help=True)


def serve_command(
    host: Annotated[str, typer.Option(help="On which address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="On which port.")] = 8000,
) -> None:
    """Answer requests until told to stop."""
    place = settings()
    with database_address(place) as url:
        serve(place, url, host=host, port=port)


def worker_command() -> None:
    """Listen for HL7 v2 over MLLP, and process what waits in the inbox, until told to stop."""
    place = settings()
    with database_address(place) as url:
        asyncio.run(work(place, url))


@database.callback()
def database_command() -> None:
    """Keeps `upgrade` a command of its own."""


@database.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to this version's tables: all that is outstanding, or nothing."""
    with database_address(settings()) as url:
        upgrade(url)
