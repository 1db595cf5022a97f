"""Which entries are new or changed, for those who asked to be told: an outbox, written with the entries themselves."""

from collections.abc import Iterable
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from app.database import copy_rows
from app.vocabulary.ods_code import OdsCode

_CHANGE: Final = {"person_id": "uuid", "entry_id": "int8", "partner": "text"}
_TAKE: Final = """
    DELETE FROM entry_change WHERE id IN (SELECT id FROM entry_change ORDER BY id LIMIT %s)
    RETURNING id, person_id, entry_id, partner
"""


class Change(NamedTuple):
    """One entry of a person that a partner stated for the first time, or anew."""

    person_id: UUID
    entry: int
    partner: OdsCode


def watch(connection: Connection, watched: bool) -> None:
    """Let changes be noted from now on, or no longer: nobody pays for them while nobody is told."""
    if watched:
        connection.exec_driver_sql("INSERT INTO entry_watch (id) VALUES (1) ON CONFLICT DO NOTHING")
    else:
        connection.exec_driver_sql("DELETE FROM entry_watch")


def note(connection: Connection, changes: Iterable[tuple[UUID, int, str]]) -> None:
    """Note what stands and falls with the transaction that files it."""
    if connection.exec_driver_sql("SELECT EXISTS (SELECT FROM entry_watch)").scalar_one():
        copy_rows(connection, "entry_change", _CHANGE, list(changes))


def take(connection: Connection, most: int) -> list[Change]:
    """The changes that were noted first, which are then noted no longer; one at a time may take, as they are in order.

    Nothing is taken while another transaction takes.
    """
    lock = "SELECT pg_try_advisory_xact_lock(hashtext('entry changes'))"
    if not connection.exec_driver_sql(lock).scalar_one():
        return []
    rows = sorted(tuple(row) for row in connection.exec_driver_sql(_TAKE, (most,)))
    return [Change(person_id, entry, OdsCode(partner)) for _, person_id, entry, partner in rows]
