"""What could not be filed, kept whole until someone says whose it is."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row

from app.database.transactions import copy_rows
from app.intake.statement_json import dump, load
from app.person.matching import Field, Reason
from app.person.resolution import Waits
from app.record.kept.held import Source
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Statement

_OF_THE_SENDERS_OWN: Final = frozenset({"of-another"})


def as_its_sender_is_told(code: str) -> str:
    """Why a statement waits, as its sender may know it: that nobody is known by it, or somebody otherwise, reads alike.

    Or whoever sends one date of birth after another could tell who is known here, and how.
    """
    return code if code in _OF_THE_SENDERS_OWN else "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One statement that waits, with the message it came in, whose instant is that of its arrival."""

    id: int
    source: Source
    line: int
    local_id: str | None
    waits: Waits
    statement: Statement


_COLUMNS: Final = {
    "message": "int8",
    "partner": "text",
    "adapter": "text",
    "line": "int4",
    "local_id": "text",
    "reason": "text",
    "disagrees": "text[]",
    "candidates": "uuid[]",
    "statement": "bytea",
    "state": "text",
}


def keep(connection: Connection, statements: Iterable[tuple[Statement, Waits]], source: Source) -> None:
    """Let statements of one message wait for a person."""
    rows = [
        (
            source.message,
            source.partner,
            source.adapter,
            statement.line,
            statement.subject.local_id,
            waits.reason,
            list(waits.disagrees),
            list(waits.candidates),
            dump(statement),
            "open",
        )
        for statement, waits in statements
    ]
    copy_rows(connection, "waiting", _COLUMNS, rows)


def forget(connection: Connection, message: int) -> None:
    """Take back what waits from a message that is about to be read again."""
    connection.exec_driver_sql("DELETE FROM waiting WHERE message = %s AND state = 'open'", (message,))


def open_waiting(
    connection: Connection, *, limit: int = 100, partners: Collection[OdsCode] | None = None
) -> list[Waiting]:
    """What waits, the longest first; of messages of these `partners`, or of all."""
    if partners is None:
        return _select(connection, "ORDER BY id LIMIT %s", (limit,))
    return _select(connection, "AND partner = ANY(%s) ORDER BY id LIMIT %s", (list(partners), limit))


def waiting_one(connection: Connection, number: int) -> Waiting | None:
    """One that waits, locked until the transaction ends; `None` where it waits no longer."""
    return next(iter(_select(connection, "AND id = %s FOR UPDATE", (number,))), None)


def partner_of(connection: Connection, number: int) -> OdsCode | None:
    """Whose message one that waits came in; `None` where it waits no longer."""
    partner: str | None = connection.exec_driver_sql(
        "SELECT partner FROM waiting WHERE id = %s AND state = 'open'", (number,)
    ).scalar_one_or_none()
    return OdsCode(partner) if partner else None


def of_local_ids(connection: Connection, partner: OdsCode, local_ids: Collection[str]) -> list[Waiting]:
    """All that waits of some of a partner's people, locked, in the order in which it came."""
    return _select(
        connection, "AND partner = %s AND local_id = ANY(%s) ORDER BY id FOR UPDATE", (partner, list(local_ids))
    )


def for_reasons(connection: Connection, codes: Collection[str]) -> list[Waiting]:
    """All that waits for one of these reasons, the longest first."""
    return _select(connection, "AND reason = ANY(%s) ORDER BY id", (list(codes),))


def still_open(connection: Connection, numbers: Collection[int]) -> set[int]:
    """Which of these wait yet, locked until the transaction ends."""
    found = connection.exec_driver_sql(
        "SELECT id FROM waiting WHERE id = ANY(%s) AND state = 'open' FOR UPDATE", (list(numbers),)
    )
    return set(found.scalars())


def explain(connection: Connection, number: int, waits: Waits) -> None:
    """Say anew why one waits."""
    connection.exec_driver_sql(
        "UPDATE waiting SET reason = %s, disagrees = %s, candidates = %s WHERE id = %s",
        (waits.reason, list(waits.disagrees), list(waits.candidates), number),
    )


def count(connection: Connection, message: int) -> int:
    """How many statements of a message wait."""
    waits: int = connection.exec_driver_sql(
        "SELECT count(*) FROM waiting WHERE message = %s AND state = 'open'", (message,)
    ).scalar_one()
    return waits


def how_many_wait(connection: Connection, partners: Collection[OdsCode]) -> int:
    """How many statements wait, of messages of these `partners`."""
    counted = "SELECT count(*) FROM waiting WHERE state = 'open' AND partner = ANY(%s)"
    waits: int = connection.exec_driver_sql(counted, (list(partners),)).scalar_one()
    return waits


def settle(
    connection: Connection, numbers: Sequence[int], state: str, *, by: str, at: datetime, person_id: UUID | None = None
) -> None:
    """Say what became of some that waited: `filed` under a person, or `dismissed`."""
    connection.exec_driver_sql(
        "UPDATE waiting SET state = %s, settled_by = %s, settled_at = %s, person_id = %s WHERE id = ANY(%s)",
        (state, by, at, person_id, list(numbers)),
    )


def _select(connection: Connection, condition: str, parameters: tuple[object, ...]) -> list[Waiting]:
    rows = connection.exec_driver_sql(
        f"""
        SELECT id, message, partner, adapter, line, local_id, reason, disagrees, candidates, statement,
            (SELECT received_at FROM inbox_message WHERE inbox_message.id = waiting.message) AS received_at
        FROM waiting WHERE state = 'open' {condition}
        """,  # noqa: S608  # ours, with bound parameters
        parameters,
    )
    return [_waiting(row) for row in rows]


def _waiting(row: Row[Any]) -> Waiting:
    source = Source(
        partner=OdsCode(row.partner), adapter=row.adapter, message=row.message, at=row.received_at, waited=True
    )
    return Waiting(
        id=row.id,
        source=source,
        line=row.line,
        local_id=row.local_id,
        waits=Waits(Reason(row.reason), tuple(map(Field, row.disagrees)), tuple(row.candidates)),
        statement=load(bytes(row.statement)),
    )
