"""What is counted before and after, and what would be expected without anyone doing anything."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mdt.impact.expected import Band, Lived, Size, expected_of, fit, size
from app.mdt.one_person.use import (
    Followed,
    Spell,
    after,
    before,
    earlier_admissions,
    monthly_admissions,
    superspells,
)

INDEX = date(2025, 6, 1)
EVER = date(2030, 1, 1)


def spell(days: int, nights: int | None = 2, method: str = "21") -> Spell:
    admitted = INDEX + timedelta(days=days)
    return Spell(admitted=admitted, left=None if nights is None else admitted + timedelta(days=nights), method=method)


def test_windows_end_the_day_before_and_begin_the_day_after() -> None:
    person = Followed(index=INDEX, spells=[spell(day, 0) for day in (-366, -365, -1, 0, 1, 365, 366)])

    assert before(person).admissions == 2
    assert after(person, known_until=EVER).admissions == 2


@pytest.mark.parametrize(("method", "counts"), [("21", 1), ("25", 1), ("28", 1), ("2A", 1), ("2B", 1), ("2D", 1),
                                                ("2C", 0), ("11", 0), ("31", 0), ("81", 0)])  # fmt: skip
def test_only_emergency_methods_count_and_no_birth_at_home(method: str, counts: int) -> None:
    assert after(Followed(index=INDEX, spells=[spell(10, method=method)]), known_until=EVER).admissions == counts


def test_a_transfer_belongs_to_the_admission_before_it() -> None:
    whole = superspells([spell(10, 3), spell(13, 5, "2B"), spell(30, 1, "2B")])

    assert [(one.admitted, one.left) for one in whole] == [
        (INDEX + timedelta(days=10), INDEX + timedelta(days=18)),
        (INDEX + timedelta(days=30), INDEX + timedelta(days=31)),
    ]


def test_only_nights_inside_a_window_count_as_its_bed_days() -> None:
    person = Followed(index=INDEX, spells=[spell(-5, 20), spell(360, 20)])

    assert before(person).bed_days == 5
    assert after(person, known_until=EVER).bed_days == 14 + 6


def test_somebody_who_died_or_moved_is_followed_until_then() -> None:
    person = Followed(index=INDEX, until=INDEX + timedelta(days=73), died=True, spells=[spell(10), spell(100)])

    assert after(person, known_until=EVER).admissions == 1
    assert after(person, known_until=EVER).years == pytest.approx(0.2)
    assert before(person).years == 1


def test_nobody_is_followed_beyond_what_is_known() -> None:
    person = Followed(index=INDEX, attendances=[INDEX + timedelta(days=day) for day in (1, 30, 80)])
    use = after(person, known_until=INDEX + timedelta(days=73))

    assert use.attendances == 2
    assert use.years == pytest.approx(0.2)
    assert after(person, known_until=INDEX - timedelta(days=5)).years == 0


def test_admissions_month_by_month_stand_in_order_around_the_index() -> None:
    counts = monthly_admissions([Followed(index=INDEX, spells=[spell(day, 0) for day in (-365, -1, 0, 1, 365, 366)])])

    assert [place for place, count in enumerate(counts) if count] == [0, 11, 12, 23]
    assert sum(counts) == 4


def test_earlier_admissions_are_told_by_how_near_they_were() -> None:
    told = earlier_admissions(
        [Followed(index=INDEX, spells=[spell(day, 0) for day in (-365, -183, -182, -62, -61, -1)])]
    )

    assert list(told.values()) == [[2], [2], [2]]


@given(st.lists(st.tuples(st.integers(-400, 400), st.integers(0, 60)), max_size=12), st.integers(1, 400))
def test_no_window_holds_more_than_there_was(spells: list[tuple[int, int]], until: int) -> None:
    person = Followed(
        index=INDEX, until=INDEX + timedelta(days=until), spells=[spell(day, nights) for day, nights in spells]
    )
    first, then = before(person), after(person, known_until=EVER)

    assert first.admissions + then.admissions <= len(spells)
    assert 0 <= then.years <= 1 == first.years
    assert first.bed_days + then.bed_days <= sum(nights for _, nights in spells)


@pytest.mark.parametrize(("before_", "expected"), [(0, 0.167), (1, 0.500), (2, 0.833), (3, 1.167), (5, 1.833)])
def test_expected_counts_as_published(before_: int, expected: float) -> None:
    assert Band(0.25, 0.5).expected(before_) == pytest.approx(expected, abs=0.0005)


def test_a_place_without_any_team_shows_the_fall_that_is_expected() -> None:
    rng = np.random.default_rng(1)
    risk = rng.gamma(0.5, 0.5, 600_000)
    first, then = rng.poisson(risk), rng.poisson(risk)
    chosen = first >= 2
    band = fit(first[:20_000].tolist())

    assert first[chosen].mean() == pytest.approx(2.395, abs=0.02)
    assert then[chosen].mean() == pytest.approx(0.96, abs=0.02)
    assert band.expected(float(first[chosen].mean())) == pytest.approx(then[chosen].mean(), rel=0.1)


def test_counts_that_vary_by_chance_alone_are_all_expected_at_the_mean() -> None:
    assert fit([0, 1, 0, 1]).expected(5) == 0.5
    with pytest.raises(ValueError, match="two people"):
        fit([3])


def test_what_comes_by_itself_lies_within_the_ends_of_what_is_expected_in_nineteen_of_twenty_places() -> None:
    within = {"admissions": 0, "nights": 0}
    for seed in range(200):
        rng = np.random.default_rng(seed)
        risk = rng.gamma(0.5, 0.5, 2000)
        first, then = rng.poisson(risk), rng.poisson(risk)
        chosen = np.argsort(-first - rng.random(2000), kind="stable")[:40]  # those at their worst
        nights, later = (np.array([rng.geometric(1 / 7, count).sum() for count in each]) for each in (first, then))
        band, long = fit(first.tolist()), size(first.tolist(), nights.tolist())
        for kind, each, came in (("admissions", Size(), then), ("nights", long, later)):
            told = expected_of([Lived(band, float(first[one]), 1.0, each) for one in chosen])
            assert told is not None
            within[kind] += told.low <= came[chosen].mean() <= told.high

    assert all(185 <= each <= 198 for each in within.values())  # of 200


def test_of_fewer_people_less_is_expected_surely_and_of_nobody_nothing() -> None:
    band = fit([0, 0, 0, 1, 0, 2, 0, 5] * 5)
    few, many = expected_of([Lived(band, 2, 1.0)] * 12), expected_of([Lived(band, 2, 1.0)] * 120)

    assert few is not None
    assert many is not None
    assert few.rate == pytest.approx(many.rate)
    assert few.low < many.low < many.rate < many.high < few.high
    assert expected_of([]) is None
    assert expected_of([Lived(fit([0, 0, 0]), 0, 1.0)]) == (0.0, 0.0, 0.0)
