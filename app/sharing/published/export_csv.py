"""The matrix as a spreadsheet reads it: role by heading, and nothing that it would take for a formula."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from app.sharing.published.matrix import Cell

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_COLUMNS: Final = ("role", "purpose", "heading", "category", "recorded by", "sensitivities")


def matrix_csv(cells: Iterable[Cell]) -> str:
    """A row a cell, with a heading row; RFC 4180, with CRLF.

    A text that a spreadsheet would run, as it begins with one of `= + - @` or a control character, is preceded by an
    apostrophe (OWASP, CSV injection).
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for cell in cells:
        row = [
            cell.role,
            cell.purpose,
            cell.category.heading,
            cell.category,
            " ".join(cell.controllers),
            " ".join(cell.sensitivities),
        ]
        writer.writerow([harmless(text) for text in row])
    return written.getvalue()


def harmless(text: str) -> str:
    """The text as a spreadsheet only shows it."""
    return f"'{text}" if text.startswith(_FORMULA) else text
