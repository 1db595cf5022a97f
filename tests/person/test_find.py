"""People are found by number and by name, through what permitted partners state and nothing else."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from app.database.transactions import open_engine, plain_address, transaction
from app.person.find import Candidate, Criteria, Person, person, search
from app.person.index import resolve
from app.person.links import Evidence, LinkKind, merge
from app.vocabulary.ods_code import OdsCode
from tests.person.people import (
    ACUTE,
    COUNCIL,
    HOUSING,
    JOHN,
    MARY,
    MONDAY,
    NUMBERS,
    TUESDAY,
    new_ids,
    said,
    without_name,
    without_number,
)

pytestmark = pytest.mark.anyio

MARY_ID, JOHN_ID, HIDDEN_ID, OLD_ID, NEW_ID, KAHN_ID = (UUID(int=n, version=4) for n in range(1, 7))
HIDDEN = said(JOHN, local_id="H", nhs_number=NUMBERS[2], family_name="Hyde", birth_date=date(1970, 5, 5))
OLD = said(JOHN, local_id="OLD", nhs_number=NUMBERS[3], family_name="Owens", birth_date=date(1960, 6, 6))
NEW = said(OLD, local_id="NEW", nhs_number=NUMBERS[4], family_name="Newell", postcode="WV5 5AA")
KAHN = said(JOHN, local_id="KAHN", nhs_number=NUMBERS[5], family_name="Kahn", postcode="WV6 6AA")

Reader = psycopg.AsyncConnection[Any]


@pytest.fixture(scope="module")
def place(module_database_url: str) -> str:
    """Mary, known to three partners; John; somebody in hiding; and two who were joined."""
    engine = open_engine(module_database_url)
    with transaction(engine) as connection:
        resolve(connection, ACUTE, [MARY, JOHN, HIDDEN, OLD, NEW, KAHN], at=MONDAY, new_id=new_ids())
        resolve(connection, COUNCIL, [without_name(MARY, local_id="C7")], at=MONDAY, new_id=new_ids())
        tenant = without_number(MARY, local_id="T5", family_name="ONEILL", given_names=("Mary",))
        resolve(connection, HOUSING, [tenant], at=TUESDAY, new_id=new_ids())
        merge(
            connection,
            NEW_ID,
            OLD_ID,
            kind=LinkKind.PERSON,
            evidence=Evidence(),
            at=TUESDAY,
            by="u1",
            new_id=new_ids(100),
        )
        connection.execute(
            text("INSERT INTO person_flag VALUES (:id, :partner, 'location-restricted', :raised, :at, 1)"),
            [
                {"id": HIDDEN_ID, "partner": COUNCIL, "raised": True, "at": MONDAY},
                {"id": JOHN_ID, "partner": COUNCIL, "raised": False, "at": MONDAY},
                {"id": OLD_ID, "partner": ACUTE, "raised": True, "at": MONDAY},
            ],
        )
    engine.dispose()
    return plain_address(module_database_url)


@pytest.fixture
async def reader(place: str) -> AsyncIterator[Reader]:
    async with await psycopg.AsyncConnection.connect(place) as connection:
        yield connection


async def found(reader: Reader, *controllers: OdsCode, limit: int = 10, **criteria: Any) -> list[UUID]:
    candidates = await search(reader, Criteria(**criteria), controllers=frozenset(controllers), limit=limit)
    return [candidate.person_id for candidate in candidates]


@pytest.mark.parametrize("asked", [OLD_ID, NEW_ID])
async def test_a_person_is_known_by_the_survivors_number_and_answers_to_all(reader: Reader, asked: UUID) -> None:
    known = Person(person_id=NEW_ID, nhs_number=NUMBERS[4], nhs_numbers=frozenset({NUMBERS[3], NUMBERS[4]}))
    assert await person(reader, asked) == known


async def test_an_id_of_nobody_is_nobody(reader: Reader) -> None:
    assert await person(reader, UUID(int=99)) is None


async def test_a_search_shows_what_permitted_partners_state(reader: Reader) -> None:
    criteria = Criteria(family_name="o'neill", birth_date=MARY.birth_date)
    [candidate] = await search(reader, criteria, controllers=frozenset({ACUTE, COUNCIL}), limit=10)
    assert candidate == Candidate(
        person_id=MARY_ID,
        family_name="O'Neill",
        given_names="Mary Ann",
        birth_date=MARY.birth_date,
        gender="female",
        postcode="WV1 4PJ",
        partners=(COUNCIL, ACUTE),
    )


@pytest.mark.parametrize("name", ["O'Neill", "ONEIL", "oneal", "O Neil", "O'N"])
async def test_spelling_is_forgiven(reader: Reader, name: str) -> None:
    assert await found(reader, ACUTE, family_name=name, birth_date=MARY.birth_date) == [MARY_ID]


@pytest.mark.parametrize("name", ["Mary", "M", "Mari", "mary ann"])
async def test_a_given_name_narrows_and_is_forgiven_too(reader: Reader, name: str) -> None:
    assert await found(reader, ACUTE, family_name="ONeill", given_name=name, birth_date=MARY.birth_date) == [MARY_ID]


@pytest.mark.parametrize("name", ["O'Neill Mary", "Mary ONeill", "mary", "Ann Oneal", "Neill M", "o'n ann mary"])
async def test_any_parts_of_a_name_in_any_order_will_do(reader: Reader, name: str) -> None:
    assert await found(reader, ACUTE, name=name, birth_date=MARY.birth_date) == [MARY_ID]


@pytest.mark.parametrize("name", ["O'Neill John", "Mary Murphy", "O'Neill Mary 7"])
async def test_no_part_of_a_name_may_be_another(reader: Reader, name: str) -> None:
    assert await found(reader, ACUTE, name=name, birth_date=MARY.birth_date) == []


async def test_somebody_is_found_by_what_a_permitted_partner_calls_them_and_by_no_others_name(reader: Reader) -> None:
    assert await found(reader, ACUTE, COUNCIL, local_ids=("none", "MARY-1")) == [MARY_ID]
    assert await found(reader, OdsCode("HOU1"), local_ids=("MARY-1",)) == []
    assert await found(reader, ACUTE, local_ids=("MARY-1%",)) == []


@pytest.mark.parametrize(
    "criteria",
    [
        {"family_name": "Murphy", "birth_date": MARY.birth_date},
        {"family_name": "ONeill", "birth_date": JOHN.birth_date},
        {"family_name": "ONeill", "postcode": "WV2 1AA"},
        {"family_name": "ONeill", "given_name": "John", "birth_date": MARY.birth_date},
        {"family_name": "ONeill", "birth_date": MARY.birth_date, "postcode": "WV2 1AA"},
    ],
)
async def test_every_criterion_must_hold(reader: Reader, criteria: dict[str, Any]) -> None:
    assert await found(reader, ACUTE, **criteria) == []


async def test_a_name_with_a_postcode_finds(reader: Reader) -> None:
    assert await found(reader, ACUTE, family_name="Oneill", postcode="wv14pj") == [MARY_ID]


@pytest.mark.parametrize("controllers", [(), (COUNCIL,), (OdsCode("XYZ"),)])
async def test_what_other_controllers_state_finds_nobody(reader: Reader, controllers: tuple[OdsCode, ...]) -> None:
    assert await found(reader, *controllers, family_name="ONeill", birth_date=MARY.birth_date) == []


async def test_only_permitted_statements_are_shown(reader: Reader) -> None:
    criteria = Criteria(family_name="O'Neill", birth_date=MARY.birth_date)
    [candidate] = await search(reader, criteria, controllers=frozenset({HOUSING}), limit=10)
    assert (candidate.family_name, candidate.given_names, candidate.partners) == ("ONEILL", "Mary", (HOUSING,))


async def test_one_person_is_shown_once_however_many_state_them(reader: Reader) -> None:
    assert await found(reader, ACUTE, HOUSING, family_name="ONeill", birth_date=MARY.birth_date) == [MARY_ID]


async def test_the_survivor_is_found_by_the_name_of_either(reader: Reader) -> None:
    for name in ("Owens", "Newell"):
        assert await found(reader, ACUTE, family_name=name, birth_date=OLD.birth_date) == [NEW_ID]


async def test_a_restricted_location_is_never_searched_nor_shown(reader: Reader) -> None:
    by_birth_date = Criteria(family_name="Hyde", birth_date=HIDDEN.birth_date)
    [candidate] = await search(reader, by_birth_date, controllers=frozenset({ACUTE}), limit=10)
    assert (candidate.person_id, candidate.postcode) == (HIDDEN_ID, None)
    for postcode in ("WV2 1AA", "WV9 9ZZ"):  # right or wrong, alone or beside the date of birth
        assert await found(reader, ACUTE, family_name="Hyde", postcode=postcode) == []
        assert await found(reader, ACUTE, family_name="Hyde", birth_date=HIDDEN.birth_date, postcode=postcode) == []


async def test_a_restriction_that_was_lifted_hides_nothing(reader: Reader) -> None:
    assert await found(reader, ACUTE, family_name="Khan", postcode="WV2 1AA") == [JOHN_ID]


async def test_a_restriction_of_either_of_two_joined_holds_for_both(reader: Reader) -> None:
    criteria = Criteria(family_name="Newell", birth_date=NEW.birth_date)
    [candidate] = await search(reader, criteria, controllers=frozenset({ACUTE}), limit=10)
    assert (candidate.person_id, candidate.postcode) == (NEW_ID, None)


@pytest.mark.parametrize(("name", "best_first"), [("Khan", [JOHN_ID, KAHN_ID]), ("Kahn", [KAHN_ID, JOHN_ID])])
async def test_those_spelt_alike_come_first_and_a_limit_keeps_them(
    reader: Reader, name: str, best_first: list[UUID]
) -> None:
    assert await found(reader, ACUTE, family_name=name, birth_date=JOHN.birth_date) == best_first
    assert await found(reader, ACUTE, limit=1, family_name=name, birth_date=JOHN.birth_date) == best_first[:1]


@pytest.mark.parametrize(
    "criteria",
    [
        {"family_name": "Khan"},
        {"family_name": "", "birth_date": JOHN.birth_date},
        {"family_name": "%", "birth_date": JOHN.birth_date},
        {"name": "Khan"},
        {"name": "%", "birth_date": JOHN.birth_date},
        {"family_name": "Khan", "postcode": "WV2"},
        {"family_name": "Khan", "birth_date": JOHN.birth_date, "postcode": "ZZ99 3VZ"},
    ],
)
def test_too_little_to_search_by_is_refused_without_repeating_it(criteria: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a search needs") as refused:
        Criteria(**criteria)
    assert "Khan" not in str(refused.value)


async def test_what_was_searched_and_found_does_not_show(reader: Reader) -> None:
    criteria = Criteria(family_name="Khan", postcode=JOHN.postcode)
    shown = repr((criteria, await search(reader, criteria, controllers=frozenset({ACUTE}), limit=10)))
    assert shown == f"(Criteria(•••), [Candidate({JOHN_ID})])"
