"""What the command line prints: a table for people, or JSON for programs. Tables go to standard output as JSON does."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

from app.vocabulary.london import LONDON

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

console = Console()
errors = Console(stderr=True)


def show(rows: Sequence[Mapping[str, Any]], *, title: str, as_json: bool, empty: str = "nothing") -> None:
    """Print rows that all have the same keys, which head the columns; `empty` is said where there are none.

    For people, instants are London's, and columns that tell nothing of any row are left out.
    """
    if as_json:
        print_json(list(rows))
    elif not rows:
        console.print(f"{title}: {empty}")
    else:
        telling = [heading for heading in rows[0] if any(row[heading] not in (None, "", 0) for row in rows)]
        table = Table(*(heading.replace("_", " ") for heading in telling), title=title, title_justify="left")
        for row in rows:
            table.add_row(*(_for_people(row[heading]) for heading in telling))
        console.print(table)


def _for_people(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(LONDON):%d %b %Y %H:%M}"
    return "" if value is None else str(value)


def print_json(value: object) -> None:
    """Print one JSON value and a newline."""
    typer.echo(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode())
