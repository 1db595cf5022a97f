"""Settling what waits: each decision a person's, told to the trail in the transaction that carries it out."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Engine

from app.audit.chain import ChainKey
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
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role

COMMAND_LINE: Final = "command-line"

NewId = Callable[[], UUID]


class NotWaiting(DomainError):
    """Nothing waits under that number."""


class NotSettled(DomainError):
    """What was decided cannot be carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """Who settles, and when, in UTC; where new ids come from, and the trail's key.

    `issuer` vouches for whoever settles, who does so in a `role` of an organisation where they signed in.
    """

    by: str
    at: datetime
    new_id: NewId
    key: ChainKey
    issuer: str = COMMAND_LINE
    role: Role | None = None

    def event(
        self,
        kind: Kind,
        *,
        person: UUID | None,
        other: UUID | None = None,
        organisation: OdsCode | None = None,
        reason: str = "",
    ) -> Event:
        """What the trail is told of a decision."""
        return Event(
            kind=kind,
            id=self.new_id(),
            at=self.at,
            actor=Account(self.issuer, self.by),
            role=self.role,
            person=person,
            other=other,
            organisation=organisation,
            reason=reason,
        )

    def resolved(self, held: Waiting, how: str, person: UUID | None) -> Event:
        """What the trail is told of one that waited."""
        reason = f"{how}-{held.id}"
        return self.event(Kind.WORKLIST_RESOLVED, person=person, organisation=held.source.partner, reason=reason)

    def joined(self, link: Link, reason: str = "") -> Event:
        """What the trail is told of two who are one."""
        return self.event(Kind.MERGE, person=link.survivor, other=link.retired, reason=reason)


def file_under(engine: Engine, number: int, person_id: UUID, settling: Settling) -> int:
    """File a waiting statement under the person whom somebody chose, and all else of the same partner's person.

    Returns how many statements were filed. Raises `NotWaiting`, or `NotSettled` where there is no such person.
    """
    with transaction(engine) as connection:
        held = _take(connection, number)
        subject = held.statement.subject
        found = index.confirm(connection, held.source.partner, subject, person_id, at=settling.at)
        if found is None:
            raise NotSettled("there is no person of that id; see `may_be` in `pisano worklist`")
        return _file(connection, held, found, settling)


def admit(engine: Engine, number: int, settling: Settling) -> int:
    """File a waiting statement under whoever holds its NHS number, or someone new, as somebody checked the number."""
    with transaction(engine) as connection:
        held = _take(connection, number)
        subject = held.statement.subject
        found = index.admit(connection, held.source.partner, subject, at=settling.at, new_id=settling.new_id)
        if found is None:
            raise NotSettled("this statement has no NHS number; file it under a person instead")
        return _file(connection, held, found, settling)


def dismiss(engine: Engine, number: int, settling: Settling) -> None:
    """Let a waiting statement rest: it is not to be filed. Raises `NotWaiting`."""
    with transaction(engine) as connection:
        held = _take(connection, number)
        waiting.settle(connection, [number], "dismissed", by=settling.by, at=settling.at)
        record(connection, [settling.resolved(held, "dismissed", None)], key=settling.key)


class Whole(StrEnum):
    """Why somebody says that a file is whole though it leaves out much of what was open."""

    SENDER = "sender"
    ANNOUNCED = "announced"


def accept(
    engine: Engine, message: int, settling: Settling, *, why: Whole, among: Collection[OdsCode] | None = None
) -> None:
    """Let a message end what it leaves out, as somebody says that it was whole: it is read again.

    `among` are the partners of whose messages they may say so, if not of all. Raises `NotWaiting`.
    """
    with transaction(engine) as connection:
        partner = snapshots.accept(connection, message, among=among)
        if partner is None:
            raise NotWaiting(f"message {message} is not held back; see `pisano worklist`")
        move(connection, message, State.RECEIVED, at=settling.at)
        reason = f"extract-{message}-accepted-{why}"
        event = settling.event(Kind.WORKLIST_RESOLVED, person=None, organisation=partner, reason=reason)
        record(connection, [event], key=settling.key)


def merge(engine: Engine, survivor: UUID, retired: UUID, settling: Settling, *, reason: str = "") -> Link:
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
            at=settling.at,
            by=settling.by,
            new_id=settling.new_id,
        )
        if isinstance(joined, Refused):
            raise NotSettled(f"the two were not joined: {joined.reason}; see `pisano worklist merges`")
        readdress(connection, members=joined.members, among=[joined.retired], to=joined.survivor)
        record(connection, [settling.joined(joined, reason)], key=settling.key)
        return joined


def keep_apart(connection: Connection, one: UUID, other: UUID, settling: Settling, *, reason: str) -> None:
    """Tell the trail that two people were compared and stay two, and by what code; nothing else changes."""
    event = settling.event(Kind.WORKLIST_RESOLVED, person=one, other=other, reason=f"kept-apart-{reason}")
    record(connection, [event], key=settling.key)


def undo_merge(engine: Engine, link_id: UUID, settling: Settling) -> int:
    """Part what a link joined, the record with it; returns how many entries went back. Raises `NotSettled`."""
    with transaction(engine) as connection:
        change_identities(connection)
        parted = links.undo(connection, link_id, at=settling.at, by=settling.by)
        if isinstance(parted, Refused):
            raise NotSettled(f"the two were not parted: {parted.reason}; see `pisano worklist merges`")
        moved = readdress(connection, members=parted.members, among=[parted.survivor], to=parted.retired)
        bring_back(connection, parted.retired, link_id, at=settling.at)
        event = settling.event(Kind.UNMERGE, person=parted.survivor, other=parted.retired)
        record(connection, [event], key=settling.key)
        return moved


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


def _file(connection: Connection, held: Waiting, found: Found, settling: Settling) -> int:
    """File it, and what else waits of the partner's same person, in the order in which it came."""
    source = replace(held.source, at=settling.at)
    intake = Intake(connection=connection, source=source, new_id=settling.new_id, key=settling.key)
    if barred(connection, source, [held.statement], [found]) != [found]:
        raise NotSettled("its sender said the same of somebody else, and has to take that back first")
    file_settled(intake, [(held.statement, found)])
    others = waiting.of_local_ids(connection, source.partner, [held.local_id]) if held.local_id else []
    filed = [held.id, *file_waiting(intake, [other for other in others if other.id != held.id])]
    waiting.settle(connection, filed, "filed", by=settling.by, at=settling.at, person_id=found.person_id)
    record(connection, [settling.resolved(held, "filed", found.person_id)], key=settling.key)
    return len(filed)
