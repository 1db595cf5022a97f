"""The Hospital Frailty Risk Score as published, and where it may not be given."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.risk.hospital_frailty import POINTS, Stay, band, hospital_frailty
from app.risk.score import NotComputed, Result, Score

ON = date(2026, 6, 30)
EVER = date(2000, 1, 1)
CODES = st.lists(st.sampled_from([*sorted(POINTS), "I10", "Z00"]), min_size=1, max_size=30)


def of(*codes: str, age: int | None = 80) -> Result:
    stay = Stay(admitted=date(2026, 6, 1), emergency=True, diagnoses=codes)
    return hospital_frailty([stay], on=ON, age=age, known_since=EVER)


def score(*codes: str, age: int | None = 80) -> Score:
    result = of(*codes, age=age)
    assert isinstance(result, Score), result
    return result


def not_computed(result: Result) -> NotComputed:
    assert isinstance(result, NotComputed), result
    return result


def test_its_table_has_109_codes_that_sum_to_173_point_2() -> None:
    assert len(POINTS) == 109
    assert sum(POINTS.values()) == Decimal("173.2")


@pytest.mark.parametrize(
    ("codes", "value", "expected"),
    [
        (("F00", "W19"), "10.3", "intermediate"),
        (("F05.0", "F05.9", "I10"), "3.2", "low"),
        (("J18.9", "N17.9", "R29.6", "E86X", "N39.0"), "12.0", "intermediate"),
        (("G81", "E16"), "5.8", "intermediate"),
        (("W19", "N17"), "5.0", "intermediate"),
        (("F00", "G81", "R40", "J69"), "15.0", "intermediate"),
        (tuple(POINTS), "173.2", "high"),
        (("I10",), "0.0", "low"),
    ],
)
def test_published_and_worked_vectors(codes: tuple[str, ...], value: str, expected: str) -> None:
    result = score(*codes)

    assert (result.value, result.band) == (Decimal(value), expected)


@pytest.mark.parametrize(("value", "expected"), [("4.9", "low"), ("5.0", "intermediate"), ("15.1", "high")])
def test_bands_at_their_boundaries(value: str, expected: str) -> None:
    assert band(Decimal(value)) == expected


def test_without_an_admission_there_is_no_score_rather_than_nought() -> None:
    assert not_computed(hospital_frailty([], on=ON, age=80, known_since=EVER)).reasons == ("no admission to score",)


def test_an_admission_that_is_not_coded_yet_gives_no_score() -> None:
    assert "coded" in not_computed(of()).reasons[0]


@pytest.mark.parametrize("known_since", [None, date(2024, 6, 2)])
def test_two_years_that_are_not_all_known_give_no_score(known_since: date | None) -> None:
    stay = Stay(admitted=date(2026, 6, 1), emergency=True, diagnoses=("F00",))

    assert "not all known" in not_computed(hospital_frailty([stay], on=ON, age=80, known_since=known_since)).reasons[0]
    assert isinstance(hospital_frailty([stay], on=ON, age=80, known_since=date(2024, 6, 1)), Score)


def test_only_emergency_stays_of_the_two_years_before_count_beside_the_latest() -> None:
    index = Stay(admitted=date(2026, 6, 1), emergency=False, diagnoses=("F00",))
    emergency = Stay(admitted=date(2025, 1, 1), emergency=True, diagnoses=("W19",))
    planned = Stay(admitted=date(2025, 2, 1), emergency=False, diagnoses=("G81",))
    long_ago = Stay(admitted=date(2024, 5, 31), emergency=True, diagnoses=("G30",))
    to_come = Stay(admitted=date(2026, 7, 1), emergency=True, diagnoses=("R54",))

    result = hospital_frailty([to_come, planned, index, long_ago, emergency], on=ON, age=80, known_since=EVER)

    assert isinstance(result, Score)
    assert result.value == Decimal("10.3")
    assert [one.name for one in result.used] == ["F00", "W19"]


def test_a_stay_whose_method_is_not_known_is_told_and_not_counted() -> None:
    index = Stay(admitted=date(2026, 6, 1), emergency=True, diagnoses=("F00",))
    unknown = Stay(admitted=date(2026, 1, 1), emergency=None, diagnoses=("W19",))

    result = hospital_frailty([index, unknown], on=ON, age=80, known_since=EVER)

    assert isinstance(result, Score)
    assert result.value == Decimal("7.1")
    assert result.missing == ("earlier admission whose method is not known: 1",)


def test_younger_than_75_it_is_said_to_be_unvalidated() -> None:
    assert score("F00", age=74).limits == ("not studied in people under 75",)
    assert score("F00", age=None).limits == ("age not known: studied from 75",)
    assert score("F00", age=75).limits == ()


def test_a_code_that_cannot_be_read_is_told() -> None:
    assert score("F00", "banana").missing == ("diagnosis code that cannot be read: 1",)


def test_each_input_says_which_codes_said_so() -> None:
    (fever,) = score("R50.9", "R500").used

    assert (fever.points, fever.said_by) == (Decimal("0.1"), ("R500", "R509"))


@given(CODES, st.randoms())
def test_it_does_not_depend_on_order_or_repetition(codes: list[str], random: object) -> None:
    shuffled = [*codes, *codes]
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert score(*shuffled).value == score(*codes).value


@given(CODES, st.sampled_from(sorted(POINTS)))
def test_one_more_code_never_lowers_it(codes: list[str], one_more: str) -> None:
    assert Decimal(0) <= score(*codes).value <= score(*codes, one_more).value <= Decimal("173.2")
