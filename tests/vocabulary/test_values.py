"""The other values that everything speaks."""

from datetime import UTC, date, datetime

import pytest

from app.vocabulary.category import CATEGORIES, HEADINGS, Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.london import from_london, london_date, london_midnight
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry, Severity, Subject, UnreadableMessage
from app.vocabulary.token import Purpose, Role


def test_an_ods_code_is_read_in_any_case() -> None:
    assert OdsCode(" rl4 ") == "RL4"


@pytest.mark.parametrize("text", ["", "R", "RL-4", "ABCDEFGHIJK"])
def test_what_is_no_ods_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ODS code"):
        OdsCode(text)


def test_a_category_is_one_that_the_headings_hold() -> None:
    assert Category("medications").heading == "Medications and medical devices"
    assert [str(category) for category in CATEGORIES] == list(HEADINGS)
    with pytest.raises(ValueError, match="is no category"):
        Category("medicines")


def test_a_label_is_read_as_it_is_written() -> None:
    label = Label(OdsCode("RL4"), Category("legal"), Sensitivity.RESTRICTED)

    assert str(label) == "RL4/legal/restricted"
    assert Label.parse(str(label)) == label


@pytest.mark.parametrize("text", ["", "Direct care", "direct--care", "-care", "9care"])
def test_a_purpose_or_role_is_words_joined_by_hyphens(text: str) -> None:
    for kind in (Purpose, Role):
        with pytest.raises(ValueError, match="lower-case words"):
            kind(text)


def test_a_day_in_summer_begins_an_hour_earlier_by_utc() -> None:
    assert london_midnight(date(2026, 7, 1)) == datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert london_midnight(date(2026, 1, 1)) == datetime(2026, 1, 1, tzinfo=UTC)
    assert london_date(datetime(2026, 6, 30, 23, tzinfo=UTC)) == date(2026, 7, 1)


def test_the_hour_that_comes_twice_in_october_is_taken_for_the_first() -> None:
    twice = datetime(2026, 10, 25, 1, 30)  # noqa: DTZ001  # as a hospital writes it

    assert from_london(twice) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_what_partners_state_of_a_person_never_prints() -> None:
    subject = Subject(family_name="Ashe", given_names=("Ivy",), birth_date=date(1940, 2, 29))
    entry = Entry(key="k", category=Category("problems"), resource={"note": "Ashe"}, title="Ashe", line=3)

    assert "Ashe" not in repr(subject) + repr(entry)
    assert "1940" not in repr(subject)


def test_a_message_that_cannot_be_read_says_why() -> None:
    error = UnreadableMessage("csv-heading", "a heading is missing", line=1, part="MHS001MPI")

    assert (error.finding.severity, error.finding.part, str(error)) == (
        Severity.REFUSED,
        "MHS001MPI",
        "a heading is missing",
    )
