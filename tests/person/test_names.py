"""Names are compared without what typing adds to them, and found by how they sound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.person.names import fold, fold_words, given_names_agree, sound


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O'Neill", "ONEILL"),
        ("O’Neill", "o neill"),
        ("Smith-Jones", "Smith Jones"),
        ("MacDonald", "Mac Donald"),
        ("van der Berg", "Vanderberg"),
        ("Núñez", "Nunez"),
        ("Łukasz", "LUKASZ"),
        ("Strauß", "Strauss"),
        ("Sørensen", "Sorensen"),
        ("Zoe\u0301", "Zoé"),
        ("Æthelred", "Aethelred"),
    ],
)
def test_names_that_only_typing_tells_apart_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("Smith", "Smyth"), ("McDonald", "MacDonald"), ("Smith", "Smith-Jones"), ("Khan", "Kahn")]
)
def test_names_spelt_otherwise_do_not_fold_alike(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_a_folded_name_changes_nothing(name: str) -> None:
    assert fold(fold(name)) == fold(name)
    assert fold_words(fold_words(name)) == fold_words(name)


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("Mary", "MARY", True),
        ("Mary", "M", True),
        ("M.", "Mary Ann", True),
        ("Mary Ann", "Mary", True),
        ("Mary A", "Mary Ann", True),
        ("Anne-Marie", "Anne Marie", True),
        ("Anne-Marie", "Annemarie", True),
        ("Mary", "Marie", False),
        ("William", "Bill", False),
        ("Muhammad Ali", "Muhammad Hassan", False),
        ("Ann Mary", "Mary Ann", False),
        ("Mary", "Mar", False),
    ],
)
def test_given_names_agree_as_far_as_both_go_and_nicknames_never(one: str, other: str, agree: bool) -> None:
    assert given_names_agree(fold_words(one), fold_words(other)) is agree


@given(st.text(), st.text())
def test_agreement_of_given_names_has_no_sides(one: str, other: str) -> None:
    one, other = fold_words(one), fold_words(other)
    assert given_names_agree(one, other) == given_names_agree(other, one)


@given(st.text())
def test_every_name_agrees_with_itself(name: str) -> None:
    assert given_names_agree(fold_words(name), fold_words(name))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Smith", "Smyth"),
        ("Clark", "Clarke"),
        ("Stephen", "Steven"),
        ("Thompson", "Thomson"),
        ("MacDonald", "McDonald"),
        ("Wright", "Right"),
        ("Knight", "Night"),
        ("Phillips", "Filips"),
        ("Catherine", "Katherine"),
        ("Mohammed", "Muhammad"),
        ("Hughes", "Hewes"),
        ("Singh", "Sing"),
        ("Begum", "Begom"),
        ("Geoffrey", "Jeffrey"),
        ("Xavier", "Savier"),
        ("White", "Wite"),
    ],
)
def test_names_that_sound_alike_have_one_sound(one: str, other: str) -> None:
    assert sound(fold(one)) == sound(fold(other)) != ""


@pytest.mark.parametrize(("one", "other"), [("Smith", "Jones"), ("Patel", "Khan"), ("Adams", "Evans")])
def test_names_that_sound_otherwise_do_not(one: str, other: str) -> None:
    assert sound(fold(one)) != sound(fold(other))


@given(st.text())
def test_every_name_has_a_short_sound(name: str) -> None:
    assert len(sound(fold(name))) <= 7
