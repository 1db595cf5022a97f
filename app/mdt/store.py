"""Things in PostgreSQL: held by id, written under their version, each with a row of history."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, Table, and_, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.mdt import models
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.case_study import CaseStudy
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.forms import Actor
from app.mdt.workflow.invitation import Invitation
from app.mdt.workflow.lifecycles.states import MeetingState
from app.mdt.workflow.meeting import Meeting
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.rules.room import Stay, as_kept, as_they_came
from app.mdt.workflow.thing import Thing, ThingT
from app.sharing.facts import Account

_TABLES: Final[Mapping[type[Thing], Table]] = {
    Referral: models.referral,
    CaseloadEntry: models.caseload,
    Meeting: models.meeting,
    AgendaItem: models.agenda_item,
    Invitation: models.invitation,
    Action: models.action,
    CaseStudy: models.case_study,
}


def held(connection: Connection, kind: type[ThingT], thing_id: UUID) -> ThingT | None:
    """A thing, locked until the transaction ends; `None` where there is none of that id."""
    table = _TABLES[kind]
    row = connection.execute(select(table).where(table.c.id == thing_id).with_for_update()).one_or_none()
    return None if row is None else _thing(kind, row)


def add(connection: Connection, thing: Thing) -> None:
    """Write a thing that is new."""
    connection.execute(insert(_TABLES[type(thing)]).values(_row(thing)))


def put(connection: Connection, thing: Thing) -> None:
    """Write a thing that `held` gave, one version on."""
    table = _TABLES[type(thing)]
    done = connection.execute(
        update(table).where(table.c.id == thing.id, table.c.version == thing.version - 1).values(_row(thing))
    )
    if done.rowcount != 1:
        raise AssertionError("a thing is written under the lock by which it was held")  # INVARIANT


def among(connection: Connection, kind: type[ThingT], /, **looked_up_by: Any) -> list[ThingT]:
    """Things whose columns have these values, each one value or a collection of them."""
    table = _TABLES[kind]
    only = [
        table.c[name].in_(list(value)) if isinstance(value, list | tuple | set | frozenset) else table.c[name] == value
        for name, value in looked_up_by.items()
    ]
    return [_thing(kind, row) for row in connection.execute(select(table).where(and_(*only)).order_by(table.c.id))]


def remember(connection: Connection, thing: Thing, *, event: str, before: str | None, at: datetime, by: Actor) -> None:
    """Add to the history what a thing has become, when, and by whom."""
    connection.execute(
        insert(models.history).values(
            id=thing.id,
            version=thing.version,
            thing=thing.lifecycle.name,
            event=event,
            before=before,
            after=thing.state,
            at=at,
            issuer=by.issuer,
            subject=by.subject,
            name=by.name,
            organisation=by.organisation,
            role=by.role,
            content=thing.content.model_dump(mode="json"),
        )
    )


def history_of(connection: Connection, thing_id: UUID) -> Sequence[Row[Any]]:
    """Every state that a thing was in, the first first."""
    rows = select(models.history).where(models.history.c.id == thing_id).order_by(models.history.c.version)
    return connection.execute(rows).all()


def last_changed(connection: Connection, things: Collection[UUID]) -> datetime | None:
    """When anything last happened to any of these things."""
    at = models.history.c.at
    last: datetime | None = connection.execute(
        select(func.max(at)).where(models.history.c.id.in_(list(things)))
    ).scalar_one()
    return last


def content_at(connection: Connection, thing: Thing, version: int) -> Any:
    """What people had written of a thing by an earlier version; `None` where it had no such version."""
    held = select(models.history.c.content).where(models.history.c.id == thing.id, models.history.c.version == version)
    found = connection.execute(held).scalar_one_or_none()
    return None if found is None else thing.content_type.model_validate(found)


def meetings_between(connection: Connection, locality: str, first: date, last: date) -> list[Meeting]:
    """A locality's meetings by the day of their cadence, both days included, in their order."""
    table = models.meeting
    rows = select(table).where(table.c.locality == locality, table.c.sitting.between(first, last))
    return [_thing(Meeting, row) for row in connection.execute(rows.order_by(table.c.starts_at))]


def meetings_to_lock(connection: Connection, locality: str, until: datetime) -> list[Meeting]:
    """Planned meetings of a locality that start before an instant."""
    table = models.meeting
    rows = select(table).where(
        table.c.locality == locality, table.c.state == MeetingState.PLANNED, table.c.starts_at <= until
    )
    return [_thing(Meeting, row) for row in connection.execute(rows.order_by(table.c.starts_at))]


def referred_by(connection: Connection, account: Account) -> list[Referral]:
    """What somebody referred."""
    table = models.referral
    theirs = table.c.content.contains({"made": [{"by": {"issuer": account.issuer, "subject": account.subject}}]})
    rows = connection.execute(select(table).where(theirs).order_by(table.c.received_at.desc()))
    return [_thing(Referral, row) for row in rows]


def standing_invitations(connection: Connection, meeting_id: UUID, account: Account) -> list[Invitation]:
    """Somebody's invitations to a meeting, of those that were not taken back."""
    theirs = among(connection, Invitation, meeting_id=meeting_id, issuer=account.issuer, subject=account.subject)
    return [one for one in theirs if one.ended_at is None]


def invite_for(connection: Connection, invitation: UUID, items: Collection[UUID]) -> None:
    """Let an invitation be for these items and no others."""
    link = models.invitation_item
    connection.execute(delete(link).where(link.c.invitation_id == invitation))
    if items:
        connection.execute(insert(link), [{"invitation_id": invitation, "item_id": item} for item in items])


def items_of(connection: Connection, invitations: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Which items each invitation is for."""
    link = models.invitation_item
    told: dict[UUID, list[UUID]] = {invitation: [] for invitation in invitations}
    for row in connection.execute(select(link).where(link.c.invitation_id.in_(list(invitations)))):
        told[row.invitation_id].append(row.item_id)
    return told


def arrive(connection: Connection, meeting: UUID, stay: Stay) -> bool:
    """Note that somebody is in the room; false where they are already."""
    room = models.attendance
    here = select(room).where(_whose(meeting, stay.account), room.c.left_at.is_(None))
    if connection.execute(here).first() is not None:
        return False
    row = {
        "meeting_id": meeting,
        **stay.account._asdict(),
        "arrived_at": stay.arrived_at,
        "seat": stay.seat,
        "requester": as_kept(stay.requester),
    }
    connection.execute(upsert(room).values(row).on_conflict_do_nothing())
    return True


def leave(connection: Connection, meeting: UUID, account: Account | None, at: datetime) -> int:
    """Note that somebody has left the room, or everyone where nobody is named; return how many were in it."""
    room = models.attendance
    whose = _whose(meeting, account) if account else room.c.meeting_id == meeting
    return connection.execute(
        update(room).where(whose, room.c.left_at.is_(None)).values(left_at=func.greatest(at, room.c.arrived_at))
    ).rowcount


def room_of(connection: Connection, meeting: UUID) -> list[Stay]:
    """Everyone who was in the room, and when, by arrival."""
    room = models.attendance
    there = select(room).where(room.c.meeting_id == meeting).order_by(room.c.arrived_at, room.c.subject)
    return [_stay(row) for row in connection.execute(there)]


def _stay(row: Row[Any]) -> Stay:
    return Stay(requester=as_they_came(row.requester), seat=row.seat, arrived_at=row.arrived_at, left_at=row.left_at)


def _whose(meeting: UUID, account: Account) -> Any:
    room = models.attendance
    return and_(room.c.meeting_id == meeting, room.c.issuer == account.issuer, room.c.subject == account.subject)


def invited_address(connection: Connection, account: Account) -> str:
    """The address under which somebody was last invited; empty where none was given."""
    table = models.invitation
    email = table.c.content["email"].astext
    last = (
        select(email)
        .join_from(table, models.meeting, models.meeting.c.id == table.c.meeting_id)
        .where(table.c.issuer == account.issuer, table.c.subject == account.subject, email.is_not(None))
        .order_by(models.meeting.c.starts_at.desc())
        .limit(1)
    )
    return connection.execute(last).scalar_one_or_none() or ""


def open_actions(connection: Connection, **looked_up_by: Any) -> list[Action]:
    """Actions that are not ended."""
    return [one for one in among(connection, Action, **looked_up_by) if one.ended_at is None]


def _row(thing: Thing) -> dict[str, Any]:
    row = {field.name: getattr(thing, field.name) for field in fields(thing)}
    return row | {"content": thing.content.model_dump(mode="json")}


def _thing(kind: type[ThingT], row: Row[Any]) -> ThingT:
    told = dict(row._mapping)
    stands = type(kind.lifecycle.initial)(told["state"])
    return kind(**told | {"state": stands, "content": kind.content_type.model_validate(told["content"])})
