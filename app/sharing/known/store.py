"""Flags, relationships and openings that decide, as teams and staff make them; objections stand in `objection_store`.

`feed_store` writes what partners tell, and `gathering` reads all.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, insert

from app.sharing.facts import Account, EmergencyOpening, Relationship
from app.sharing.known.models import emergency_opening, relationship
from app.vocabulary.flag import FlagKind
from app.vocabulary.ods_code import OdsCode


def narrowed_to(account: Account | None) -> dict[str, str | None]:
    """The columns by which something counts for one account alone, or for whoever."""
    return account._asdict() if account else dict.fromkeys(Account._fields)


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


MEMBERS: Final = """
    asked AS (SELECT unnest(%(people)s::uuid[]) AS id), member AS (
        SELECT id AS standing, id FROM asked
        UNION ALL SELECT asked.id, person.id FROM asked JOIN person ON person.merged_into = asked.id
    )
"""
"""Each of some people who stand for themselves, and all for whom they stand."""

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


_FLAGGED: Final = f"""
    WITH {MEMBERS}
    SELECT DISTINCT standing FROM member JOIN person_flag ON person_id = member.id WHERE kind = %(kind)s AND raised
"""  # noqa: S608  # ours


def deceased_among(connection: Connection, people: Collection[UUID]) -> set[UUID]:
    """Of these people, those of whom a partner says that they have died, or says so of somebody merged into them."""
    asked = {"people": list(people), "kind": str(FlagKind.DECEASED)}
    return set(connection.exec_driver_sql(_FLAGGED, asked).scalars())


_RELATED: Final = f"""
    WITH {MEMBERS}
    SELECT DISTINCT member.standing FROM member JOIN relationship ON relationship.person_id = member.id
    WHERE organisation = %(organisation)s AND started <= %(at)s AND (ended IS NULL OR ended > %(at)s)
        AND (revoked IS NULL OR revoked > %(at)s)
"""  # noqa: S608  # ours


def related(connection: Connection, organisation: OdsCode, people: Iterable[UUID], *, at: datetime) -> set[UUID]:
    """With which of these people an organisation has an open relationship, those who were merged into them counted."""
    asked = {"people": list(people), "organisation": organisation, "at": at}
    return set(connection.exec_driver_sql(_RELATED, asked).scalars())


_TOUCHING: Final = f"""
    WITH {MEMBERS}
    SELECT member.standing, relationship.id, kind, organisation, started, ended, revoked, team, issuer, subject
    FROM member JOIN relationship ON relationship.person_id = member.id
    WHERE started < %(until)s AND (ended IS NULL OR ended > %(since)s) AND (revoked IS NULL OR revoked > %(since)s)
"""  # noqa: S608  # ours


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
            account=Account.of(issuer, subject),
        )
        found.setdefault(person, []).append(one)
    return found


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
        **narrowed_to(made.account),
        "started": made.started,
        "ended": made.ended,
        "evidence": evidence,
    }
    return int(connection.execute(insert(relationship).values(row).returning(relationship.c.id)).scalar_one())
