"""Impact is told honestly: proved on places whose true effect is known."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from app.mdt.impact.effect import Verdict, before_and_after, effect, smallest_detectable
from app.mdt.impact.matching import CALIPER, RATIO, Cohort, as_often, match
from tests.mdt.synthetic_place import synthetic_place

pytestmark = pytest.mark.unmeasured  # other tests run the same lines

SEEDS = range(100)


def places_without_effect(people: int, seen: int) -> Iterator[Cohort]:
    return (synthetic_place(seed, people=people, seen=seen, ratio=1.0) for seed in SEEDS)


def test_no_effect_is_reported_as_no_effect_in_at_least_95_of_100_big_places() -> None:
    verdicts = [effect(place).verdict for place in places_without_effect(10_000, 650)]

    assert verdicts.count(Verdict.NO_DIFFERENCE) >= 95


def test_small_places_without_effect_are_told_of_none_in_at_least_95_of_100() -> None:
    verdicts = [effect(place).verdict for place in places_without_effect(4000, 150)]

    assert sum(verdict in (Verdict.NO_DIFFERENCE, Verdict.NOT_ENOUGH) for verdict in verdicts) >= 95


def test_before_and_after_alone_claims_a_fall_in_nearly_every_place_without_any() -> None:
    naive = [before_and_after(place) for place in places_without_effect(4000, 150)]

    assert sum(one is not None and one.high < 1 for one in naive) >= 95


def test_where_there_are_enough_people_no_difference_is_said_rather_than_not_enough() -> None:
    found = effect(synthetic_place(1, people=30_000, seen=1200, ratio=1.0))

    assert found.verdict is Verdict.NO_DIFFERENCE
    assert found.detectable is not None
    assert found.detectable > 0.75


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_true_fall_of_30_per_cent_is_found_in_a_place_that_is_big_enough(seed: int) -> None:
    found = effect(synthetic_place(seed, people=30_000, seen=1500, ratio=0.7))

    assert found.verdict is Verdict.FEWER
    assert found.compared is not None
    assert found.compared.low < 0.7 < found.compared.high


def test_more_is_found_as_well_as_fewer() -> None:
    assert effect(synthetic_place(1, people=30_000, seen=1500, ratio=1.6)).verdict is Verdict.MORE


def test_too_few_people_to_tell_is_said_rather_than_a_ratio() -> None:
    found = effect(synthetic_place(1, people=500, seen=8, ratio=0.5))

    assert (found.verdict, found.compared) == (Verdict.NOT_ENOUGH, None)


def test_a_team_that_saw_nobody_has_no_effect_to_tell() -> None:
    found = effect(synthetic_place(1, people=200, seen=0, ratio=1.0))

    assert (found.verdict, found.people, found.naive) == (Verdict.NOT_ENOUGH, 0, None)


def test_where_nobody_was_admitted_no_model_is_forced() -> None:
    place = synthetic_place(1, people=2000, seen=100, ratio=1.0)
    empty = Cohort(
        **{
            name: getattr(place, name) for name in ("who", "treated", "stratum", "names", "years_before", "years_after")
        },
        covariates=np.zeros_like(place.covariates),
        before=np.zeros_like(place.before),
        after=np.zeros_like(place.after),
    )

    assert effect(empty).verdict is Verdict.NOT_ESTIMATED


@pytest.mark.parametrize(("people", "expected"), [(144, 0.66), (288, 0.75), (2600, 0.91)])
def test_the_smallest_ratio_that_can_be_seen_as_published_for_our_own_size(people: int, expected: float) -> None:
    found = smallest_detectable(people=people, controls=3 * people, rate=1.0, dispersion=1.0)

    assert found == pytest.approx(expected, abs=0.005)


def test_where_nothing_could_be_seen_nothing_is_detectable() -> None:
    assert smallest_detectable(people=1, controls=3, rate=0.001, dispersion=1.0) == 0.0


def test_matching_takes_three_alike_of_the_same_stratum_and_nobody_twice() -> None:
    place = synthetic_place(3, people=6000, seen=200, ratio=1.0)
    matched = match(place)
    rows = np.concatenate(matched.sets)
    seen = np.array([one[0] for one in matched.sets])

    assert max(matched.with_each) == RATIO
    assert len(np.unique(rows)) == len(rows)
    assert place.treated[seen].all()
    assert place.treated[rows].sum() == len(seen)
    assert all((place.stratum[one] == place.stratum[one[0]]).all() for one in matched.sets)
    assert len(seen) + matched.unmatched == 200
    scale = place.covariates[place.treated].std(axis=0)
    apart = [(place.covariates[one[1:]] - place.covariates[one[0]]) / scale for one in matched.sets]
    assert max(np.sqrt((one**2).mean(axis=1)).max() for one in apart) <= CALIPER + 1e-9


def few(treated: int, others: Sequence[float], *, who: Sequence[int] | None = None) -> Cohort:
    """People who differ in one variable alone, in which whom the team saw are all 0 and 1 in turn."""
    people = treated + len(others)
    covariate = np.array([*[float(row % 2) for row in range(treated)], *others])
    return Cohort(
        who=np.arange(people) if who is None else np.array(who),
        treated=np.arange(people) < treated,
        stratum=np.zeros(people, dtype=np.int64),
        covariates=covariate[:, None],
        names=("how ill",),
        before=np.ones(people),
        years_before=np.ones(people),
        after=np.ones(people),
        years_after=np.ones(people),
    )


def test_everyone_is_given_a_first_before_anyone_is_given_a_second() -> None:
    matched = match(few(4, [0.0, 0.0, 0.1, 1.0, 1.0]))

    assert matched.with_each == {2: 1, 1: 3}
    assert matched.unmatched == 0


def test_nobody_is_compared_twice_though_they_may_be_in_either_of_two_months() -> None:
    place = few(2, [0.0, 1.0], who=[0, 1, 2, 2])
    matched = match(replace(place, stratum=np.array([0, 1, 0, 1])))

    assert (len(matched.sets), matched.unmatched) == (1, 1)


def test_whoever_is_compared_with_one_counts_as_much_as_whoever_is_with_three() -> None:
    alone, three = np.array([0, 2]), np.array([1, 3, 4, 5])

    assert [one.tolist() for one in as_often([alone, three])] == [[0, 2, 2, 2], [1, 3, 4, 5]]


def test_differences_before_and_after_matching_are_shown_and_small_afterwards() -> None:
    matched = match(synthetic_place(3, people=6000, seen=200, ratio=1.0))

    assert max(abs(one.before) for one in matched.balance) > 0.3
    assert matched.worst < 0.1


def test_the_same_rows_give_the_same_answer() -> None:
    one, other = (effect(synthetic_place(7, people=3000, seen=120, ratio=1.0)) for _ in range(2))

    assert (one.compared, one.verdict) == (other.compared, other.verdict)
