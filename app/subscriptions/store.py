"""Subscriptions and deliveries in PostgreSQL.

Whatever is to be delivered stands in a table until it was taken: a process that dies leaves it to be tried again.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from app.record.kept import changes
from app.record.kept.changes import Topic
from app.subscriptions.models import delivery, subscription
from app.subscriptions.subscription import Status, Subscription, again_after, is_given_up
from app.vocabulary.ods_code import OdsCode

NOBODY: Final = UUID(int=0)
_LEASE: Final = timedelta(seconds=60)  # longer than an attempt may take
_CLAIM: Final = """
    UPDATE delivery claimed SET due = %(until)s, attempts = claimed.attempts + 1
    FROM subscription told
    WHERE told.id = claimed.subscription AND claimed.id = (
        SELECT waiting.id FROM delivery waiting JOIN subscription ON subscription.id = waiting.subscription
        WHERE waiting.due <= %(at)s
            AND subscription.status
                = CASE WHEN num_nonnulls(waiting.entry_id, waiting.thing) = 0 THEN 'requested' ELSE 'active' END
            AND NOT EXISTS (
                SELECT FROM delivery earlier
                WHERE (earlier.subscription, earlier.person_id) = (waiting.subscription, waiting.person_id)
                    AND earlier.id < waiting.id
            )
        ORDER BY waiting.due, waiting.id LIMIT 1 FOR UPDATE OF waiting SKIP LOCKED
    )
    RETURNING claimed.id AS number, claimed.person_id, claimed.entry_id AS entry, claimed.thing, claimed.attempts,
        told.*
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to be told: an entry of the record, or a `thing` of the team's; neither is the handshake."""

    number: int
    subscription: Subscription
    person_id: UUID
    entry: int | None
    thing: UUID | None
    attempts: int

    @property
    def is_handshake(self) -> bool:
        """Whether nothing is told yet."""
        return self.entry is None and self.thing is None


def subscribe(connection: Connection, one: Subscription) -> None:
    """Keep a subscription that its address has yet to confirm."""
    connection.execute(insert(subscription).values(**asdict(one)))
    _add(connection, [(one.id, NOBODY, None, None)], one.created)


def unsubscribe(connection: Connection, id: UUID, system: str) -> bool:
    """Tell nothing more; `False` where the system has no such subscription."""
    of_system = update(subscription).where(subscription.c.id == id, subscription.c.system == system)
    if connection.execute(of_system.values(status=Status.OFF)).rowcount == 0:
        return False
    connection.execute(delete(delivery).where(delivery.c.subscription == id))
    _watch(connection)
    return True


def subscriptions(connection: Connection, system: str) -> list[Subscription]:
    """A system's, the oldest first."""
    of_system = select(subscription).where(subscription.c.system == system)
    rows = connection.execute(of_system.order_by(subscription.c.created, subscription.c.id)).mappings()
    return [_subscription(row) for row in rows]


def active(connection: Connection, topic: Topic) -> list[Subscription]:
    """Those that are told of a topic."""
    told = select(subscription).where(subscription.c.topic == topic, subscription.c.status == Status.ACTIVE)
    return [_subscription(row) for row in connection.execute(told).mappings()]


def put_out(connection: Connection, one: Subscription, told: Iterable[changes.Change], *, at: datetime) -> None:
    """Let these be delivered, in their order."""
    _add(connection, [(one.id, change.person_id, change.entry, change.thing) for change in told], at)


def claim(connection: Connection, at: datetime) -> Delivery | None:
    """The next that is due: the first of its person's, which is no one else's for a minute."""
    row = connection.exec_driver_sql(_CLAIM, {"at": at, "until": at + _LEASE}).mappings().one_or_none()
    if row is None:
        return None
    return Delivery(row["number"], _subscription(row), row["person_id"], row["entry"], row["thing"], row["attempts"])


def delivered(connection: Connection, one: Delivery) -> None:
    """It was taken, or is no longer theirs to be told; a handshake that was answered lets the rest be told."""
    mended = update(subscription).where(subscription.c.id == one.subscription.id)
    mended = mended.where(subscription.c.status.in_([Status.REQUESTED, Status.ACTIVE]))
    connection.execute(mended.values(status=Status.ACTIVE, failing_since=None, error=None))
    connection.execute(delete(delivery).where(delivery.c.id == one.number))
    if one.is_handshake:
        _watch(connection)


def failed(connection: Connection, one: Delivery, error: str, *, at: datetime) -> Status:
    """Try again later, longer and longer; give an address up that has failed for days."""
    since = one.subscription.failing_since or at
    status = Status.ERROR if is_given_up(since, at) else one.subscription.status
    of_it = update(subscription).where(subscription.c.id == one.subscription.id)
    connection.execute(of_it.values(status=status, failing_since=since, error=error))
    if status is Status.ERROR:
        connection.execute(delete(delivery).where(delivery.c.subscription == one.subscription.id))
        _watch(connection)
    else:
        later = update(delivery).where(delivery.c.id == one.number)
        connection.execute(later.values(due=at + again_after(one.attempts)))
    return status


def _add(connection: Connection, rows: list[tuple[UUID, UUID, int | None, UUID | None]], at: datetime) -> None:
    values = [
        {"subscription": id, "person_id": person, "entry_id": entry, "thing": thing, "attempts": 0, "due": at}
        for id, person, entry, thing in rows
    ]
    if values:
        connection.execute(insert(delivery), values)


def _watch(connection: Connection) -> None:
    """Note from now on what somebody is told; of two who change who is told, the second sees what the first did."""
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('entry watch'))")
    changes.watch(connection, [topic for topic in Topic if active(connection, topic)])


def _subscription(row: Any) -> Subscription:
    return Subscription(
        id=row["id"],
        system=row["system"],
        organisation=OdsCode(row["organisation"]),
        topic=Topic(row["topic"]),
        endpoint=row["endpoint"],
        status=Status(row["status"]),
        created=row["created"],
        failing_since=row["failing_since"],
        error=row["error"],
    )
