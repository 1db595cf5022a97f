"""How many people a change affects, and that no number tells of anyone."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from app.database.transactions import transaction
from app.governance.proving.comparison import Pair, pair_of
from app.governance.proving.population import affected, edges_of, safe_number
from app.governance.proving.simulate import simulate
from app.sharing.known.feed_store import put_flags, put_relationships
from app.sharing.known.signature_store import people_alike
from app.sharing.written.document import Agreement
from app.vocabulary.flag import FlagKind
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import PersonFlag, Relationship
from tests.sharing.test_store import Message
from tests.sharing.worlds import LAW, changed, corner

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def without(clause: str, law: Agreement = LAW) -> Agreement:
    return changed(
        law,
        grants=tuple(grant for grant in law.grants if grant.id != clause),
        prohibitions=tuple(each for each in law.prohibitions if each.id != clause),
    )


# ── Numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0"), (1, "*"), (7, "*"), (8, "10"), (12, "10"), (13, "15"), (1_000_003, "1000005")]
)
def test_small_numbers_of_people_are_not_told_and_others_are_rounded(count: int, told: str) -> None:
    assert safe_number(count) == told


def possible(told: str) -> set[int]:
    return {count for count in range(120) if safe_number(count) == told}


@given(st.integers(0, 40), st.integers(0, 40))
def test_no_number_is_found_by_taking_another_from_the_total(more: int, less: int) -> None:
    """Whoever is told how many would see more and how many either is left with several numbers who would see less.

    No more than these is ever told: of three parts, the rule of NHS England would sometimes tell the third.
    """
    either, others = possible(safe_number(more + less)), possible(safe_number(less))
    left = {n for n in possible(safe_number(more)) if any(n + other in either for other in others)}
    assert len(left) > 1 or more == 0


# ── People ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def someone(connection: Connection, n: int, *kinds: tuple[str, str], flags: tuple[str, ...] = ()) -> UUID:
    person = uuid5(UUID(int=7), str(n))
    connection.execute(text("INSERT INTO person (id, created_at) VALUES (:id, now())"), {"id": person})
    told = [
        (person, Relationship(key=f"{n}/{kind}", kind=kind, organisation=OdsCode(at), started=AT - DAY))
        for kind, at in kinds
    ]
    put_relationships(connection, Message(n), told)
    put_flags(connection, Message(n), [(person, PersonFlag(kind=FlagKind(kind), raised=True)) for kind in flags])
    return person


def counted(engine: Engine, pair: Pair) -> tuple[int, int, int]:
    with engine.connect() as connection:
        found = affected(pair, people_alike(connection, at=AT, edges=edges_of(pair)))
    return found.more, found.less, found.people


def test_whoever_has_the_relationship_that_a_clause_asks_for_is_affected_by_it(engine: Engine) -> None:
    with transaction(engine) as connection:
        for n in range(9):
            someone(connection, n, ("tenancy", "WH100"))
        for n in range(9, 12):
            someone(connection, n, ("registration", "M92001"))
    assert counted(engine, pair_of(LAW, LAW)) == (0, 0, 12)
    assert counted(engine, pair_of(LAW, without("G-HOUSING-CARE-TEAM"))) == (0, 9, 12)
    assert counted(engine, pair_of(without("G-HOUSING-CARE-TEAM"), LAW)) == (9, 0, 12)


def test_whoever_is_flagged_is_affected_by_a_prohibition_that_waits_for_the_flag(engine: Engine) -> None:
    with transaction(engine) as connection:
        someone(connection, 1, ("caseload", "RL4C"), flags=("dissent",))
        someone(connection, 2, ("caseload", "RL4C"))
        someone(connection, 3, flags=("dissent",))  # whom nobody may see either way
    assert counted(engine, pair_of(LAW, without("X-DISSENT"))) == (1, 0, 3)


def test_two_who_are_one_count_once(engine: Engine) -> None:
    with transaction(engine) as connection:
        one, other = someone(connection, 1, ("tenancy", "WH100")), someone(connection, 2, ("tenancy", "WH100"))
        connection.execute(text("UPDATE person SET merged_into = :one WHERE id = :other"), {"one": one, "other": other})
    assert counted(engine, pair_of(LAW, without("G-HOUSING-CARE-TEAM"))) == (0, 1, 1)


def test_people_who_are_alike_are_decided_once(engine: Engine) -> None:
    with transaction(engine) as connection:
        for n in range(30):
            someone(connection, n, ("tenancy", "WH100"), ("registration", "M92001"))
    with engine.connect() as connection:
        alike = people_alike(connection, at=AT, edges=[])
    assert [people for _, people in alike] == [30]


def test_a_place_with_nobody_is_told_as_nobody(engine: Engine) -> None:
    (small,) = corner.agreements.documents
    with engine.connect() as connection:
        told = simulate(small, without("X-DISSENT", small), connection=connection, since=AT - 90 * DAY, at=AT)
    assert (told.affected and told.affected.people, told.replayed and told.replayed.decisions) == (0, 0)
    assert Counter(change.situation.ask.role for change in told.comparison.changes)
