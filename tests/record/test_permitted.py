"""What leaves the database is what the decision permits, entry by entry, and nothing else."""

import asyncio
from collections.abc import Sized
from datetime import UTC, date, datetime
from itertools import product
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Engine, insert

from app.database.pipeline import over
from app.database.transactions import plain_address, transaction
from app.record.label_numbers import label_number
from app.record.merge import Line
from app.record.models import attachment, entry, entry_version
from app.record.store import (
    filed_under,
    permitted_documents,
    permitted_lines,
    permitted_of_many,
    permitted_resources,
    permitted_versions,
    permitted_versions_of_lines,
)
from app.sharing.decision import Decision, Granted
from app.sharing.lattice import Lattice
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode

pytestmark = pytest.mark.unmeasured  # the same lines thousands of times over, which other tests measure

LATTICE = Lattice((OdsCode("RL4"), OdsCode("M92001")))
DAYS = (None, date(1999, 12, 31), date(2024, 5, 31), date(2024, 6, 1), date(2026, 6, 30))
ACUTE, PROBLEMS, RESULTS = (
    LATTICE.mask(controllers=[OdsCode("RL4")]),
    LATTICE.mask(categories=[Category("problems")]),
    LATTICE.mask(categories=[Category("results")]),
)


def record(engine: Engine) -> tuple[UUID, dict[int, tuple[Label, date | None]]]:
    """A person with an entry under each label for each day; which entry has which."""
    person = uuid4()
    entries = dict(enumerate(product(LATTICE.labels, DAYS), start=1))
    with transaction(engine) as connection:
        connection.execute(
            insert(entry),
            [_row(person, number, label, day, "current") for number, (label, day) in entries.items()],
        )
    return person, entries


def _row(person: UUID, number: int, label: Label, day: date | None, standing: str) -> dict[str, object]:
    return {
        "person_id": person,
        "id": number,
        "filed_as": person,
        "partner": label.controller,
        "adapter": "test",
        "key": str(number),
        "label": label_number(label),
        "category": label.category,
        "sensitivity": label.sensitivity,
        "version": 1,
        "resource_type": "Observation",
        "standing": standing,
        "occurred_on": day,
        "message": 1,
        "line": number,
        "stored_at": datetime(2026, 6, 30, tzinfo=UTC),
        "digest": b"",
        "summary": b"{}",
        "resource": b"{}",
    }


def _content(number: int, version: int, content: bytes) -> dict[str, object]:
    return {"entry_id": number, "version": version, "content_type": "text/plain", "content": content}


def numbers_shown(engine: Engine, person: UUID, *granted: Granted) -> set[int]:
    return {line.number for line in lines_shown(engine, person, *granted)}


def lines_shown(engine: Engine, person: UUID, *granted: Granted) -> list[Line]:
    address = plain_address(engine.url)
    decision = Decision(lattice=LATTICE, agreements=(), granted=granted)

    async def read() -> list[Line]:
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            lines = await permitted_lines(over(connection), person, decision)
            assert all(decision.permits(line.label, None) for line in lines)
            return lines

    return asyncio.run(read())


def test_the_database_and_the_decision_agree_on_every_label_and_age(engine: Engine) -> None:
    person, entries = record(engine)
    for granted in (
        (),
        (Granted("A", ACUTE),),
        (Granted("A", LATTICE.everything),),
        (Granted("A", 1 << len(LATTICE.labels) // 2),),
        (Granted("A", RESULTS, date(2024, 6, 1)),),
        (Granted("A", ACUTE, date(2024, 6, 1)), Granted("B", PROBLEMS), Granted("C", RESULTS, date(1999, 12, 31))),
    ):
        decision = Decision(lattice=LATTICE, agreements=(), granted=granted)
        permitted = {number for number, (label, day) in entries.items() if decision.permits(label, day)}
        assert numbers_shown(engine, person, *granted) == permitted


def test_the_newest_stands_first_and_what_has_no_date_last(engine: Engine) -> None:
    person, everything = uuid4(), Granted("A", LATTICE.everything)
    began = {1: date(2024, 6, 1), 2: None, 3: date(2026, 6, 30), 4: date(2024, 6, 1)}
    with transaction(engine) as connection:
        for number, day in began.items():
            instant = day and datetime.combine(day, datetime.min.time(), UTC)
            row = _row(person, number, LATTICE.labels[0], None, "current")
            connection.execute(insert(entry), [row | {"started": instant}])
    assert [line.number for line in lines_shown(engine, person, everything)] == [3, 4, 1, 2]


def test_no_order_of_filing_changes_the_order_in_which_resources_are_told(engine: Engine) -> None:
    """What is hidden lies between them, so that the order in which a table is read would tell of it."""
    person, decision = uuid4(), Decision(lattice=LATTICE, agreements=(), granted=(Granted("A", LATTICE.everything),))
    with transaction(engine) as connection:
        for number in (3, 1, 4, 2):
            connection.execute(insert(entry), [_row(person, number, LATTICE.labels[0], None, "current")])

    async def read() -> list[int]:
        async with await psycopg.AsyncConnection.connect(plain_address(engine.url), autocommit=True) as connection:
            await connection.execute("SET enable_indexscan = off")  # as PostgreSQL decides by itself once there is more
            return [one.number for one in await permitted_resources(over(connection), person, decision)]

    assert asyncio.run(read()) == [1, 2, 3, 4]


def test_nothing_of_anybody_else_is_read(engine: Engine) -> None:
    record(engine)
    assert numbers_shown(engine, uuid4(), Granted("A", LATTICE.everything)) == set()


def test_what_was_entered_in_error_is_read_in_no_way_and_nor_is_what_it_was_before(engine: Engine) -> None:
    person, number, address = uuid4(), 7, plain_address(engine.url)
    decision = Decision(lattice=LATTICE, agreements=(), granted=(Granted("A", LATTICE.everything),))
    row = _row(person, number, LATTICE.labels[0], None, "entered-in-error")
    with transaction(engine) as connection:
        connection.execute(insert(entry), [row | {"version": 2}])
        connection.execute(insert(entry_version), [row | {"standing": "current"}])
        connection.execute(insert(attachment), [_content(number, 2, b"in error")])

    async def read() -> list[Sized]:
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            ways = (permitted_lines, permitted_versions_of_lines, permitted_resources, permitted_versions, filed_under)
            found: list[Sized] = [await way(over(connection), person, decision) for way in ways]
            return [*found, await permitted_documents(over(connection), person, decision, number=number)]

    assert [*filter(None, asyncio.run(read()))] == []
    with psycopg.connect(address) as reading:
        headings = {label.category for label in LATTICE.labels}
        assert permitted_of_many(reading, {person: decision}, categories=headings) == {person: []}


def test_a_document_is_the_one_that_was_asked_for_as_it_is_now(engine: Engine) -> None:
    person, decision = uuid4(), Decision(lattice=LATTICE, agreements=(), granted=(Granted("A", LATTICE.everything),))
    with transaction(engine) as connection:
        for number in (7, 8):
            row = _row(person, number, LATTICE.labels[0], None, "current")
            connection.execute(insert(entry), [row | {"version": 2}])
            connection.execute(insert(attachment), [_content(number, 1, b"as it was"), _content(number, 2, b"now")])

    async def read() -> list[tuple[int, bytes]]:
        async with await psycopg.AsyncConnection.connect(plain_address(engine.url), autocommit=True) as connection:
            found = await permitted_documents(over(connection), person, decision, number=7)
            return [(one.number, one.content) for one in found]

    assert asyncio.run(read()) == [(7, b"now")]


def test_a_label_that_no_agreement_knows_stays(engine: Engine) -> None:
    person, entries = record(engine)
    strange = Label(OdsCode("RXX"), Category("problems"), Sensitivity.NORMAL)
    with transaction(engine) as connection:
        connection.execute(insert(entry), [_row(person, len(entries) + 1, strange, None, "current")])
    assert numbers_shown(engine, person, Granted("A", LATTICE.everything)) == set(entries)


def test_of_what_is_not_permitted_now_no_former_version_is_read(engine: Engine) -> None:
    """Whoever seals an entry by hand, or a source that asks for more care of it, leaves its past as it was."""
    person, normal, sealed = uuid4(), LATTICE.labels[0], LATTICE.labels[-1]
    with transaction(engine) as connection:
        for number, now in ((1, normal), (2, sealed)):
            connection.execute(insert(entry), [_row(person, number, now, None, "current") | {"version": 2}])
            connection.execute(insert(entry_version), [_row(person, number, normal, None, "current")])
    decision = Decision(lattice=LATTICE, agreements=(), granted=(Granted("A", 1),))

    async def read() -> tuple[list[int], list[int]]:
        async with await psycopg.AsyncConnection.connect(plain_address(engine.url), autocommit=True) as connection:
            lines = await permitted_versions_of_lines(over(connection), person, decision)
            resources = await permitted_versions(over(connection), person, decision)
            return sorted(one.line.number for one in lines), [one.number for one in resources]

    assert asyncio.run(read()) == ([1, 1], [1, 1])
