"""Facts in PostgreSQL: what intake tells, and what is read when a record is opened."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid5

import psycopg
import pytest
from sqlalchemy import Connection, Engine, text

from app.database.pipeline import over
from app.database.transactions import plain_address, transaction
from app.sharing.facts import (
    Account,
    EmergencyOpening,
    Flag,
    Objection,
    PersonFacts,
    Relationship,
)
from app.sharing.known.feed_store import end_missing_relationships, put_flags, put_relationships, revoke_relationships
from app.sharing.known.gathering import facts_by_nhs_number, facts_of
from app.vocabulary import statement
from app.vocabulary.category import Category
from app.vocabulary.flag import FlagKind
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from tests.sharing.worlds import DAY, HERS, HIS, NOON, NURSE_AND_HER_PATIENT, World, wulfrun

TRUST = OdsCode("RL4")
SHE, HE, THEY = (uuid5(UUID(int=0), name) for name in ("she", "he", "they"))
T = TypeVar("T")


@dataclass(frozen=True)
class Message:
    """One message of a partner."""

    message: int
    partner: OdsCode = TRUST
    at: datetime = NOON


def told(key: str = "visit/1", kind: str = "admission", **attributes: Any) -> statement.Relationship:
    return statement.Relationship(key=key, kind=kind, **({"started": NOON - DAY} | attributes))


def raised(kind: str = "location-restricted", *, up: bool = True) -> statement.PersonFlag:
    return statement.PersonFlag(kind=FlagKind(kind), raised=up)


def know(connection: Connection, *people: tuple[UUID, NHSNumber], merged: dict[UUID, UUID] | None = None) -> None:
    """Let the index know people, as app/person does."""
    for person, number in people:
        connection.execute(text("INSERT INTO person (id, created_at) VALUES (:id, :at)"), {"id": person, "at": NOON})
        connection.execute(
            text("INSERT INTO person_nhs_number (nhs_number, person_id, since) VALUES (:number, :id, :at)"),
            {"number": number.digits, "id": person, "at": NOON},
        )
    for retired, survivor in (merged or {}).items():
        connection.execute(
            text("UPDATE person SET merged_into = :survivor WHERE id = :retired"),
            {"survivor": survivor, "retired": retired},
        )


def reading(engine: Engine, read: Callable[[psycopg.AsyncConnection[Any]], Awaitable[T]]) -> T:
    """What is read over a connection such as the web's."""
    address = plain_address(engine.url)

    async def connected() -> T:
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            return await read(connection)

    return asyncio.run(connected())


def facts(engine: Engine, person: UUID, *, at: datetime | None = None) -> PersonFacts:
    return reading(engine, lambda connection: facts_of(over(connection), person, at=at))


def test_nobody_is_known_by_an_id_that_nobody_has(engine: Engine) -> None:
    assert facts(engine, SHE) == PersonFacts()


def by_number(engine: Engine, number: NHSNumber, *, at: datetime | None = None) -> tuple[UUID | None, PersonFacts]:
    return reading(engine, lambda connection: facts_by_nhs_number(over(connection), number, at=at))


def test_a_number_leads_to_its_person_and_what_decides_about_them(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS), (HE, HIS))
        put_relationships(connection, Message(1), [(SHE, told()), (HE, told("visit/2"))])
    assert by_number(engine, HERS) == (SHE, facts(engine, SHE))
    assert by_number(engine, HIS) == (HE, facts(engine, HE))


def test_the_number_of_somebody_merged_leads_to_the_survivor_and_all_that_is_known_of_both(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS), (THEY, HIS), merged={THEY: SHE})
        put_relationships(connection, Message(1), [(SHE, told()), (THEY, told("visit/2"))])
    who, known = by_number(engine, HIS)
    assert who == SHE
    assert known.nhs_numbers == {HERS, HIS}
    assert len(known.relationships) == 2


def test_a_number_unknown_here_leads_to_nobody(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (HE, HIS))
    assert by_number(engine, HERS) == (None, PersonFacts())


def test_all_that_decides_is_read_at_once(engine: Engine) -> None:
    account = Account("https://sign-in.example", "nurse")
    with transaction(engine) as connection:
        know(connection, (SHE, HERS))
        put_relationships(connection, Message(1), [(SHE, told(team="north", ended=NOON + DAY))])
        put_flags(connection, Message(1), [(SHE, raised())])
        connection.execute(
            text(
                "INSERT INTO objection (person_id, scope, upheld, category, organisation, issuer, subject, started)"
                " VALUES (:id, 'category', true, 'medications', 'RL4', :issuer, :subject, :at)"
            ),
            {"id": SHE, "at": NOON, "issuer": account.issuer, "subject": account.subject},
        )
        connection.execute(
            text(
                "INSERT INTO emergency_opening (person_id, issuer, subject, organisation, started, ended, reason)"
                " VALUES (:id, :issuer, :subject, 'RL4', :at, :end, 'found unconscious')"
            ),
            {"id": SHE, "at": NOON, "end": NOON + DAY, "issuer": account.issuer, "subject": account.subject},
        )
    assert facts(engine, SHE) == PersonFacts(
        nhs_numbers=frozenset({HERS}),
        relationships=(
            Relationship(
                id="1", kind="admission", organisation=TRUST, started=NOON - DAY, ended=NOON + DAY, team="north"
            ),
        ),
        objections=(
            Objection(
                id="1",
                scope="category",
                upheld=True,
                started=NOON,
                category=Category("medications"),
                organisation=TRUST,
                account=account,
            ),
        ),
        flags=(Flag(kind="location-restricted", partner=TRUST, since=NOON),),
        openings=(EmergencyOpening(id="1", account=account, organisation=TRUST, started=NOON, ended=NOON + DAY),),
    )


def test_what_the_store_gives_can_be_decided_upon(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS))
        caseload = told(kind="caseload", organisation=OdsCode("RL4C"))
        put_relationships(connection, Message(1), [(SHE, caseload)])
        put_flags(connection, Message(1), [(SHE, raised("dissent"))])
    stored = World(
        NURSE_AND_HER_PATIENT.requester, facts(engine, SHE), NURSE_AND_HER_PATIENT.action, NURSE_AND_HER_PATIENT.purpose
    )
    decision = stored.decide(wulfrun.agreements)
    assert decision.alarm is None
    assert not decision.denied


def test_an_objection_to_a_heading_that_is_unknown_denies(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS))
        connection.execute(
            text(
                "INSERT INTO objection (person_id, scope, upheld, category, started)"
                " VALUES (:id, 'category', true, 'horoscope', :at)"
            ),
            {"id": SHE, "at": NOON},
        )
    decision = NURSE_AND_HER_PATIENT.knowing(objections=facts(engine, SHE).objections).decide(wulfrun.agreements)
    assert decision.alarm == "unknown objection"


def test_relationships_that_have_ended_are_left_out_on_request(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS))
        put_relationships(
            connection, Message(1), [(SHE, told("a", ended=NOON)), (SHE, told("b", ended=NOON + DAY)), (SHE, told("c"))]
        )
    assert len(facts(engine, SHE).relationships) == 3
    assert {each.ended for each in facts(engine, SHE, at=NOON).relationships} == {NOON + DAY, None}
    assert by_number(engine, HERS, at=NOON) == (SHE, facts(engine, SHE, at=NOON))


def test_a_relationship_told_again_is_replaced_and_a_late_message_changes_nothing(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS))
        put_relationships(connection, Message(2), [(SHE, told())])
        put_relationships(connection, Message(3), [(SHE, told(kind="referral")), (SHE, told(ended=NOON))])
        put_relationships(connection, Message(1), [(SHE, told(ended=NOON - DAY))])
    (held,) = facts(engine, SHE).relationships
    assert (held.kind, held.ended) == ("admission", NOON)


def test_two_partners_may_call_different_things_alike(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS))
        put_relationships(connection, Message(1), [(SHE, told())])
        put_relationships(connection, Message(1, partner=OdsCode("LA508")), [(SHE, told())])
    assert {each.organisation for each in facts(engine, SHE).relationships} == {"RL4", "LA508"}


def test_what_a_complete_message_leaves_out_has_ended(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS), (HE, HIS))
        put_relationships(connection, Message(1), [(SHE, told("list/1")), (HE, told("list/2")), (HE, told("other/1"))])
        connection.execute(text("CREATE TEMPORARY TABLE stated_key (key text) ON COMMIT DROP"))
        connection.execute(text("INSERT INTO stated_key VALUES ('list/1')"))
        assert end_missing_relationships(connection, Message(2), "list/", ended=NOON - 2 * DAY) == 1
    assert [each.ended for each in facts(engine, SHE).relationships] == [None]
    assert {each.ended for each in facts(engine, HE).relationships} == {None, NOON - DAY}  # never before its start


def test_a_visit_told_in_error_never_held_until_it_is_told_anew(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS))
        put_relationships(connection, Message(1), [(SHE, told("visit/1/admission")), (SHE, told("visit/10"))])
        assert revoke_relationships(connection, Message(2), "visit/1") == 1
    assert [each.revoked for each in facts(engine, SHE).relationships] == [NOON - DAY, None]
    with transaction(engine) as connection:
        put_relationships(connection, Message(3), [(SHE, told("visit/1/admission"))])
    assert [each.revoked for each in facts(engine, SHE).relationships] == [None, None]


def test_a_flag_keeps_the_instant_at_which_it_was_raised(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS))
        put_flags(connection, Message(1), [(SHE, raised())])
        put_flags(connection, Message(2, at=NOON + DAY), [(SHE, raised())])
    assert facts(engine, SHE).flags == (Flag(kind="location-restricted", partner=TRUST, since=NOON),)


def test_a_flag_is_lowered_by_a_later_message_of_the_same_partner_alone(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS))
        put_flags(connection, Message(2), [(SHE, raised())])
        put_flags(connection, Message(9, partner=OdsCode("LA508")), [(SHE, raised(up=False))])
        put_flags(connection, Message(1), [(SHE, raised(up=False))])
    assert [flag.partner for flag in facts(engine, SHE).flags] == ["RL4"]
    with transaction(engine) as connection:
        put_flags(connection, Message(3), [(SHE, raised()), (SHE, raised(up=False))])
    assert facts(engine, SHE).flags == by_number(engine, HERS)[1].flags == ()


def test_a_merge_joins_the_restrictions_and_numbers_of_both_and_undoing_it_parts_them(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS), (HE, HIS), merged={HE: SHE})
        put_relationships(connection, Message(1), [(SHE, told("a")), (HE, told("b"))])
        put_flags(connection, Message(1), [(HE, raised())])
    joined = facts(engine, SHE)
    assert joined.nhs_numbers == {HERS, HIS}
    assert len(joined.relationships) == 2
    assert [flag.kind for flag in joined.flags] == ["location-restricted"]
    with transaction(engine) as connection:
        connection.execute(text("UPDATE person SET merged_into = NULL"))
    parted = facts(engine, SHE)
    assert (parted.nhs_numbers, len(parted.relationships), parted.flags) == (frozenset({HERS}), 1, ())


def test_thousands_of_relationships_take_one_statement(engine: Engine) -> None:
    many = [(uuid5(SHE, str(n)), told(f"visit/{n}")) for n in range(5000)]
    with transaction(engine) as connection:
        put_relationships(connection, Message(1), many)
        put_relationships(connection, Message(2), many)
        count = connection.execute(text("SELECT count(*) FROM relationship WHERE message = 2")).scalar_one()
    assert count == 5000


@pytest.mark.parametrize(
    "row", ["'', 'RL4', now(), now() + interval '1 hour', ''", "'s', 'RL4', now(), now(), 'a reason'"]
)
def test_the_database_refuses_an_opening_without_reason_or_window(engine: Engine, row: str) -> None:
    statement_of = "INSERT INTO emergency_opening (person_id, issuer, subject, organisation, started, ended, reason)"
    with pytest.raises(Exception, match="ck_emergency_opening"), transaction(engine) as connection:
        connection.exec_driver_sql(f"{statement_of} VALUES ('{SHE}', 'i', {row})")
