"""Who stands for whom after merges, and the links by which people were joined."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, RowMapping, Uuid, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from app.person.models import person, person_identity, person_link
from app.person.register import Place
from app.person.store import among

_STANDING: Final = func.coalesce(person.c.merged_into, person.c.id)


def standing_of(connection: Connection, people: Collection[UUID]) -> dict[UUID, UUID]:
    """Who stands for each of these people now; those whom nobody knows are left out."""
    stand = select(person.c.id, _STANDING).where(among(person.c.id, people))
    return {row.id: row[1] for row in connection.execute(stand)}


def stands_for(connection: Connection, person_id: UUID) -> UUID | None:
    """The one who stands for a person now; `None` where there is no such person."""
    return standing_of(connection, [person_id]).get(person_id)


def place_of(connection: Connection, person_id: UUID) -> Place | None:
    """The one who stands for a person; `None` where there is no such person."""
    standing = stands_for(connection, person_id)
    return Place(person_id, standing) if standing else None


def members_of(connection: Connection, person_id: UUID) -> tuple[UUID, ...]:
    """A person who stands for themselves, and all for whom they stand."""
    members = select(person.c.id).where((person.c.id == person_id) | (person.c.merged_into == person_id))
    return tuple(connection.execute(members.order_by(person.c.id)).scalars())


def partners_of(connection: Connection, person_id: UUID) -> set[str]:
    """The partners that state anything of a person or of those for whom they stand."""
    partners = (
        select(person_identity.c.partner)
        .join_from(person_identity, person, person.c.id == person_identity.c.person_id)
        .where((person.c.id == person_id) | (person.c.merged_into == person_id))
    )
    return set(connection.execute(partners.distinct()).scalars())


def lock_standing(connection: Connection, people: Collection[UUID]) -> dict[UUID, UUID]:
    """Who stands for each person, held until the transaction ends so that nobody else joins or parts them."""
    while True:
        standing = standing_of(connection, people)
        held = (
            select(person.c.id)
            .where(among(person.c.id, set(standing.values())), person.c.merged_into.is_(None))
            .order_by(person.c.id)
            .with_for_update(key_share=True)
        )
        if len(connection.execute(held).all()) == len(set(standing.values())):
            return standing


def let_stand(connection: Connection, standing: UUID, members: Collection[UUID]) -> None:
    """Let one person stand for each of these."""
    connection.execute(
        update(person)
        .where(among(person.c.id, members))
        .values(merged_into=func.nullif(literal(standing, Uuid), person.c.id))
    )


def add_link(connection: Connection, link: Mapping[str, object]) -> None:
    """Write down what was joined."""
    connection.execute(insert(person_link).values(link))


def link(connection: Connection, link_id: UUID) -> tuple[str, UUID] | None:
    """The kind of a link, and whom it retired."""
    made = select(person_link.c.kind, person_link.c.retired).where(person_link.c.id == link_id)
    return connection.execute(made).one_or_none()


def standing_links(
    connection: Connection, *, limit: int, only: UUID | None = None, of: UUID | None = None
) -> list[RowMapping]:
    """The links that were not undone, the newest first, by the names of their columns; `only` one, or `of` a person."""
    standing = select(person_link).where(person_link.c.undone_at.is_(None))
    if only is not None:
        standing = standing.where(person_link.c.id == only)
    if of is not None:
        standing = standing.where((person_link.c.survivor == of) | (person_link.c.retired == of))
    return list(connection.execute(standing.order_by(person_link.c.made_at.desc()).limit(limit)).mappings().all())


def end_link(connection: Connection, link_id: UUID, *, at: datetime, by: str) -> bool:
    """Write down that a link was undone; false where it had been already."""
    undone = (
        update(person_link)
        .where(person_link.c.id == link_id, person_link.c.undone_at.is_(None))
        .values(undone_at=at, undone_by=by)
    )
    return connection.execute(undone).rowcount == 1


def joined_under(connection: Connection, person_id: UUID) -> tuple[UUID, ...]:
    """A person, and everybody whom standing links join to them, however many links long."""
    under = select(literal(person_id, Uuid).label("id")).cte(recursive=True)
    further = select(person_link.c.retired).where(
        person_link.c.survivor == under.c.id, person_link.c.undone_at.is_(None)
    )
    return tuple(connection.execute(select(under.union(further).c.id).order_by("id")).scalars())
