"""People by what is known of them that decides: the database groups them, so that each kind is decided once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection

_GROUPED: Final = """
    WITH who AS (SELECT id, coalesce(merged_into, id) AS stands FROM person),
    closed AS (
        SELECT who.id, team FROM objection JOIN who AS objector ON objector.id = person_id JOIN who USING (stands)
        WHERE team IS NOT NULL AND upheld AND started <= %(at)s AND (ended IS NULL OR ended > %(at)s)
    ),
    fact AS (
        SELECT person_id, 'relationship/' || kind || '/' || organisation AS said FROM relationship
        WHERE started <= %(at)s AND (ended IS NULL OR ended > %(at)s) AND (revoked IS NULL OR revoked > %(at)s)
          AND (team IS NULL OR (person_id, team) NOT IN (SELECT id, team FROM closed))
        UNION ALL
        SELECT person_id, 'objection/' || scope || '/' || coalesce(category, '') || '/' || coalesce(organisation, '')
        FROM objection WHERE scope <> 'meeting' AND upheld AND started <= %(at)s AND (ended IS NULL OR ended > %(at)s)
        UNION ALL
        SELECT person_id, 'flag/' || kind || '/' || partner || '/' || width_bucket(since, %(edges)s::timestamptz[])
        FROM person_flag WHERE raised AND NOT (kind = 'child' AND since <= %(at)s - interval '18 years')
    ),
    signature AS (
        SELECT stands, array_agg(DISTINCT said ORDER BY said) AS facts
        FROM fact JOIN who ON who.id = fact.person_id GROUP BY stands
    )
    SELECT facts, count(*) FROM signature GROUP BY facts
"""


class Alike(NamedTuple):
    """How many people are alike in all that decides, and what that is: `relationship/KIND/ORGANISATION`,
    `objection/SCOPE/CATEGORY/ORGANISATION`, `flag/KIND/PARTNER/N`, where `N` counts the edges that it was raised after.
    """

    facts: tuple[str, ...]
    people: int


def people_alike(connection: Connection, *, at: datetime, edges: Sequence[datetime]) -> list[Alike]:
    """Everyone of whom anything that decides is known at an instant in UTC; `edges` rise."""
    found = connection.exec_driver_sql(_GROUPED, {"at": at, "edges": list(edges)})
    return [Alike(tuple(facts), people) for facts, people in found]
