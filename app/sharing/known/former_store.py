"""Facts as they were: what was known of a person at an instant, so that a past decision can be made again.

Each row of a fact holds from when it was recorded until it was changed or deleted; what it said before is kept in
`former_fact` by triggers, whoever changes it. What was read in the very moment in which a change was being recorded may
have been read on either side of it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from app.database.transactions import fetch_rows
from app.sharing.facts import PersonFacts
from app.sharing.known.gathering import FactRow, gathered

_THEN: Final = """
    WITH RECURSIVE asked AS (
        SELECT n, person_id, at FROM unnest(%s::uuid[], %s::timestamptz[]) WITH ORDINALITY AS asked (person_id, at, n)
    ), link AS (
        SELECT retired, survivor, made_at, coalesce(undone_at, 'infinity') AS undone_at FROM person_link
    ), who (n, at, id) AS (
        SELECT n, at, person_id FROM asked
        UNION
        SELECT who.n, who.at, link.retired FROM who JOIN link ON link.survivor = who.id
        WHERE link.made_at <= who.at AND who.at < link.undone_at
          AND NOT EXISTS (SELECT FROM asked JOIN link AS gone ON gone.retired = asked.person_id
                          WHERE asked.n = who.n AND gone.made_at <= asked.at AND asked.at < gone.undone_at)
    ), former AS (
        SELECT n, fact, stated FROM who JOIN former_fact ON person_id = id AND recorded_from <= at AND at < recorded_to
    ), relationship_then AS (
        SELECT n, relationship.* FROM who JOIN relationship ON person_id = who.id AND recorded_from <= at
        UNION ALL
        SELECT n, was.* FROM former, jsonb_populate_record(NULL::relationship, stated) was WHERE fact = 'relationship'
    ), objection_then AS (
        SELECT n, objection.* FROM who JOIN objection ON person_id = who.id AND recorded_from <= at
        UNION ALL
        SELECT n, was.* FROM former, jsonb_populate_record(NULL::objection, stated) was WHERE fact = 'objection'
    ), flag_then AS (
        SELECT n, person_flag.* FROM who JOIN person_flag ON person_id = who.id AND recorded_from <= at
        UNION ALL
        SELECT n, was.* FROM former, jsonb_populate_record(NULL::person_flag, stated) was WHERE fact = 'person_flag'
    ), opening_then AS (
        SELECT n, emergency_opening.* FROM who JOIN emergency_opening ON person_id = who.id AND recorded_from <= at
        UNION ALL
        SELECT n, was.* FROM former, jsonb_populate_record(NULL::emergency_opening, stated) was
        WHERE fact = 'emergency_opening'
    ), invitation_then AS (
        SELECT n, guest_invitation.* FROM who JOIN guest_invitation ON person_id = who.id AND recorded_from <= at
        WHERE NOT EXISTS (
            SELECT FROM former_fact later WHERE later.person_id = who.id AND later.fact = 'guest_invitation'
              AND later.stated ->> 'id' = guest_invitation.id AND at < later.recorded_to
        )
        UNION ALL
        (SELECT DISTINCT ON (n, was.id) n, was.*
        FROM who JOIN former_fact ON former_fact.person_id = who.id AND fact = 'guest_invitation' AND at < recorded_to,
             jsonb_populate_record(NULL::guest_invitation, stated) was
        WHERE was.recorded_from <= at
        ORDER BY n, was.id, recorded_to)
    )
    SELECT n, 'number', nhs_number, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, since,
           NULL::timestamptz, NULL::timestamptz, NULL::bool, NULL::text
    FROM who JOIN person_nhs_number ON person_id = who.id AND since <= at
    UNION ALL
    SELECT n, 'relationship', id::text, kind, organisation, team, issuer, subject, started, ended, revoked, NULL, NULL
    FROM relationship_then
    UNION ALL
    SELECT n, 'objection', id::text, scope, organisation, coalesce(category, team), issuer, subject, started, ended,
           NULL, upheld, meeting
    FROM objection_then
    UNION ALL
    SELECT n, 'flag', '', kind, partner, NULL, NULL, NULL, since, NULL, NULL, NULL, NULL FROM flag_then WHERE raised
    UNION ALL
    SELECT n, 'opening', id::text, NULL, organisation, NULL, issuer, subject, started, ended, NULL, NULL,
           NULL
    FROM opening_then
    UNION ALL
    SELECT n, 'invitation', id, profile, organisation, on_agenda::text, issuer, subject, started, ended, NULL, accepted,
           meeting
    FROM invitation_then
"""


def facts_then(connection: Connection, asked: Sequence[tuple[UUID, datetime]]) -> list[PersonFacts]:
    """All that decided about each person at each instant, in UTC, in the order asked about.

    For an id that nobody had then, and for one that was merged into another's by then, what was known of it alone.
    """
    rows: list[list[FactRow]] = [[] for _ in asked]
    people, instants = [person for person, _ in asked], [at for _, at in asked]
    for n, *row in fetch_rows(connection, _THEN, (people, instants)):
        rows[n - 1].append(FactRow(*row))
    return [gathered(each) for each in rows]
