"""ISO 8601 durations, as agreements write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sharing.written.duration import Duration, parse_span


@pytest.mark.parametrize(
    ("text", "months", "span"),
    [
        ("P2Y", 24, timedelta()),
        ("P1Y6M", 18, timedelta()),
        ("P2W", 0, timedelta(weeks=2)),
        ("P90D", 0, timedelta(days=90)),
        ("PT60M", 0, timedelta(hours=1)),
        ("P1DT2H30M", 0, timedelta(days=1, hours=2, minutes=30)),
    ],
)
def test_a_duration_is_read(text: str, months: int, span: timedelta) -> None:
    assert Duration.parse(text) == Duration(months, span)


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "2Y", "P-1D", "P1.5D", "p1d", "P1D ", "P1M1Y"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("text", "on", "before"),
    [
        ("P2Y", date(2026, 11, 22), date(2024, 11, 22)),
        ("P1Y", date(2024, 2, 29), date(2023, 2, 28)),
        ("P1M", date(2026, 3, 31), date(2026, 2, 28)),
        ("P1M", date(2026, 1, 15), date(2025, 12, 15)),
        ("P30D", date(2026, 3, 1), date(2026, 1, 30)),
        ("P0D", date(2026, 3, 1), date(2026, 3, 1)),
        ("P999Y", date(900, 1, 1), date.min),
        ("P99999D", date(2, 1, 1), date.min),
    ],
)
def test_the_day_before_which_something_is_too_old(text: str, on: date, before: date) -> None:
    assert Duration.parse(text).before(on) == before


@given(st.dates(), st.integers(0, 999), st.integers(0, 99_999))
def test_no_day_is_too_early_to_count_back_from(on: date, years: int, days: int) -> None:
    assert Duration.parse(f"P{years}Y{days}D").before(on) <= on


@given(st.integers(0, 2000), st.integers(0, 99_999), st.integers(0, 23), st.integers(0, 59))
def test_what_is_written_is_read_back(months: int, days: int, hours: int, minutes: int) -> None:
    duration = Duration(months, timedelta(days=days, hours=hours, minutes=minutes))
    assert months > 999 or Duration.parse(str(duration)) == duration


def test_a_window_has_no_months() -> None:
    assert parse_span("PT15M") == timedelta(minutes=15)
    with pytest.raises(ValueError, match="months and years differ in length"):
        parse_span("P1M")
