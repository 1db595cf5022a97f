"""LACE points, by the published table and not by a variant of it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.risk.lace import CONDITIONS, comorbidity, lace
from app.risk.score import NotComputed, Result, Score

ON = date(2026, 6, 30)
COUNT = st.integers(0, 30)


def points(days: int, acute: bool, conditions: int, visits: int) -> int:
    result = of(days, acute, conditions, visits)
    assert isinstance(result, Score)
    return int(result.value)


def of(days: int | None, acute: bool | None, conditions: int | None, visits: int | None) -> Result:
    return lace(days_in_hospital=days, acute=acute, comorbidity=conditions, emergency_visits=visits, on=ON, age=70)


@pytest.mark.parametrize(("parts", "expected"), [((5, True, 5, 2), 14), ((2, False, 0, 0), 2), ((14, True, 4, 4), 19)])
def test_worked_cases_score_as_they_were_published(parts: tuple[int, bool, int, int], expected: int) -> None:
    assert points(*parts) == expected


@pytest.mark.parametrize(
    ("days", "expected"), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (6, 4), (7, 5), (13, 5), (14, 7), (400, 7)]
)
def test_more_days_in_hospital_count_seven_at_most(days: int, expected: int) -> None:
    assert points(days, False, 0, 0) == expected


@pytest.mark.parametrize(("total", "expected"), [(0, 0), (3, 3), (4, 5), (20, 5)])
def test_four_points_of_comorbidity_and_more_count_five(total: int, expected: int) -> None:
    assert points(0, False, total, 0) == expected


@pytest.mark.parametrize(("visits", "expected"), [(0, 0), (3, 3), (4, 4), (9, 4)])
def test_each_emergency_visit_counts_one_up_to_four(visits: int, expected: int) -> None:
    assert points(0, False, 0, visits) == expected


@pytest.mark.parametrize(
    ("total", "band"), [((0, True, 1, 0), "low"), ((0, True, 2, 0), "moderate"), ((7, True, 2, 0), "high")]
)
def test_five_is_moderate_and_ten_is_high(total: tuple[int, bool, int, int], band: str) -> None:
    result = of(*total)

    assert isinstance(result, Score)
    assert result.band == band


@pytest.mark.parametrize("lost", range(4))
def test_a_part_that_is_not_known_gives_no_score(lost: int) -> None:
    parts: list[int | None] = [1, 1, 1, 1]
    parts[lost] = None
    result = of(parts[0], None if parts[1] is None else True, parts[2], parts[3])

    assert isinstance(result, NotComputed)
    assert len(result.missing) == 1


def test_a_negative_count_is_a_fault_of_whoever_asks() -> None:
    with pytest.raises(ValueError, match="from 0"):
        of(-1, True, 0, 0)


def test_conditions_weigh_as_this_index_says() -> None:
    assert comorbidity(["dementia", "heart-failure"]) == 5
    assert comorbidity(["diabetes", "diabetes-with-end-organ-damage"]) == 2
    with pytest.raises(ValueError, match="none of LACE's"):
        comorbidity(["sorrow"])


@given(st.lists(st.sampled_from(sorted(CONDITIONS))), st.sampled_from(sorted(CONDITIONS)))
def test_one_more_condition_never_lowers_the_total(conditions: list[str], one_more: str) -> None:
    assert comorbidity(conditions) <= comorbidity([*conditions, one_more])


@given(COUNT, st.booleans(), COUNT, COUNT)
def test_more_of_anything_never_lowers_it(days: int, acute: bool, conditions: int, visits: int) -> None:
    here = points(days, acute, conditions, visits)

    assert 0 <= here <= 19
    assert here <= points(days + 1, acute, conditions, visits)
    assert here <= points(days, True, conditions, visits)
    assert here <= points(days, acute, conditions + 1, visits)
    assert here <= points(days, acute, conditions, visits + 1)
