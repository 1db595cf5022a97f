"""Facts that decide, written in bulk as intake learns them and singly as staff make them; `gathering` reads them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from app.database import as_json
from app.sharing.facts import (
    Account,
    EmergencyOpening,
    FlagKind,
    Objection,
    Relationship,
    came_of_age,
)
from app.sharing.models import emergency_opening, objection, relationship
from app.vocabulary import statement
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


def put_children(connection: Connection, telling: Telling, told: Sequence[tuple[UUID, date]]) -> None:
    """Keep who is under 18, by the birth dates that a message states; whoever is not is no child by this partner.

    Each flag holds from birth, so that it ends by itself.
    """
    on = london_date(telling.at)
    young = {person: london_midnight(born) for person, born in told if on < came_of_age(born)}
    connection.exec_driver_sql(
        """
        UPDATE person_flag SET raised = false, message = %(message)s
        WHERE person_id = ANY (%(others)s) AND partner = %(partner)s AND kind = %(kind)s AND raised
          AND message <= %(message)s
        """,
        {
            "others": [person for person, _ in told if person not in young],
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


def raise_flag(connection: Connection, person_id: UUID, kind: str, *, partner: OdsCode, at: datetime) -> None:
    """Raise a flag that staff raise, and no feed."""
    connection.exec_driver_sql(
        """
        INSERT INTO person_flag AS held (person_id, partner, kind, raised, since, message)
        VALUES (%(person)s, %(partner)s, %(kind)s, true, %(at)s, 0)
        ON CONFLICT (person_id, partner, kind) DO UPDATE SET raised = true, since = %(at)s WHERE NOT held.raised
        """,
        {"person": person_id, "partner": partner, "kind": kind, "at": at},
    )


def lower_flag(connection: Connection, people: Collection[UUID], kind: str) -> None:
    """Lower what staff raised of a person and of those whom they stand for, whoever's it was."""
    connection.exec_driver_sql(
        "UPDATE person_flag SET raised = false WHERE person_id = ANY (%s) AND kind = %s AND raised",
        (list(people), kind),
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


_OURS: Final = "pisano"
"""Stands for the partner where the place itself says that a relationship holds: no partner's message ends it."""


def open_relationships(
    connection: Connection,
    person_id: UUID,
    *,
    key: str,
    kind: str,
    organisations: Collection[OdsCode],
    team: str,
    at: datetime,
) -> None:
    """Let one team of several organisations have to do with a person, under a key by which it is ended again."""
    connection.exec_driver_sql(
        """
        INSERT INTO relationship (person_id, partner, key, message, kind, organisation, team, started)
        SELECT %(person)s, %(ours)s, %(key)s || '/' || organisation, 0, %(kind)s, organisation, %(team)s, %(at)s
        FROM unnest(%(organisations)s::text[]) AS told (organisation)
        ON CONFLICT (partner, key) DO UPDATE SET ended = NULL
        """,
        {
            "person": person_id,
            "ours": _OURS,
            "key": key,
            "kind": kind,
            "organisations": [str(code) for code in organisations],
            "team": team,
            "at": at,
        },
    )


def end_relationships(connection: Connection, *, key: str, at: datetime) -> None:
    """End what `open_relationships` opened under a key."""
    connection.exec_driver_sql(
        """
        UPDATE relationship SET ended = greatest(%(at)s, started)
        WHERE partner = %(ours)s AND starts_with(key, %(key)s || '/') AND ended IS NULL
        """,
        {"ours": _OURS, "key": key, "at": at},
    )


def deceased_among(connection: Connection, people: Collection[UUID]) -> set[UUID]:
    """Of these people, those of whom a partner says that they have died, or says so of somebody merged into them."""
    rows = connection.exec_driver_sql(
        """
        SELECT DISTINCT asked.id FROM unnest(%(people)s::uuid[]) AS asked (id)
        JOIN person member ON member.id = asked.id OR member.merged_into = asked.id
        JOIN person_flag flag ON flag.person_id = member.id AND flag.kind = %(kind)s AND flag.raised
        """,
        {"people": list(people), "kind": str(FlagKind.DECEASED)},
    )
    return {row[0] for row in rows}


_CLOSED: Final = """
    SELECT DISTINCT asked.id FROM unnest(%(people)s::uuid[]) AS asked (id)
    JOIN person member ON member.id = asked.id OR member.merged_into = asked.id
    JOIN objection o ON o.person_id = member.id AND o.scope = 'meeting' AND o.upheld
    WHERE starts_with(%(meeting)s || '/', o.meeting || '/')
      AND o.started <= %(at)s AND (o.ended IS NULL OR o.ended > %(at)s)
"""


def kept_from_meeting(connection: Connection, people: Collection[UUID], meeting: str, *, at: datetime) -> set[UUID]:
    """Of these people, those who object to being discussed at a meeting, named as `Invitation.meeting` is."""
    asked = {"people": list(people), "meeting": meeting, "at": at}
    return {row[0] for row in connection.exec_driver_sql(_CLOSED, asked)}


_RELATED: Final = """
    WITH asked AS (SELECT unnest(%(people)s::uuid[]) AS id),
    member AS (
        SELECT id, id AS standing FROM asked
        UNION ALL SELECT person.id, asked.id FROM asked JOIN person ON person.merged_into = asked.id
    )
    SELECT DISTINCT member.standing FROM member JOIN relationship ON relationship.person_id = member.id
    WHERE organisation = %(organisation)s AND started <= %(at)s AND (ended IS NULL OR ended > %(at)s)
        AND (revoked IS NULL OR revoked > %(at)s)
"""


def related(connection: Connection, organisation: OdsCode, people: Iterable[UUID], *, at: datetime) -> set[UUID]:
    """With which of these people an organisation has an open relationship, those who were merged into them counted."""
    asked = {"people": list(people), "organisation": organisation, "at": at}
    return set(connection.exec_driver_sql(_RELATED, asked).scalars())


_TOUCHING: Final = """
    WITH asked AS (SELECT unnest(%(people)s::uuid[]) AS id), member AS (
        SELECT id AS standing, id FROM asked
        UNION ALL SELECT asked.id, person.id FROM asked JOIN person ON person.merged_into = asked.id
    )
    SELECT member.standing, relationship.id, kind, organisation, started, ended, revoked, team, issuer, subject
    FROM member JOIN relationship ON relationship.person_id = member.id
    WHERE started < %(until)s AND (ended IS NULL OR ended > %(since)s) AND (revoked IS NULL OR revoked > %(since)s)
"""


def relationships_touching(
    connection: Connection, people: Collection[UUID], since: datetime, until: datetime
) -> dict[UUID, list[Relationship]]:
    """The relationships of people that lasted at any time of [since, until), with those who were merged into them."""
    found: dict[UUID, list[Relationship]] = {}
    asked = {"people": list(people), "since": since, "until": until}
    for person, id, kind, organisation, started, ended, revoked, team, issuer, subject in connection.exec_driver_sql(
        _TOUCHING, asked
    ):
        one = Relationship(
            id=str(id),
            kind=kind,
            organisation=OdsCode(organisation),
            started=started,
            ended=ended,
            revoked=revoked,
            team=team,
            account=Account(issuer, subject) if subject is not None else None,
        )
        found.setdefault(person, []).append(one)
    return found


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


def put_opening(connection: Connection, person_id: UUID, opening: EmergencyOpening, reason: str) -> int:
    """Keep an opening with its reason; returns its number."""
    row = {
        "person_id": person_id,
        **opening.account._asdict(),
        "organisation": opening.organisation,
        "started": opening.started,
        "ended": opening.ended,
        "reason": reason,
    }
    kept = connection.execute(insert(emergency_opening).values(row).returning(emergency_opening.c.id))
    return int(kept.scalar_one())


def put_made_relationship(connection: Connection, person_id: UUID, made: Relationship, evidence: str, key: str) -> int:
    """Keep a relationship that staff made, for one account, with what it rests on; returns its number."""
    row = {
        "person_id": person_id,
        "partner": made.organisation,
        "key": f"made/{key}",
        "message": 0,
        "kind": made.kind,
        "organisation": made.organisation,
        "issuer": made.account.issuer if made.account else None,
        "subject": made.account.subject if made.account else None,
        "started": made.started,
        "ended": made.ended,
        "evidence": evidence,
    }
    return int(connection.execute(insert(relationship).values(row).returning(relationship.c.id)).scalar_one())


def put_objection(connection: Connection, person_id: UUID, lodged: Objection, by: Account) -> int:
    """Keep an objection as it is lodged; returns its number."""
    row = {
        "person_id": person_id,
        "scope": lodged.scope,
        "upheld": lodged.upheld,
        "category": lodged.category,
        "organisation": lodged.organisation,
        "issuer": lodged.account.issuer if lodged.account else None,
        "subject": lodged.account.subject if lodged.account else None,
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
