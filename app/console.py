"""What the command line prints: a table for people, or JSON for programs. Tables go to standard output as JSON does."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

console = Console()
errors = Console(stderr=True)


def show(rows: Sequence[Mapping[str, Any]], *, title: str, as_json: bool, empty: str = "nothing") -> None:
    """Print rows that all have the same keys, which head the columns; `empty` is said where there are none."""
    if as_json:
        print_json(list(rows))
    elif not rows:
        console.print(f"{title}: {empty}")
    else:
        table = Table(title=title, title_justify="left")
        for heading in rows[0]:
            table.add_column(heading.replace("_", " "), overflow="fold")
        for row in rows:
            table.add_row(*("" if value is None else str(value) for value in row.values()))
        console.print(table)


def print_json(value: object) -> None:
    """Print one JSON value and a newline."""
    typer.echo(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode())
