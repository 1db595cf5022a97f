"""Recall and precision on a made-up quarter in which it is known who snooped."""

import pytest

from app.bench.watch_year import Year
from app.bench.watching import Watched, watch_year
from app.watch.sign import Sign
from tests.conftest import unmeasured


@pytest.fixture(scope="module")
def watched() -> Watched:
    with unmeasured():  # the place without snoopers below runs most of the same lines
        return watch_year(Year(seed=2, staff=32, people=3000, days=84, of_each=3))


def test_most_snoopers_are_told_of(watched: Watched) -> None:
    assert watched.recall >= 0.85


def test_one_alert_in_three_at_least_tells_of_a_snooper(watched: Watched) -> None:
    assert watched.precision >= 0.3


def test_of_those_to_look_at_at_once_more_than_half_tell_of_a_snooper_and_of_most_snoopers(watched: Watched) -> None:
    assert watched.precision_today >= 0.5 > watched.precision_weekly
    assert watched.recall_today >= 0.6


def test_every_sign_but_none_alone_finds_its_own(watched: Watched) -> None:
    assert {each.sign for each in watched.signs} == set(Sign)
    assert sum(each.told_by_it > 0 for each in watched.signs) >= 11
    assert all(each.told_by_it <= each.told_by_any <= each.snooped == 3 for each in watched.signs)


def test_a_place_without_snoopers_is_left_in_peace_most_days() -> None:
    honest = watch_year(Year(seed=3, staff=20, people=3000, days=63, of_each=0))
    assert honest.precision == 0
    assert sum(each.alerts for each in honest.signs) < honest.staff * honest.days / 20
