"""What could not be filed, kept whole until someone says whose it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from app.intake.statement_json import dump, load
from app.record.filing import Source
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a statement waits: a code, the fields that disagree by name, and the people it might be about."""

    code: str
    disagrees: tuple[str, ...] = ()
    candidates: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One statement that waits, with where it came from."""

    id: int
    source: Source
    line: int
    local_id: str | None
    reason: Reason
    statement: Statement

    def source_at(self, at: datetime) -> Source:
        """The message that it came in, to be filed at a later instant."""
        return replace(self.source, at=at)


_COLUMNS: Final = (
    "id, message, partner, adapter, line, local_id, reason, disagrees, candidates, statement,"
    " (SELECT received_at FROM inbox_message WHERE inbox_message.id = waiting.message) AS received_at"
)


def keep(connection: Connection, statements: Iterable[tuple[Statement, Reason]], source: Source) -> None:
    """Let statements of one message wait for a person."""
    columns = "message, partner, adapter, line, local_id, reason, disagrees, candidates, statement, state"
    types = ("int8", "text", "text", "int4", "text", "text", "text[]", "uuid[]", "bytea", "text")
    with connection.connection.cursor().copy(f"COPY waiting ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(types)
        for statement, reason in statements:
            copy.write_row(
                (
                    source.message,
                    source.partner,
                    source.adapter,
                    statement.line,
                    statement.subject.local_id,
                    reason.code,
                    list(reason.disagrees),
                    list(reason.candidates),
                    dump(statement),
                    "open",
                )
            )


def forget(connection: Connection, message: int) -> None:
    """Take back what waits from a message that is about to be read again."""
    connection.exec_driver_sql("DELETE FROM waiting WHERE message = %s AND state = 'open'", (message,))


def open_waiting(connection: Connection, *, limit: int = 100) -> list[Waiting]:
    """What waits, the longest first."""
    return _select(connection, "ORDER BY id LIMIT %s", (limit,))


def waiting_one(connection: Connection, number: int) -> Waiting | None:
    """One that waits, locked until the transaction ends; `None` where it waits no longer."""
    return next(iter(_select(connection, "AND id = %s FOR UPDATE", (number,))), None)


def of_local_id(connection: Connection, partner: OdsCode, local_id: str) -> list[Waiting]:
    """All that waits of one partner's person, locked, in the order in which it came."""
    return _select(connection, "AND partner = %s AND local_id = %s ORDER BY id FOR UPDATE", (partner, local_id))


def now_known(connection: Connection, partner: OdsCode) -> list[Waiting]:
    """What waits for want of a number, of those of a partner's people who are known by now, locked, in order."""
    return _select(
        connection,
        """AND partner = %s AND disagrees = '{}' AND EXISTS (
            SELECT FROM person_identifier known
            WHERE (known.partner, known.local_id) = (waiting.partner, waiting.local_id))
        ORDER BY id FOR UPDATE""",
        (partner,),
    )


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
        f"SELECT {_COLUMNS} FROM waiting WHERE state = 'open' {condition}",  # noqa: S608  # ours, with bound parameters
        parameters,
    )
    return [
        Waiting(
            id=row.id,
            source=Source(partner=OdsCode(row.partner), adapter=row.adapter, message=row.message, at=row.received_at),
            line=row.line,
            local_id=row.local_id,
            reason=Reason(code=row.reason, disagrees=tuple(row.disagrees), candidates=tuple(row.candidates)),
            statement=load(bytes(row.statement)),
        )
        for row in rows
    ]
