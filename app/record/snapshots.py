"""A feed that sends all it holds each time: what is missing from the newest sending has ended."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection

from app.record import versions
from app.record.encode import close
from app.record.filing import Source
from app.record.versions import COLUMNS, Row
from app.vocabulary.london import london_date

_AT_ONCE: Final = 1000


def prefixes_of(connection: Connection, source: Source) -> tuple[str, ...]:
    """What of a feed was sent whole before: only there can anything be missing from a message."""
    found = connection.exec_driver_sql(
        "SELECT prefix FROM snapshot WHERE partner = %s AND adapter = %s", (source.partner, source.adapter)
    )
    return tuple(found.scalars())


def snapshot_before(connection: Connection, prefix: str, as_at: date, source: Source) -> date | None:
    """Note that a message holds a feed's whole state under a prefix; return the date of the snapshot before it.

    `None` for the first, and for one as at no later date than the last, which is no news.
    """
    before: date | None = connection.exec_driver_sql(
        """
        INSERT INTO snapshot AS held (partner, adapter, prefix, as_at, message) VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (partner, adapter, prefix) DO UPDATE SET as_at = EXCLUDED.as_at, message = EXCLUDED.message
            WHERE held.as_at < EXCLUDED.as_at
        RETURNING (SELECT before.as_at FROM snapshot before
                   WHERE (before.partner, before.adapter, before.prefix) = (held.partner, held.adapter, held.prefix))
        """,
        (source.partner, source.adapter, prefix, as_at, source.message),
    ).scalar_one_or_none()
    return before


def close_missing(connection: Connection, prefix: str, source: Source, *, ended: datetime) -> int:
    """End every open entry of a feed under `prefix` that the message did not state; return how many there were.

    Which it stated is in the temporary table `stated_key`, which intake fills.
    """
    missing = connection.exec_driver_sql(
        versions.ENTRIES
        + """
        WHERE e.partner = %s AND e.adapter = %s AND starts_with(e.key, %s) AND e.ended IS NULL
          AND e.standing = 'current' AND NOT EXISTS (SELECT FROM stated_key s WHERE s.key = e.key)
        """,
        (source.partner, source.adapter, prefix),
        execution_options={"stream_results": True},
    )
    closed = 0
    for rows in missing.partitions(_AT_ONCE):
        versions.replace(connection, [_closed(tuple(row), ended, source) for row in rows])
        closed += len(rows)
    return closed


def _closed(row: Row, ended: datetime, source: Source) -> Row:
    held: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
    version = held["version"] + 1
    ended = max(ended, held["started"] or ended)
    digest = b"closed" + held["digest"][:26]
    by = close(held["resource"], held["summary"], ended=ended, digest=digest, at=source.at)
    held |= {
        "version": version,
        "ended": ended,
        "standing": "ended",
        "occurred_on": london_date(ended),
        "message": source.message,
        "stored_at": source.at,
        "digest": digest,
        "summary": by.summary,
        "resource": by.resource,
    }
    return tuple(held.values())
