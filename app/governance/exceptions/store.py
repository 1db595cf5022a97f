"""The steps by which staff raised and lifted flags."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, insert, select

from app.governance.exceptions.models import flag_step
from app.sharing.facts import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagStep:
    """One step with a person's flag, and how it stood then; `why` is in words of whoever took it."""

    kind: str
    step: str
    state: str
    by: Account
    at: datetime
    why: str


def put_flag_step(connection: Connection, person_id: UUID, step: FlagStep) -> None:
    """Keep a step."""
    row = {"person_id": person_id, "kind": step.kind, "step": step.step, "state": step.state, **step.by._asdict()}
    connection.execute(insert(flag_step).values(row | {"at": step.at, "why": step.why}))


def flag_steps(connection: Connection, people: Collection[UUID] | None = None) -> list[tuple[UUID, FlagStep]]:
    """Every step, of these people or of all, in order."""
    query = select(flag_step).order_by(flag_step.c.id)
    if people is not None:
        query = query.where(flag_step.c.person_id.in_(list(people)))
    return [
        (row.person_id, FlagStep(kind=row.kind, step=row.step, state=row.state, at=row.at, why=row.why,
                                 by=Account(row.issuer, row.subject)))
        for row in connection.execute(query)
    ]  # fmt: skip
