"""How fresh each partner's feed is: when it last spoke, and whether that is later than it promised."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import orjson
from psycopg import AsyncConnection
from sqlalchemy import Connection

from app.vocabulary.category import Category
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What one partner sends through one adapter. Instants in UTC; `expected_every` is `None` where not promised."""

    partner: OdsCode
    adapter: str
    covers: frozenset[Category]
    expected_every: timedelta | None
    last_message_at: datetime | None
    last_processed_at: datetime | None
    complete_since: date | None = None  # from this London date on it tells of everything, as its partner declared

    def late_since(self, at: datetime) -> datetime | None:
        """The instant at which the next message was due, where none has come by then; `None` while in time."""
        if self.expected_every is None or self.last_message_at is None:
            return None
        due = self.last_message_at + self.expected_every
        return due if at > due else None


NOTE_ARRIVAL: Final = """
    INSERT INTO feed (partner, adapter, covers, last_message_at)
    VALUES (%(partner)s, %(adapter)s, %(covers)s, %(at)s)
    ON CONFLICT (partner, adapter) DO UPDATE SET covers = EXCLUDED.covers, last_message_at = EXCLUDED.last_message_at
"""
"""What `note_arrival` does, for a statement that does more.

The last to arrive tells, and not the latest instant: that of a clock which ran ahead would hide how late a feed is.
"""


def note_arrival(
    connection: Connection, partner: OdsCode, adapter: str, covers: Collection[Category], at: datetime
) -> None:
    """A message came; a feed that speaks for the first time is known from now on, with the categories it can state."""
    told = {"partner": partner, "adapter": adapter, "covers": sorted(covers), "at": at}
    connection.exec_driver_sql(NOTE_ARRIVAL, told)


NOTE_PROCESSED: Final = """
    UPDATE feed SET last_processed_at = %(at)s
    WHERE partner = %(partner)s AND adapter = %(adapter)s
"""
"""What the feed said is in the record: for the statement that marks the message."""


def expect(connection: Connection, partner: OdsCode, adapter: str, every: timedelta) -> None:
    """Say how often a partner promised to send, so that a feed that stays away is told."""
    connection.exec_driver_sql(
        """
        INSERT INTO feed (partner, adapter, expected_every) VALUES (%s, %s, %s)
        ON CONFLICT (partner, adapter) DO UPDATE SET expected_every = EXCLUDED.expected_every
        """,
        (partner, adapter, every),
    )


def allow_ending(connection: Connection, partner: OdsCode, adapter: str, most: int) -> None:
    """Say how many per cent of what is open one message may end by leaving it out, before a person is asked."""
    connection.exec_driver_sql(
        """
        INSERT INTO feed (partner, adapter, most_ended) VALUES (%s, %s, %s)
        ON CONFLICT (partner, adapter) DO UPDATE SET most_ended = EXCLUDED.most_ended
        """,
        (partner, adapter, most),
    )


def let_relate(connection: Connection, partner: OdsCode, adapter: str, *, relates: bool) -> None:
    """Say whether what a partner pushes may relate it to the people whom it says that it cares for."""
    connection.exec_driver_sql(
        """
        INSERT INTO feed (partner, adapter, relates) VALUES (%s, %s, %s)
        ON CONFLICT (partner, adapter) DO UPDATE SET relates = EXCLUDED.relates
        """,
        (partner, adapter, relates),
    )


def may_relate(connection: Connection, partner: OdsCode, adapter: str) -> bool:
    """Whether it may; nobody may of whom nobody said so."""
    return bool(
        connection.exec_driver_sql(
            "SELECT relates FROM feed WHERE (partner, adapter) = (%s, %s)", (partner, adapter)
        ).scalar()
    )


def declare_complete(connection: Connection, partner: OdsCode, adapter: str, since: date) -> None:
    """Say from which London date on a feed tells of everything: what asks for a whole look-back asks this."""
    connection.exec_driver_sql(
        """
        INSERT INTO feed (partner, adapter, complete_since) VALUES (%s, %s, %s)
        ON CONFLICT (partner, adapter) DO UPDATE SET complete_since = EXCLUDED.complete_since
        """,
        (partner, adapter, since),
    )


def describe(connection: Connection, sender: Sender, adapter: str) -> None:
    """Say how a partner writes its mapped files: what it calls our fields, and in which encoding."""
    connection.exec_driver_sql(
        """
        INSERT INTO feed (partner, adapter, columns, encoding) VALUES (%s, %s, %s, %s)
        ON CONFLICT (partner, adapter) DO UPDATE SET columns = EXCLUDED.columns, encoding = EXCLUDED.encoding
        """,
        (sender.partner, adapter, orjson.dumps(dict(sender.columns)), sender.encoding),
    )


def sender_of(connection: Connection, partner: OdsCode, adapter: str) -> Sender:
    """What `describe` was told; our own names in UTF-8 where it was told nothing."""
    described = connection.exec_driver_sql(
        "SELECT columns, encoding FROM feed WHERE partner = %s AND adapter = %s AND columns IS NOT NULL",
        (partner, adapter),
    ).one_or_none()
    if described is None:
        return Sender(partner=partner)
    return Sender(partner=partner, columns=orjson.loads(described.columns), encoding=described.encoding)


_FEEDS: Final = """
    SELECT partner, adapter, covers, expected_every, last_message_at, last_processed_at, complete_since
    FROM feed ORDER BY partner, adapter
"""


def feeds(connection: Connection) -> list[Feed]:
    """Every feed that was promised or has spoken, by partner and adapter."""
    return [_feed(tuple(row)) for row in connection.exec_driver_sql(_FEEDS)]


async def feeds_now(connection: AsyncConnection) -> list[Feed]:
    """The same for the web."""
    cursor = await connection.execute(_FEEDS)
    return [_feed(row) for row in await cursor.fetchall()]


def _feed(row: tuple[Any, ...]) -> Feed:
    partner, adapter, covers, expected_every, last_message_at, last_processed_at, complete_since = row
    return Feed(
        partner=OdsCode(partner),
        adapter=adapter,
        covers=frozenset(Category(code) for code in covers or ()),
        expected_every=expected_every,
        last_message_at=last_message_at,
        last_processed_at=last_processed_at,
        complete_since=complete_since,
    )
