"""The numbers by which rows carry their labels: nobody needs a table to read them, and none is two labels'."""

from hypothesis import given
from hypothesis import strategies as st

from app.record.label_numbers import KINDS, controller_number, label_number
from app.vocabulary.category import CATEGORIES, HEADINGS, Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode

ACUTE = OdsCode("RL4")
CODES = st.from_regex(r"[A-Z0-9]{2,10}", fullmatch=True).map(OdsCode)


@given(CODES, CODES)
def test_no_two_controllers_share_a_number_and_all_fit_with_their_kinds(one: OdsCode, other: OdsCode) -> None:
    assert (controller_number(one) == controller_number(other)) == (one == other)
    assert 0 < controller_number(one) * KINDS + KINDS - 1 < 2**63


def test_no_two_labels_of_a_controller_share_a_number() -> None:
    numbers = {label_number(Label(ACUTE, category, each)) for category in CATEGORIES for each in Sensitivity}
    assert len(numbers) == len(CATEGORIES) * len(Sensitivity)
    assert {number // KINDS for number in numbers} == {controller_number(ACUTE)}


def test_the_numbers_of_stored_entries_stay_what_they_are() -> None:
    """Whoever changes one of these has to write a migration that changes every entry."""
    assert controller_number(ACUTE) == 28 * 36**2 + 22 * 36 + 5
    numbered = {code: heading.number for code, heading in HEADINGS.items()}
    assert numbered.items() >= {("demographics", 1), ("problems", 17), ("medications", 19), ("homelessness", 44)}
    assert len(set(numbered.values())) == len(numbered)
    kinds = [label_number(Label(ACUTE, Category("problems"), each)) % KINDS for each in Sensitivity]
    assert kinds == [17 * 8 + place for place in range(7)]
