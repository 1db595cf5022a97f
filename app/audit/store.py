"""Where chains and their events are written and read.

Writing is one statement that both moves a head and inserts events: atomic by itself, one round trip, and the same text
for a trail's raw connection and for a transaction of SQLAlchemy's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import Connection, SmallInteger, Text, cast, func, or_, select

from app.audit.chain import CHAINS, ChainKey, Head, Record
from app.audit.event import instant
from app.audit.models import audit_chain, audit_event, event_at, event_issuer, event_other, event_person, event_subject
from app.errors import DomainError
from app.sharing.facts import Account

_TRAILS: Final = 4  # the first chains are for trails, the others for transactions, which hold a head for longer
_LOCK_SPACE: Final = 0x41554454  # of the advisory locks by which trails share out the chains

Parameters = Mapping[str, Any]
Asynchronous = psycopg.AsyncConnection[TupleRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What someone asks of the trail: events about a person, or by an actor, or both, in [since, until)."""

    person: UUID | None = None
    account: Account | None = None
    since: datetime | None = None
    until: datetime | None = None
    most: int = 100


class Told(NamedTuple):
    """One event as the trail holds it, and where."""

    chain: int
    sequence: int
    event: dict[str, Any]


class BrokenTrail(DomainError):
    """The end of a chain is not what the holder of the key left, so that nothing may be recorded after it."""


_ADVANCE: Final = """
    WITH moved AS (
        UPDATE audit_chain SET length = %(new_length)s, link = %(new_link)b, seal = %(new_seal)b
        WHERE chain = %(chain)s AND length = %(length)s AND link = %(link)b
        RETURNING chain
    )
    INSERT INTO audit_event (chain, sequence, leaf, link, salt, event)
    SELECT moved.chain, %(length)s + place, leaf, placed.link, salt, event::json
    FROM moved, unnest(%(leaves)b::bytea[], %(links)b::bytea[], %(salts)b::bytea[], %(events)b::text[])
        WITH ORDINALITY AS placed (leaf, link, salt, event, place)
"""
# one that no other trail keeps to, else one to share
_CLAIM: Final = """
    SELECT coalesce(
        (SELECT chain FROM audit_chain WHERE chain < %(trails)s AND pg_try_advisory_lock(%(space)s, chain) LIMIT 1),
        pg_backend_pid() %% %(trails)s
    )
"""
_START: Final = """
    INSERT INTO audit_chain (chain, length, link, seal)
    SELECT * FROM unnest(%(chains)s::smallint[], %(lengths)s::bigint[], %(links)b::bytea[], %(seals)b::bytea[])
    WHERE NOT EXISTS (SELECT FROM audit_chain) AND NOT EXISTS (SELECT FROM audit_event)
    ON CONFLICT DO NOTHING
"""


async def claim(connection: Asynchronous, key: ChainKey) -> int:
    """The chain that this connection's trail keeps to until it closes; raises `BrokenTrail`."""
    await connection.execute(_START, _start(key))
    found = await connection.execute(_CLAIM, {"trails": _TRAILS, "space": _LOCK_SPACE})
    (chain,) = await found.fetchone() or (0,)
    return int(chain)


async def head_of(connection: Asynchronous, key: ChainKey, chain: int) -> Head:
    """Where a chain now ends; raises `BrokenTrail`."""
    found = await connection.execute("SELECT chain, length, link, seal FROM audit_chain WHERE chain = %s", [chain])
    return _trusted(key, await found.fetchone())


async def advance(connection: Asynchronous, key: ChainKey, old: Head, new: Head, records: Sequence[Record]) -> bool:
    """Append records to a chain; `False`, and nothing is done, where `old` is no longer its head."""
    done = await connection.execute(_ADVANCE, _advance(key, old, new, records))
    return done.rowcount == len(records)


def hold(connection: Connection, key: ChainKey) -> Head:
    """The head of a chain that is this transaction's until its end; raises `BrokenTrail`."""
    connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
    connection.exec_driver_sql(_START, _start(key))
    heads = select(audit_chain).where(audit_chain.c.chain >= _TRAILS).order_by(audit_chain.c.chain).limit(1)
    found = connection.execute(heads.with_for_update(skip_locked=True)).one_or_none()
    return _trusted(key, found or connection.execute(heads.with_for_update()).one_or_none())


def advance_held(connection: Connection, key: ChainKey, old: Head, new: Head, records: Sequence[Record]) -> None:
    """Append records to a chain that this transaction holds."""
    connection.exec_driver_sql(_ADVANCE, _advance(key, old, new, records))


def heads(connection: Connection) -> dict[int, tuple[Head, bytes]]:
    """Every head row by its chain, each with its seal, unchecked."""
    return {
        row.chain: (Head(row.chain, row.length, row.link), row.seal) for row in connection.execute(select(audit_chain))
    }


def strays(connection: Connection) -> list[int]:
    """The lowest and the highest chain that any event claims to be of, where there is no such chain."""
    ends = connection.execute(select(func.min(audit_event.c.chain), func.max(audit_event.c.chain))).one()
    return [chain for chain in ends if chain is not None and chain not in range(CHAINS)]


def records(connection: Connection, chain: int) -> Iterator[Record]:
    """The records of a chain by sequence, a few thousand in memory at a time."""
    event = audit_event.c
    stored = (
        select(event.sequence, event.leaf, event.link, event.salt, cast(event.event, Text))
        .where(event.chain == chain)
        .order_by(event.sequence)
    )
    for sequence, leaf, link, salt, said in connection.execute(stored, execution_options={"yield_per": 2000}):
        yield Record(sequence, leaf, link, salt, None if said is None else said.encode())


def _advance(key: ChainKey, old: Head, new: Head, records: Sequence[Record]) -> Parameters:
    return {
        "chain": old.chain,
        "length": old.length,
        "link": old.link,
        "new_length": new.length,
        "new_link": new.link,
        "new_seal": key.seal(new),
        "leaves": [record.leaf for record in records],
        "links": [record.link for record in records],
        "salts": [record.salt for record in records],
        "events": [(record.event or b"").decode() for record in records],
    }


def _start(key: ChainKey) -> Parameters:
    heads = [key.start(chain) for chain in range(CHAINS)]
    return {
        "chains": [head.chain for head in heads],
        "lengths": [head.length for head in heads],
        "links": [head.link for head in heads],
        "seals": [key.seal(head) for head in heads],
    }


def events(connection: Connection, about: About) -> list[Told]:
    """What the trail says, the newest first."""
    told = select(audit_event.c.chain, audit_event.c.sequence, audit_event.c.event)
    if about.person is not None:
        told = told.where(or_(event_person == about.person, event_other == about.person))
    if about.account is not None:
        told = told.where(event_subject == about.account.subject, event_issuer == about.account.issuer)
    if about.since is not None:
        told = told.where(event_at >= instant(about.since))
    if about.until is not None:
        told = told.where(event_at < instant(about.until))
    newest_first = told.order_by(event_at.desc(), audit_event.c.sequence.desc())
    return [Told(*row) for row in connection.execute(newest_first.limit(about.most))]


def older_than(connection: Connection, chain: int, before: datetime) -> int:
    """The sequence up to which every event of a chain, or what is left of it, is of a time before an instant."""
    of_chain = audit_event.c.chain == chain
    first_kept = select(func.min(audit_event.c.sequence)).where(of_chain, event_at >= instant(before))
    last = select(func.max(audit_event.c.sequence)).where(of_chain)
    return connection.scalar(select(func.coalesce(first_kept.scalar_subquery() - 1, last.scalar_subquery(), 0))) or 0


def forget(connection: Connection, chain: int, up_to: int) -> int:
    """Delete what the events of a chain say, up to a sequence; returns of how many. Their leaves and links stay."""
    return connection.scalar(select(func.audit_forget(cast(chain, SmallInteger), up_to))) or 0


def _trusted(key: ChainKey, row: Any) -> Head:
    if row is None:
        raise BrokenTrail("a head of the audit trail is gone; run `pisano audit verify` and restore it from a backup")
    chain, length, link, seal = row
    head = Head(chain, length, link)
    if not key.sealed(head, seal):
        raise BrokenTrail(
            f"the head of audit chain {chain} is not of this installation's key; run `pisano audit verify`"
        )
    return head


_DECISIONS: Final = """
    SELECT event FROM audit_event
    WHERE (event->>'at') >= %s AND event->>'kind' = ANY (%s) ORDER BY event->>'at'
"""


def decisions_since(connection: Connection, since: datetime, kinds: Sequence[str], most: int) -> Iterator[list[Any]]:
    """What the trail says of decisions from an instant in UTC on, in order, in lists of at most `most`."""
    connection.execution_options(stream_results=True, max_row_buffer=most)
    found = connection.exec_driver_sql(_DECISIONS, (instant(since), list(kinds)))
    for rows in found.partitions(most):
        yield [event for (event,) in rows]
