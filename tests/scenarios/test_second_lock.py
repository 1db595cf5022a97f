"""The record is locked twice: where a query forgets whom it is for, the database shows what was decided and no more."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from itertools import combinations, product
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import Connection, Engine, text

from app.database.pipeline import Pipeline, over
from app.database.transactions import Role, acting_as, in_transaction, plain_address
from app.person.find import Criteria, search
from app.place import open_place
from app.record import store
from app.record.label_numbers import label_number
from app.record.lock import lock_of
from app.record.read.finding import Finding
from app.settings import Settings
from app.sharing.decision import Decision, Granted
from app.sharing.lattice import Lattice, lattice_of
from app.vocabulary.category import Category
from app.vocabulary.label import Label
from app.vocabulary.ods_code import OdsCode

SETTINGS: dict[str, Any] = {"autocommit": True, "options": acting_as(Role.SERVICE)}
EVERYTHING = b"SELECT id, label FROM entry"
TABLES = ("entry", "entry_version", "attachment", "person_identity")


class Held(NamedTuple):
    """One entry as it lies there."""

    person: UUID
    number: int
    label: int
    occurred: date | None
    stated: str


@pytest.fixture(scope="module")
def address(place: Engine, module_database_url: str) -> str:
    return plain_address(module_database_url)


@pytest.fixture(scope="module")
def entries(place: Engine) -> list[Held]:
    with place.connect() as connection:
        rows = connection.execute(
            text("SELECT person_id, id, label, occurred_on, concat_ws('/', partner, category, sensitivity) FROM entry")
        )
        return [Held(*row) for row in rows]


@pytest.fixture(scope="module")
def lattice(place: Engine) -> Lattice:
    with place.connect() as connection:
        return lattice_of(*sorted(map(OdsCode, connection.scalars(text("SELECT DISTINCT partner FROM entry")))))


@pytest.fixture(scope="module")
def service(address: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(address, **SETTINGS) as connection:
        yield connection


@pytest.fixture
async def pipeline(address: str) -> AsyncIterator[Pipeline]:
    async with Pipeline(address, SETTINGS) as opened:
        yield opened


def deciding(lattice: Lattice, *granted: Granted) -> Decision:
    return Decision(lattice=lattice, agreements=(), granted=granted)


def all_of(lattice: Lattice) -> Decision:
    return deciding(lattice, Granted("all", lattice.everything))


def shown(service: psycopg.Connection, person: UUID, decision: Decision) -> set[tuple[int, int]]:
    """What a query that forgets everything finds."""
    with service.transaction():
        psycopg.RawCursor(service).execute(*lock_of(decision).over(person))
        return set(service.execute(EVERYTHING).fetchall())


@pytest.mark.parametrize("table", TABLES)
def test_without_a_decision_nothing_is_read_even_by_raw_sql(service: psycopg.Connection, table: str) -> None:
    assert service.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


@pytest.mark.parametrize("table", TABLES)
def test_the_service_writes_nothing_of_the_record(service: psycopg.Connection, table: str) -> None:
    for statement in (f"DELETE FROM {table}", f"INSERT INTO {table} DEFAULT VALUES", f"TRUNCATE {table}"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            service.execute(statement)


def test_each_setting_alone_opens_nothing(service: psycopg.Connection, entries: list[Held], lattice: Lattice) -> None:
    settings = opening(entries[0].person, all_of(lattice))
    for few in (*combinations(settings, 1), *combinations(settings, len(settings) - 1)):
        with service.transaction():
            for name in few:
                service.execute("SELECT set_config(%s, %s, true)", (f"pisano.{name}", settings[name]))
            assert service.execute(EVERYTHING).fetchall() == [], few


def opening(person: UUID, decision: Decision) -> dict[str, str]:
    """The settings that open a record, by name."""
    return dict(zip(("people", "controllers", "labels", "days"), lock_of(decision).over(person)[1], strict=True))


@trying(max_examples=25)
@given(data=st.data())
def test_a_query_that_forgets_its_conditions_finds_what_the_decision_permits(
    data: st.DataObject, service: psycopg.Connection, entries: list[Held], lattice: Lattice
) -> None:
    person = data.draw(st.sampled_from(sorted({one.person for one in entries})))
    of_them = [one for one in entries if one.person == person]
    theirs = [label for label in lattice.labels if label_number(label) in {one.label for one in of_them}]
    days = sorted({one.occurred for one in of_them if one.occurred})
    day = st.none() | st.sampled_from(days) if days else st.none()
    grants = data.draw(st.lists(st.tuples(st.sets(st.sampled_from(theirs)), day), max_size=3))
    noise = data.draw(st.integers(min_value=0, max_value=lattice.everything))
    noise &= ~sum(1 << lattice.bits[label] for label in theirs)
    granted = [Granted("some", sum(1 << lattice.bits[label] for label in few), day) for few, day in grants]
    decision = deciding(lattice, *granted, Granted("of others", noise))
    since = {label_number(label): permission.not_before for label, permission in decision.permitted.items()}
    assert shown(service, person, decision) == {
        (one.number, one.label)
        for one in of_them
        if one.label in since and (one.occurred or date.max) >= (since[one.label] or date.min)
    }


def test_what_a_controller_states_of_whom_the_decision_does_not_know_is_not_shown(
    service: psycopg.Connection, entries: list[Held], lattice: Lattice
) -> None:
    """Wherever its number stands between those of the others."""
    for unknown in lattice.controllers:
        (person, _), *_ = Counter(one.person for one in entries if stated_by(one) == unknown).most_common(1)
        others = lattice_of(*(code for code in lattice.controllers if code != unknown))
        of_others = {one.number for one in entries if one.person == person and stated_by(one) != unknown}
        assert {number for number, _ in shown(service, person, all_of(others))} == of_others


def stated_by(one: Held) -> OdsCode:
    return Label.parse(one.stated).controller


def test_the_service_looks_once_more_at_what_the_database_let_through(lattice: Lattice) -> None:
    problems = lattice.mask(categories=[Category("problems")])
    few = deciding(lattice, Granted("some", problems & -problems), Granted("new", problems, date(2024, 6, 1)))
    one, two = [label_number(label) for label in lattice.labels_in(problems)][:2]
    before, after = date(2024, 5, 31), date(2024, 6, 1)
    passing = [(one, before), (two, after), (two, None)]
    assert lock_of(few).let_through([*passing, (two, before), (one - 1, None), (0, after)], label=0) == passing
    always = deciding(lattice, Granted("some", problems & -problems))
    assert lock_of(always).let_through([(one, None), (two, None)], label=0) == [(one, None)]


@pytest.mark.anyio
async def test_a_decision_holds_for_one_statement_even_among_those_that_go_together(
    pipeline: Pipeline, entries: list[Held], lattice: Lattice
) -> None:
    (one, _), (other, _) = Counter(held.person for held in entries).most_common(2)
    read = pipeline.read
    all_of_one, all_of_other = [await store.permitted_resources(read, each, all_of(lattice)) for each in (one, other)]
    named = all_of_other[0].label.category
    few = deciding(lattice, Granted("names", lattice.mask(categories=[named])))
    answers = await asyncio.gather(
        read(EVERYTHING, ()),
        store.permitted_resources(read, one, all_of(lattice)),
        read(EVERYTHING, ()),
        store.permitted_resources(read, other, few),
        store.whose(read, all_of_one[0].number),
        read(EVERYTHING, ()),
    )
    assert answers[0] == answers[2] == answers[5] == await read(EVERYTHING, ()) == []
    assert set(answers[1]) == set(all_of_one)
    assert set(answers[3]) == {each for each in all_of_other if each.label.category == named} < set(all_of_other)
    assert answers[4] == one


@pytest.mark.anyio
async def test_the_lock_lets_through_all_that_the_service_reads(
    address: str, entries: list[Held], lattice: Lattice, place: Engine
) -> None:
    """The same read by the service, and by an administrator whom no policy holds."""
    async with (
        await psycopg.AsyncConnection.connect(address, autocommit=True) as unlocked,
        await psycopg.AsyncConnection.connect(address, **SETTINGS) as locked,
    ):
        for person, reading in product(sorted({one.person for one in entries})[:10], READINGS):
            found = [await reading(over(opened), person, all_of(lattice)) for opened in (unlocked, locked)]
            assert sorted(found[0], key=repr) == sorted(found[1], key=repr)  # neither says in which order
        with place.begin() as connection:
            attach = "INSERT INTO attachment SELECT id, version, 'text/plain', 'a letter' FROM entry WHERE id = :number"
            connection.execute(text(attach), {"number": entries[0].number})
        person, number = entries[0].person, entries[0].number
        assert await store.permitted_documents(over(locked), person, all_of(lattice), number=number)
        none_of_it = deciding(lattice)
        assert not await store.permitted_documents(over(locked), person, none_of_it, number=number)


READINGS: Any = (
    store.permitted_lines,
    store.permitted_versions_of_lines,
    store.permitted_resources,
    store.permitted_versions,
)


@pytest.mark.anyio
async def test_a_search_looks_in_the_accounts_that_it_names_and_no_other(address: str, place: Engine) -> None:
    with place.connect() as connection:
        name, born, partner = connection.execute(
            text("SELECT family_name, birth_date, partner FROM person_identity WHERE birth_date IS NOT NULL LIMIT 1")
        ).one()
    whom = Criteria(family_name=name, birth_date=born)
    async with await psycopg.AsyncConnection.connect(address, **SETTINGS) as locked:
        assert await search(locked, whom, controllers=frozenset({OdsCode(partner)}), limit=9)
        left = await (await locked.execute("SELECT count(*) FROM person_identity")).fetchone()
        assert left == (0,)


@pytest.mark.anyio
async def test_who_is_found_is_found_by_accounts_that_may_be_read_as_such_and_not_under_another_heading(
    address: str, place: Engine, lattice: Lattice
) -> None:
    """Whoever may read a partner's actions about somebody does not search by what it says of who they are."""
    with place.connect() as connection:
        name, born, partner = connection.execute(
            text("SELECT family_name, birth_date, partner FROM person_identity WHERE birth_date IS NOT NULL LIMIT 1")
        ).one()
    told: list[Any] = []

    async def tell_found(*found: Any) -> None:
        told.append(found)

    async def found_by(*headings: str) -> int:
        labels = lattice.mask(controllers=[partner], categories=[Category(one) for one in headings])
        decision = deciding(lattice, Granted("some", labels))
        assert not decision.denied
        async with AsyncConnectionPool(address, kwargs=SETTINGS, min_size=1, max_size=2) as pool:
            door: Any = SimpleNamespace(
                pool=pool,
                agreements=SimpleNamespace(lattice=lattice),
                decide=lambda *_: decision,
                tell_found=tell_found,
            )
            inquiry: Any = SimpleNamespace(at=datetime.now(UTC))
            return len(await Finding(door).search(inquiry, Criteria(family_name=name, birth_date=born)))

    assert await found_by("demographics", "actions") == 1
    assert await found_by("actions", "gp-practice") == 0
    assert len(told) == 2


def test_a_locked_read_stays_on_the_persons_index(
    service: psycopg.Connection, entries: list[Held], lattice: Lattice
) -> None:
    person, decision = entries[0].person, all_of(lattice)
    with service.transaction():
        cursor = psycopg.RawCursor(service)
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("SET LOCAL enable_seqscan = off")  # forty people would be read faster as a whole
        cursor.execute(*lock_of(decision).over(person))
        cursor.execute(b"PREPARE lines AS " + store._LINES)
        explained = f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE lines ('{person}', false)"
        plan = "\n".join(row[0] for row in cursor.execute(explained.encode()))
        cursor.execute("DEALLOCATE lines")
    assert "Subplans Removed: 15" in plan
    assert "Index Cond: (person_id = $1)" in plan
    assert "Seq Scan" not in plan


@pytest.mark.anyio
async def test_each_way_to_the_database_has_taken_its_role(
    place: Engine, module_database_url: str, settings: Settings
) -> None:
    def whoever(connection: Connection) -> str:
        return str(connection.scalar(text("SELECT current_user")))

    async with open_place(settings, module_database_url) as opened:
        asked = b"SELECT current_user::text"
        door = opened.record._door
        async with door.pool.connection() as connection:
            pooled = await over(connection)(asked, ())
        reads = [await door.read(asked, ()), await door.trail._pipeline.read(asked, ()), pooled]
        assert reads == [[(Role.SERVICE,)]] * 3
        assert await in_transaction(opened.writing, whoever) == Role.SERVICE
        assert await in_transaction(opened.filing, whoever) == Role.WORKER
