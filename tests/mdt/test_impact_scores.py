"""A score that falls by itself proves nothing: the change stands beside what is expected."""

import numpy as np
import pytest

from app.mdt.impact.scores import Pair, score_changes


def place(seed: int, *, helped: float) -> list[Pair]:
    """People whose score is a stable risk and chance; the team sees those whose first score is the highest."""
    rng = np.random.default_rng(seed)
    risk = rng.normal(40, 10, 2000)
    first, then = risk + rng.normal(0, 10, 2000), risk + rng.normal(0, 10, 2000)
    seen = first > np.quantile(first, 0.9)
    then = then - helped * seen
    return [
        Pair("hospital-frailty", "1", float(one), float(two), bool(by_team))
        for one, two, by_team in zip(first, then, seen, strict=True)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_a_fall_that_regression_explains_is_no_change_beyond_what_is_expected(seed: int) -> None:
    (change,) = score_changes(place(seed, helped=0))

    assert change.observed is not None
    assert change.expected is not None
    assert change.beyond is not None
    assert change.observed < -10
    assert change.observed == pytest.approx(change.expected, abs=3)
    assert change.beyond[1] < 1.5
    assert change.beyond[2] > -1.5
    assert change.over_time


@pytest.mark.parametrize("seed", range(5))
def test_a_fall_beyond_that_is_found(seed: int) -> None:
    (change,) = score_changes(place(seed, helped=8))

    assert change.beyond is not None
    assert change.beyond[2] < 0


def test_versions_are_never_mixed_and_few_people_are_told_nothing_of() -> None:
    pairs = (
        [Pair("lace", "a", 9, 5, True)] * 11
        + [Pair("lace", "b", 9, 5, True)] * 20
        + [Pair("lace", "b", 9, 9, False)] * 20
    )
    first, second = score_changes(pairs)

    assert (first.version, first.people, first.observed) == ("a", 11, None)
    assert (second.version, second.people, second.observed, second.expected) == ("b", 20, -4, 0)
    assert score_changes([]) == []
