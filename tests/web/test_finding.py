"""What somebody types to find a person."""

from datetime import date

import pytest

from app.person.find import Criteria
from app.vocabulary.nhs_number import NHSNumber
from app.web.frame.filled_in.mistakes import Mistakes, error_list
from app.web.people.finding import Sought, understood


@pytest.mark.parametrize("typed", ["9990000018", "999 000 0018", " 999-000-0018 "])
def test_an_nhs_number_is_understood_in_any_spacing(typed: str) -> None:
    assert understood(Sought(nhs_number=typed)) == NHSNumber("9990000018")


def test_a_name_is_looked_for_with_a_date_of_birth_or_a_postcode() -> None:
    dated = Sought.model_validate({"family_name": "Tranter", "day": "14", "month": "5", "year": "1945"})
    placed = Sought(family_name="Tranter", given_name="Walter", postcode="ZX1 1AL")

    assert understood(dated) == Criteria(family_name="Tranter", birth_date=date(1945, 5, 14))
    assert understood(placed) == Criteria(family_name="Tranter", given_name="Walter", postcode="ZX1 1AL")


MISTAKES = {
    "nothing at all": ({}, "nhs_number", "Enter an NHS number"),
    "a slip in the number": ({"nhs_number": "9990000019"}, "nhs_number", "fails its check digit"),
    "a name alone": ({"family_name": "Tranter"}, "family_name", "a date of birth or a postcode"),
    "half a postcode": ({"family_name": "Tranter", "postcode": "ZX1"}, "postcode", "full postcode"),
    "31 February": (
        {"family_name": "Tranter", "day": "31", "month": "2", "year": "1950"},
        "birth_date",
        "day, a month and a year",
    ),
    "a date without a year": (
        {"family_name": "Tranter", "day": "3", "month": "2"},
        "birth_date",
        "such as 31 3 1950",
    ),
}


@pytest.mark.parametrize(("typed", "field", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_at_its_field(typed: dict[str, str], field: str, told: str) -> None:
    mistakes = understood(Sought.model_validate(typed))

    assert isinstance(mistakes, Mistakes)
    assert list(mistakes) == [field]
    assert told in mistakes[field]


def test_the_summary_leads_to_the_first_box_of_a_date() -> None:
    assert error_list({"birth_date": "…"}) == [{"text": "…", "href": "#birth_date-day"}]


def test_what_was_typed_is_never_told_by_accident() -> None:
    assert "Tranter" not in repr(Sought(family_name="Tranter"))
