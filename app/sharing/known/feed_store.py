"""What partners tell of who has to do with whom and of what is flagged, written in bulk as intake learns it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import Connection

from app.database.transactions import as_json
from app.sharing.facts import came_of_age
from app.vocabulary import statement
from app.vocabulary.flag import FlagKind
from app.vocabulary.london import london_date, london_midnight
from app.vocabulary.ods_code import OdsCode


class Telling(Protocol):
    """The message by which a partner tells something, and when it was taken in; later messages have greater numbers."""

    @property
    def partner(self) -> OdsCode:
        """Who tells."""

    @property
    def message(self) -> int:
        """Its number in the inbox."""

    @property
    def at(self) -> datetime:
        """When, in UTC."""


def put_relationships(
    connection: Connection, telling: Telling, told: Sequence[tuple[UUID, statement.Relationship]]
) -> None:
    """Keep the relationships that a message tells, each under the person whom its subject's own identifiers name.

    One told again under the same key is replaced, unless a later message told it; of the same message the last counts.
    """
    rows = [
        {
            "person_id": person,
            "key": one.key,
            "kind": one.kind,
            "organisation": one.organisation or telling.partner,
            "team": one.team,
            "started": one.started,
            "ended": one.ended,
            "place": place,
        }
        for place, (person, one) in enumerate(told)
    ]
    connection.exec_driver_sql(
        """
        INSERT INTO relationship AS held
               (person_id, partner, message, key, kind, organisation, team, started, ended)
        SELECT DISTINCT ON (key) person_id, %(partner)s, %(message)s, key, kind, organisation, team, started, ended
        FROM json_to_recordset(%(told)s::json)
             AS told (person_id uuid, key text, kind text, organisation text, team text, started timestamptz,
                      ended timestamptz, place int)
        ORDER BY key, place DESC
        ON CONFLICT (partner, key) DO UPDATE
           SET person_id = excluded.person_id, message = excluded.message, kind = excluded.kind,
               organisation = excluded.organisation, team = excluded.team, started = excluded.started,
               ended = excluded.ended, revoked = NULL
         WHERE held.message <= excluded.message
        """,
        {"partner": telling.partner, "message": telling.message, "told": as_json(rows)},
    )


def put_flags(connection: Connection, telling: Telling, told: Sequence[tuple[UUID, statement.PersonFlag]]) -> None:
    """Keep what a message tells of flags, raised or lowered, in the way of `put_relationships`."""
    connection.exec_driver_sql(
        """
        INSERT INTO person_flag AS held (person_id, partner, kind, raised, since, message)
        SELECT DISTINCT ON (person_id, kind) person_id, %(partner)s, kind, raised, %(at)s, %(message)s
        FROM unnest(%(people)s::uuid[], %(kinds)s::text[], %(raised)s::bool[])
             WITH ORDINALITY AS told (person_id, kind, raised, place)
        ORDER BY person_id, kind, place DESC
        ON CONFLICT (person_id, partner, kind) DO UPDATE
           SET raised = excluded.raised, message = excluded.message,
               since = CASE WHEN held.raised = excluded.raised THEN held.since ELSE excluded.since END
         WHERE held.message <= excluded.message
        """,
        {
            "partner": telling.partner,
            "message": telling.message,
            "at": telling.at,
            "people": [person for person, _ in told],
            "kinds": [str(one.kind) for _, one in told],
            "raised": [one.raised for _, one in told],
        },
    )


def put_children(
    connection: Connection, telling: Telling, told: Sequence[tuple[UUID, date]], *, anew: Collection[UUID] = ()
) -> None:
    """Keep who is under 18, by the birth dates that a message states; whoever is not is no child by this partner.

    Each flag holds from birth, so that it ends by itself. Of people in `anew` the partner told nothing before.
    """
    on = london_date(telling.at)
    young = {person: london_midnight(born) for person, born in told if on < came_of_age(born)}
    if grown := [person for person, _ in told if person not in young and person not in anew]:
        connection.exec_driver_sql(
            """
            UPDATE person_flag SET raised = false, message = %(message)s
            WHERE person_id = ANY (%(grown)s) AND partner = %(partner)s AND kind = %(kind)s AND raised
              AND message <= %(message)s
            """,
            {
                "grown": grown,
                "partner": telling.partner,
                "kind": str(FlagKind.CHILD),
                "message": telling.message,
            },
        )
    if young:
        connection.exec_driver_sql(
            """
            INSERT INTO person_flag AS held (person_id, partner, kind, raised, since, message)
            SELECT person_id, %(partner)s, %(kind)s, true, born, %(message)s
            FROM unnest(%(people)s::uuid[], %(births)s::timestamptz[]) AS told (person_id, born)
            ON CONFLICT (person_id, partner, kind) DO UPDATE
               SET raised = true, since = excluded.since, message = excluded.message
             WHERE held.message <= excluded.message
            """,
            {
                "partner": telling.partner,
                "kind": str(FlagKind.CHILD),
                "message": telling.message,
                "people": list(young),
                "births": list(young.values()),
            },
        )


def end_missing_relationships(connection: Connection, telling: Telling, prefix: str, *, ended: datetime) -> int:
    """End a partner's open relationships under `prefix` that a complete message did not tell; return how many.

    Which it told is in the temporary table `stated_key`, which intake fills.
    """
    return connection.exec_driver_sql(
        """
        UPDATE relationship held SET ended = greatest(%(ended)s, held.started), message = %(message)s
        WHERE held.partner = %(partner)s AND starts_with(held.key, %(prefix)s) AND held.ended IS NULL
          AND held.message <= %(message)s AND NOT EXISTS (SELECT FROM stated_key told WHERE told.key = held.key)
        """,
        {"partner": telling.partner, "message": telling.message, "prefix": prefix, "ended": ended},
    ).rowcount


def end_relationships(connection: Connection, partner: OdsCode, prefix: str, *, at: datetime) -> int:
    """End all that a partner told under keys that begin so and that still lasts; return how many there were."""
    return connection.exec_driver_sql(
        """
        UPDATE relationship SET ended = greatest(%(at)s, started)
        WHERE partner = %(partner)s AND starts_with(key, %(prefix)s) AND (ended IS NULL OR ended > %(at)s)
        """,
        {"partner": partner, "prefix": prefix, "at": at},
    ).rowcount


def take_back_relationships(connection: Connection, telling: Telling, keys: Collection[str]) -> None:
    """Let what a partner told under these very keys never have held; a later message may tell it anew."""
    connection.exec_driver_sql(
        """
        UPDATE relationship SET revoked = started, message = %(message)s
        WHERE partner = %(partner)s AND key = ANY (%(keys)s) AND revoked IS NULL AND message <= %(message)s
        """,
        {"partner": telling.partner, "message": telling.message, "keys": [*keys]},
    )


def revoke_relationships(connection: Connection, telling: Telling, key: str) -> int:
    """Let what a partner told under a key, and under its parts, never have held; return how many there were.

    For a visit that was filed as another person's, or was told in error. A later message may tell it anew.
    """
    return connection.exec_driver_sql(
        """
        UPDATE relationship SET revoked = started, message = %(message)s
        WHERE partner = %(partner)s AND (key = %(key)s OR starts_with(key, %(key)s || '/'))
          AND message <= %(message)s
        """,
        {"partner": telling.partner, "message": telling.message, "key": key},
    ).rowcount
