"""Facts of many people at once are those that each has by themselves."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Connection, Engine

from app.database.pipeline import over
from app.database.transactions import plain_address, transaction
from app.sharing.facts import Account, Objection, PersonFacts
from app.sharing.known.gathering import facts_of
from app.sharing.known.many import facts_of_each, facts_of_many, related_people
from app.sharing.known.objection_store import change_objection, is_kept_from, kept_from_meeting, put_objection
from app.sharing.known.store import deceased_among, related, relationships_touching
from app.vocabulary.ods_code import OdsCode

AT = datetime(2026, 6, 30, tzinfo=UTC)
PRACTICE = OdsCode("M92001")


@pytest.fixture
def people(engine: Engine) -> list[UUID]:
    """Three whom the practice has, of whom the third was merged into the first, and three whom it has not now.

    One it has no more since just now, one in error, one not yet; the second was with it once before, too.
    """
    first, second, merged, *others = (uuid4() for _ in range(6))
    former, mistaken, coming = others
    long_ago, now, later = "2020-01-01Z", AT, "2026-12-01Z"
    with transaction(engine) as connection:
        for person, into in ((first, None), (second, None), (merged, first), *((one, None) for one in others)):
            connection.exec_driver_sql("INSERT INTO person VALUES (%s, %s, %s)", (person, AT, into))
        for n, row in enumerate(
            [
                (first, long_ago, None, None),
                (second, long_ago, later, later),
                (second, long_ago, "2021-01-01Z", None),
                (merged, long_ago, None, None),
                (former, long_ago, now, None),
                (mistaken, long_ago, None, now),
                (coming, later, None, None),
            ]
        ):
            connection.exec_driver_sql(
                "INSERT INTO relationship"
                " (person_id, started, ended, revoked, partner, key, message, kind, organisation)"
                " VALUES (%s, %s, %s, %s, 'M92001', %s, 1, 'registration', 'M92001')",
                (*row, str(n)),
            )
        connection.exec_driver_sql(
            "INSERT INTO objection (person_id, scope, upheld, started) VALUES (%s, 'all', true, '2026-01-01Z')",
            (merged,),
        )
        connection.exec_driver_sql(
            "INSERT INTO person_flag VALUES (%s, 'RL4', 'dissent', true, '2026-01-01Z', 1)", (second,)
        )
        connection.exec_driver_sql("INSERT INTO person_nhs_number VALUES ('9990000018', %s, '2026-01-01Z')", (merged,))
    return [first, second]


def test_whoever_an_organisation_has_to_do_with_now_is_found_once(database_url: str, people: list[UUID]) -> None:
    with psycopg.connect(plain_address(database_url)) as connection:
        found = [person for some in related_people(connection, PRACTICE, at=AT) for person in some]
        others = list(related_people(connection, OdsCode("RL4"), at=AT))

    assert sorted(found) == sorted(people)
    assert others == []


def test_many_peoples_facts_are_those_that_each_has_alone(database_url: str, people: list[UUID]) -> None:
    async def alone() -> list[object]:
        async with await psycopg.AsyncConnection.connect(plain_address(database_url)) as connection:
            return [await facts_of(over(connection), person, at=AT) for person in people]

    with psycopg.connect(plain_address(database_url)) as connection:
        together = facts_of_many(connection, people, at=AT)

    async def each() -> dict[UUID, PersonFacts]:
        async with await psycopg.AsyncConnection.connect(plain_address(database_url)) as connection:
            assert await facts_of_each(connection, [], at=AT) == {}
            return await facts_of_each(connection, people, at=AT)

    first, second = asyncio.run(alone())
    assert [together[person] for person in people] == [first, second]
    assert asyncio.run(each()) == together
    assert len(together[people[0]].objections) == 1  # of the person who was merged into them
    assert len(together[people[1]].flags) == 1


def test_people_come_a_thousand_at_a_time_however_many_there_are(engine: Engine, database_url: str) -> None:
    with transaction(engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO person SELECT md5(n::text)::uuid, now() FROM generate_series(1, 2500) AS n"
        )
        connection.exec_driver_sql(
            "INSERT INTO relationship (person_id, partner, key, message, kind, organisation, started)"
            " SELECT id, 'M92001', id::text, 1, 'registration', 'M92001', '2020-01-01Z' FROM person"
        )
    with psycopg.connect(plain_address(database_url)) as connection:
        sizes = [len(some) for some in related_people(connection, PRACTICE, at=AT)]

    assert sizes == [1000, 1000, 500]


NOON, DAY = datetime(2026, 6, 30, 12, tzinfo=UTC), timedelta(days=1)
SITTING, TRUST = "northgate/2026-12-03", OdsCode("RL4")
DOCTOR = Account("https://sign-in.example", "doctor")
EITHER_RECORD = pytest.mark.parametrize("merged", [False, True], ids=["their own", "a record merged into theirs"])


def someone(connection: Connection, *, merged: bool) -> tuple[UUID, UUID]:
    """A person, and the record that tells of them: their own, or one that was merged into it."""
    person, record = uuid4(), uuid4()
    connection.exec_driver_sql("INSERT INTO person VALUES (%s, %s, NULL)", (person, NOON))
    if merged:
        connection.exec_driver_sql("INSERT INTO person VALUES (%s, %s, %s)", (record, NOON, person))
    return person, record if merged else person


def objecting(connection: Connection, *, merged: bool, **said: Any) -> UUID:
    person, record = someone(connection, merged=merged)
    whole: dict[str, Any] = {"id": "", "scope": "all", "upheld": True, "started": NOON - DAY, **said}
    lodged = Objection(**whole)
    number = put_objection(connection, record, lodged, DOCTOR)
    change_objection(connection, number, {"ended": lodged.ended})
    return person


@EITHER_RECORD
def test_whoever_objects_is_kept_from_the_meetings_that_they_mean_while_they_mean_it(
    engine: Engine, merged: bool
) -> None:
    kept: list[dict[str, Any]] = [
        {}, {"started": NOON}, {"ended": NOON + DAY}, {"scope": "meeting", "meeting": SITTING},
        {"scope": "meeting", "meeting": "northgate", "team": "Northgate MDT"},
    ]  # fmt: skip
    others: list[dict[str, Any]] = [
        {"upheld": False}, {"started": NOON + DAY}, {"ended": NOON}, {"scope": "source", "organisation": TRUST},
        {"scope": "meeting", "meeting": "north"}, {"scope": "meeting", "meeting": "northgate/2026-12-10"},
    ]  # fmt: skip
    with transaction(engine) as connection:
        those, these = ([objecting(connection, merged=merged, **said) for said in each] for each in (kept, others))
        assert kept_from_meeting(connection, [*those, *these], SITTING, at=NOON) == set(those)


@EITHER_RECORD
def test_whoever_objects_to_somebody_is_kept_from_them_alone(engine: Engine, merged: bool) -> None:
    kept: list[dict[str, Any]] = [
        {"scope": "recipient", "organisation": TRUST}, {"scope": "user", "account": DOCTOR},
        {"scope": "recipient", "organisation": TRUST, "ended": NOON + DAY, "started": NOON},
    ]  # fmt: skip
    others: list[dict[str, Any]] = [
        {"scope": "source", "organisation": TRUST}, {"scope": "recipient", "organisation": PRACTICE},
        {"scope": "user", "account": DOCTOR._replace(subject="nurse")},
        {"scope": "user", "account": DOCTOR._replace(issuer="https://elsewhere.example")},
        *({"scope": "recipient", "organisation": TRUST, **but} for but in
          ({"upheld": False}, {"started": NOON + DAY}, {"ended": NOON})),
    ]  # fmt: skip
    with transaction(engine) as connection:
        told = [
            is_kept_from(connection, objecting(connection, merged=merged, **said), TRUST, DOCTOR, at=NOON)
            for said in (*kept, *others)
        ]
    assert told == [True] * len(kept) + [False] * len(others)


@EITHER_RECORD
def test_whom_an_organisation_has_to_do_with_and_who_has_died_is_told_of_both_records(
    engine: Engine, merged: bool
) -> None:
    windows = {
        "open": (NOON, None, None), "lasting": (NOON - DAY, NOON + DAY, NOON + DAY), "over": (NOON - DAY, NOON, None),
        "in error": (NOON - DAY, None, NOON), "to come": (NOON + DAY, None, None),
    }  # fmt: skip
    with transaction(engine) as connection:
        people = {name: someone(connection, merged=merged) for name in (*windows, "dead", "living", "elsewhere")}
        named = {person: name for name, (person, _) in people.items()}
        for name, window in {**windows, "elsewhere": windows["open"]}.items():
            connection.exec_driver_sql(
                "INSERT INTO relationship"
                " (person_id, started, ended, revoked, partner, key, message, kind, organisation)"
                " VALUES (%s, %s, %s, %s, 'M92001', %s, 1, 'registration', %s)",
                (people[name][1], *window, name, "LA508" if name == "elsewhere" else "M92001"),
            )
        for name, kind, raised in (("dead", "deceased", True), ("living", "deceased", False), ("open", "child", True)):
            flag = (people[name][1], kind, raised, NOON)
            connection.exec_driver_sql("INSERT INTO person_flag VALUES (%s, 'RL4', %s, %s, %s, 1)", flag)

        assert {named[one] for one in related(connection, PRACTICE, named, at=NOON)} == {"open", "lasting"}
        assert {named[one] for one in deceased_among(connection, [*named])} == {"dead"}
        touching = relationships_touching(connection, [*named], NOON, NOON + DAY)
        assert {named[one] for one in touching} == {"open", "lasting", "elsewhere"}
