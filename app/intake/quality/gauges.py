"""What monitoring watches of the feeds: what has not been read, what waits for a person, and who has gone quiet."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from app.database.transactions import in_transaction
from app.record.freshness import feeds
from app.record.kept.snapshots import held_back

_INBOX: Final = """
    SELECT partner, adapter, state, count(*) FROM inbox_message
    WHERE state IN ('received', 'stuck') GROUP BY partner, adapter, state
"""
_WORKLIST: Final = "SELECT partner, adapter, count(*) FROM waiting WHERE state = 'open' GROUP BY partner, adapter"


async def feed_gauges(engine: Engine, at: datetime) -> list[Metric]:
    """The gauges at an instant; only that the database does not answer, where it does not."""
    try:
        return [_database_up(True), *await in_transaction(engine, partial(_gauges, at=at))]
    except SQLAlchemyError:
        return [_database_up(False)]


def _database_up(up: bool) -> Metric:
    return GaugeMetricFamily("pisano_database_up", "1 while the database answers.", value=up)


def _gauges(connection: Connection, at: datetime) -> list[Metric]:
    known = feeds(connection)
    last = [(feed.partner, feed.adapter, feed.last_message_at.timestamp()) for feed in known if feed.last_message_at]
    late = [(feed.partner, feed.adapter, feed.late_since(at) is not None) for feed in known]
    inbox = connection.exec_driver_sql(_INBOX).all()
    worklist = connection.exec_driver_sql(_WORKLIST).all()
    files = [(one.partner, one.adapter, 1) for one in held_back(connection)]
    return [
        _gauge("inbox", "Messages not in the record: received, or stuck.", inbox, "state"),
        _gauge("worklist", "Statements that wait for a person.", worklist),
        _gauge("held_back", "Files that leave out much of what was open, and wait for a person.", files),
        _gauge("feed_last_message_seconds", "When the feed last spoke, in seconds since 1970.", last),
        _gauge("feed_late", "1 where the feed is later than was promised.", late),
    ]


def _gauge(name: str, told: str, rows: Sequence[Sequence[Any]], *more: str) -> Metric:
    gauge = GaugeMetricFamily(f"pisano_{name}", told, labels=("partner", "adapter", *more))
    for *labels, value in rows:
        gauge.add_metric(labels, value)
    return gauge
