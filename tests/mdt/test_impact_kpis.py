"""Each measure by its definition: what counts, what does not, and what is not known."""

import csv
import io
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mdt.impact.export import measures_csv
from app.mdt.impact.facts import (
    ActionFact,
    CaseloadFact,
    ItemFact,
    MeetingFact,
    PathwayFact,
    TeamFacts,
)
from app.mdt.impact.intervals import Share, by_group, middle, share
from app.mdt.impact.kpis.every import measures
from app.mdt.impact.kpis.measure import Measure

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
ON = date(2026, 3, 11)


def weekdays(since: date, to: date) -> int:
    return sum((since + timedelta(days=day)).weekday() < 5 for day in range(1, (to - since).days + 1))


def told(code: str, **facts: Any) -> Measure:
    found = measures(TeamFacts(**facts), first=FIRST, last=LAST, working_days=weekdays)
    (one,) = [each for each in found if each.code == code]
    return one


def of(measure: Measure) -> tuple[int, int, int]:
    assert measure.share is not None
    return measure.share.achieved, measure.share.of, measure.share.unknown


def item(**more: Any) -> ItemFact:
    usual = ItemFact(locality="northgate", on=ON, position=1, listed=8, discussed=True, planned_minutes=10.0)
    return replace(usual, **more)


def meeting(**more: Any) -> MeetingFact:
    return replace(MeetingFact(locality="northgate", on=ON, held=True, items=10), **more)


@pytest.mark.parametrize(("achieved", "count", "low", "high"), [(6, 8, 0.41, 0.93), (18, 24, 0.55, 0.88)])
def test_wilson_intervals_as_published(achieved: int, count: int, low: float, high: float) -> None:
    one = Share(achieved=achieved, of=count)

    assert one.value == 0.75
    assert one.low == pytest.approx(low, abs=0.005)
    assert one.high == pytest.approx(high, abs=0.005)


@given(st.integers(0, 200), st.integers(0, 200))
def test_an_interval_holds_its_share_and_lies_between_none_and_all(achieved: int, not_achieved: int) -> None:
    one = Share(achieved=achieved, of=achieved + not_achieved)

    if one.value is None:
        assert (one.low, one.high) == (None, None)
    else:
        assert one.low is not None
        assert one.high is not None
        assert 0 <= one.low <= one.value + 1e-12
        assert one.value - 1e-12 <= one.high <= 1


def test_unknown_counts_as_not_achieved_and_is_told_beside() -> None:
    one = share([True, False, None])

    assert (one.achieved, one.of, one.unknown) == (1, 3, 1)


def test_small_counts_of_who_people_are_are_not_told() -> None:
    few, more = [("1", True)] * 4 + [("1", False)] * 20, [("2", True)] * 10 + [("3", True)] * 30
    groups = by_group([*few, *more])

    assert (groups["1"].told, groups["1"].value) == (False, None)
    assert (groups["3"].told, groups["3"].achieved) == (True, 30)
    assert all(one.told for one in by_group(more).values())
    turned = by_group([(group, not outcome) for group, outcome in [*few, *more]])  # few of whom it is not so
    assert (turned["1"].told, turned["3"].told) == (False, True)


def test_a_small_count_is_not_told_by_all_together_less_the_rest() -> None:
    few = [("1", True)] * 4 + [("1", False)] * 20
    groups = by_group([*few, *[("2", True)] * 10, *[("3", True)] * 30, *[("4", False)] * 6])
    two = by_group([*few, *[(group, outcome) for _, outcome in few for group in "5"], *[("3", True)] * 30])

    assert [group for group, one in groups.items() if not one.told] == ["1", "2"]  # the smallest that hides it
    assert [group for group, one in two.items() if not one.told] == ["1", "5"]


def test_a_core_role_counts_where_it_was_there_for_four_fifths_of_the_items() -> None:
    seats = {"chair": 10, "nurse": 8, "social-worker": 7, "gp": 0}

    assert of(told("core-attendance", meetings=[meeting(seats=seats), meeting(held=False, seats=seats)])) == (2, 4, 0)


def test_who_came_to_a_meeting_at_which_nobody_was_to_be_discussed_counts_at_its_start() -> None:
    empty = meeting(items=0, seats={"chair": 0, "nurse": 0}, at_start=frozenset({"chair"}))

    assert of(told("core-attendance", meetings=[empty])) == (1, 2, 0)


def test_a_meeting_is_quorate_at_its_start_and_for_nine_tenths_of_its_items() -> None:
    meetings = [
        meeting(quorate_at_start=True, items_quorate=9),
        meeting(quorate_at_start=True, items_quorate=8),
        meeting(quorate_at_start=False, items_quorate=10),
        meeting(quorate_at_start=None, items_quorate=10),
        meeting(held=False),
    ]
    measure = told("quorate", meetings=meetings)

    assert of(measure) == (1, 4, 1)
    assert measure.counts == {"cancelled": 1}


def test_discussion_time_is_measured_from_start_to_stop_and_by_third_of_the_agenda() -> None:
    items = [item(position=place, minutes=minutes) for place, minutes in ((1, 12.0), (4, 9.0), (8, 20.0), (7, None))]
    measure = told("discussion-time", items=items)

    assert of(measure) == (2, 4, 1)
    assert measure.middle is not None
    assert measure.middle.median == 12.0
    assert {name: one.median for name, one in measure.middles.items()} == {
        "first third": 12.0, "second third": 9.0, "last third": 20.0,
    }  # fmt: skip


def test_a_late_addition_counts_whether_urgent_or_not_and_urgent_is_told_beside() -> None:
    measure = told("late-additions", items=[item(), item(late=True), item(late=True, urgent=True)])

    assert (of(measure), measure.counts) == ((2, 3, 0), {"urgent": 1})


def test_carry_over_is_told_by_reason_and_for_the_second_time() -> None:
    items = [
        item(),
        item(discussed=False, carried_over="no time"),
        item(discussed=False, carried_over="no time", carried_over_before=1),
        item(discussed=False),
    ]
    measure = told("carry-over", items=items)

    assert (of(measure), measure.counts) == ((2, 4, 0), {"no time": 2, "again": 1})


def test_an_outcome_is_clear_with_a_decision_and_an_owned_action_or_why_there_is_none() -> None:
    items = [
        item(decision=True, owned_dated_actions=1),
        item(decision=True, no_action_reason=True),
        item(decision=True),
        item(decision=False, owned_dated_actions=1),
        item(decision=None),
        item(discussed=False, decision=True, owned_dated_actions=1),
    ]

    assert of(told("clear-outcome", items=items)) == (2, 5, 1)


@pytest.mark.parametrize(
    ("days", "source", "achieved"), [(0, True, 1), (90, True, 1), (91, True, 0), (-1, True, 0), (10, False, 0)]
)
def test_the_persons_view_counts_for_ninety_days_and_where_it_says_whose_words(
    days: int, source: bool, achieved: int
) -> None:
    measure = told("persons-view", items=[item(view_on=ON - timedelta(days=days), view_source=source), item()])

    assert of(measure) == (achieved, 2, 0)


def test_a_decision_is_implemented_by_day_90_and_why_not_is_told_by_deprivation() -> None:
    items = [
        *[item(decision=True, implemented_on=ON + timedelta(days=90), deprivation=1) for _ in range(6)],
        *[item(decision=True, implemented_on=ON + timedelta(days=91), deprivation=5) for _ in range(6)],
        item(decision=True, not_implemented="declined", deprivation=4),
        item(decision=True),
        item(decision=True, on=LAST),  # not yet 90 days old
        item(decision=False),
    ]
    measure = told("decision-implemented", items=items)

    assert of(measure) == (6, 14, 1)
    assert measure.counts == {"declined": 1, "done-late": 6}
    assert {group: one.value for group, one in measure.groups.items()} == {
        "fifth 1": 1.0, "fifth 4": None, "fifth 5": 0.0, "deprivation not known": None,
    }  # fmt: skip


def test_re_dating_an_action_never_makes_it_on_time() -> None:
    due = date(2026, 3, 1)
    actions = [
        ActionFact(original_due=due, completed_on=due),
        ActionFact(original_due=due, completed_on=due + timedelta(days=1)),
        ActionFact(original_due=due),
        ActionFact(original_due=due, cancelled=True),
        ActionFact(original_due=date(2025, 12, 31), completed_on=due),
    ]
    measure = told("actions-on-time", actions=actions)

    assert (of(measure), measure.counts) == ((1, 3, 0), {"cancelled": 1})


def test_overdue_actions_are_counted_with_their_age_on_the_last_day() -> None:
    actions = [
        ActionFact(original_due=LAST - timedelta(days=10)),
        ActionFact(original_due=LAST - timedelta(days=30), completed_on=LAST + timedelta(days=1)),
        ActionFact(original_due=LAST - timedelta(days=99), completed_on=LAST),
        ActionFact(original_due=LAST - timedelta(days=99), cancelled=True),
        ActionFact(original_due=LAST),
    ]
    measure = told("overdue", actions=actions)

    assert measure.middle is not None
    assert (measure.middle.count, measure.middle.median, measure.middle.greatest) == (2, 20, 30)


def test_timeliness_counts_working_days_of_those_who_took_each_step() -> None:
    friday = date(2026, 3, 6)
    pathways = [
        PathwayFact(
            locality="n", received=friday, triaged=friday + timedelta(days=3), discussed=friday + timedelta(days=5)
        ),
        PathwayFact(locality="n", received=friday),
    ]
    measure = told("timeliness", pathways=pathways)

    assert measure.middles["referral to triage"].median == 1
    assert measure.middles["referral to discussion"].ninetieth == 3
    assert measure.counts["not yet triaged"] == 1
    assert measure.middles["discussion to plan shared"].count == 0


def test_what_no_feed_tells_is_said_to_be_untold_rather_than_left_out() -> None:
    found = measures(TeamFacts(), first=FIRST, last=LAST, working_days=weekdays)
    untold = {one.code: one for one in found if one.untold}
    rows = {row["measure"]: row for row in csv.DictReader(io.StringIO(measures_csv(found)))}

    assert set(untold) == {"care-home", "reach", "experience"}
    assert all(one.share is None and one.middle is None for one in untold.values())
    assert rows["care-home"]["achieved"].startswith("Cannot be told from the feeds")


def test_caseload_flow_tells_new_reviews_step_downs_and_who_came_back() -> None:
    caseload = [
        CaseloadFact(locality="n", since=date(2025, 12, 1), left=ON, reviews=(ON,), came_back=ON + timedelta(days=180)),
        CaseloadFact(locality="n", since=ON, left=ON + timedelta(days=10), came_back=ON + timedelta(days=300)),
        CaseloadFact(locality="n", since=ON, left=LAST),
        CaseloadFact(locality="n", since=ON),
    ]
    measure = told("caseload-flow", caseload=caseload)

    assert measure.counts == {"new": 3, "reviews": 1, "step-downs": 3}
    assert of(measure) == (1, 2, 0)
    assert measure.middle is not None
    assert measure.middle.median == 100


def test_with_nothing_to_measure_nothing_is_invented() -> None:
    found = measures(TeamFacts(), first=FIRST, last=LAST, working_days=weekdays)

    assert all(one.share is None or one.share.value is None for one in found)
    assert all(one.middle is None or one.middle.median is None for one in found)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
def test_the_middle_does_not_depend_on_order(values: list[float]) -> None:
    one = middle(values)

    assert one == middle(sorted(values, reverse=True))
    assert one.lower is not None
    assert one.median is not None
    assert one.upper is not None
    assert min(values) <= one.lower <= one.median <= one.upper <= max(values) == one.greatest


def _year() -> TeamFacts:
    localities: Sequence[str] = ("northgate", "tettenbrook", "bilsmoor")
    items = [
        item(locality=place, on=date(2026, month, 11), position=position, minutes=9.0 + position, decision=True)
        for place in localities for month in range(1, 13) for position in range(1, 9)
    ]  # fmt: skip
    return TeamFacts(
        meetings=[meeting(locality=place, on=date(2026, month, 11), seats=dict.fromkeys("abcdef", 8), items=8)
                  for place in localities for month in range(1, 13)],
        items=items,
        actions=[ActionFact(original_due=one.on, completed_on=one.on) for one in items for _ in range(4)],
        pathways=[PathwayFact(locality=one.locality, received=one.on, triaged=one.on) for one in items],
        caseload=[CaseloadFact(locality=one.locality, since=one.on) for one in items],
    )  # fmt: skip


def test_a_year_of_three_localities_takes_under_a_second() -> None:
    facts = _year()
    began = time.process_time()
    measures(facts, first=FIRST, last=LAST, working_days=weekdays)

    assert time.process_time() - began < 1


def test_the_export_holds_every_measure_with_its_definition() -> None:
    found = measures(_year(), first=FIRST, last=LAST, working_days=weekdays)
    rows = list(csv.DictReader(io.StringIO(measures_csv(found))))

    assert {row["measure"] for row in rows} == {one.code for one in found}
    assert all(row["definition"] for row in rows)
    (attendance,) = [row for row in rows if row["measure"] == "core-attendance"]
    assert (attendance["achieved"], attendance["of"], attendance["share"]) == ("216", "216", "1.0")
