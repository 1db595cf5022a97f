"""A record follows its person: when two turn out to be one, and when they were not.

Each entry remembers whom its subject's own identifiers name, so that undoing a merge parts exactly what belongs to
whom, even what was filed while the merge stood.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

from app.vocabulary.ods_code import OdsCode

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


_UNDER_KEY = "person_id = %(person)s AND partner = %(partner)s AND (key = %(key)s OR starts_with(key, %(key)s || '/'))"


def mark_in_error(connection: Connection, person_id: UUID, partner: OdsCode, key: str) -> int:
    """Show an entry and its parts no longer, as what it told of was another's; return how many there were."""
    return connection.exec_driver_sql(
        f"UPDATE entry SET standing = 'entered-in-error' WHERE {_UNDER_KEY}",  # noqa: S608  # ours
        {"person": person_id, "partner": partner, "key": key},
    ).rowcount


def rename(connection: Connection, person_id: UUID, partner: OdsCode, key: str, to: str) -> int:
    """Let an entry and its parts go on under another key, as the partner corrected it; return how many there were."""
    return connection.exec_driver_sql(
        f"UPDATE entry SET key = %(to)s || substr(key, length(%(key)s) + 1) WHERE {_UNDER_KEY}",  # noqa: S608  # ours
        {"person": person_id, "partner": partner, "key": key, "to": to},
    ).rowcount
