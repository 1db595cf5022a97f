"""Which ways to reach somebody hold, and what is said beside each."""

from datetime import date
from typing import Any

import pytest

from app.vocabulary.contact_point import COMMENT, holding, lapsing, reached_at


def phone(value: str, **more: Any) -> dict[str, Any]:
    return {"system": "phone", "value": value, **more}


COMMENTED = phone("01632 960001", extension=[{"url": COMMENT, "valueString": "leave no message"}])
UNTIL_MARCH = phone("07700 900001", period={"start": "2020-01-01", "end": "2026-03-03"})
ALWAYS = phone("01632 960009")
FORMER = phone("01632 960002", use="old", period={"end": "2020-01-01"})


def test_each_is_told_with_what_to_know_before_it_is_used_and_until_when_it_holds() -> None:
    told = reached_at([COMMENTED, UNTIL_MARCH, FORMER, ALWAYS])
    assert told == "01632 960001 (leave no message), 07700 900001 (until 3 March 2026), 01632 960009"


@pytest.mark.parametrize(
    ("points", "left"),
    [
        ([UNTIL_MARCH, ALWAYS], "01632 960009"),
        ([COMMENTED, UNTIL_MARCH], "01632 960001 (leave no message)"),
        ([COMMENTED, UNTIL_MARCH, ALWAYS], "01632 960001 (leave no message), 01632 960009"),
        ([UNTIL_MARCH], ""),
    ],
)
def test_what_has_ended_is_left_out_from_the_day_after(points: list[Any], left: str) -> None:
    told, lapses = reached_at(points), lapsing({"telecom": points})
    assert holding(told, lapses, on=date(2026, 3, 3)) == told
    assert holding(told, lapses, on=date(2026, 3, 4)) == left


@pytest.mark.parametrize(
    ("end", "last"),
    [("2026", "2026-12-31"), ("2026-02", "2026-02-28"), ("2026-07-01T22:59:00Z", "2026-07-01"),
     ("2026-07-01T23:00:00Z", "2026-07-02")],
)  # fmt: skip
def test_the_last_day_is_londons_and_a_bare_month_or_year_lasts_to_its_end(end: str, last: str) -> None:
    (one,) = lapsing({"contact": [{"telecom": [phone("1", period={"end": end})]}]})
    assert one["until"] == last


def test_what_has_no_end_lapses_never() -> None:
    assert lapsing({"telecom": [ALWAYS, COMMENTED, FORMER, {"period": {"end": "2020-01-01"}}]}) == []
