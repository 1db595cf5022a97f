"""Finding people by name, for a person who searches. Read only, one query each.

Nothing here matches: what a search offers, a person chooses from.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from sqlalchemy import Connection

from app.person.demographics import full_postcode
from app.person.names import fold, fold_words, sound
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """A family name, or how it begins, or any parts of a name in any order, with a date of birth or a full postcode.

    Or else what a partner calls somebody: any of `local_ids`, alone. Raises `ValueError` for less, as too many people
    would answer to it. Its `repr` holds no personal data.
    """

    family_name: str = ""
    given_name: str | None = None
    birth_date: date | None = None
    postcode: str | None = None
    name: str | None = None
    local_ids: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.local_ids is None:
            self._demand_enough()

    def _demand_enough(self) -> None:
        if not sound(fold(self.family_name or self.name or "")):
            raise ValueError("a search needs a family name; give the letters that it begins with")
        if self.postcode is not None and full_postcode(self.postcode) is None:
            raise ValueError("a search needs a full postcode; give both halves, or leave it out")
        if self.birth_date is None and self.postcode is None:
            raise ValueError("a search needs a date of birth or a postcode beside the name")

    def __repr__(self) -> str:
        return "Criteria(•••)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who may be the person searched for, as one of the permitted partners states them.

    `partners` are the permitted ones that know the person; `postcode` is `None` where the location is restricted.
    Its `repr` holds no personal data.
    """

    person_id: UUID
    family_name: str
    given_names: str | None
    birth_date: date | None
    gender: str | None
    postcode: str | None
    partners: tuple[OdsCode, ...]

    def __repr__(self) -> str:
        return f"Candidate({self.person_id})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who stands for a person now: the NHS number they are known by, and every number that leads to them."""

    person_id: UUID
    nhs_number: NHSNumber | None
    nhs_numbers: frozenset[NHSNumber]


_PERSON: Final = """
    SELECT standing.id, array_agg(nhs_number ORDER BY member.id <> standing.id, since, nhs_number)
    FROM person asked
    JOIN person standing ON standing.id = coalesce(asked.merged_into, asked.id)
    JOIN person member ON member.id = standing.id OR member.merged_into = standing.id
    LEFT JOIN person_nhs_number ON person_nhs_number.person_id = member.id
    WHERE asked.id = %s
    GROUP BY standing.id
"""


async def person(connection: AsyncConnection[Any], person_id: UUID) -> Person | None:
    """Who stands for a person now; themselves where nothing was merged, `None` where there is no such person."""
    row = await (await connection.execute(_PERSON, [person_id])).fetchone()
    if row is None:
        return None
    numbers = [NHSNumber(digits) for digits in row[1] if digits is not None]
    return Person(person_id=row[0], nhs_number=next(iter(numbers), None), nhs_numbers=frozenset(numbers))


_SEARCH: Final = """
    WITH likely AS (
        SELECT DISTINCT ON (standing) coalesce(person.merged_into, person.id) AS standing, stated.*,
            stated.family_folded = ANY(%(exact)s) AS exact
        FROM person_identity stated JOIN person ON person.id = stated.person_id
        WHERE stated.partner = ANY(%(controllers)s) AND {conditions}
        ORDER BY standing, exact DESC, stated.recorded_at DESC, stated.partner
    ), shown AS (
        SELECT likely.*, EXISTS (
            SELECT FROM person member JOIN person_flag flag ON flag.person_id = member.id
            WHERE (member.id = likely.standing OR member.merged_into = likely.standing)
                AND flag.kind = 'location-restricted' AND flag.raised
        ) AS restricted
        FROM likely
    )
    SELECT standing AS person_id, family_name, given_names, birth_date, gender,
        CASE WHEN NOT restricted THEN postcode END AS postcode,
        ARRAY(
            SELECT DISTINCT known.partner
            FROM person member JOIN person_identity known ON known.person_id = member.id
            WHERE (member.id = standing OR member.merged_into = standing) AND known.partner = ANY(%(controllers)s)
            ORDER BY known.partner
        ) AS partners
    FROM shown
    WHERE NOT (restricted AND %(by_postcode)s)
    ORDER BY exact DESC, family_folded, given_folded, standing
    LIMIT %(limit)s
"""
_LOOK_IN: Final = "SELECT set_config('pisano.accounts', (%(controllers)s::text[])::text, true)"
"""No account but those of these controllers can be read until the transaction ends (migration 0026)."""

_CONDITIONS: Final = {
    "family": "(stated.family_sound = %(family_sound)s OR stated.family_folded LIKE %(family)s || '%%')",
    "words": """NOT EXISTS (
        SELECT FROM unnest(%(words)s::text[], %(sounds)s::text[]) AS asked (word, sound)
        WHERE NOT (
            coalesce(stated.family_folded LIKE word || '%%' OR stated.family_folded LIKE '%%' || word, false)
            OR coalesce(' ' || stated.given_folded LIKE '%% ' || word || '%%', false)
            OR coalesce(nullif(sound, '') IN (stated.family_sound, stated.given_sound), false)
        )
    )""",
    "local_ids": """(stated.person_id, stated.partner) IN (
        SELECT person_id, partner FROM person_identifier
        WHERE partner = ANY(%(controllers)s) AND local_id = ANY(%(local_ids)s)
    )""",
    "given": "(stated.given_folded LIKE %(given)s || '%%' OR stated.given_sound = %(given_sound)s)",
    "birth_date": "stated.birth_date = %(birth_date)s",
    "postcode": "stated.postcode = %(postcode)s",
}


async def search(
    connection: AsyncConnection[Any], criteria: Criteria, *, controllers: frozenset[OdsCode], limit: int
) -> list[Candidate]:
    """People whom the given controllers state so, the spelling of names forgiven, those spelt alike first.

    Nothing that other controllers state makes any difference. A person whose location is restricted is never found
    by a postcode, right or wrong.
    """
    statement, parameters = _asked(criteria, controllers, limit)
    async with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_LOOK_IN, parameters)
        await cursor.execute(statement, parameters)
        return [
            Candidate(**{**row, "partners": tuple(map(OdsCode, row["partners"]))}) for row in await cursor.fetchall()
        ]


def who_may_be(
    connection: Connection, criteria: Criteria, *, controllers: frozenset[OdsCode], limit: int
) -> list[UUID]:
    """The ids of the same people in the same order, within a transaction of whoever files."""
    statement, parameters = _asked(criteria, controllers, limit)
    return list(connection.exec_driver_sql(statement, parameters).scalars())


def _asked(criteria: Criteria, controllers: frozenset[OdsCode], limit: int) -> tuple[str, dict[str, Any]]:
    family, given = fold(criteria.family_name), fold_words(criteria.given_name or "")
    words = fold_words(criteria.name or "").split()
    asked: dict[str, Any] = {
        "family": family or None,
        "words": words or None,
        "local_ids": list(criteria.local_ids) if criteria.local_ids is not None else None,
        "given": given or None,
        "birth_date": criteria.birth_date,
        "postcode": full_postcode(criteria.postcode),
    }
    conditions = " AND ".join(condition for name, condition in _CONDITIONS.items() if asked[name] is not None)
    parameters = asked | {
        "exact": [family, *words],
        "family_sound": sound(family),
        "sounds": [sound(word) for word in words],
        "given_sound": sound(given.split(" ", 1)[0]),
        "controllers": sorted(controllers),
        "by_postcode": criteria.postcode is not None,
        "limit": limit,
    }
    return _SEARCH.format(conditions=conditions), parameters
