"""A feed that sends all it holds each time: what is missing from the newest sending has ended."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from app.record.kept import versions
from app.record.kept.encode import close
from app.record.kept.held import Source
from app.record.kept.versions import COLUMNS, Row
from app.vocabulary.london import london_date
from app.vocabulary.ods_code import OdsCode

_AT_ONCE: Final = 1000

MOST_ENDED: Final = 20
"""Per cent of what is open that one message may end by leaving it out, where a feed's own share is not told."""

FEW: Final = 2
"""What may always end: of a short list a few are a large share."""


class Drop(NamedTuple):
    """How much of what was open a message leaves out."""

    missing: int
    open_before: int


class HeldBack(NamedTuple):
    """A message that ended nothing, as it would have ended too much; one that was cut short looks like it."""

    partner: str
    adapter: str
    message: int
    missing: int
    open_before: int


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
        ON CONFLICT (partner, adapter, prefix) DO UPDATE SET as_at = EXCLUDED.as_at, message = EXCLUDED.message,
            held_back = NULL, missing = NULL, open_before = NULL, accepted = NULL
            WHERE held.as_at < EXCLUDED.as_at
        RETURNING (SELECT before.as_at FROM snapshot before
                   WHERE (before.partner, before.adapter, before.prefix) = (held.partner, held.adapter, held.prefix))
        """,
        (source.partner, source.adapter, prefix, as_at, source.message),
    ).scalar_one_or_none()
    return before


def sudden_drop(connection: Connection, prefix: str, as_at: date, source: Source) -> Drop | None:
    """What a message would end, where that is more than its feed may end at once and nobody has accepted it.

    Which it stated is in the temporary table `stated_key`, which intake fills.
    """
    missing, open_before, most = connection.exec_driver_sql(
        """
        SELECT count(*) FILTER (WHERE NOT EXISTS (SELECT FROM stated_key s WHERE s.key = e.key)), count(*),
               (SELECT coalesce(most_ended, %(usual)s) FROM feed WHERE (partner, adapter) = (%(partner)s, %(adapter)s))
        FROM entry e
        WHERE e.partner = %(partner)s AND e.adapter = %(adapter)s AND starts_with(e.key, %(prefix)s)
          AND e.ended IS NULL AND e.standing = 'current'
          AND EXISTS (
            SELECT FROM snapshot held WHERE held.partner = e.partner AND held.adapter = e.adapter
              AND held.prefix = %(prefix)s AND held.as_at < %(as_at)s AND held.accepted IS DISTINCT FROM %(message)s)
        """,
        {
            "usual": MOST_ENDED,
            "partner": source.partner,
            "adapter": source.adapter,
            "prefix": prefix,
            "message": source.message,
            "as_at": as_at,
        },
    ).one()
    is_sudden = missing > FEW and missing * 100 > (MOST_ENDED if most is None else most) * open_before
    return Drop(missing, open_before) if is_sudden else None


def hold_back(connection: Connection, prefix: str, drop: Drop, source: Source) -> None:
    """Note that a message ends nothing under a prefix, for a person to say whether it is whole."""
    connection.exec_driver_sql(
        """
        UPDATE snapshot SET held_back = %s, missing = %s, open_before = %s, accepted = NULL
        WHERE (partner, adapter, prefix) = (%s, %s, %s)
        """,
        (source.message, *drop, source.partner, source.adapter, prefix),
    )


def held_back(connection: Connection) -> list[HeldBack]:
    """Each message that a person has to look at, and has not accepted; one that was whole came after none of them."""
    rows = connection.exec_driver_sql(
        """
        SELECT partner, adapter, held_back, sum(missing), sum(open_before) FROM snapshot
        WHERE held_back IS NOT NULL AND accepted IS NULL GROUP BY partner, adapter, held_back ORDER BY held_back
        """
    )
    return [HeldBack(*row) for row in rows]


def accept(connection: Connection, message: int, *, among: Collection[OdsCode] | None = None) -> OdsCode | None:
    """Note that a message that is held back is whole, so that it may end what it leaves out; return whose it is.

    `None` where none is, or it is of none of the partners `among` whom it is looked for.
    """
    partner: str | None = connection.exec_driver_sql(
        """
        UPDATE snapshot SET accepted = held_back
        WHERE held_back = %(message)s AND accepted IS NULL AND (%(any)s OR partner = ANY (%(among)s))
        RETURNING partner
        """,
        {"message": message, "any": among is None, "among": [*(among or ())]},
    ).scalar()
    return OdsCode(partner) if partner else None


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
