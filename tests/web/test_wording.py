"""How pages word dates, times and ages."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.record.read.foremost import person_name
from app.vocabulary.plain_time import age, clock, plain_date, plain_time, weekday_time
from app.web.frame.words.wording import ago, begun_large, period, rung, sentence, told_apart

_APP = Path(__file__).parents[2] / "app"
NOON = datetime(2026, 7, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (date(2026, 7, 5), "5 July 2026"),
        ("2026-07-05", "5 July 2026"),
        ("2026-07", "July 2026"),
        ("1931", "1931"),  # no day is made up for a year alone
        ("2026-07-04T23:30:00+00:00", "5 July 2026"),  # it is tomorrow in London
        (None, ""),
        ("", ""),
    ],
)
def test_a_date_is_told_as_the_nhs_writes_it(value: date | str | None, told: str) -> None:
    assert plain_date(value) == told


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (datetime(2026, 7, 5, 12, 30, tzinfo=UTC), "1:30pm"),  # summer time
        (datetime(2026, 12, 5, 9, 0, tzinfo=UTC), "9am"),
        (datetime(2026, 12, 5, 12, 0, tzinfo=UTC), "midday"),
        (datetime(2026, 12, 5, 0, 5, tzinfo=UTC), "12:05am"),
    ],
)
def test_a_time_is_londons(at: datetime, told: str) -> None:
    assert clock(at) == told


def test_midnight_is_a_date_without_a_time() -> None:
    assert plain_time("2026-07-04T23:00:00+00:00") == "5 July 2026"
    assert plain_time("2026-07-05T12:30:00+00:00") == "5 July 2026, 1:30pm"
    assert plain_time(None) == ""
    assert weekday_time(datetime(2026, 7, 5, 12, 30, tzinfo=UTC)) == "Sunday 5 July 2026, 1:30pm"


@pytest.mark.parametrize(
    ("started", "ended", "told"),
    [
        ("2026-07-05", "2026-08-02", "5 July 2026 to 2 August 2026"),
        ("2026-07-05", None, "since 5 July 2026"),
        ("2026-07-05T08:00:00+00:00", "2026-07-05T09:00:00+00:00", "5 July 2026"),
        (None, "2026-08-02", "until 2 August 2026"),
        (None, None, ""),
    ],
)
def test_a_period_says_whether_it_lasts(started: str | None, ended: str | None, told: str) -> None:
    assert period(started, ended) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Duty desk <b>, 01632 960200", 'Duty desk &lt;b&gt;, <a href="tel:01632960200">01632 960200</a>'),
        ("+44 1632 960200", '<a href="tel:+441632960200">+44 1632 960200</a>'),
        ("NHS number 999 000 0018, on 2026-06-30, 0 of 12", "NHS number 999 000 0018, on 2026-06-30, 0 of 12"),
    ],
)
def test_a_telephone_number_can_be_rung_and_no_other_number(text: str, told: str) -> None:
    assert rung(text) == told


@given(st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.integers(0, 110))
def test_a_birthday_is_the_day_on_which_one_is_older(born: date, years: int) -> None:
    on = born.replace(year=born.year + years) if (born.month, born.day) != (2, 29) else date(born.year + years, 3, 1)
    assert age(born, on) == years
    if years:
        assert age(born, on - timedelta(days=1)) == years - 1


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=3, minutes=59), "3 hours ago"),
        (timedelta(days=12), "12 days ago"),
        (timedelta(seconds=-5), "just now"),  # a clock that runs ahead
    ],
)
def test_how_long_ago_is_read_at_a_glance(since: timedelta, told: str) -> None:
    assert ago(NOON - since, NOON) == told


def test_two_people_with_one_name_are_told_apart_by_their_birthdays_and_nobody_else_is() -> None:
    def called(given: str, born: str | None) -> dict[str, object]:
        return {"name": [{"given": [given], "family": "Tranter"}], "birthDate": born}

    walters = {1: called("Walter", "1945-05-14"), 2: called("Walter", None)}
    people = {**walters, 3: called("Ida", "1950-01-01"), 4: None, 5: None}
    assert {key: person_name(who) for key, who in told_apart(people).items()} == {
        1: "Walter Tranter, born 14 May 1945",
        2: "Walter Tranter, born on a day that is not known",
        3: "Ida Tranter",
        4: "",
        5: "",
    }


def test_an_error_message_keeps_its_capitals_where_it_begins_large() -> None:
    assert begun_large("the NHS number fails its check digit") == "The NHS number fails its check digit"
    assert sentence("ask the GP") == "Ask the GP."
    assert sentence("who is it?") == "Who is it?"


def test_every_apostrophe_of_ours_is_the_straight_one() -> None:
    """What partners and people write keeps theirs; `discretion` looks for both in what they wrote."""
    written = [path for end in ("html", "py", "toml", "typ", "js") for path in _APP.rglob(f"*.{end}")]

    assert len(written) > 100
    assert [path.name for path in written if "’" in path.read_text("utf-8")] == ["discretion.py"]
