"""`pisano deprivation`: how deprived the area of each postcode is, from files that anybody may have."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.console import AsJson, show
from app.database.place_engine import place_engine
from app.database.transactions import Role, transaction
from app.deprivation.load import load
from app.deprivation.store import Loaded, editions
from app.settings import settings

deprivation = typer.Typer(help="How deprived the area of each postcode is.", no_args_is_help=True)


@deprivation.command("load")
def load_command(
    postcodes: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="ONSPD or NSPL, as CSV.")],
    indices: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="File 7 of the English Indices of Deprivation, as CSV.")
    ],
    as_json: AsJson = False,
) -> None:
    """Let an edition take the place of the one before; a file with anything wrong changes nothing."""
    with place_engine(settings(), Role.WORKER) as engine:
        _show([load(engine, postcodes=postcodes, indices=indices, at=datetime.now(UTC))], as_json)


@deprivation.command("list")
def list_command(as_json: AsJson = False) -> None:
    """Every edition that was loaded; the first is the one that counts."""
    with place_engine(settings(), Role.WORKER) as engine, transaction(engine) as connection:
        _show(editions(connection), as_json)


def _show(loaded: list[Loaded], as_json: bool) -> None:
    show([asdict(one) for one in loaded], title="Deprivation by postcode", as_json=as_json, empty="none is loaded")
