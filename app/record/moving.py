"""A record follows its person: when two turn out to be one, and when they were not.

Each entry remembers whom its subject's own identifiers name, so that undoing a merge parts exactly what belongs to
whom, even what was filed while the merge stood.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

_READDRESS = """
    UPDATE {table} SET person_id = %(to)s,
        resource = convert_to(replace(convert_from(resource, 'UTF8'), person_id::text, %(to)s::text), 'UTF8')
    WHERE person_id = ANY(%(among)s) AND filed_as = ANY(%(members)s) AND person_id <> %(to)s
"""


def readdress(connection: Connection, *, members: Sequence[UUID], among: Sequence[UUID], to: UUID) -> int:
    """Let the entries filed as any of `members`, with all their versions, be `to`'s; return how many entries moved.

    `among` are those with whom they may be now, so that only their part of the record is searched.
    """
    names = {"members": list(members), "among": list(among), "to": to}
    connection.exec_driver_sql(_READDRESS.format(table="entry_version"), names)
    return connection.exec_driver_sql(_READDRESS.format(table="entry"), names).rowcount


def mark_in_error(connection: Connection, person_id: UUID, key: str) -> int:
    """Show an entry no longer: the partner said that it was made in error, or became another's (HL7 v2 A42)."""
    return connection.exec_driver_sql(
        "UPDATE entry SET standing = 'entered-in-error' WHERE person_id = %s AND key = %s", (person_id, key)
    ).rowcount
