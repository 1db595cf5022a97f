"""The facts that decide about many people at once, for whoever looks among all those that they have to do with."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from app.sharing.facts import PersonFacts
from app.sharing.known.gathering import FactRow, gathered
from app.vocabulary.ods_code import OdsCode

_AT_ONCE: Final = 1000

_RELATED: Final = """
    SELECT DISTINCT coalesce(one.merged_into, one.id) AS person
    FROM relationship r JOIN person one ON one.id = r.person_id
    WHERE r.organisation = %(organisation)s AND r.started <= %(at)s AND (r.ended IS NULL OR r.ended > %(at)s)
      AND (r.revoked IS NULL OR r.revoked > %(at)s)
    ORDER BY person
"""

_FACTS: Final = """
    WITH one AS MATERIALIZED (
        SELECT id, coalesce(merged_into, id) AS stands FROM person
        WHERE (id = ANY (%(people)s) AND merged_into IS NULL) OR merged_into = ANY (%(people)s)
    )
    SELECT stands, 'number', nhs_number, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, since,
           NULL::timestamptz, NULL::timestamptz, NULL::bool, NULL::text
    FROM one JOIN person_nhs_number number ON number.person_id = one.id
    UNION ALL
    SELECT stands, 'relationship', r.id::text, kind, organisation, team, issuer, subject, started, ended, revoked, NULL,
           NULL
    FROM one JOIN relationship r ON r.person_id = one.id WHERE ended IS NULL OR ended > %(at)s
    UNION ALL
    SELECT stands, 'objection', o.id::text, scope, organisation, coalesce(category, team), issuer, subject, started,
           ended, NULL, upheld, meeting
    FROM one JOIN objection o ON o.person_id = one.id
    UNION ALL
    SELECT stands, 'flag', '', kind, partner, NULL, NULL, NULL, since, NULL, NULL, NULL, NULL
    FROM one JOIN person_flag flag ON flag.person_id = one.id WHERE raised
    UNION ALL
    SELECT stands, 'opening', opening.id::text, NULL, organisation, NULL, issuer, subject, started, ended, NULL, NULL,
           NULL
    FROM one JOIN emergency_opening opening ON opening.person_id = one.id
"""
_INVITED: Final = """
    UNION ALL
    SELECT stands, 'invitation', invited.id, profile, organisation, on_agenda::text, issuer, subject, started, ended,
           NULL, accepted, meeting
    FROM one JOIN guest_invitation invited ON invited.person_id = one.id
"""


def related_people(
    connection: psycopg.Connection[Any], organisation: OdsCode, *, at: datetime
) -> Iterator[Sequence[UUID]]:
    """Whoever an organisation has any relationship with at an instant, some at a time; merged people once.

    Read through a cursor on the server, so that it takes the same memory for however many there are.
    """
    with connection.cursor(name="related_people", binary=True) as cursor:
        cursor.execute(_RELATED, {"organisation": organisation, "at": at})
        while rows := cursor.fetchmany(_AT_ONCE):
            yield [person for (person,) in rows]


def facts_of_many(
    connection: psycopg.Connection[Any], people: Sequence[UUID], *, at: datetime
) -> dict[UUID, PersonFacts]:
    """What `gathering.facts_of` tells of one, of each who stands for themselves; relationships that ended and
    invitations are left out.
    """
    cursor = connection.cursor(binary=True)
    return _by_person(people, cursor.execute(_FACTS, {"people": list(people), "at": at}).fetchall())


async def facts_of_each(
    connection: psycopg.AsyncConnection[Any], people: Sequence[UUID], *, at: datetime
) -> dict[UUID, PersonFacts]:
    """The same with invitations, of whoever answers to one question: in one query, however many they are."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(_FACTS + _INVITED, {"people": list(people), "at": at})
    return _by_person(people, await cursor.fetchall())


def _by_person(people: Sequence[UUID], told: Iterable[Sequence[Any]]) -> dict[UUID, PersonFacts]:
    rows: dict[UUID, list[FactRow]] = {person: [] for person in people}
    for person, *values in told:
        rows[person].append(FactRow(*values))
    return {person: gathered(held) for person, held in rows.items()}
