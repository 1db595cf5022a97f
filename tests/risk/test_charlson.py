"""Charlson's index by each weighting, on that weighting's own list of codes."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.risk.charlson import GROUPS, Weighting, charlson
from app.risk.icd_10 import prefixes
from app.risk.score import NotComputed, Score

ON = date(2026, 6, 30)
ONE_OF_EACH = {weighting: [group.codes[weighting][0] for group in GROUPS] for weighting in Weighting}
CODES = st.lists(
    st.sampled_from(sorted({code for codes in ONE_OF_EACH.values() for code in codes} | {"I10"})), min_size=1
)
BOTH_LISTS_ASIDE = [Weighting.ORIGINAL, Weighting.QUAN]


def value(codes: list[str], weighting: Weighting, **more: object) -> int:
    result = charlson(codes, weighting=weighting, on=ON, **more)  # type: ignore[arg-type]
    assert isinstance(result, Score), result
    return int(result.value)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [("B20 E120 E117 N18", 11), ("K721 K767 K74 K702 J60 C18", 30)],
)
def test_published_vectors_of_the_hospital_mortality_indicator(codes: str, expected: int) -> None:
    assert value(codes.split(), Weighting.SHMI) == expected


@pytest.mark.parametrize(
    ("weighting", "expected"), [(Weighting.ORIGINAL, 29), (Weighting.QUAN, 22), (Weighting.SHMI, 110)]
)
def test_every_group_at_once_gives_the_greatest_index(weighting: Weighting, expected: int) -> None:
    assert value(ONE_OF_EACH[weighting], weighting) == expected


@pytest.mark.parametrize("weighting", BOTH_LISTS_ASIDE)
def test_a_worked_case_scores_as_it_was_published(weighting: Weighting) -> None:
    assert value(["I50", "N18", "J44", "E114", "C18", "C78", "F00"], weighting) == 13


def test_the_milder_of_a_pair_counts_nothing() -> None:
    assert value(["K700"], Weighting.ORIGINAL) == 1
    assert value(["K700", "K721"], Weighting.ORIGINAL) == 3
    assert value(["C18", "C78"], Weighting.ORIGINAL) == 6
    assert value(["E100", "E102"], Weighting.ORIGINAL) == 2


def test_the_hospital_mortality_indicator_never_falls_below_nought() -> None:
    assert value(["E102"], Weighting.SHMI) == 0


def test_each_weighting_reads_its_own_list() -> None:
    assert value(["C44"], Weighting.SHMI) == 8  # skin cancer counts there alone
    assert value(["C44"], Weighting.QUAN) == 0


def test_a_dash_joins_consecutive_codes_of_one_length() -> None:
    assert list(prefixes("E108-E111")) == ["E108", "E109", "E110", "E111"]
    assert list(prefixes("C00-C02 I252")) == ["C00", "C01", "C02", "I252"]


@pytest.mark.parametrize("wrong", ["E108-F111", "E10-E111", "E11-E10", "10"])
def test_a_range_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"code|range"):
        list(prefixes(wrong))


@pytest.mark.parametrize(("age", "points"), [(39, 0), (49, 0), (50, 1), (59, 1), (60, 2), (79, 3), (80, 4), (100, 4)])
def test_age_counts_from_fifty(age: int, points: int) -> None:
    assert value(["I10"], Weighting.ORIGINAL, age=age, age_adjusted=True) == points


def test_without_the_age_or_with_other_weights_nothing_is_adjusted() -> None:
    unknown = charlson(["I21"], weighting=Weighting.ORIGINAL, on=ON, age_adjusted=True)
    other = charlson(["I21"], weighting=Weighting.QUAN, on=ON, age=80, age_adjusted=True)

    assert isinstance(unknown, NotComputed)
    assert unknown.reasons == ("the age is not known",)
    assert isinstance(other, NotComputed)


def test_nothing_coded_is_not_nothing_wrong() -> None:
    assert isinstance(charlson([], weighting=Weighting.ORIGINAL, on=ON), NotComputed)
    assert isinstance(charlson(["?"], weighting=Weighting.ORIGINAL, on=ON), NotComputed)


def test_age_counts_nothing_unless_it_is_asked_for_and_the_version_says_whether_it_was() -> None:
    assert value(["I21"], Weighting.ORIGINAL, age=80) == 1
    plain, adjusted = (
        charlson(["I21"], weighting=Weighting.ORIGINAL, on=ON, age=80, age_adjusted=counted)
        for counted in (False, True)
    )
    assert "age" not in plain.basis.version
    assert adjusted.basis.version == f"{plain.basis.version}, age-adjusted"


def test_a_diagnosis_that_cannot_be_read_is_told_beside_the_index() -> None:
    assert charlson(["I21", "??"], weighting=Weighting.QUAN, on=ON).missing == (
        "diagnosis code that cannot be read: 1",
    )
    assert charlson(["I21"], weighting=Weighting.QUAN, on=ON).missing == ()


def test_the_hospital_mortality_indicator_says_that_it_is_no_measure_of_need() -> None:
    result = charlson(["I21"], weighting=Weighting.SHMI, on=ON)

    assert isinstance(result, Score)
    assert "need in the community" in result.limits[0]


@given(CODES, st.sampled_from(Weighting), st.randoms())
def test_it_does_not_depend_on_order_or_repetition(codes: list[str], weighting: Weighting, random: object) -> None:
    shuffled = [*codes, *codes]
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert value(shuffled, weighting) == value(codes, weighting)


@given(CODES, st.sampled_from(BOTH_LISTS_ASIDE), st.sampled_from(ONE_OF_EACH[Weighting.QUAN]))
def test_one_more_code_never_lowers_it(codes: list[str], weighting: Weighting, one_more: str) -> None:
    # of the hospital mortality indicator this is not true: complications of diabetes weigh less than diabetes
    assert value(codes, weighting) <= value([*codes, one_more], weighting)


@given(CODES, st.sampled_from(Weighting))
def test_it_stays_within_its_bounds(codes: list[str], weighting: Weighting) -> None:
    assert Decimal(0) <= value(codes, weighting) <= {"original": 29, "quan": 22, "shmi": 110}[weighting]
