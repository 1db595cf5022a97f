"""Moving a record when two people turn out to be one, and moving it back when they were not.

What moved is written down under the link that moved it, so that undoing restores exactly that.
"""

from uuid import UUID

from sqlalchemy import Connection

_MOVE = """
    UPDATE {table} SET person_id = %(to)s,
        resource = convert_to(replace(convert_from(resource, 'UTF8'), %(from_text)s, %(to_text)s), 'UTF8')
    WHERE person_id = %(from)s AND id = ANY(%(entries)s)
"""


def move_record(connection: Connection, *, retired: UUID, survivor: UUID, link_id: UUID) -> int:
    """Move every entry of the retired person, with its versions, to the survivor; return how many moved.

    An entry that the partner has meanwhile stated about the survivor too, under the same key, stays where it is: the
    survivor's own is the later statement, and nothing of a retired person is shown.
    """
    moving: list[int] = list(
        connection.exec_driver_sql(
            """
            INSERT INTO entry_move (link_id, entry_id, person_from)
            SELECT %s, e.id, e.person_id FROM entry e
            WHERE e.person_id = %s AND NOT EXISTS (
                SELECT FROM entry own WHERE own.person_id = %s
                  AND ((own.partner, own.adapter, own.key) = (e.partner, e.adapter, e.key) OR own.id = e.id))
            RETURNING entry_id
            """,
            (link_id, retired, survivor),
        ).scalars()
    )
    _readdress(connection, moving, from_person=retired, to_person=survivor)
    return len(moving)


def move_record_back(connection: Connection, *, link_id: UUID, survivor: UUID) -> int:
    """Undo `move_record`: what moved under the link, and is still with the survivor, returns; return how many did."""
    moved = connection.exec_driver_sql(
        "DELETE FROM entry_move WHERE link_id = %s RETURNING person_from, entry_id", (link_id,)
    ).all()
    by_person: dict[UUID, list[int]] = {}
    for person, number in moved:
        by_person.setdefault(person, []).append(number)
    for person, numbers in by_person.items():
        _readdress(connection, numbers, from_person=survivor, to_person=person)
    return len(moved)


def move_visit(connection: Connection, person_id: UUID, *, retired_key: str, surviving_key: str) -> int:
    """Entries of one visit become another visit's (HL7 v2 A42); return how many were touched.

    The retired visit's own entry is marked entered in error; what refers to it refers to the surviving one.
    """
    return connection.exec_driver_sql(
        """
        UPDATE entry SET standing = 'entered-in-error', ended = coalesce(ended, started)
        WHERE person_id = %s AND key = %s AND EXISTS (
            SELECT FROM entry other WHERE other.person_id = entry.person_id AND other.key = %s)
        """,
        (person_id, retired_key, surviving_key),
    ).rowcount


def _readdress(connection: Connection, entries: list[int], *, from_person: UUID, to_person: UUID) -> None:
    names = {
        "from": from_person,
        "to": to_person,
        "from_text": str(from_person),
        "to_text": str(to_person),
        "entries": entries,
    }
    for table in ("entry", "entry_version"):
        connection.exec_driver_sql(_MOVE.format(table=table), names)
    connection.exec_driver_sql(
        "UPDATE attachment SET person_id = %(to)s WHERE person_id = %(from)s AND entry_id = ANY(%(entries)s)", names
    )
