"""How much, when and in which order somebody looks, and what is odd about that."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from app.audit.event import Kind
from app.vocabulary.token import Role
from app.watch.act import Act
from app.watch.habit_signs import found_in_habits
from app.watch.known import Duty, Known, Places
from app.watch.sign import Finding, Sign
from app.watch.tally import Habits, Tally, tallied
from tests.watch.acts import NINE, NURSE, ON, act, person, related, tally


def found(acts: Iterable[Act], *before: Tally, **known: object) -> list[Finding]:
    habits = Habits(before, before=ON)
    return list(found_in_habits(list(acts), Known(**known), habits, on=ON))  # type: ignore[arg-type]


def signs(acts: Iterable[Act], *before: Tally, **known: object) -> set[Sign]:
    return {finding.sign for finding in found(acts, *before, **known)}


def looks(count: int) -> list[Act]:
    return [act(number, number) for number in range(count)]


def usual(**counts: int) -> list[Tally]:
    """A month of a colleague's, and as much of the nurse's own."""
    return [tally(day, actor, **counts) for day in range(1, 29) for actor in (NURSE, tally(1).actor)]


def test_volume_is_told_where_it_is_beyond_peers_and_beyond_ones_own() -> None:
    assert signs(looks(40), *usual(people=12)) == {Sign.VOLUME}
    assert signs(looks(18), *usual(people=12)) == set()
    (finding,) = found(looks(40), *usual(people=12))
    assert finding.figures == {"people": 40, "peers": 12, "own": 12}


def test_a_team_lead_who_always_sees_many_is_not_told() -> None:
    own = [tally(day, NURSE, people=38) for day in range(1, 29)]
    assert signs(looks(40), *own, *[tally(day, people=12) for day in range(1, 29)]) == set()


def test_a_quiet_day_is_never_many() -> None:
    assert signs(looks(14), *usual(people=2)) == set()


def test_out_of_shift_goes_by_the_rota_where_one_names_the_account() -> None:
    early = [Duty(NINE - timedelta(hours=12), NINE - timedelta(hours=4))]
    assert signs(looks(2), duties={NURSE: early}) == {Sign.OUT_OF_SHIFT}
    overrun = [Duty(NINE - timedelta(hours=9), NINE - timedelta(hours=1))]
    assert signs(looks(2), duties={NURSE: overrun}) == set()
    to_begin = [Duty(NINE + timedelta(hours=1), NINE + timedelta(hours=9))]
    assert signs(looks(2), duties={NURSE: to_begin}) == set()
    much_later = [Duty(NINE + timedelta(hours=3), NINE + timedelta(hours=11))]
    assert signs(looks(2), duties={NURSE: much_later}) == {Sign.OUT_OF_SHIFT}
    last_year = [Duty(NINE - timedelta(days=300), NINE - timedelta(days=299))]
    assert signs(looks(2), duties={NURSE: last_year}) == set()


def test_without_a_rota_usual_hours_stand_for_it_once_they_are_known() -> None:
    at_night = [act(1, 1, at=NINE + timedelta(hours=17))]
    assert signs(at_night, *usual()) == {Sign.OUT_OF_SHIFT}
    assert signs(looks(2), *usual()) == set()
    assert signs(at_night, *[tally(day, NURSE) for day in range(1, 19)]) == set()


@pytest.mark.parametrize(("nights", "told"), [(1, {Sign.OUT_OF_SHIFT}), (2, set())])
def test_one_night_makes_no_habit_and_two_do(nights: int, told: set[Sign]) -> None:
    days = [tally(day, NURSE, hours=1 << 2 if day <= nights else 1 << 9) for day in range(1, 29)]
    assert signs([act(1, 1, at=NINE + timedelta(hours=17))], *days) == told


def test_a_night_nurse_is_not_out_of_shift_at_night() -> None:
    nights = sum(1 << hour for hour in (20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6))
    assert signs([act(1, 1, at=NINE + timedelta(hours=17))], *usual(hours=nights)) == set()


def openings(count: int) -> list[Act]:
    return [act(number, number, Kind.EMERGENCY_OPENED) for number in range(count)]


def test_emergency_access_is_told_once_a_week_when_it_first_exceeds_every_ordinary_week() -> None:
    assert signs(openings(3)) == {Sign.EMERGENCY_RATE}
    assert signs(openings(2)) == set()
    monday = tally(2, NURSE, openings=2)
    (finding,) = found(openings(1), monday)
    assert finding.figures == {"openings": 3, "peers": 0}
    assert signs(openings(1), tally(2, NURSE, openings=3)) == set()


def test_the_front_door_of_a_hospital_opens_what_its_peers_do() -> None:
    assert signs(openings(3), *[tally(7 * week, openings=4) for week in range(1, 8)]) == set()


def places(numbers: Iterable[int], names: Iterable[int]) -> dict[object, Places]:
    return {person(each): Places(*place) for each, place in enumerate(zip(numbers, names, strict=True))}


@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize("step", [1, 3])
def test_browsing_in_the_order_of_everyones_numbers_or_names_is_told(way: int, step: int) -> None:
    in_order, scattered = range(500, 500 + way * step * 8, way * step), range(0, 8000, 1000)
    for known in (places(in_order, scattered), places(scattered, in_order)):
        (finding,) = found(looks(8), places=known)
        assert (finding.sign, finding.figures["people"]) == (Sign.IN_ORDER, 8)


def test_other_people_met_meanwhile_do_not_hide_it() -> None:
    order = [500, 9000, 501, 502, 80, 503, 7000, 504, 505]
    (finding,) = found(looks(9), places=places(order, range(0, 9000, 1000)))
    assert finding.figures["people"] == 6


def test_a_caseload_taken_by_name_is_not_in_the_order_of_everyone() -> None:
    assert signs(looks(10), places=places(range(0, 1000, 100), range(0, 4000, 400))) == set()
    assert signs(looks(5), places=places(range(5), range(5))) == set()


def searches(count: int, opened: int = 0) -> list[Act]:
    """One every three minutes, each for one person; the first are opened two minutes later."""
    sought = [act(3 * number, number, Kind.FIND) for number in range(count)]
    return sorted([*sought, *(act(3 * n + 2, n) for n in range(opened))], key=lambda one: one.at)


def test_searching_without_opening_is_told_where_it_is_most_of_all_and_beyond_peers() -> None:
    assert signs(searches(10)) == {Sign.SEARCHING}
    assert signs(searches(10, opened=3)) == set()
    assert signs(searches(24, opened=13)) == set()
    assert signs(searches(10), *usual(unopened=12)) == set()


def test_a_search_that_showed_several_people_was_for_the_one_who_is_opened() -> None:
    shown = [act(1, whom, Kind.FIND, request="one") for whom in range(4)]
    (day,) = tallied([*shown, act(5, 2)], on=ON)
    assert (day.searches, day.unopened) == (1, 0)


def test_a_search_that_showed_nobody_told_nobody_anything() -> None:
    assert signs(act(number, None, Kind.FIND) for number in range(20)) == set()


def copies(count: int, minutes: int = 1, **changes: object) -> list[Act]:
    return [act(minutes * number, number, Kind.EXPORT, **changes) for number in range(count)]


def test_a_burst_of_exports_is_told_and_a_days_worth_of_them_is_not() -> None:
    assert signs(copies(12)) == {Sign.EXPORTS}
    assert signs(copies(12, minutes=30)) == set()
    assert signs(copies(12), *usual(exported=10, people=12)) == set()


def test_a_system_is_told_of_for_bursts_and_for_nothing_that_people_do() -> None:
    system = copies(60, role=Role("partner-system"))
    assert signs(system, places=places(range(60), range(60))) == {Sign.EXPORTS}


ON_ANOTHER_DAY = {NURSE: [Duty(NINE - timedelta(hours=36), NINE - timedelta(hours=28))]}


def lessened(acts: list[Act], kind: str = "", **known: object) -> list[str]:
    """Of what is found where the nurse's organisation has such a relationship with everybody."""
    theirs = {person(number): [related(kind)] for number in range(40)} if kind else {}
    return [each.lessened for each in found(acts, *usual(people=12), relationships=theirs, **known)]


def test_a_day_off_waits_where_care_explains_whom_it_was_about_and_does_not_for_a_stranger() -> None:
    assert lessened(looks(2), "caseload", duties=ON_ANOTHER_DAY) == ["cared-for"]
    assert lessened(looks(2), duties=ON_ANOTHER_DAY) == [""]


def test_a_whole_days_work_at_the_hours_of_peers_is_a_shift_that_was_swapped() -> None:
    by_day = [act(number, number, at=NINE + timedelta(minutes=40 * number)) for number in range(8)]
    assert lessened(by_day, "caseload", duties=ON_ANOTHER_DAY) == ["swapped"]
    by_night = [each._replace(at=each.at + timedelta(hours=10)) for each in by_day]
    assert lessened(by_night, "caseload", duties=ON_ANOTHER_DAY) == ["cared-for"]
    assert lessened(by_day, duties=ON_ANOTHER_DAY) == [""]


def test_many_people_with_whom_the_organisation_has_to_do_are_its_own_clinic() -> None:
    assert lessened(looks(40), "registration") == ["its-own-people"]
    assert lessened(looks(40)) == [""]
