"""What people object to, as it is lodged and decided, and whom an objection keeps from what."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from app.sharing.facts import Account, Objection
from app.sharing.known.models import objection
from app.sharing.known.store import MEMBERS, narrowed_to
from app.vocabulary.ods_code import OdsCode

_CLOSED: Final = f"""
    WITH {MEMBERS}
    SELECT DISTINCT standing FROM member JOIN objection o ON o.person_id = member.id AND o.upheld
    WHERE (o.scope = 'all' OR o.scope = 'meeting' AND starts_with(%(meeting)s || '/', o.meeting || '/'))
      AND o.started <= %(at)s AND (o.ended IS NULL OR o.ended > %(at)s)
"""  # noqa: S608  # ours


def kept_from_meeting(connection: Connection, people: Collection[UUID], meeting: str, *, at: datetime) -> set[UUID]:
    """Of these people, those who object to a meeting, named as `Invitation.meeting` is, or to sharing altogether."""
    asked = {"people": list(people), "meeting": meeting, "at": at}
    return set(connection.exec_driver_sql(_CLOSED, asked).scalars())


_CLOSED_TO: Final = """
    SELECT EXISTS (
        SELECT FROM person member JOIN objection o ON o.person_id = member.id AND o.upheld
        WHERE (member.id = %(person)s OR member.merged_into = %(person)s)
          AND (o.scope = 'recipient' AND o.organisation = %(organisation)s
               OR o.scope = 'user' AND (o.issuer, o.subject) = (%(issuer)s, %(subject)s))
          AND o.started <= %(at)s AND (o.ended IS NULL OR o.ended > %(at)s)
    )
"""


def is_kept_from(
    connection: Connection, person_id: UUID, organisation: OdsCode, account: Account, *, at: datetime
) -> bool:
    """Whether a person objects to an organisation, or to this user, seeing anything of theirs."""
    asked = {"person": person_id, "organisation": organisation, "at": at, **account._asdict()}
    return bool(connection.exec_driver_sql(_CLOSED_TO, asked).scalar_one())


class Lodged(NamedTuple):
    """An objection as it is kept; `decision` is `None` until somebody decided."""

    id: int
    scope: str
    category: str | None
    organisation: str | None
    upheld: bool
    started: datetime
    ended: datetime | None
    decision: str | None
    decided: datetime | None
    meeting: str | None


_LODGED: Final = [objection.c[name] for name in Lodged._fields]


def put_objection(connection: Connection, person_id: UUID, lodged: Objection, by: Account) -> int:
    """Keep an objection as it is lodged; returns its number."""
    row = {
        "person_id": person_id,
        "scope": lodged.scope,
        "upheld": lodged.upheld,
        "category": lodged.category,
        "organisation": lodged.organisation,
        **narrowed_to(lodged.account),
        "meeting": lodged.meeting,
        "team": lodged.team,
        "started": lodged.started,
        "lodged_issuer": by.issuer,
        "lodged_subject": by.subject,
    }
    return int(connection.execute(insert(objection).values(row).returning(objection.c.id)).scalar_one())


def objections_of(connection: Connection, people: list[UUID], *, number: int | None = None) -> list[Lodged]:
    """The objections of a person and of those whom they stand for, in order; held until the transaction ends."""
    c = objection.c
    query = select(*_LODGED).where(c.person_id.in_(people))
    if number is not None:
        query = query.where(c.id == number)
    return [Lodged(*row) for row in connection.execute(query.order_by(c.id).with_for_update())]


def undecided_objections(connection: Connection, *, at: datetime) -> list[tuple[UUID, Lodged]]:
    """The objections that nobody decided yet and nobody lifted, the longest first, each with whose it is."""
    c = objection.c
    query = select(c.person_id, *_LODGED).where(c.decision.is_(None), c.ended.is_(None) | (c.ended > at))
    return [(person, Lodged(*lodged)) for person, *lodged in connection.execute(query.order_by(c.started, c.id))]


def change_objection(connection: Connection, number: int, values: Mapping[str, object]) -> None:
    """Change an objection; how it was is kept."""
    connection.execute(update(objection).where(objection.c.id == number).values(dict(values)))
