"""Notices in the outbox: written once under their key, taken one at a time, marked with what became of them."""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.mdt import models
from app.mdt.workflow.notice import Notice, NoticeKind


def put_notice(connection: Connection, notice: Notice) -> None:
    """Put a notice in the outbox, unless one of its key is there."""
    row = {field.name: getattr(notice, field.name) for field in fields(notice)}
    connection.execute(upsert(models.outbox).values(row).on_conflict_do_nothing(index_elements=["key"]))


def due_notice(connection: Connection, at: datetime) -> Notice | None:
    """The notice that has waited longest of those that are due, held until the transaction ends; no other takes it."""
    box = models.outbox
    due = (
        select(box)
        .where(box.c.sent_at.is_(None), box.c.given_up_at.is_(None), box.c.due_at <= at)
        .order_by(box.c.due_at, box.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = connection.execute(due).one_or_none()
    return None if row is None else _notice(row)


def mark_notice(connection: Connection, notice: Notice) -> None:
    """Write what became of a notice."""
    box = models.outbox
    became = {name: getattr(notice, name) for name in ("due_at", "attempts", "sent_at", "given_up_at")}
    connection.execute(update(box).where(box.c.id == notice.id).values(became))


def notices(connection: Connection, *, limit: int) -> list[Notice]:
    """The newest notices."""
    box = models.outbox
    rows = connection.execute(select(box).order_by(box.c.created_at.desc(), box.c.id).limit(limit))
    return [_notice(row) for row in rows]


def notices_of(connection: Connection, things: Collection[UUID]) -> list[Notice]:
    """All notices that tell of these things, the first first."""
    box = models.outbox
    thing = func.split_part(box.c.key, "/", 2)
    rows = select(box).where(thing.in_([str(each) for each in things])).order_by(box.c.created_at, box.c.id)
    return [_notice(row) for row in connection.execute(rows)]


def last_noticed(connection: Connection, kind: NoticeKind, things: Collection[UUID]) -> dict[UUID, datetime]:
    """When a notice of a kind was last written of each of these things, of which any was."""
    box = models.outbox
    thing = func.split_part(box.c.key, "/", 2)
    rows = select(thing, func.max(box.c.created_at)).where(
        box.c.kind == kind, thing.in_([str(each) for each in things])
    )
    return {UUID(each): at for each, at in connection.execute(rows.group_by(thing))}


def _notice(row: Row[Any]) -> Notice:
    told = dict(row._mapping)
    return Notice(**told | {"kind": NoticeKind(told["kind"])})
