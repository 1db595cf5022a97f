"""Measures month by month: limits by hand, each rule, and nothing seen where nothing is."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest

from app.mdt.impact.control import Month, Point, Signal, charts, months_until, p_chart, xmr_chart
from app.mdt.impact.facts import MeetingFact, TeamFacts

TWELVE = [(date(2025, month, 1)) for month in range(1, 13)]


def xmr(*values: float) -> list[Point]:
    return xmr_chart([Month(date(2024 + n // 12, n % 12 + 1, 1), value, 1) for n, value in enumerate(values)])


def signals(points: list[Point]) -> list[set[Signal]]:
    return [set(one.signals) for one in points]


def test_limits_of_single_values_are_those_computed_by_hand() -> None:
    points = xmr(10, 12, 10, 12, 10, 12, 10, 12, 10, 12, 10, 12)
    assert {(round(one.low or 0, 6), round(one.high or 0, 6)) for one in points} == {(11 - 5.32, 11 + 5.32)}
    assert signals(points) == [set()] * 12


def test_limits_of_shares_are_wider_of_months_that_counted_few() -> None:
    points = p_chart([Month(day, 0.5, 100 if n else 4) for n, day in enumerate(TWELVE)])
    assert [one.low for one in points[:2]] == [0.0, pytest.approx(0.35)]
    assert [one.high for one in points[:2]] == [1.0, pytest.approx(0.65)]


def test_of_fewer_than_twelve_months_there_are_no_limits() -> None:
    points = xmr(*[1.0] * 10, 99.0)
    assert {(one.low, one.high, one.signals) for one in points} == {(None, None, ())}


def test_a_point_outside_the_limits_stands_out() -> None:
    points = xmr(10, 11, 10, 11, 10, 11, 10, 11, 10, 11, 10, 40)
    assert Signal.OUTSIDE in points[-1].signals
    assert not any(Signal.OUTSIDE in one.signals for one in points[:-1])


def test_seven_on_one_side_of_the_mean_stand_out_and_six_do_not() -> None:
    seven = xmr(10, 12, 9, 12, 10, 20, 22, 20, 22, 20, 22, 20)
    assert [Signal.SHIFT in one.signals for one in seven] == [False] * 5 + [True] * 7
    six = xmr(10, 22, 10, 22, 10, 10, 22, 20, 22, 20, 22, 20)
    assert not any(Signal.SHIFT in one.signals for one in six)


def test_seven_that_rise_stand_out_and_six_do_not() -> None:
    seven = xmr(5, 9, 1, 2, 3, 4, 5, 6, 7, 5, 9, 5)
    assert [Signal.TREND in one.signals for one in seven] == [False] * 2 + [True] * 7 + [False] * 3
    six = xmr(5, 9, 1, 2, 3, 4, 5, 6, 5, 5, 9, 5)
    assert not any(Signal.TREND in one.signals for one in six)


def test_two_of_three_near_one_limit_stand_out() -> None:
    months = [Month(day, value, 100) for day, value in zip(TWELVE, [0.5] * 9 + [0.63, 0.5, 0.63], strict=True)]
    found = signals(p_chart(months))
    assert [Signal.NEAR in one for one in found] == [False] * 9 + [True, False, True]
    apart = [month._replace(value=1 - month.value) if n == 11 else month for n, month in enumerate(months)]
    assert not any(Signal.NEAR in one.signals for one in p_chart(apart))


def test_a_limit_that_cannot_be_reached_makes_nothing_near_it() -> None:
    points = p_chart([Month(day, 1.0 if n % 4 else 0.625, 8) for n, day in enumerate(TWELVE)])
    assert {one.high for one in points} == {1.0}
    assert signals(points) == [set()] * 12


@pytest.mark.parametrize("value", [0.0, 1.0, 1 / 3, 0.1])
def test_what_never_changes_is_never_more_than_chance(value: float) -> None:
    assert signals(p_chart([Month(day, value, 3 + n) for n, day in enumerate(TWELVE)])) == [set()] * 12


def test_of_what_varies_by_chance_few_months_stand_out() -> None:
    lots = Random(5)
    found = [
        signal
        for _ in range(200)
        for point in p_chart([Month(day, sum(lots.random() < 0.7 for _ in range(40)) / 40, 40) for day in TWELVE])
        for signal in point.signals
        if signal is Signal.OUTSIDE
    ]
    assert len(found) < 0.01 * 200 * 12


def test_months_are_whole_but_for_the_last() -> None:
    months = months_until(date(2026, 3, 10))
    assert (len(months), months[0], months[-2], months[-1]) == (
        24, (date(2024, 4, 1), date(2024, 4, 30)), (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2026, 3, 1), date(2026, 3, 10)),
    )  # fmt: skip


def test_a_month_without_a_meeting_is_left_out() -> None:
    held = MeetingFact(
        locality="northgate", on=date(2026, 1, 14), held=True, items=2, quorate_at_start=True, items_quorate=2
    )
    facts = TeamFacts(meetings=[held, replace(held, on=date(2026, 3, 11), items_quorate=0)])
    [quorate] = [
        one for one in charts(facts, last=date(2026, 3, 31), working_days=lambda *_: 0) if one.code == "quorate"
    ]
    assert [(one.month.first, one.month.value) for one in quorate.points] == [
        (date(2026, 1, 1), 1.0), (date(2026, 3, 1), 0.0),
    ]  # fmt: skip
