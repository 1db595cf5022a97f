"""People made, whom identifiers name, and what partners state of people: written for many subjects at a time.

Rows are written in the order of their keys, so that two workers wait for each other and never deadlock; nothing that
PostgreSQL could complain of with a value in its message is attempted.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Connection,
    text,
)
from sqlalchemy.dialects.postgresql import insert

from app.database.transactions import as_json
from app.person.demographics import Demographics
from app.person.matching import Confirmation
from app.person.models import person_identifier
from app.person.names import sound
from app.person.register import Reference
from app.vocabulary.ods_code import OdsCode

_ONE_MAKER: Final = 0x5049_5350
_NOBODY: Final[Mapping[Any, Any]] = {}


def one_maker_at_a_time(connection: Connection) -> None:
    """Wait for other transactions that make many people: each makes them in an order of its own."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_MAKER})


_MAKE: Final = """
    given AS (
        INSERT INTO person_nhs_number (nhs_number, person_id, since)
        SELECT nhs_number, person_id, %(at)s
        FROM json_to_recordset(%(people)s::json) AS new (nhs_number text, person_id uuid)
        ORDER BY nhs_number
        ON CONFLICT DO NOTHING
        RETURNING nhs_number, person_id
    ), made AS (
        INSERT INTO person (id, created_at) SELECT person_id, %(at)s FROM given
    )
"""
_MAKE_PEOPLE: Final = f"WITH {_MAKE} SELECT count(*) FROM given"  # noqa: S608  # ours


def make_people(connection: Connection, people: Mapping[str, UUID], *, at: datetime) -> bool:
    """Make a person for each NHS number; false where another worker made one of them first, and that one stays."""
    made = connection.exec_driver_sql(_MAKE_PEOPLE, {"people": _numbered(people), "at": at}).scalar_one()
    return bool(made == len(people))


def _numbered(people: Mapping[str, UUID]) -> str:
    return as_json([{"nhs_number": number, "person_id": person_id} for number, person_id in people.items()])


def name_person(
    connection: Connection,
    partner: OdsCode,
    local_id: str,
    person_id: UUID,
    *,
    confirmed_by: Confirmation,
    at: datetime,
) -> None:
    """Let a partner's identifier name this person, whomever it named before."""
    named = {"person_id": person_id, "confirmed_by": confirmed_by, "confirmed_at": at}
    connection.execute(
        insert(person_identifier)
        .values(partner=partner, local_id=local_id, **named)
        .on_conflict_do_update(index_elements=["partner", "local_id"], set_=named)
    )


_COLUMNS: Final = (*Demographics._fields, "family_sound", "given_sound")
_TOLD: Final = ", ".join(_COLUMNS)
_REMEMBER: Final = f"""
    WITH {_MAKE}, named AS (
        INSERT INTO person_identifier (partner, local_id, person_id, confirmed_by, confirmed_at)
        SELECT %(partner)s, local_id, person_id, confirmed_by, %(at)s
        FROM json_to_recordset(%(references)s::json) AS new (local_id text, person_id uuid, confirmed_by text)
        WHERE (SELECT count(*) FROM given) = %(to_make)s
        ORDER BY local_id
        ON CONFLICT DO NOTHING
        RETURNING local_id
    ), is_first AS (
        SELECT (SELECT count(*) FROM given) = %(to_make)s AND (SELECT count(*) FROM named) = %(to_name)s AS everywhere
    ), stated AS (
        INSERT INTO person_identity (person_id, partner, recorded_at, {_TOLD})
        SELECT person_id, %(partner)s, %(at)s, {_TOLD}
        FROM json_populate_recordset(NULL::person_identity, %(stated)s::json)
        WHERE (SELECT everywhere FROM is_first)
        ORDER BY person_id
        ON CONFLICT (person_id, partner) DO UPDATE
        SET (recorded_at, {_TOLD}) = ROW (excluded.recorded_at, {", ".join(f"excluded.{name}" for name in _COLUMNS)})
    )
    SELECT everywhere FROM is_first
"""  # noqa: S608  # ours


def remember(
    connection: Connection,
    partner: OdsCode,
    *,
    people: Mapping[str, UUID] = _NOBODY,
    references: Mapping[str, Reference] = _NOBODY,
    identities: Mapping[UUID, Demographics] = _NOBODY,
    at: datetime,
) -> bool:
    """Make a person for each NHS number, keep whom a partner's identifiers name, and what it states of each person.

    In one turn. False where another worker made or named one of them first: that one stays, what rests on it is not
    written, and all must be read anew.
    """
    named = [
        {"local_id": local_id, "person_id": reference.place.filed_as, "confirmed_by": reference.confirmed_by}
        for local_id, reference in references.items()
    ]
    told = {
        "partner": partner,
        "at": at,
        "people": _numbered(people),
        "to_make": len(people),
        "references": as_json(named),
        "to_name": len(named),
        "stated": as_json([_row(person_id, one) for person_id, one in identities.items()]),
    }
    return bool(connection.exec_driver_sql(_REMEMBER, told).scalar_one())


def _row(person_id: UUID, one: Demographics) -> dict[str, object]:
    """What is stated of a person, with the sounds that a search goes by."""
    sounds = {"family_sound": _sound(one.family_folded), "given_sound": _sound(one.given_folded)}
    return {**one._asdict(), "person_id": person_id, **sounds}


def _sound(folded: str | None) -> str | None:
    return sound(folded.split(" ", 1)[0]) if folded else None
