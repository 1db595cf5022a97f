"""Writing rows of entries: new ones, and others in the place of what is kept as a former version."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection

from app.database.transactions import copy_rows

Row = tuple[Any, ...]
"""The values of one entry, in the order of `COLUMNS`."""

_ENTRY: Final = {
    "person_id": "uuid",
    "id": "int8",
    "filed_as": "uuid",
    "partner": "text",
    "adapter": "text",
    "key": "text",
    "label": "int8",
    "category": "text",
    "sensitivity": "text",
    "version": "int4",
    "resource_type": "text",
    "comparison": "text",
    "started": "timestamptz",
    "ended": "timestamptz",
    "recorded": "timestamptz",
    "standing": "text",
    "occurred_on": "date",
    "message": "int8",
    "line": "int4",
    "stored_at": "timestamptz",
    "digest": "bytea",
    "summary": "bytea",
    "resource": "bytea",
}
COLUMNS: Final = tuple(_ENTRY)

_NAMED: Final = frozenset({"person_id", "id", "filed_as", "partner", "adapter", "key"})  # the same in all its versions
_NAMES: Final = ", ".join(COLUMNS)
_OF_ENTRY: Final = ", ".join(f"e.{name}" for name in COLUMNS)
_CHANGES: Final = ", ".join(f"{name} = i.{name}" for name in COLUMNS if name not in _NAMED)

ENTRIES: Final = f"SELECT {_OF_ENTRY} FROM entry e "  # noqa: S608  # ours
"""Begins a query for whole rows."""

_KEEP_FORMER: Final = f"""
    INSERT INTO entry_version ({_NAMES})
    SELECT {_OF_ENTRY} FROM incoming_entry i JOIN entry e ON (e.person_id, e.id) = (i.person_id, i.id)
"""  # noqa: S608  # ours
_PUT: Final = f"""
    UPDATE entry e SET {_CHANGES} FROM incoming_entry i WHERE (e.person_id, e.id) = (i.person_id, i.id)
"""  # noqa: S608  # ours


def add(connection: Connection, rows: Sequence[Row]) -> None:
    """Write entries that are new."""
    copy_rows(connection, "entry", _ENTRY, rows)


def add_former(connection: Connection, rows: Sequence[Row]) -> None:
    """Write versions that others replaced before anyone saw them."""
    copy_rows(connection, "entry_version", _ENTRY, rows)


def replace(connection: Connection, rows: Sequence[Row]) -> None:
    """Put rows in the place of the entries of the same person and number, and keep those as former versions."""
    if not rows:
        return
    connection.exec_driver_sql(
        "CREATE TEMPORARY TABLE IF NOT EXISTS incoming_entry (LIKE entry INCLUDING DEFAULTS) ON COMMIT DELETE ROWS"
    )
    copy_rows(connection, "incoming_entry", _ENTRY, rows)
    connection.exec_driver_sql(_KEEP_FORMER)
    connection.exec_driver_sql(_PUT)
    connection.exec_driver_sql("DELETE FROM incoming_entry")
