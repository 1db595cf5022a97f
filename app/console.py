"""What the command line prints: a table for people, or JSON for programs. Tables go to standard output as JSON does."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from textwrap import fill
from typing import Annotated, Any, Final

import orjson
import typer
from rich.console import Console
from rich.table import Table

from app.vocabulary.london import LONDON

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

console = Console()
errors = Console(stderr=True)

_BESIDE: Final = 3  # what stands between two columns


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
        told = [[_for_people(row[heading]) for heading in telling] for row in rows]
        _print(title, [heading.replace("_", " ") for heading in telling], told)


def _print(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table; where words would break in it, as the screen is narrow, what it says of each row in words."""
    widths = _widths([headings, *rows], console.width - 1)
    if widths:
        table = Table(title=title, title_justify="left")
        for heading, width in zip(headings, widths, strict=True):
            table.add_column(heading, width=width)
        for row in rows:
            table.add_row(*row)
        console.print(table)
        return
    console.print(title, style="table.title")
    for row in rows:
        said = " · ".join(f"{heading} {told}" for heading, told in zip(headings, row, strict=True) if told)
        console.print(fill(said, console.width - 1, subsequent_indent="  ", break_on_hyphens=False),
                      markup=False, highlight=False)  # fmt: skip


def _widths(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """How wide each column is, so that all have room and no word breaks; nothing where that cannot be."""
    columns = list(zip(*rows, strict=True))
    narrowest = [max(len(word) for text in column for word in text.split()) for column in columns]
    widths = [max(map(len, column)) for column in columns]
    while sum(widths) + _BESIDE * len(widths) > room:
        loose = [place for place, width in enumerate(widths) if width > narrowest[place]]
        if not loose:
            return []
        widths[max(loose, key=widths.__getitem__)] -= 1
    return widths


def _for_people(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(LONDON):%d %b %Y %H:%M}"
    return "" if value is None else str(value)


def print_json(value: object) -> None:
    """Print one JSON value and a newline."""
    typer.echo(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode())
