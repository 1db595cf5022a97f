"""Code lists applied to what is held, once they changed: what they newly keep back, in all its versions.

A list only makes more careful here: what a newer one no longer holds is shown again once its source sends it again.
"""

from collections.abc import Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from app.record.code_lists import CodeLists, stricter
from app.record.encode import security
from app.record.json_text import dumps, loads
from app.record.label_numbers import label_number
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode

_AT_ONCE: Final = 2000
_TABLES: Final = ("entry", "entry_version")


def relabel(connection: Connection, lists: CodeLists) -> int:
    """Label what is held, and what it was before, by the lists; returns how many versions are kept back anew.

    The caller is whoever files. What was labelled more strictly already stays as it is.
    """
    return sum(_relabel(connection, table, lists) for table in _TABLES)


def _relabel(connection: Connection, table: str, lists: CodeLists) -> int:
    changed = 0
    raw: Any = connection.connection.driver_connection
    with raw.cursor(name=f"relabel_{table}", binary=True) as cursor:
        cursor.execute(
            f"SELECT person_id, id, version, partner, category, sensitivity, resource FROM {table}"  # noqa: S608  # ours
            " ORDER BY person_id, id, version"
        )
        while rows := cursor.fetchmany(_AT_ONCE):
            anew = [row for one in rows if (row := _anew(one, lists)) is not None]
            _write(connection, table, anew)
            changed += len(anew)
    return changed


def _anew(row: Sequence[Any], lists: CodeLists) -> tuple[Any, ...] | None:
    person_id, number, version, partner, category, sensitivity, resource = row
    asked = stricter(Sensitivity(sensitivity), lists.asked_by(orjson.loads(resource)))
    if asked == sensitivity:
        return None
    whole = loads(resource)
    whole["meta"]["security"] = orjson.loads(security(asked))
    label = Label(OdsCode(partner), Category(category), asked)
    return person_id, number, version, label_number(label), str(asked), dumps(whole)


def _write(connection: Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    for person_id, number, version, label, sensitivity, resource in rows:
        connection.exec_driver_sql(
            f"UPDATE {table} SET label = %s, sensitivity = %s, resource = %s"  # noqa: S608  # ours
            " WHERE person_id = %s AND id = %s AND version = %s",
            (label, sensitivity, resource, person_id, number, version),
        )
