"""Facts that decide, as teams and staff make them; `feed_store` writes what partners tell, `gathering` reads all."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from app.sharing.facts import (
    Account,
    EmergencyOpening,
    FlagKind,
    Objection,
    Relationship,
)
from app.sharing.known.models import emergency_opening, objection, relationship
from app.vocabulary.ods_code import OdsCode


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
    JOIN objection o ON o.person_id = member.id AND o.upheld
    WHERE (o.scope = 'all' OR o.scope = 'meeting' AND starts_with(%(meeting)s || '/', o.meeting || '/'))
      AND o.started <= %(at)s AND (o.ended IS NULL OR o.ended > %(at)s)
"""


def kept_from_meeting(connection: Connection, people: Collection[UUID], meeting: str, *, at: datetime) -> set[UUID]:
    """Of these people, those who object to a meeting, named as `Invitation.meeting` is, or to sharing altogether."""
    asked = {"people": list(people), "meeting": meeting, "at": at}
    return {row[0] for row in connection.exec_driver_sql(_CLOSED, asked)}


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
