"""What the trail says, as it is found by whom it is about, by who acted and by when; and forgetting what is old."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, SmallInteger, and_, cast, func, or_, select, tuple_

from app.audit.chain import CHAINS
from app.audit.models import audit_event
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode


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


class HeldEvent(NamedTuple):
    """One event as the trail holds it, and where."""

    chain: int
    sequence: int
    event: dict[str, Any]


def events(connection: Connection, about: About) -> list[HeldEvent]:
    """What the trail says, the newest first."""
    event = audit_event.c
    told = select(event.chain, event.sequence, event.event).where(*_narrowed(about))
    newest_first = told.order_by(event.at.desc().nulls_last(), event.chain.desc(), event.sequence.desc())
    return [HeldEvent(*row) for row in connection.execute(newest_first.limit(about.most))]


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


def told_between(connection: Connection, since: datetime, until: datetime) -> Iterator[HeldEvent]:
    """All that the trail says of [since, until), in no order."""
    event = audit_event.c
    told = select(event.chain, event.sequence, event.event).where(event.at >= since, event.at < until)
    for row in connection.execute(told, execution_options={"yield_per": 2000}):
        yield HeldEvent(*row)
