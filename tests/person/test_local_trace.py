"""A trace against the people known here finds exactly one person by exact agreement, or nobody."""

from uuid import UUID

import pytest
from sqlalchemy import Connection

from app.person.demographics import Demographics
from app.person.index import resolve
from app.person.local_trace import LocalTrace, Resident, recognise
from app.person.tracing import Failure, Traced, Tracer, Untraced
from app.vocabulary.statement import Subject, Tracing
from tests.person.people import ACUTE, JOHN, MARY, MONDAY, NUMBERS, new_ids, said, without_name, without_number

HERE, ELSEWHERE = UUID(int=1), UUID(int=2)


def resident(*subjects: Subject, person_id: UUID = HERE, number: int = 0) -> Resident:
    return Resident(person_id, NUMBERS[number], [Demographics.of(subject) for subject in subjects])


def traced(subject: Subject, *residents: Resident) -> Traced | Untraced:
    return recognise(Demographics.of(subject), residents)


@pytest.mark.parametrize(
    "subject",
    [
        MARY,
        said(MARY, family_name="ONEILL", given_names=("MARY",)),
        said(MARY, uprn=None),
        said(MARY, postcode=None),
        said(MARY, postcode="M1 1AA"),  # the UPRN agrees
        said(MARY, given_names=("Mary", "A")),
    ],
)
def test_name_birth_and_home_together_find_the_person(subject: Subject) -> None:
    assert traced(subject, resident(MARY)) == Traced(nhs_number=NUMBERS[0])


def test_the_home_may_be_known_from_another_partner() -> None:
    moved = said(MARY, postcode="M1 1AA", uprn=None)
    assert traced(moved, resident(MARY, without_name(moved))) == Traced(nhs_number=NUMBERS[0])


@pytest.mark.parametrize(
    "changes",
    [
        {"family_name": "O'Neal"},
        {"given_names": ("Marie",)},
        {"given_names": ("Mary", "Jane")},
        {"birth_date": JOHN.birth_date},
        {"postcode": "M1 1AA", "uprn": None},
        {"postcode": "M1 1AA", "uprn": "100071000009"},
        {"postcode": None, "uprn": "100071000009"},
    ],
)
def test_anything_else_finds_nobody(changes: dict[str, object]) -> None:
    assert traced(said(MARY, **changes), resident(MARY)) == Untraced(Failure.NOBODY)


def test_what_neither_account_tells_of_a_home_is_no_home_that_both_share() -> None:
    """Else everybody of one name and birthday would live together where no UPRN is known."""
    no_building, elsewhere = said(MARY, uprn=None), said(MARY, uprn=None, postcode="M1 1AA")
    assert traced(elsewhere, resident(no_building)) == Untraced(Failure.NOBODY)
    no_postcode, another = said(MARY, postcode=None), said(MARY, postcode=None, uprn="100071000009")
    assert traced(another, resident(no_postcode)) == Untraced(Failure.NOBODY)


def test_a_first_name_of_two_letters_is_a_name() -> None:
    jo = said(MARY, given_names=("Jo",))
    assert traced(jo, resident(jo)) == Traced(nhs_number=NUMBERS[0])
    assert traced(jo, resident(said(MARY, given_names=("Joan",)))) == Untraced(Failure.NOBODY)


def test_whom_a_partner_knows_by_an_initial_is_nobody_whose_first_name_is_told() -> None:
    assert traced(MARY, resident(said(MARY, given_names=("M",)))) == Untraced(Failure.NOBODY)
    assert traced(MARY, resident(said(MARY, given_names=()))) == Untraced(Failure.NOBODY)


@pytest.mark.parametrize(
    "changes",
    [
        {"family_name": None},
        {"given_names": ()},
        {"given_names": ("M",)},
        {"given_names": ("Baby",)},
        {"birth_date": None},
        {"postcode": None, "uprn": None},
        {"postcode": "ZZ99 3VZ", "uprn": None},
    ],
)
def test_fewer_factors_are_not_enough(changes: dict[str, object]) -> None:
    assert traced(said(MARY, **changes), resident(said(MARY, **changes))) == Untraced(Failure.NOT_ENOUGH)


def test_two_who_agree_are_both_candidates() -> None:
    answer = traced(MARY, resident(MARY), resident(MARY, person_id=ELSEWHERE, number=1))
    assert answer == Untraced(Failure.SEVERAL, (HERE, ELSEWHERE))


def test_a_number_that_differs_makes_a_candidate_only() -> None:
    asked = Demographics.of(MARY)
    assert recognise(asked, [resident(MARY)], number=NUMBERS[1]) == Untraced(Failure.NUMBER_DIFFERS, (HERE,))
    assert recognise(asked, [resident(MARY)], number=NUMBERS[0]) == Traced(nhs_number=NUMBERS[0])


def test_twins_of_one_first_name_are_told_apart() -> None:
    ali, hassan = (said(JOHN, given_names=("Muhammad", second)) for second in ("Ali", "Hassan"))
    residents = (resident(ali), resident(hassan, person_id=ELSEWHERE, number=1))
    assert traced(hassan, *residents) == Traced(nhs_number=NUMBERS[1])
    assert traced(said(JOHN, given_names=("Muhammad",)), *residents) == Untraced(Failure.SEVERAL, (HERE, ELSEWHERE))


def test_every_subject_is_answered_at_once(connection: Connection) -> None:
    tracer: Tracer = LocalTrace(connection)
    resolve(connection, ACUTE, [MARY, JOHN], at=MONDAY, new_id=new_ids())
    waiting = {
        "mary": without_number(MARY),
        "john": without_number(JOHN),
        "nobody": without_number(JOHN, family_name="Murphy"),
        "bare": Subject(local_id="7"),
    }
    assert tracer.trace(waiting) == {
        "mary": Traced(nhs_number=NUMBERS[0]),
        "john": Traced(nhs_number=NUMBERS[1]),
        "nobody": Untraced(Failure.NOBODY),
        "bare": Untraced(Failure.NOT_ENOUGH),
    }
    assert tracer.trace({"bare": waiting["bare"]}) == {"bare": Untraced(Failure.NOT_ENOUGH)}


def test_a_traced_subject_has_the_number_that_was_found() -> None:
    completed = Traced(nhs_number=NUMBERS[0]).complete(without_number(MARY))
    assert completed == MARY
    assert completed.tracing is Tracing.VERIFIED
