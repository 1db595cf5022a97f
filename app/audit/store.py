"""Where chains and their events are written and read.

Writing is one statement that both moves a head and inserts events: atomic by itself, one round trip, and the same for
a trail's own connection and for a transaction of SQLAlchemy's.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg.types.numeric import Int2, Int8
from sqlalchemy import ColumnElement, Connection, SmallInteger, and_, cast, func, or_, select, tuple_

from app.audit.chain import CHAINS, ChainKey, Head, Record
from app.audit.columns import COLUMNS
from app.audit.event import FoundBy
from app.audit.models import audit_chain, audit_event
from app.audit.page import BLOCK, Page
from app.database.pipeline import Read
from app.database.transactions import copied
from app.database.wire import Array, Bigints, Byteas, Instants, Jsons, Texts, Uuids
from app.errors import DomainError
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode

_TRAILS: Final = 4  # the first chains are for trails, the others for transactions, which hold a head for longer
_LOCK_SPACE: Final = 0x41554454  # of the advisory locks by which trails share out the chains

Parameters = Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What someone asks of the trail: events about a person, or by an actor, or both, in [since, until).

    `former` are other ids under which the person stood, `organisations` those whose staff acted, `subject` a user of
    whichever provider, and `after` where an answer before this one ended. What is `None` or empty narrows nothing, but
    for `organisations`: of none of them, nobody acted.
    """

    person: UUID | None = None
    former: Collection[UUID] = ()
    account: Account | None = None
    subject: str = ""
    organisations: Collection[str] | None = None
    purpose: str = ""
    kinds: Collection[str] = ()
    after: "Position | None" = None
    since: datetime | None = None
    until: datetime | None = None
    most: int = 100


class Position(NamedTuple):
    """Where an event stands in time, the only one there."""

    at: datetime
    chain: int
    sequence: int


class Told(NamedTuple):
    """One event as the trail holds it, and where."""

    chain: int
    sequence: int
    event: dict[str, Any]


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


def events(connection: Connection, about: About) -> list[Told]:
    """What the trail says, the newest first."""
    event = audit_event.c
    told = select(event.chain, event.sequence, event.event).where(*_narrowed(about))
    newest_first = told.order_by(event.at.desc().nulls_last(), event.chain.desc(), event.sequence.desc())
    return [Told(*row) for row in connection.execute(newest_first.limit(about.most))]


def _narrowed(about: About) -> Iterator[ColumnElement[bool]]:
    event, said = audit_event.c, audit_event.c.event
    if about.person is not None:
        people = [about.person, *about.former]
        yield or_(event.person.in_(people), event.other.in_(people))
    if about.account is not None:
        yield and_(event.subject == about.account.subject, event.issuer == about.account.issuer)
    if about.subject:
        yield event.subject == about.subject
    if about.organisations is not None:
        yield said["organisation"].astext.in_(sorted(about.organisations))
    if about.purpose:
        yield said["purpose"].astext == about.purpose
    if about.kinds:
        yield said["kind"].astext.in_(sorted(about.kinds))
    if about.since is not None:
        yield event.at >= about.since
    if about.until is not None:
        yield event.at < about.until
    if about.after is not None:
        yield tuple_(event.at, event.chain, event.sequence) < tuple_(*about.after)


def older_than(connection: Connection, chain: int, before: datetime) -> int:
    """The sequence up to which every event of a chain, or what is left of it, is of a time before an instant."""
    of_chain = audit_event.c.chain == chain
    first_kept = select(func.min(audit_event.c.sequence)).where(of_chain, audit_event.c.at >= before)
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


class Opened(NamedTuple):
    """A person whose record somebody opened, when last, and what for."""

    person_id: UUID
    at: datetime
    purpose: str


_OPENED: Final = """
    SELECT person, at, purpose FROM (
        SELECT DISTINCT ON (person) person, at, event->>'purpose' AS purpose FROM audit_event
        WHERE subject = %s AND issuer = %s AND at >= %s AND person IS NOT NULL
            AND (event->>'kind' IN ('emergency-opened', 'relationship-made') OR event->>'kind' = 'view' AND EXISTS (
                SELECT FROM json_each(event->'permitted') clause, json_array_elements_text(clause.value) label
                WHERE split_part(label, '/', 2) <> 'demographics'
            ))
        ORDER BY person, at DESC
    ) opened ORDER BY at DESC LIMIT %s
"""


def opened_by(connection: Connection, account: Account, *, since: datetime, most: int) -> list[Opened]:
    """Whose records somebody opened, the last first; whoever was only named to them in a list is not among them."""
    found = connection.exec_driver_sql(_OPENED, (account.subject, account.issuer, since, most))
    return [Opened(*row) for row in found]


def works_for(connection: Connection, account: Account) -> OdsCode | None:
    """For which organisation somebody acted last, as the trail tells; `None` of whom it does not know."""
    event = audit_event.c
    organisation = event.event["organisation"].astext
    found = connection.scalar(
        select(organisation)
        .where(event.subject == account.subject, event.issuer == account.issuer, organisation.is_not(None))
        .order_by(event.at.desc())
        .limit(1)
    )
    return OdsCode(found) if found else None


_DECISIONS: Final = """
    SELECT event FROM audit_event
    WHERE at >= %s AND event->>'kind' = ANY (%s) ORDER BY at
"""


def decisions_since(connection: Connection, since: datetime, kinds: Sequence[str], most: int) -> Iterator[list[Any]]:
    """What the trail says of decisions from an instant in UTC on, in order, in lists of at most `most`."""
    connection.execution_options(stream_results=True, max_row_buffer=most)
    found = connection.exec_driver_sql(_DECISIONS, (since, list(kinds)))
    for rows in found.partitions(most):
        yield [event for (event,) in rows]


def first_told(connection: Connection) -> datetime | None:
    """The time of the oldest event that still says anything; roughly, as of each chain only the start is looked at."""
    of_time = select(audit_event.c.at).where(audit_event.c.at.is_not(None))
    firsts = [
        connection.scalar(of_time.where(audit_event.c.chain == chain).order_by(audit_event.c.sequence).limit(1))
        for chain in range(CHAINS)
    ]
    return min((at for at in firsts if at is not None), default=None)


def told_between(connection: Connection, since: datetime, until: datetime) -> Iterator[Told]:
    """All that the trail says of [since, until), in no order."""
    event = audit_event.c
    told = select(event.chain, event.sequence, event.event).where(event.at >= since, event.at < until)
    for row in connection.execute(told, execution_options={"yield_per": 2000}):
        yield Told(*row)
