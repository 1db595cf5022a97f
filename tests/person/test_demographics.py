"""What a partner states is read into comparable form; what says that nothing is known counts as absent."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.person.demographics import Demographics, full_postcode
from app.vocabulary.statement import Subject
from tests.person.people import MARY, said, without_name

STATED = Demographics.of(MARY)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("WV1 4PJ", "WV1 4PJ"),
        ("wv14pj", "WV1 4PJ"),
        (" WV1  4PJ ", "WV1 4PJ"),
        ("EC1A1BB", "EC1A 1BB"),
        ("W1A 0AX", "W1A 0AX"),
        ("ZZ99 3VZ", None),  # no fixed abode
        ("ZZ993WZ", None),  # not known
        ("WV1", None),
        ("not known", None),
        ("", None),
        (None, None),
    ],
)
def test_a_postcode_counts_only_where_it_is_full_and_real(text: str | None, read: str | None) -> None:
    assert full_postcode(text) == read


@pytest.mark.parametrize("name", ["UNKNOWN", "Not known", "Baby", "", "  ", "'-", None])
def test_a_family_name_that_says_nothing_is_absent(name: str | None) -> None:
    stated = Demographics.of(said(MARY, family_name=name))
    assert (stated.family_name, stated.family_folded) == (None, None)


@pytest.mark.parametrize("names", [("Baby",), ("Baby", "Girl"), ("TWIN", "ONE"), ("Unknown",), (), ("",), (".",)])
def test_given_names_that_say_nothing_are_absent(names: tuple[str, ...]) -> None:
    stated = Demographics.of(said(MARY, given_names=names))
    assert (stated.given_names, stated.given_folded) == (None, None)


@pytest.mark.parametrize("birth_date", [date(1900, 1, 1), date(1800, 1, 1), None])
def test_a_date_of_birth_that_systems_make_up_is_absent(birth_date: date | None) -> None:
    assert Demographics.of(said(MARY, birth_date=birth_date)).birth_date is None


@pytest.mark.parametrize(
    ("text", "read"),
    [("000100071", "100071"), ("100071", "100071"), ("12 High St", None), ("1" * 13, None), ("0", None)],
)
def test_a_uprn_is_a_number_without_leading_zeros(text: str, read: str | None) -> None:
    assert Demographics.of(said(MARY, uprn=text)).uprn == read


def test_names_are_kept_as_stated_beside_their_folded_form() -> None:
    assert (STATED.family_name, STATED.family_folded) == ("O'Neill", "oneill")
    assert (STATED.given_names, STATED.given_folded) == ("Mary Ann", "mary ann")


def test_silence_withdraws_nothing_and_speech_replaces() -> None:
    later = Demographics.of(without_name(MARY, postcode="WV3 9ZZ"))
    assert later.over(STATED) == STATED._replace(postcode="WV3 9ZZ")


def test_what_repeats_is_what_was_known_itself() -> None:
    assert Demographics.of(without_name(MARY)).over(STATED) is STATED
    assert Demographics.of(MARY).over(STATED) is STATED
    assert STATED.over(None) is STATED


subjects = st.builds(
    Subject,
    family_name=st.none() | st.text(),
    given_names=st.lists(st.text(), max_size=3).map(tuple),
    birth_date=st.none() | st.dates(),
    postcode=st.none() | st.text(),
    uprn=st.none() | st.text(),
)


@given(subjects)
def test_anything_a_partner_writes_can_be_read(subject: Subject) -> None:
    stated = Demographics.of(subject)
    assert stated.over(stated) is stated
    assert (stated.family_name is None) == (stated.family_folded is None)
    assert (stated.given_names is None) == (stated.given_folded is None)


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -", max_size=10))
def test_reading_a_postcode_that_was_read_changes_nothing(text: str) -> None:
    read = full_postcode(text)
    assert full_postcode(read) == read


def test_nothing_of_the_person_shows() -> None:
    assert repr(STATED) == str(STATED) == f"{STATED}" == "Demographics(•••)"
