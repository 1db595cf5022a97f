"""What is said of a finding, and how often."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.watch.sign import ONE_MATTER, Finding, Matter, Rank, Sign, explained, not_told_lately, weighed
from tests.watch.acts import COMMUNITY, NURSE, ON, person

FIGURES: dict[str, int | str] = {
    "looks": 3, "refused": 1, "people": 9, "peers": 4, "own": 5, "first": "02:10", "last": "02:40", "basis": "the rota",
    "openings": 4, "order": "the names", "searches": 12, "unopened": 10,
}  # fmt: skip


def finding(on: date = ON, sign: Sign = Sign.NEIGHBOUR, whom: int | None = 1) -> Finding:
    looked_at = None if whom is None else person(whom)
    return Finding(
        sign=sign, actor=NURSE, organisation=COMMUNITY, on=on, events=("0/1",), person=looked_at, figures=FIGURES
    )


@pytest.mark.parametrize("sign", Sign)
def test_every_alert_says_what_was_seen_why_it_is_odd_and_what_is_often_innocent(sign: Sign) -> None:
    said = explained(sign, {"figures": FIGURES})
    assert all(len(part) > 5 for part in said)
    assert "{" not in " ".join(said)


@pytest.mark.parametrize("why", ["standing", "cared-for", "its-own-people", "shown", "swapped"])
def test_an_alert_that_waits_for_the_week_says_why(why: str) -> None:
    said = explained(Sign.NEIGHBOUR, {"figures": FIGURES, "lessened": why})
    assert "waits for the weekly report" in said.innocent
    assert replace(finding(), lessened=why).rank is Rank.WEEKLY


def test_a_second_sign_of_the_same_account_and_day_leaves_nothing_to_wait() -> None:
    weak, tomorrow = replace(finding(), lessened="standing"), replace(finding(ON + timedelta(days=1)), lessened="shown")
    another = finding(sign=Sign.VOLUME, whom=None)
    assert [each.rank for each in weighed([weak, tomorrow], {})] == [Rank.WEEKLY, Rank.WEEKLY]
    assert [each.rank for each in weighed([weak, tomorrow, another], {})] == [Rank.TODAY, Rank.WEEKLY, Rank.TODAY]
    assert [each.rank for each in weighed([weak], {another.matter: ON})] == [Rank.TODAY]
    assert [each.rank for each in weighed([weak], {weak.matter: ON})] == [Rank.WEEKLY]
    assert [each.rank for each in weighed([weak], {another.matter: ON - timedelta(days=1)})] == [Rank.WEEKLY]


def test_the_same_finding_has_the_same_id_and_another_another() -> None:
    assert finding().id == finding().id
    others = [finding(ON + timedelta(days=1)), finding(sign=Sign.FAMILY), finding(whom=2), finding(whom=None)]
    assert len({finding().id, *(other.id for other in others)}) == 5


def test_looks_of_one_account_at_one_person_are_one_matter_for_four_weeks() -> None:
    told = {Matter(Sign.NEIGHBOUR, NURSE, person(1)): ON - ONE_MATTER + timedelta(days=1)}
    assert not_told_lately([finding()], told) == []
    later, of_another, other_sign = finding(ON + timedelta(days=1)), finding(whom=2), finding(sign=Sign.FAMILY)
    assert not_told_lately([later, of_another, other_sign], told) == [later, of_another, other_sign]
    habit = finding(sign=Sign.VOLUME, whom=None)
    assert not_told_lately([habit], {habit.matter: ON - timedelta(days=1)}) == [habit]
