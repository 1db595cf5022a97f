"""A SNOMED CT concept identifier that was mistyped is known by its check digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.vocabulary.snomed_ct import is_concept_id

KNOWN = ["22298006", "73211009", "404684003", "764841000000100", "342191000000101"]


@pytest.mark.parametrize("code", KNOWN)
def test_a_published_code_is_one(code: str) -> None:
    assert is_concept_id(code)


@pytest.mark.parametrize("code", ["", "22298", "022298006", "2229800６", "22298006 ", "2680040013", "1" * 19])
def test_what_is_written_otherwise_is_none(code: str) -> None:
    assert not is_concept_id(code)


@given(st.sampled_from(KNOWN), st.data())
def test_one_wrong_digit_or_two_that_changed_places_are_noticed(code: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(code) - 2))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != code[place]]))
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert not is_concept_id(code[:place] + other + code[place + 1 :])
    assert swapped == code or not is_concept_id(swapped)
