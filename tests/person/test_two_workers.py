"""Two workers at once: whoever comes second waits, reads what the first wrote, and judges again. Nobody deadlocks."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic, sleep
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, text

from app.database.transactions import transaction
from app.person.index import resolve
from app.person.links import Evidence, Link, LinkKind, Refusal, Refused, merge
from app.person.matching import Field, Reason
from app.person.resolution import Found, Resolution, Waits
from app.vocabulary.statement import Subject
from tests.conftest import PATIENCE
from tests.person.people import ACUTE, COUNCIL, JOHN, MARY, MONDAY, NUMBERS, said, without_name

T = TypeVar("T")
OtherWorker = Callable[[Callable[[Connection], Any]], "Future[Any]"]
SOMEBODY = [said(MARY, nhs_number=number, local_id=f"S{n}") for n, number in enumerate(NUMBERS[:4])]


@pytest.fixture
def other_worker(engine: Engine) -> Iterator[OtherWorker]:
    """Does something in a transaction of its own, and returns once it waits for a lock."""
    with ThreadPoolExecutor(1) as pool:

        def work(task: Callable[[Connection], Any]) -> "Future[Any]":
            future = pool.submit(in_transaction, engine, task)
            until_waiting(engine)
            return future

        yield work


def in_transaction(engine: Engine, task: Callable[[Connection], T]) -> T:
    with transaction(engine) as connection:
        return task(connection)


def until_waiting(engine: Engine) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    give_up = monotonic() + PATIENCE
    while monotonic() < give_up:
        with engine.connect() as connection:
            if connection.execute(waiting).scalar_one():
                return
        sleep(0.01)
    raise AssertionError("the other worker did not wait")


def resolved(connection: Connection, *subjects: Subject) -> list[Resolution]:
    return resolve(connection, ACUTE, subjects, at=MONDAY, new_id=uuid4)


def known_to_council(connection: Connection, *subjects: Subject) -> list[Resolution]:
    nameless = [without_name(subject, local_id=None) for subject in subjects]
    return resolve(connection, COUNCIL, nameless, at=MONDAY, new_id=uuid4)


def test_one_new_number_at_two_workers_is_one_person(engine: Engine, other_worker: OtherWorker) -> None:
    with transaction(engine) as connection:
        first = resolved(connection, MARY)
        second = other_worker(lambda other: known_to_council(other, MARY))
    assert second.result(PATIENCE) == first


def test_the_second_worker_judges_what_the_first_wrote(engine: Engine, other_worker: OtherWorker) -> None:
    with transaction(engine) as connection:
        [first] = resolved(connection, MARY)
        impostor = said(JOHN, nhs_number=MARY.nhs_number)
        second = other_worker(lambda other: resolved(other, impostor))
    [waits] = second.result(PATIENCE)
    assert isinstance(first, Found)
    assert isinstance(waits, Waits)
    assert (waits.reason, waits.candidates) == (Reason.DISAGREES, (first.person_id,))


def test_what_the_first_worker_gave_up_the_second_makes(engine: Engine, other_worker: OtherWorker) -> None:
    with engine.connect() as connection:
        resolved(connection, MARY)
        second = other_worker(lambda other: resolved(other, MARY))
        connection.rollback()
    [found] = second.result(PATIENCE)
    assert isinstance(found, Found)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT id FROM person")).scalars().all() == [found.person_id]


def test_two_extracts_in_opposite_order_never_deadlock(engine: Engine, other_worker: OtherWorker) -> None:
    with transaction(engine) as connection:
        first = resolved(connection, *SOMEBODY[:2])
        second = other_worker(
            lambda other: known_to_council(other, *SOMEBODY[2:]) + known_to_council(other, *SOMEBODY[:2])
        )
        first += resolved(connection, *SOMEBODY[2:])
    assert second.result(PATIENCE) == first[2:] + first[:2]


def test_one_identifier_given_to_two_people_at_once_waits(engine: Engine, other_worker: OtherWorker) -> None:
    mary, john = in_transaction(engine, lambda connection: known_to_council(connection, MARY, JOHN))
    assert isinstance(mary, Found)
    assert isinstance(john, Found)
    with transaction(engine) as connection:
        resolved(connection, said(MARY, local_id="X"))
        second = other_worker(lambda other: resolved(other, said(JOHN, local_id="X")))
    candidates = (mary.person_id, john.person_id)
    assert second.result(PATIENCE) == [Waits(Reason.DISAGREES, (Field.NHS_NUMBER,), candidates)]


def joined(connection: Connection, survivor: UUID, retired: UUID) -> Link | Refused:
    return merge(
        connection,
        survivor,
        retired,
        kind=LinkKind.PERSON,
        evidence=Evidence(),
        at=MONDAY,
        by="u1",
        new_id=uuid4,
    )


def test_two_merges_at_once_make_a_chain_and_no_circle(engine: Engine, other_worker: OtherWorker) -> None:
    found = in_transaction(engine, lambda connection: resolved(connection, *SOMEBODY[:3]))
    a, b, c = (one.person_id for one in found if isinstance(one, Found))
    with transaction(engine) as connection:
        assert isinstance(joined(connection, b, a), Link)
        second = other_worker(lambda other: (joined(other, c, a), joined(other, a, b)))
    link, circle = second.result(PATIENCE)
    assert isinstance(link, Link)
    assert (link.survivor, link.retired, set(link.members)) == (c, b, {a, b})
    assert circle == Refused(Refusal.ALREADY_ONE)
