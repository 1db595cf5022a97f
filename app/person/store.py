"""The index's tables, read for many subjects at a time; `making_store` writes them."""

from collections.abc import Collection
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CTE,
    JSON,
    ColumnElement,
    Connection,
    Select,
    Text,
    cast,
    exists,
    func,
    literal,
    select,
    text,
    union_all,
)

from app.database.transactions import as_json
from app.person.demographics import Demographics
from app.person.matching import Confirmation
from app.person.models import person, person_identity, person_nhs_number
from app.person.register import Place, Reference
from app.sharing.known.models import person_flag
from app.vocabulary.flag import FlagKind
from app.vocabulary.ods_code import OdsCode

_STATED: Final = [person_identity.c[name] for name in Demographics._fields]
_CONFIRMATIONS: Final = {confirmation.value: confirmation for confirmation in Confirmation}

Birth = tuple[date | None, str | None]
"""A date of birth with a folded family name: what people are looked up by."""


_HELD: Final = """
    SELECT nhs_number, person.id, merged_into, NULL AS confirmed_by
    FROM person_nhs_number JOIN person ON person.id = person_id
    WHERE nhs_number = ANY (ARRAY(SELECT json_array_elements_text(%(numbers)s::json)))
"""
_CALLED: Final = """
    SELECT local_id, person.id, merged_into, confirmed_by
    FROM person_identifier JOIN person ON person.id = person_id
    WHERE partner = %(partner)s AND local_id = ANY (ARRAY(SELECT json_array_elements_text(%(local_ids)s::json)))
"""


_NAMED: Final = f"{_HELD} UNION ALL {_CALLED}"


class Named(NamedTuple):
    """Whom NHS numbers name, and whom a partner's own identifiers do."""

    by_number: dict[str, Place]
    by_local_id: dict[str, Reference]


def who_is_named(
    connection: Connection, partner: OdsCode, numbers: Collection[str], local_ids: Collection[str]
) -> Named:
    """The people whom NHS numbers and a partner's own identifiers name, in one go."""
    return _named(
        connection, _NAMED, numbers=as_json(list(numbers)), partner=partner, local_ids=as_json(list(local_ids))
    )


def _named(connection: Connection, query: str, **asked: str) -> Named:
    named = Named({}, {})
    for name, filed_as, merged_into, confirmed_by in connection.exec_driver_sql(query, asked):
        place = Place(filed_as, merged_into or filed_as)
        if confirmed_by is None:
            named.by_number[name] = place
        else:
            named.by_local_id[name] = Reference(place, _CONFIRMATIONS[confirmed_by])
    return named


def who_holds(connection: Connection, numbers: Collection[str]) -> dict[str, Place]:
    """The people whom NHS numbers name."""
    return _named(connection, _HELD, numbers=as_json(list(numbers))).by_number


def who_is_called(connection: Connection, partner: OdsCode, local_ids: Collection[str]) -> dict[str, Reference]:
    """The people whom a partner's own identifiers name."""
    return _named(connection, _CALLED, partner=partner, local_ids=as_json(list(local_ids))).by_local_id


def stated_by(connection: Connection, partner: OdsCode, people: Collection[UUID]) -> dict[UUID, Demographics]:
    """What one partner states of each person that it files."""
    own = select(person_identity.c.person_id, *_STATED).where(
        person_identity.c.partner == partner, among(person_identity.c.person_id, people)
    )
    return {person_id: Demographics._make(stated) for person_id, *stated in connection.execute(own).all()}


def stated_by_all(connection: Connection, people: Collection[UUID]) -> dict[UUID, list[Demographics]]:
    """What all partners state of each person, and of those for whom the person stands."""
    members = _members(people)
    stated: dict[UUID, list[Demographics]] = {}
    for standing, *fields in connection.execute(_stated_of(members, members.c.standing)).all():
        stated.setdefault(standing, []).append(Demographics._make(fields))
    return stated


def comparable(connection: Connection, people: Collection[UUID]) -> dict[UUID, list[Demographics]]:
    """The same to compare a subject with: without where somebody lives, if any partner restricts that.

    Whoever could see an address agree could find somebody who hides, guess by guess.
    """
    members = _members(people)
    own = members.alias("own")
    is_hidden = exists().where(
        own.c.standing == members.c.standing,
        person_flag.c.person_id == own.c.person_id,
        person_flag.c.kind == FlagKind.LOCATION_RESTRICTED,
        person_flag.c.raised,
    )
    stated: dict[UUID, list[Demographics]] = {}
    for standing, hidden, *fields in connection.execute(_stated_of(members, members.c.standing, is_hidden)).all():
        one = Demographics._make(fields)
        stated.setdefault(standing, []).append(one._replace(postcode=None, uprn=None) if hidden else one)
    return stated


def _members(people: Collection[UUID]) -> CTE:
    return union_all(
        select(person.c.id.label("person_id"), person.c.id.label("standing")).where(among(person.c.id, people)),
        select(person.c.id, person.c.merged_into).where(among(person.c.merged_into, people)),
    ).cte("members")


def _stated_of(members: CTE, *columns: ColumnElement[Any]) -> Select[Any]:
    return select(*columns, *_STATED).join_from(
        members, person_identity, person_identity.c.person_id == members.c.person_id
    )


def accounts_of(connection: Connection, people: Collection[UUID]) -> dict[UUID, list[tuple[OdsCode, Demographics]]]:
    """What each partner states of each of these people, of nobody for whom they stand, by partner."""
    accounts: dict[UUID, list[tuple[OdsCode, Demographics]]] = {}
    found = select(person_identity.c.person_id, person_identity.c.partner, *_STATED).where(
        among(person_identity.c.person_id, people)
    )
    for person_id, partner, *fields in connection.execute(found.order_by(person_identity.c.partner)).all():
        accounts.setdefault(person_id, []).append((OdsCode(partner), Demographics._make(fields)))
    return accounts


_NAMED_AND_BORN: Final = text("""
    SELECT DISTINCT birth_date, family_folded, coalesce(person.merged_into, person.id) AS standing
    FROM unnest(CAST(:dates AS date[]), CAST(:names AS text[])) AS asked (birth_date, family_folded)
    JOIN person_identity USING (birth_date, family_folded)
    JOIN person ON person.id = person_id
    ORDER BY standing
""")


def named_and_born(connection: Connection, births: Collection[Birth]) -> dict[Birth, list[UUID]]:
    """The people of whom some partner states one of these dates of birth with its folded family name."""
    asked = {"dates": [born for born, _ in births], "names": [name for _, name in births]}
    people: dict[Birth, list[UUID]] = {}
    for born, name, person_id in connection.execute(_NAMED_AND_BORN, asked).all():
        people.setdefault((born, name), []).append(person_id)
    return people


def numbers_of(connection: Connection, people: Collection[UUID]) -> dict[UUID, str]:
    """The NHS number of each person who stands for themselves."""
    held = select(person_nhs_number.c.person_id, person_nhs_number.c.nhs_number).where(
        among(person_nhs_number.c.person_id, people)
    )
    return dict(connection.execute(held).all())


_PLACES: Final = """
    WITH standing AS (SELECT id, coalesce(merged_into, id) AS person FROM person),
    numbered AS (
        SELECT standing.person, rank() OVER (ORDER BY min(nhs_number)) AS place
        FROM standing JOIN person_nhs_number ON person_id = standing.id GROUP BY standing.person
    ),
    named AS (
        SELECT standing.person,
               row_number() OVER (ORDER BY min(concat_ws(' ', family_folded, given_folded) COLLATE "C")) AS place
        FROM standing JOIN person_identity ON person_id = standing.id GROUP BY standing.person
    )
    SELECT named.person, numbered.place, named.place FROM named JOIN numbered USING (person)
    WHERE named.person = ANY (%s)
"""


def places_of(connection: Connection, people: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """Where some people stand among everyone of the place: by NHS number, and by name. Those without either are not."""
    if not people:
        return {}
    return {person: (number, name) for person, number, name in connection.exec_driver_sql(_PLACES, (list(people),))}


def among(column: ColumnElement[Any], values: Collection[object]) -> ColumnElement[bool]:
    """Whether a column is one of these: one parameter, so that the statement is prepared once for any number."""
    listed = func.json_array_elements_text(cast(literal(as_json(list(values)), Text), JSON)).column_valued()
    return column == func.any(func.array(select(cast(listed, column.type)).scalar_subquery()))
