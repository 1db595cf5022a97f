"""Settling what waits: each decision a person's, told to the trail in the transaction that carries it out."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Engine

from app.audit.chain import ChainKey
from app.audit.event import Event, Kind
from app.audit.trail import record
from app.database import transaction
from app.errors import DomainError
from app.intake import waiting
from app.intake.filing import Intake, file_known, file_statements
from app.intake.waiting import Waiting
from app.person import index, links
from app.person.links import Refused
from app.person.resolution import Found
from app.record.moving import readdress
from app.sharing.facts import Account

COMMAND_LINE: Final = "command-line"

NewId = Callable[[], UUID]


class NotWaiting(DomainError):
    """Nothing waits under that number."""


class NotSettled(DomainError):
    """What was decided cannot be carried out."""


def file_under(
    engine: Engine, number: int, person_id: UUID, *, by: str, at: datetime, new_id: NewId, key: ChainKey
) -> int:
    """File a waiting statement under the person whom somebody chose, and all else of the same partner's person.

    Returns how many statements were filed. Raises `NotWaiting`, or `NotSettled` where there is no such person.
    """
    with transaction(engine) as connection:
        held = _waiting(connection, number)
        subject = held.statement.subject
        found = index.confirm(connection, held.source.partner, subject, person_id, at=at)
        if found is None:
            raise NotSettled("there is no person of that id; see `may_be` in `pisano worklist`")
        return _file(connection, held, found, by=by, at=at, new_id=new_id, key=key)


def admit(engine: Engine, number: int, *, by: str, at: datetime, new_id: NewId, key: ChainKey) -> int:
    """File a waiting statement under whoever holds its NHS number, or someone new, as somebody checked the number."""
    with transaction(engine) as connection:
        held = _waiting(connection, number)
        found = index.admit(connection, held.source.partner, held.statement.subject, at=at, new_id=new_id)
        if found is None:
            raise NotSettled("this statement has no NHS number; file it under a person instead")
        return _file(connection, held, found, by=by, at=at, new_id=new_id, key=key)


def dismiss(engine: Engine, number: int, *, by: str, at: datetime, new_id: NewId, key: ChainKey) -> None:
    """Let a waiting statement rest: it is not to be filed. Raises `NotWaiting`."""
    with transaction(engine) as connection:
        held = _waiting(connection, number)
        waiting.settle(connection, [number], "dismissed", by=by, at=at)
        record(connection, [_event("dismissed", held, None, by=by, at=at, new_id=new_id)], key=key)


def undo_merge(engine: Engine, link_id: UUID, *, by: str, at: datetime, new_id: NewId, key: ChainKey) -> int:
    """Part what a link joined, the record with it; returns how many entries went back. Raises `NotSettled`."""
    with transaction(engine) as connection:
        parted = links.undo(connection, link_id, at=at, by=by)
        if isinstance(parted, Refused):
            raise NotSettled(f"the merge cannot be undone: {parted.reason}")
        moved = readdress(connection, members=parted.members, among=[parted.survivor], to=parted.retired)
        event = Event(
            kind=Kind.UNMERGE,
            id=new_id(),
            at=at,
            actor=Account(COMMAND_LINE, by),
            person=parted.survivor,
            other=parted.retired,
        )
        record(connection, [event], key=key)
        return moved


def _waiting(connection: Connection, number: int) -> Waiting:
    held = waiting.waiting_one(connection, number)
    if held is None:
        raise NotWaiting(f"nothing waits under number {number}; see `pisano worklist`")
    return held


def _file(
    connection: Connection, held: Waiting, found: Found, *, by: str, at: datetime, new_id: NewId, key: ChainKey
) -> int:
    intake = Intake(connection=connection, source=held.source_at(at), new_id=new_id, key=key)
    file_known(intake, [(held.statement, found)])
    filed = [held.id, *_of_the_same(intake, held)]
    waiting.settle(connection, filed, "filed", by=by, at=at, person_id=found.person_id)
    record(connection, [_event("filed", held, found.person_id, by=by, at=at, new_id=new_id)], key=key)
    return len(filed)


def _of_the_same(intake: Intake, held: Waiting) -> list[int]:
    """What else waits of the partner's same person, filed in the order in which it came."""
    if held.local_id is None:
        return []
    others = waiting.of_local_id(intake.connection, held.source.partner, held.local_id)
    return [
        other.id
        for other in others
        if other.id != held.id and not file_statements(intake.of(other), [other.statement]).waits
    ]


def _event(what: str, held: Waiting, person: UUID | None, *, by: str, at: datetime, new_id: NewId) -> Event:
    return Event(
        kind=Kind.WORKLIST_RESOLVED,
        id=new_id(),
        at=at,
        actor=Account(COMMAND_LINE, by),
        organisation=held.source.partner,
        person=person,
        reason=f"{what}-{held.id}",
    )
