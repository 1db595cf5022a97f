"""What a data manager sees of the feeds: what came, what became of it, and how late each is."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.intake.reading import Counts
from app.record.freshness import feeds

_MESSAGES = """
    SELECT partner, adapter, state, count(*) AS messages, sum(coalesce((counts ->> 'new')::bigint, 0)) AS new,
        sum(coalesce((counts ->> 'changed')::bigint, 0)) AS changed,
        sum(coalesce((counts ->> 'refused')::bigint, 0)) AS refused
    FROM inbox_message GROUP BY partner, adapter, state
"""
_WAITING = "SELECT partner, adapter, count(*) FROM waiting WHERE state = 'open' GROUP BY partner, adapter"


def feed_status(connection: Connection, at: datetime) -> list[dict[str, Any]]:
    """A row a feed: messages by state, what they did in entries, what waits, and since when it is late."""
    rows: dict[tuple[str, str], dict[str, Any]] = {
        (feed.partner, feed.adapter): {
            "partner": feed.partner,
            "adapter": feed.adapter,
            "last_message_at": feed.last_message_at,
            "late_since": feed.late_since(at),
            **dict.fromkeys(("received", "processed", "refused_messages", "stuck", "new", "changed", "refused"), 0),
            "waiting": 0,
        }
        for feed in feeds(connection)
    }
    for partner, adapter, state, messages, new, changed, refused in connection.exec_driver_sql(_MESSAGES):
        row = rows[partner, adapter]
        row["refused_messages" if state == "refused" else state] = messages
        for name, value in (("new", new), ("changed", changed), ("refused", refused)):
            row[name] += int(value)
    for partner, adapter, waiting in connection.exec_driver_sql(_WAITING):
        rows[partner, adapter]["waiting"] = waiting
    return list(rows.values())


def unfinished(connection: Connection) -> list[dict[str, Any]]:
    """Messages that were refused or are stuck, each with the finding that says why, the newest first."""
    rows = connection.exec_driver_sql(
        """
        SELECT m.id AS message, m.partner, m.adapter, m.state, m.received_at, f.rule, f.text
        FROM inbox_message m LEFT JOIN LATERAL (
            SELECT rule, text FROM finding WHERE finding.message = m.id ORDER BY id LIMIT 1) f ON true
        WHERE m.state IN ('refused', 'stuck') ORDER BY m.id DESC
        """
    )
    return [dict(row) for row in rows.mappings()]


def outcomes(connection: Connection, messages: Collection[int]) -> list[dict[str, Any]]:
    """What became of messages: the state of each, and what it did to the record."""
    rows = connection.exec_driver_sql(
        """
        SELECT id AS message, partner, adapter, state, coalesce(counts, '{}') AS counts
        FROM inbox_message WHERE id = ANY(%s) ORDER BY id
        """,
        (list(messages),),
    )
    told = [(row.pop("counts"), row) for row in map(dict, rows.mappings())]
    return [row | asdict(Counts(**counts)) for counts, row in told]
