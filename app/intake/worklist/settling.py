"""Settling what waits: each decision a person's, told to the trail in the transaction that carries it out."""

from collections.abc import Collection
from dataclasses import replace
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, Engine

from app.audit.acting import Acting
from app.audit.event import Event, Kind
from app.audit.trail import record
from app.database.transactions import transaction
from app.errors import DomainError
from app.intake import waiting
from app.intake.arriving.inbox import State, move
from app.intake.arriving.locks import hold_partner
from app.intake.elsewhere import barred
from app.intake.filing import Intake, file_settled, file_waiting
from app.intake.waiting import Waiting
from app.person import index, links
from app.person.links import Evidence, Link, LinkKind, Refused
from app.person.locks import change_identities, keep_identities
from app.person.resolution import Found
from app.record.kept import snapshots
from app.record.kept.moving import bring_back, readdress
from app.vocabulary.ods_code import OdsCode


class NotWaiting(DomainError):
    """Nothing waits under that number."""


class NotSettled(DomainError):
    """What was decided cannot be carried out."""


def file_under(engine: Engine, number: int, person_id: UUID, acting: Acting) -> int:
    """File a waiting statement under the person whom somebody chose, and all else of the same partner's person.

    Returns how many statements were filed. Raises `NotWaiting`, or `NotSettled` where there is no such person.
    """
    with transaction(engine) as connection:
        held = _take(connection, number)
        subject = held.statement.subject
        found = index.confirm(connection, held.source.partner, subject, person_id, at=acting.at)
        if found is None:
            raise NotSettled("there is no person of that id; see `may_be` in `pisano worklist`")
        return _file(connection, held, found, acting)


def admit(engine: Engine, number: int, acting: Acting) -> int:
    """File a waiting statement under whoever holds its NHS number, or someone new, as somebody checked the number."""
    with transaction(engine) as connection:
        held = _take(connection, number)
        subject = held.statement.subject
        found = index.admit(connection, held.source.partner, subject, at=acting.at, new_id=acting.new_id)
        if found is None:
            raise NotSettled("this statement has no NHS number; file it under a person instead")
        return _file(connection, held, found, acting)


def dismiss(engine: Engine, number: int, acting: Acting) -> None:
    """Let a waiting statement rest: it is not to be filed. Raises `NotWaiting`."""
    with transaction(engine) as connection:
        held = _take(connection, number)
        waiting.settle(connection, [number], "dismissed", by=acting.by.subject, at=acting.at)
        record(connection, [resolved(held, "dismissed", acting)], key=acting.key)


class Whole(StrEnum):
    """Why somebody says that a file is whole though it leaves out much of what was open."""

    SENDER = "sender"
    ANNOUNCED = "announced"


def accept(
    engine: Engine, message: int, acting: Acting, *, why: Whole, among: Collection[OdsCode] | None = None
) -> None:
    """Let a message end what it leaves out, as somebody says that it was whole: it is read again.

    `among` are the partners of whose messages they may say so, if not of all. Raises `NotWaiting`.
    """
    with transaction(engine) as connection:
        partner = snapshots.accept(connection, message, among=among)
        if partner is None:
            raise NotWaiting(f"message {message} is not held back; see `pisano worklist`")
        move(connection, message, State.RECEIVED, at=acting.at)
        reason = f"extract-{message}-accepted-{why}"
        acting.tell(connection, Kind.WORKLIST_RESOLVED, organisation=partner, reason=reason)


def merge(engine: Engine, survivor: UUID, retired: UUID, acting: Acting, *, reason: str = "") -> Link:
    """Let one person stand for another, as somebody compared the two; their record follows. Raises `NotSettled`.

    `reason` is a code, which the trail keeps.
    """
    with transaction(engine) as connection:
        change_identities(connection)
        joined = links.merge(
            connection,
            survivor,
            retired,
            kind=LinkKind.PERSON,
            evidence=Evidence(),
            at=acting.at,
            by=acting.by.subject,
            new_id=acting.new_id,
        )
        if isinstance(joined, Refused):
            raise NotSettled(f"the two were not joined: {joined.reason}; see `pisano worklist merges`")
        readdress(connection, members=joined.members, among=[joined.retired], to=joined.survivor)
        acting.tell(connection, Kind.MERGE, person=joined.survivor, other=joined.retired, reason=reason)
        return joined


def keep_apart(connection: Connection, one: UUID, other: UUID, acting: Acting, *, reason: str) -> None:
    """Tell the trail that two people were compared and stay two, and by what code; nothing else changes."""
    acting.tell(connection, Kind.WORKLIST_RESOLVED, person=one, other=other, reason=f"kept-apart-{reason}")


def undo_merge(engine: Engine, link_id: UUID, acting: Acting) -> int:
    """Part what a link joined, the record with it; returns how many entries went back. Raises `NotSettled`."""
    with transaction(engine) as connection:
        change_identities(connection)
        parted = links.undo(connection, link_id, at=acting.at, by=acting.by.subject)
        if isinstance(parted, Refused):
            raise NotSettled(f"the two were not parted: {parted.reason}; see `pisano worklist merges`")
        moved = readdress(connection, members=parted.members, among=[parted.survivor], to=parted.retired)
        bring_back(connection, parted.retired, link_id, at=acting.at)
        acting.tell(connection, Kind.UNMERGE, person=parted.survivor, other=parted.retired)
        return moved


def resolved(held: Waiting, how: str, acting: Acting, person: UUID | None = None) -> Event:
    """What the trail is told of one that waited."""
    partner, reason = held.source.partner, f"{how}-{held.id}"
    return acting.event(Kind.WORKLIST_RESOLVED, organisation=partner, person=person, reason=reason)


def _take(connection: Connection, number: int) -> Waiting:
    """What waits under a number, once nobody else files for its partner."""
    partner = waiting.partner_of(connection, number)
    if partner is not None:
        hold_partner(connection, partner)
        keep_identities(connection)
    held = waiting.waiting_one(connection, number)
    if held is None:
        raise NotWaiting(f"nothing waits under number {number}; see `pisano worklist`")
    return held


def _file(connection: Connection, held: Waiting, found: Found, acting: Acting) -> int:
    """File it, and what else waits of the partner's same person, in the order in which it came."""
    source = replace(held.source, at=acting.at)
    intake = Intake(connection=connection, source=source, new_id=acting.new_id, key=acting.key)
    if barred(connection, source, [held.statement], [found]) != [found]:
        raise NotSettled("its sender said the same of somebody else, and has to take that back first")
    file_settled(intake, [(held.statement, found)])
    others = waiting.of_local_ids(connection, source.partner, [held.local_id]) if held.local_id else []
    filed = [held.id, *file_waiting(intake, [other for other in others if other.id != held.id])]
    waiting.settle(connection, filed, "filed", by=acting.by.subject, at=acting.at, person_id=found.person_id)
    record(connection, [resolved(held, "filed", acting, found.person_id)], key=acting.key)
    return len(filed)
