"""What happened to people, for those who asked to be told: an outbox, written with what it tells of."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from app.database.transactions import copy_rows
from app.vocabulary.ods_code import OdsCode

_CHANGE: Final = {"topic": "text", "person_id": "uuid", "entry_id": "int8", "thing": "uuid", "partner": "text"}
_NOTE_ONE: Final = """
    INSERT INTO entry_change (topic, person_id, entry_id, thing, partner)
    SELECT topic, %(person_id)s, %(entry)s, %(thing)s, %(partner)s FROM entry_watch WHERE topic = %(topic)s
"""
_TAKE: Final = """
    DELETE FROM entry_change WHERE id IN (SELECT id FROM entry_change ORDER BY id LIMIT %s)
    RETURNING id, topic, person_id, entry_id, thing, partner
"""


class Topic(StrEnum):
    """What may be told."""

    NEW_ENTRY = "new-entry"  # a partner stated an entry for the first time, or anew
    ACTION_ASSIGNED = "action-assigned"  # the team gave somebody of an organisation something to do
    MDT_OUTCOME = "mdt-outcome"  # the team decided about somebody


class Change(NamedTuple):
    """What happened: to an `entry` of the record, or to a `thing` of the team's.

    `partner` is who stated the entry, to whom an action went, or whose meeting decided.
    """

    topic: Topic
    person_id: UUID
    entry: int | None
    thing: UUID | None
    partner: OdsCode


def watch(connection: Connection, topics: Collection[Topic]) -> None:
    """Let what happens be noted from now on of these topics alone: nobody pays for what nobody is told."""
    connection.exec_driver_sql("DELETE FROM entry_watch WHERE topic <> ALL (%s)", ([one.value for one in topics],))
    for topic in topics:
        connection.exec_driver_sql("INSERT INTO entry_watch (topic) VALUES (%s) ON CONFLICT DO NOTHING", (topic.value,))


def note(connection: Connection, changes: Iterable[Change]) -> None:
    """Note what stands and falls with the transaction that does it."""
    watched = set(connection.exec_driver_sql("SELECT topic FROM entry_watch").scalars())
    noted = [(change.topic.value, *change[1:]) for change in changes if change.topic in watched] if watched else []
    if noted:
        copy_rows(connection, "entry_change", _CHANGE, noted)


def note_one(connection: Connection, change: Change) -> None:
    """The same of a single one, also in a transaction of the web's, which cannot copy."""
    connection.exec_driver_sql(_NOTE_ONE, {**change._asdict(), "topic": change.topic.value})


def take(connection: Connection, most: int) -> list[Change]:
    """The changes that were noted first, which are then noted no longer; one at a time may take, as they are in order.

    Nothing is taken while another transaction takes.
    """
    lock = "SELECT pg_try_advisory_xact_lock(hashtext('entry changes'))"
    if not connection.exec_driver_sql(lock).scalar_one():
        return []
    rows = sorted(connection.exec_driver_sql(_TAKE, (most,)), key=lambda row: int(row.id))
    return [Change(Topic(row.topic), row.person_id, row.entry_id, row.thing, OdsCode(row.partner)) for row in rows]
