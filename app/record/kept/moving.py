"""A record follows its person: when two turn out to be one, and when they were not.

Each entry remembers whom its subject's own identifiers name, so that undoing a merge parts exactly what belongs to
whom, even what was filed while the merge stood.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from app.record.kept import versions
from app.record.kept.encode import stand
from app.record.kept.held import Source
from app.record.kept.versions import COLUMNS, Row
from app.vocabulary.statement import Standing

_READDRESS: Final = """
    UPDATE {table} SET person_id = %(to)s,
        resource = convert_to(replace(convert_from(resource, 'UTF8'), person_id::text, %(to)s::text), 'UTF8')
    WHERE person_id = ANY(%(among)s) AND filed_as = ANY(%(members)s) AND person_id <> %(to)s
"""
_UNDER_KEY: Final = "e.person_id = %s AND e.partner = %s AND (e.key = %s OR starts_with(e.key, %s || '/'))"
_OTHER_KEY: Final = "%s || substr(e.key, length(%s) + 1)"


def readdress(connection: Connection, *, members: Sequence[UUID], among: Sequence[UUID], to: UUID) -> int:
    """Let the entries filed as any of `members`, with all their versions, be `to`'s; return how many entries moved.

    `among` are those with whom they may be now, so that only their part of the record is searched.
    """
    names = {"members": list(members), "among": list(among), "to": to}
    connection.exec_driver_sql(_READDRESS.format(table="entry_version"), names)
    return connection.exec_driver_sql(_READDRESS.format(table="entry"), names).rowcount


def retire(connection: Connection, person_id: UUID, key: str, source: Source, *, link: UUID | None = None) -> int:
    """Show a partner's entry and its parts no longer, as a message says that another stands for it.

    Returns how many there were. What is sent anew under such a key is shown again; what was retired by a `link` is
    brought back where that is undone.
    """
    held = connection.exec_driver_sql(
        f"{versions.ENTRIES} WHERE {_UNDER_KEY} AND e.standing <> 'entered-in-error'",
        (person_id, source.partner, key, key),
    ).all()
    versions.replace(connection, [_retired(tuple(row), source, link) for row in held])
    return len(held)


def retract(connection: Connection, source: Source, *, key: str | None = None, number: int | None = None) -> list[str]:
    """Show no longer what a partner stated through this feed, and now says was an error; return the keys of it.

    It is named by its key or its number, and goes with what stands below its key.
    """
    named, value = ("key", key) if key is not None else ("id", number)
    held = connection.exec_driver_sql(
        f"""
        {versions.ENTRIES} JOIN (
            SELECT person_id, filed_as, key FROM entry WHERE partner = %s AND adapter = %s AND {named} = %s
        ) AS named ON (e.person_id, e.filed_as) = (named.person_id, named.filed_as)
            AND (e.key = named.key OR starts_with(e.key, named.key || '/'))
        WHERE e.partner = %s AND e.adapter = %s AND e.standing <> 'entered-in-error'
        """,  # noqa: S608  # ours
        (source.partner, source.adapter, value, source.partner, source.adapter),
    ).all()
    versions.replace(connection, [_retired(tuple(row), source, None) for row in held])
    return [row.key for row in held]


def bring_back(connection: Connection, person_id: UUID, link: UUID, *, at: datetime) -> int:
    """Show again, as it was, what a link retired of a person; return how many entries there were."""
    former = connection.exec_driver_sql(
        f"""
        SELECT {", ".join(f"former.{name}" for name in COLUMNS)}
        FROM entry e JOIN entry_version former
          ON (former.person_id, former.id, former.version) = (e.person_id, e.id, e.version - 1)
        WHERE e.person_id = %s AND starts_with(encode(e.digest, 'hex'), %s)
        """,  # noqa: S608  # ours
        (person_id, _mark(link).hex()),
    ).all()
    versions.replace(connection, [_as_it_was(tuple(row), at) for row in former])
    return len(former)


def rename(connection: Connection, person_id: UUID, key: str, to: str, source: Source) -> int:
    """Let a partner's entry and its parts go on under another key, as it corrected an identifier of its own.

    Returns how many there were. What is held under the other key already stands, and its like under this one is
    retired.
    """
    renamed = connection.exec_driver_sql(
        f"""
        UPDATE entry e SET key = {_OTHER_KEY} WHERE {_UNDER_KEY} AND NOT EXISTS (
            SELECT FROM entry other WHERE (other.person_id, other.filed_as, other.partner, other.adapter, other.key)
                = (e.person_id, e.filed_as, e.partner, e.adapter, {_OTHER_KEY}))
        """,  # noqa: S608  # ours
        (to, key, person_id, source.partner, key, key, to, key),
    ).rowcount
    return renamed + retire(connection, person_id, key, source)


def _retired(row: Row, source: Source, link: UUID | None) -> Row:
    standing = Standing.ENTERED_IN_ERROR
    held = dict(zip(COLUMNS, row, strict=True))
    version = held["version"] + 1
    digest = (_mark(link) + held["digest"])[:32]
    encoded = stand(held["resource"], held["summary"], standing, digest=digest, at=source.at)
    held |= {
        "version": version,
        "standing": standing,
        "message": source.message,
        "stored_at": source.at,
        "digest": digest,
        "summary": encoded.summary,
        "resource": encoded.resource,
    }
    return tuple(held.values())


def _as_it_was(row: Row, at: datetime) -> Row:
    former = dict(zip(COLUMNS, row, strict=True))
    version = former["version"] + 2
    encoded = stand(former["resource"], former["summary"], former["standing"], digest=former["digest"], at=at)
    former |= {"version": version, "stored_at": at, "summary": encoded.summary, "resource": encoded.resource}
    return tuple(former.values())


def _mark(link: UUID | None) -> bytes:
    """Begins the digest of what was retired, so that nothing that is stated equals it and a link's can be found."""
    return b"retired" + (link.bytes if link else b"")
