"""Scores that others computed are taken as they are said."""

from datetime import date
from decimal import Decimal

import pytest

from app.risk.algorithm import ALGORITHMS, Algorithm, algorithm
from app.risk.imported import ImportedScore, counted, imported

ON = date(2026, 6, 30)


def take(name: str, value: str, *, age: int | None = 80, version: str | None = "2") -> ImportedScore:
    return imported(name=name, value=value, version=version, on=ON, age=age)


@pytest.mark.parametrize("name", ["eFI2", "efi 2", "EFI-2"])
def test_a_known_score_is_known_in_any_spelling(name: str) -> None:
    found = algorithm(name)

    assert found is ALGORITHMS["electronic-frailty-2"]
    assert take(name, "0.17").value == Decimal("0.17")


def test_an_unknown_algorithm_is_kept_as_it_is_said() -> None:
    said = take("Acme Risk", "Tier 3 (very high)")

    assert (said.algorithm, said.value, said.said_value) == (None, None, "Tier 3 (very high)")
    assert "not a score that is known" in said.limits[0]


@pytest.mark.parametrize(
    ("name", "value"), [("CFS", "10"), ("CFS", "0"), ("CFS", "4.5"), ("eFI2", "1.2"), ("CFS", "NaN"), ("LACE", "high")]
)
def test_a_value_that_cannot_be_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="none that"):
        take(name, value)


def test_the_frailty_scale_under_65_is_kept_and_marked() -> None:
    assert take("Rockwood", "6", age=50).limits == ("not studied in people under 65",)
    assert take("Rockwood", "6", age=65).limits == ()


def test_a_missing_version_is_told() -> None:
    assert take("CFS", "6", version=None).limits == ("its version is not stated",)


@pytest.mark.parametrize("score", ALGORITHMS.values(), ids=list(ALGORITHMS))
def test_a_score_may_be_its_least_and_its_most_and_nothing_beyond(score: Algorithm) -> None:
    beyond = Decimal(1) if score.whole else Decimal("0.001")
    assert score.possible(score.least)
    assert score.possible(score.most)
    assert not score.possible(score.least - beyond)
    assert not score.possible(score.most + beyond)


@pytest.mark.parametrize("score", ALGORITHMS.values(), ids=list(ALGORITHMS))
def test_an_age_is_outside_validation_beyond_those_that_were_studied_and_not_at_their_ends(score: Algorithm) -> None:
    if score.ages is None:
        assert {score.outside_validation(age) for age in (None, 0, 40, 120)} == {None}
        return
    youngest, oldest = score.ages
    assert score.outside_validation(youngest) is None
    assert score.outside_validation(oldest) is None
    assert score.outside_validation(youngest - 1) == f"not studied in people under {youngest}"
    assert score.outside_validation(oldest + 1) == f"not studied in people over {oldest}"
    assert score.outside_validation(None) == f"age not known: studied from {youngest}"


def test_deficits_are_those_of_the_electronic_frailty_index_alone() -> None:
    with pytest.raises(ValueError, match="alone"):
        counted(name="Rockwood", value="", deficits=["falls"], not_known=(), on=ON, age=80)


def test_a_value_that_is_not_what_its_deficits_give_is_refused_and_one_that_was_rounded_is_not() -> None:
    def given(value: str) -> ImportedScore:
        return counted(name="eFI", value=value, deficits=["falls"], not_known=(), on=ON, age=80)

    assert given("").value == given("0.03").value == given("0.028").value
    with pytest.raises(ValueError, match="the value is another"):
        given("0.1")
