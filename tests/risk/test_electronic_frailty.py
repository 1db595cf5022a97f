"""The electronic frailty index counts deficits that were supplied, and says what was not looked for."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.risk.electronic_frailty import DEFICITS, electronic_frailty
from app.risk.score import NotComputed, Score

ON = date(2026, 6, 30)
ALL = sorted(DEFICITS)


def score(deficits: list[str], *, age: int = 80, not_known: tuple[str, ...] = ()) -> Score:
    result = electronic_frailty(deficits, on=ON, age=age, not_known=not_known)
    assert isinstance(result, Score), result
    return result


def test_there_are_36_deficits() -> None:
    assert len(DEFICITS) == 36


@pytest.mark.parametrize(
    ("count", "band"),
    [
        (0, "fit"),
        (4, "fit"),
        (5, "mild"),
        (8, "mild"),
        (9, "moderate"),
        (12, "moderate"),
        (13, "severe"),
        (36, "severe"),
    ],
)
def test_how_frail_somebody_is_goes_by_how_many_deficits_they_have(count: int, band: str) -> None:
    assert score(ALL[:count]).band == band


def test_the_index_is_the_share_of_36() -> None:
    assert score(ALL[:13]).value == Decimal("0.361")


@pytest.mark.parametrize("age", [64, None])
def test_under_65_or_at_an_unknown_age_there_is_none(age: int | None) -> None:
    assert isinstance(electronic_frailty(ALL, on=ON, age=age), NotComputed)
    assert score(ALL, age=65).limits == ()


def test_over_95_it_says_that_nobody_studied_it() -> None:
    assert score(ALL, age=96).limits == ("not studied in people over 95",)


def test_what_was_not_looked_for_is_told_and_may_make_it_higher() -> None:
    result = score(["falls"], not_known=("dizziness", "falls"))

    assert result.missing == ("dizziness",)
    assert result.limits == ("1 deficit was not looked for: it may be higher",)
    assert score([], not_known=("dizziness", "falls")).limits == ("2 deficits were not looked for: it may be higher",)


def test_where_nothing_was_looked_for_there_is_none() -> None:
    assert isinstance(electronic_frailty([], on=ON, age=80, not_known=ALL), NotComputed)


def test_a_deficit_of_another_name_is_refused() -> None:
    with pytest.raises(ValueError, match="none of the 36"):
        electronic_frailty(["bad luck"], on=ON, age=80)


@given(st.lists(st.sampled_from(ALL)), st.sampled_from(ALL))
def test_one_more_deficit_never_lowers_it(deficits: list[str], one_more: str) -> None:
    assert 0 <= score(deficits).value <= score([one_more, *reversed(deficits)]).value <= 1
