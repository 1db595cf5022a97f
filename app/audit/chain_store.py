"""Where chains of the trail are written and read, and their heads moved.

Writing is one statement that both moves a head and inserts events: atomic by itself, one round trip, and the same for
a trail's own connection and for a transaction of SQLAlchemy's.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from psycopg.types.numeric import Int2, Int8
from sqlalchemy import Connection, func, select

from app.audit.chain import CHAINS, ChainKey, Head, Record
from app.audit.columns import COLUMNS
from app.audit.event import FoundBy
from app.audit.models import audit_chain, audit_event
from app.audit.page import BLOCK, Page
from app.database.pipeline import Read
from app.database.transactions import copied
from app.database.wire import Array, Bigints, Byteas, Instants, Jsons, Texts, Uuids
from app.errors import DomainError

_TRAILS: Final = 4  # the first chains are for trails, the others for transactions, which hold a head for longer
_LOCK_SPACE: Final = 0x41554454  # of the advisory locks by which trails share out the chains

Parameters = Sequence[Any]


class BrokenTrail(DomainError):
    """The end of a chain is not what the holder of the key left, so that nothing may be recorded after it."""


_ADVANCE: Final = b"""
    WITH moved AS (
        UPDATE audit_chain SET length = $4, link = $5, seal = $6
        WHERE chain = $1 AND length = $2 AND link = $3
        RETURNING chain
    )
    INSERT INTO audit_event (chain, sequence, leaf, link, salt, event, at, issuer, subject, person, other)
    SELECT moved.chain, $2 + place, leaf, placed.link, salt, event, at, issuer, subject, person, other
    FROM moved, unnest($7::bytea[], $8::bytea[], $9::bytea[], $10::json[],
                       $11::timestamptz[], $12::text[], $13::text[], $14::uuid[], $15::uuid[])
        WITH ORDINALITY AS placed (leaf, link, salt, event, at, issuer, subject, person, other, place)
    RETURNING sequence
"""
# one that no other trail keeps to, else one to share
_CLAIM: Final = b"""
    SELECT coalesce(
        (SELECT chain FROM audit_chain WHERE chain < $1 AND pg_try_advisory_lock($2, chain) LIMIT 1),
        pg_backend_pid() % $1
    )
"""
_START: Final = b"""
    INSERT INTO audit_chain (chain, length, link, seal)
    SELECT chain, 0, link, seal FROM unnest($1::int8[], $2::bytea[], $3::bytea[]) AS starting (chain, link, seal)
    WHERE NOT EXISTS (SELECT FROM audit_chain) AND NOT EXISTS (SELECT FROM audit_event)
    ON CONFLICT DO NOTHING
"""
_HEAD: Final = b"SELECT chain, length, link, seal FROM audit_chain WHERE chain = $1"


async def claim(read: Read, key: ChainKey) -> int:
    """The chain that this connection's trail keeps to until it closes; raises `BrokenTrail`."""
    await read(_START, _start(key))
    ((chain,),) = await read(_CLAIM, (_TRAILS, _LOCK_SPACE))
    return int(chain)


async def head_of(read: Read, key: ChainKey, chain: int) -> Head:
    """Where a chain now ends; raises `BrokenTrail`."""
    return _trusted(key, next(iter(await read(_HEAD, (chain,))), None))


async def advance(
    read: Read, key: ChainKey, old: Head, new: Head, records: Sequence[Record], found_by: Sequence[FoundBy]
) -> bool:
    """Append records to a chain; `False`, and nothing is done, where `old` is no longer its head."""
    return len(await read(_ADVANCE, _advance(key, old, new, records, found_by))) == len(records)


def hold(connection: Connection, key: ChainKey) -> Head:
    """The head of a chain that is this transaction's until its end; raises `BrokenTrail`."""
    connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
    _execute(connection, _START, _start(key))
    heads = select(audit_chain).where(audit_chain.c.chain >= _TRAILS).order_by(audit_chain.c.chain).limit(1)
    found = connection.execute(heads.with_for_update(skip_locked=True)).one_or_none()
    return _trusted(key, found or connection.execute(heads.with_for_update()).one_or_none())


def advance_held(
    connection: Connection, key: ChainKey, old: Head, new: Head, records: Sequence[Record], found_by: Sequence[FoundBy]
) -> None:
    """Append records to a chain that this transaction holds."""
    _execute(connection, _ADVANCE, _advance(key, old, new, records, found_by))


def _execute(connection: Connection, statement: bytes, parameters: Parameters) -> None:
    """Run a `Read`'s statement in a transaction of SQLAlchemy's, whose driver calls its parameters otherwise."""
    named = re.sub(r"\$(\d+)", r"%(p\1)b", statement.decode())
    connection.exec_driver_sql(named, {f"p{place}": value for place, value in enumerate(parameters, start=1)})


def heads(connection: Connection) -> dict[int, tuple[Head, bytes]]:
    """Every head row by its chain, each with its seal, unchecked."""
    return {
        row.chain: (Head(row.chain, row.length, row.link), row.seal) for row in connection.execute(select(audit_chain))
    }


def strays(connection: Connection) -> list[int]:
    """The lowest and the highest chain that any event claims to be of, where there is no such chain."""
    ends = connection.execute(select(func.min(audit_event.c.chain), func.max(audit_event.c.chain))).one()
    return [chain for chain in ends if chain is not None and chain not in range(CHAINS)]


_FIRST: Final = -(2**63)
_PAGE: Final = f"""
    COPY (
        SELECT {", ".join(COLUMNS)} FROM audit_event
        WHERE chain = %d AND sequence >= %d ORDER BY sequence LIMIT %d
    ) TO STDOUT (FORMAT BINARY)
"""  # noqa: S608


def link_at(connection: Connection, chain: int, sequence: int) -> bytes | None:
    """The link of one event, unchecked; `None` where it is gone."""
    event = audit_event.c
    link: bytes | None = connection.scalar(select(event.link).where(event.chain == chain, event.sequence == sequence))
    return link


def pages(connection: Connection, chain: int, *, after: int = 0) -> Iterator[Page]:
    """The rows of a chain by sequence, of a transaction that sees one snapshot: block by block, each by its own query.

    `after` whole blocks of events, or from the very first row, whatever its sequence.

    So several chains can be read in step, which were written side by side and stand in the same blocks of the table.
    """
    connection.exec_driver_sql("SET LOCAL client_encoding = 'UTF8'")
    first, most = after + 1 if after else _FIRST, BLOCK
    while len(page := Page(*copied(connection, _PAGE % (chain, first, most)))):
        yield page
        if len(page) < most:
            return
        first, most = page.last + 1, BLOCK - page.last % BLOCK


def records(connection: Connection, chain: int) -> Iterator[Record]:
    """The records of a chain by sequence."""
    for page in pages(connection, chain):
        for record, _ in page:
            yield record


def _advance(key: ChainKey, old: Head, new: Head, records: Sequence[Record], found_by: Sequence[FoundBy]) -> Parameters:
    at, issuers, subjects, people, others = zip(*found_by, strict=True)
    return (
        Int2(old.chain),
        Int8(old.length),
        old.link,
        Int8(new.length),
        new.link,
        key.seal(new),
        Byteas([record.leaf for record in records]),
        Byteas([record.link for record in records]),
        Byteas([record.salt for record in records]),
        Jsons([record.event for record in records]),
        Instants(at),
        Texts(issuers),
        Texts(subjects),
        Uuids(people),
        Uuids(others),
    )


def _start(key: ChainKey) -> Sequence[Array]:
    heads = [key.start(chain) for chain in range(CHAINS)]
    return (
        Bigints([head.chain for head in heads]),
        Byteas([head.link for head in heads]),
        Byteas([key.seal(head) for head in heads]),
    )


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
