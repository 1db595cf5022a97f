"""A partner's own quality report, read from the inbox, the findings and what it stated."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from app.intake.quality.report import FeedQuality, Sent, measured
from app.intake.waiting import as_its_sender_is_told
from app.record.freshness import feeds
from app.vocabulary.ods_code import OdsCode

_NEWEST: Final = 5000

_MESSAGES: Final = "SELECT state, count(*) FROM inbox_message WHERE partner = %s AND adapter = %s GROUP BY state"
_WAITING: Final = """
    SELECT reason, count(*) FROM waiting WHERE partner = %s AND adapter = %s AND state = 'open' GROUP BY reason
"""
_RESOURCES: Final = """
    SELECT resource_type AS type, count(*) FILTER (WHERE standing <> 'entered-in-error') AS held,
        count(*) FILTER (WHERE standing = 'entered-in-error') AS taken_back
    FROM entry WHERE partner = %s AND adapter = %s AND (resource_type <> 'Patient' OR category = 'demographics')
    GROUP BY resource_type ORDER BY resource_type
"""
_FINDINGS: Final = """
    SELECT f.rule, f.severity, count(*) AS times, min(f.message) AS first_message,
        (array_agg(f.line ORDER BY f.message, f.line, f.id))[1] AS first_line,
        (array_agg(f.text ORDER BY f.message, f.line, f.id))[1] AS mend
    FROM finding f JOIN inbox_message m ON m.id = f.message
    WHERE m.partner = %s AND m.adapter = %s GROUP BY f.rule, f.severity ORDER BY count(*) DESC, f.rule
"""
_ENTRIES: Final = """
    SELECT resource_type, category, coalesce(recorded, started), stored_at, resource
    FROM entry WHERE partner = %s AND adapter = %s AND standing <> 'entered-in-error'
    ORDER BY message DESC LIMIT %s
"""


def quality_of(connection: Connection, partner: OdsCode, *, at: datetime) -> list[dict[str, Any]]:
    """How good each feed of a partner is, of what that partner sent and of nothing else."""
    return [
        FeedQuality(
            feed=feed.adapter,
            messages=_counted(connection, _MESSAGES, partner, feed.adapter),
            resources=_rows(connection, _RESOURCES, partner, feed.adapter),
            findings=_rows(connection, _FINDINGS, partner, feed.adapter),
            waiting=_as_told(_counted(connection, _WAITING, partner, feed.adapter)),
            measured=measured(_newest(connection, partner, feed.adapter)),
            last_message_at=feed.last_message_at,
            late_since=feed.late_since(at),
        ).told()
        for feed in feeds(connection)
        if feed.partner == partner
    ]


def _as_told(waits: Mapping[str, int]) -> dict[str, int]:
    told: Counter[str] = Counter()
    for reason, times in waits.items():
        told[as_its_sender_is_told(reason)] += times
    return dict(told)


def _counted(connection: Connection, query: str, partner: OdsCode, adapter: str) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.exec_driver_sql(query, (partner, adapter))}


def _rows(connection: Connection, query: str, partner: OdsCode, adapter: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.exec_driver_sql(query, (partner, adapter)).mappings()]


def _newest(connection: Connection, partner: OdsCode, adapter: str) -> Iterator[Sent]:
    for kind, category, told, stored, resource in connection.exec_driver_sql(_ENTRIES, (partner, adapter, _NEWEST)):
        yield Sent(kind, orjson.loads(bytes(resource)), category == "demographics", told, stored)
