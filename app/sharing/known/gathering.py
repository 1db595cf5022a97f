"""The facts that decide about one person, read in one query as each record is opened."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from app.database.pipeline import Read
from app.sharing.facts import (
    Account,
    EmergencyOpening,
    Flag,
    Invitation,
    Objection,
    PersonFacts,
    Relationship,
)
from app.vocabulary.category import HEADINGS, Category
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode

_WHO: Final = "person"  # what the row is called that tells whose facts the others are
_OF_A_PERSON: Final = b"""
    WITH one AS MATERIALIZED (SELECT array(SELECT id FROM person WHERE id = $1::uuid OR merged_into = $1) AS ids)
"""
_BY_NUMBER: Final = b"""
    WITH standing AS MATERIALIZED (
        SELECT coalesce(person.merged_into, person.id) AS id
        FROM person_nhs_number JOIN person ON person.id = person_nhs_number.person_id
        WHERE person_nhs_number.nhs_number = $1
    ), one AS MATERIALIZED (
        SELECT array(
            SELECT id FROM person
            WHERE id = (SELECT id FROM standing) OR merged_into = (SELECT id FROM standing)
        ) AS ids
    )
    SELECT 'person', id::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::timestamptz,
           NULL::timestamptz, NULL::timestamptz, NULL::bool, NULL::text
    FROM standing
    UNION ALL
"""
# by one array of whoever counts as the person, so that each table is read by its index and nothing is joined
_TOLD: Final = b"""
    SELECT 'number', nhs_number, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, since, NULL::timestamptz,
           NULL::timestamptz, NULL::bool, NULL::text
    FROM person_nhs_number WHERE person_id = ANY ((SELECT ids FROM one)::uuid[])
    UNION ALL
    SELECT 'relationship', id::text, kind, organisation, team, issuer, subject, started, ended, revoked, NULL, NULL
    FROM relationship
    WHERE person_id = ANY ((SELECT ids FROM one)::uuid[])
      AND (ended IS NULL OR $2::timestamptz IS NULL OR ended > $2::timestamptz)
    UNION ALL
    SELECT 'objection', id::text, scope, organisation, coalesce(category, team), issuer, subject, started, ended, NULL,
           upheld, meeting
    FROM objection WHERE person_id = ANY ((SELECT ids FROM one)::uuid[])
    UNION ALL
    SELECT 'flag', '', kind, partner, NULL, NULL, NULL, since, NULL, NULL, NULL, NULL
    FROM person_flag WHERE person_id = ANY ((SELECT ids FROM one)::uuid[]) AND raised
    UNION ALL
    SELECT 'opening', id::text, NULL, organisation, NULL, issuer, subject, started, ended, NULL, NULL, NULL
    FROM emergency_opening WHERE person_id = ANY ((SELECT ids FROM one)::uuid[])
    UNION ALL
    SELECT 'invitation', id, profile, organisation, on_agenda::text, issuer, subject, started, ended, NULL, accepted,
           meeting
    FROM guest_invitation WHERE person_id = ANY ((SELECT ids FROM one)::uuid[])
"""
_FACTS: Final = _OF_A_PERSON + _TOLD
_FACTS_BY_NUMBER: Final = _BY_NUMBER + _TOLD
"""The one place outside app/person that reads its tables: who was merged into whom, and their NHS numbers.

`guest_invitation` is a view over the meeting's tables, so that a guest's access ends on every worker at once.

`person.merged_into` names whoever stands for a person now, so all that is known of any of them counts for all.
"""


class FactRow(NamedTuple):
    """One fact of any kind, as the queries for facts give it."""

    fact: str
    id: str
    kind: str
    organisation: str
    detail: str | None  # of a relationship its team, of an objection its category or team, of an invitation if listed
    issuer: str | None
    subject: str | None
    started: datetime
    ended: datetime | None
    revoked: datetime | None
    upheld: bool
    meeting: str | None

    @property
    def account(self) -> Account | None:
        """Whom it is narrowed to, if to anyone."""
        return Account.of(self.issuer, self.subject)


async def facts_of(read: Read, person_id: UUID, *, at: datetime | None = None) -> PersonFacts:
    """All that decides about one person, merged people's facts together; empty for an id that nobody has.

    With `at`, an instant in UTC, relationships that had ended by then are left out: they can decide nothing.
    """
    return gathered([FactRow(*values) for values in await read(_FACTS, (person_id, at))])


async def facts_by_nhs_number(
    read: Read, number: NHSNumber, *, at: datetime | None = None
) -> tuple[UUID | None, PersonFacts]:
    """The same of the person whom a number names, and who that is: merges are followed."""
    rows = [FactRow(*values) for values in await read(_FACTS_BY_NUMBER, (number.digits, at))]
    person_id = next((UUID(row.id) for row in rows if row.fact == _WHO), None)
    return person_id, gathered([row for row in rows if row.fact != _WHO])


def gathered(rows: Iterable[FactRow]) -> PersonFacts:
    """One person's facts, of the rows that tell them."""
    facts: dict[str, list[Any]] = {kind: [] for kind in _READ}
    for row in rows:
        facts[row.fact].append(_READ[row.fact](row))
    return PersonFacts(
        nhs_numbers=frozenset(facts["number"]),
        relationships=tuple(facts["relationship"]),
        objections=tuple(facts["objection"]),
        flags=tuple(facts["flag"]),
        openings=tuple(facts["opening"]),
        invitations=tuple(facts["invitation"]),
    )


_ods_code: Final = lru_cache(maxsize=4096)(OdsCode)  # the few that partners use, which are read with each record


def _relationship(row: FactRow) -> Relationship:
    return Relationship(
        id=row.id,
        kind=row.kind,
        organisation=_ods_code(row.organisation),
        started=row.started,
        ended=row.ended,
        revoked=row.revoked,
        team=row.detail,
        account=row.account,
    )


def _objection(row: FactRow) -> Objection:
    return Objection(
        id=row.id,
        scope=row.kind,
        upheld=row.upheld,
        started=row.started,
        ended=row.ended,
        category=Category(row.detail) if row.detail in HEADINGS and not row.meeting else None,
        organisation=OdsCode(row.organisation) if row.organisation else None,
        account=row.account,
        meeting=row.meeting,
        team=row.detail if row.meeting else None,
    )


def _flag(row: FactRow) -> Flag:
    return Flag(kind=row.kind, partner=OdsCode(row.organisation), since=row.started)


def _opening(row: FactRow) -> EmergencyOpening:
    return EmergencyOpening(
        id=row.id,
        account=Account(str(row.issuer), str(row.subject)),
        organisation=OdsCode(row.organisation),
        started=row.started,
        ended=row.ended or row.started,  # the table holds neither null
    )


def _invitation(row: FactRow) -> Invitation:
    return Invitation(
        id=row.id,
        profile=row.kind,
        account=Account(str(row.issuer), str(row.subject)),
        organisation=OdsCode(row.organisation),
        started=row.started,
        ended=row.ended or row.started,  # the view holds neither null
        accepted=row.upheld,
        on_agenda=row.detail == "true",
        meeting=row.meeting,
    )


_READ: Final[dict[str, Callable[[FactRow], Any]]] = {
    "number": lambda row: NHSNumber(row.id),
    "relationship": _relationship,
    "objection": _objection,
    "flag": _flag,
    "opening": _opening,
    "invitation": _invitation,
}
