"""The inbox: what a partner sent, byte for byte, on disk before anyone is told that it arrived."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, Engine

from app.adapters import registry
from app.database.transactions import Answer, Ask, transaction
from app.errors import DomainError
from app.intake.arriving.locks import try_partner
from app.intake.arriving.parts import PART_BYTES, Content, keep_parts
from app.record.freshness import NOTE_ARRIVAL, NOTE_PROCESSED, note_arrival
from app.record.kept.held import Source
from app.vocabulary.category import Category
from app.vocabulary.ods_code import OdsCode

ATTEMPTS: Final = 5
"""After so many failures that are not the message's own, it waits for a person instead."""


class State(StrEnum):
    """Where a message is on its way; `NEXT` is the table of moves."""

    RECEIVED = "received"
    PROCESSED = "processed"
    REFUSED = "refused"  # the whole cannot be trusted: its finding says why
    STUCK = "stuck"  # it failed again and again, for a reason that is ours


class NotMoved(DomainError):
    """A message cannot go where it is wanted from where it is."""


NEXT: Final = {
    State.RECEIVED: {State.PROCESSED, State.REFUSED, State.STUCK},
    State.PROCESSED: {State.RECEIVED},  # replayed
    State.REFUSED: {State.RECEIVED},
    State.STUCK: {State.RECEIVED},
}


@dataclass(frozen=True, slots=True)
class Received:
    """Where a message lies. `again` is true where the same message was there already: it counts once."""

    message: int
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A message whose turn it is; its partner is held until the transaction ends."""

    message: int
    partner: OdsCode
    adapter: str
    attempts: int

    def source_at(self, at: datetime) -> Source:
        """The message as the record knows it, processed at an instant."""
        return Source(partner=self.partner, adapter=self.adapter, message=self.message, at=at)


def receive(
    engine: Engine,
    content: Content,
    *,
    partner: OdsCode,
    adapter: str,
    at: datetime,
    message_id: str = "",
    progress: Callable[[int], None] = lambda _: None,
) -> Received:
    """Put a message in the inbox; when this returns it is on disk and may be acknowledged.

    `message_id` is what its sender calls it, such as a control id or the name of a file, which need be no text: the
    same content under the same name counts once. `at` is the instant of receipt, in UTC; `progress` is told of each
    part's bytes.
    Raises `UnknownAdapter`.
    """
    with transaction(engine) as connection:
        return keep(
            connection,
            content,
            partner=partner,
            adapter=adapter,
            covers=registry.adapter(adapter).covers,
            at=at,
            message_id=message_id.encode(errors="surrogateescape").decode(errors="replace"),
            progress=progress,
        )


def keep(
    connection: Connection,
    content: Content,
    *,
    partner: OdsCode,
    adapter: str,
    covers: Collection[Category],
    at: datetime,
    message_id: str = "",
    progress: Callable[[int], None] = lambda _: None,
) -> Received:
    """The same within a transaction of the caller's: nothing may be acknowledged before that is committed."""
    number: int = connection.exec_driver_sql("SELECT nextval('inbox_message_id_seq')").scalar_one()
    size, digest = keep_parts(connection, number, content, progress)
    name = (partner, adapter, message_id, digest)
    kept = connection.exec_driver_sql(
        """
        INSERT INTO inbox_message
            (partner, adapter, message_id, sha256, id, received_at, size, state, next_attempt_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, 'received', %s) ON CONFLICT DO NOTHING
        """,
        (*name, number, at, size, at),
    ).rowcount
    note_arrival(connection, partner, adapter, covers, at)
    return Received(number, again=False) if kept else Received(_put_away(connection, number, name), again=True)


_KEEP_ANEW: Final = f"""
    WITH arrived AS (
        INSERT INTO inbox_message
            (partner, adapter, message_id, sha256, received_at, size, state, next_attempt_at)
        VALUES (%(partner)s, %(adapter)s, %(message_id)s, %(sha256)s, %(at)s, %(size)s, 'received', %(at)s)
        RETURNING id
    ), kept AS (
        INSERT INTO inbox_part (message, part, bytes)
        SELECT id, part, substring(%(content)b FROM part * {PART_BYTES} + 1 FOR {PART_BYTES})
        FROM arrived, generate_series(0, (%(size)s - 1) / {PART_BYTES}) AS part
    ), noted AS ({NOTE_ARRIVAL})
    SELECT id, EXISTS (
        SELECT FROM inbox_message WHERE partner = %(partner)s AND adapter = %(adapter)s AND state = 'received'
    ) FROM arrived
"""  # noqa: S608  # ours


def keep_anew(
    ask: Ask,
    content: bytes,
    *,
    partner: OdsCode,
    adapter: str,
    covers: Collection[Category],
    at: datetime,
    message_id: str,
) -> Answer:
    """Keep a message whose name is new, all at once.

    Answers with its number, and whether others of its feed wait, which it must not overtake.
    """
    told = {
        "partner": partner,
        "adapter": adapter,
        "message_id": message_id,
        "sha256": hashlib.sha256(content).digest(),
        "size": len(content),
        "content": content,
        "covers": sorted(covers),
        "at": at,
    }
    return ask(_KEEP_ANEW, told)


def _put_away(connection: Connection, number: int, name: tuple[str, str, str, bytes]) -> int:
    """Let go of parts that are here already; return the message that holds them."""
    connection.exec_driver_sql("DELETE FROM inbox_part WHERE message = %s", (number,))
    held: int = connection.exec_driver_sql(
        "SELECT id FROM inbox_message WHERE (partner, adapter, message_id, sha256) = (%s, %s, %s, %s)", name
    ).scalar_one()
    return held


def claim(connection: Connection, at: datetime) -> Due | None:
    """The next message whose turn it is, of a partner for whom no one else is filing.

    Messages of one feed are processed in the order of their arrival: while the first of them waits to be tried again,
    those behind it wait too. One that was not tried yet is due whatever the clock says, which may have been put back.
    """
    for head in connection.exec_driver_sql(_HEADS, (at,)).all():
        partner = OdsCode(head.partner)
        if try_partner(connection, partner) and (due := _head(connection, partner, head.adapter, at)):
            return due
    return None


_HEADS: Final = """
    SELECT feed.partner, feed.adapter
    FROM feed CROSS JOIN LATERAL (
        SELECT id, attempts, next_attempt_at FROM inbox_message one
        WHERE (one.partner, one.adapter) = (feed.partner, feed.adapter) AND state = 'received' ORDER BY id LIMIT 1
    ) AS head
    WHERE attempts = 0 OR next_attempt_at <= %s ORDER BY id
"""


def _head(connection: Connection, partner: OdsCode, adapter: str, at: datetime) -> Due | None:
    """The first message of a feed that is held by now, unless it is to be tried later."""
    head = connection.exec_driver_sql(
        """
        SELECT id, attempts, next_attempt_at FROM inbox_message
        WHERE partner = %s AND adapter = %s AND state = 'received' ORDER BY id LIMIT 1 FOR UPDATE
        """,
        (partner, adapter),
    ).one_or_none()
    if head is None or (head.attempts and head.next_attempt_at > at):
        return None
    return Due(message=head.id, partner=partner, adapter=adapter, attempts=head.attempts)


_MOVE: Final = """
    UPDATE inbox_message SET state = %(to)s, next_attempt_at = %(at)s, counts = %(counts)s::jsonb,
        attempts = CASE WHEN %(to)s = 'received' THEN 0 ELSE attempts END,
        finished_at = CASE WHEN %(to)s = 'received' THEN NULL ELSE %(at)s END
    WHERE id = %(message)s AND state = ANY(%(allowed)s)
"""
_FINISH: Final = f"WITH noted AS ({NOTE_PROCESSED}) {_MOVE}"


def move(connection: Connection, message: int, to: State, *, at: datetime, counts: str | None = None) -> None:
    """Take a message to its next state; `counts` is JSON. Raises `NotMoved` for a move that is not in the table."""
    _move(connection, _MOVE, message, to, at=at, counts=counts)


def finish(connection: Connection, due: Due, *, at: datetime, counts: str) -> None:
    """Say that what a message said is in the record, of the message and of its feed. Raises `NotMoved`."""
    feed = {"partner": due.partner, "adapter": due.adapter}
    _move(connection, _FINISH, due.message, State.PROCESSED, at=at, counts=counts, **feed)


def _move(connection: Connection, statement: str, message: int, to: State, **told: object) -> None:
    allowed = [str(state) for state, following in NEXT.items() if to in following]
    told |= {"message": message, "to": to, "allowed": allowed}
    if connection.exec_driver_sql(statement, told).rowcount != 1:
        raise NotMoved(f"message {message} is not there, or cannot be {to} now; see `pisano feed status`")


def try_again_later(connection: Connection, due: Due, *, at: datetime) -> State:
    """Put a message back after a failure that was not its own: later each time, and in the end to a person."""
    connection.exec_driver_sql("UPDATE inbox_message SET attempts = attempts + 1 WHERE id = %s", (due.message,))
    if due.attempts + 1 >= ATTEMPTS:
        move(connection, due.message, State.STUCK, at=at)
        return State.STUCK
    connection.exec_driver_sql(
        "UPDATE inbox_message SET next_attempt_at = %s WHERE id = %s",
        (at + timedelta(seconds=10 * 3**due.attempts), due.message),
    )
    return State.RECEIVED
