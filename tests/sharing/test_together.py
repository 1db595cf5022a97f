"""What several people may look at together is what each of them may see, and no more."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sharing.decision import Decision, Granted
from app.sharing.together import together
from app.vocabulary.label import Label
from tests.sharing.worlds import LAW, NOON, World, any_world, corner, labels, wulfrun

days = st.sampled_from([None, *(NOON.date() - timedelta(days=n) for n in (0, 365, 1095, 1096, 4000))])


def test_an_empty_room_is_shown_nothing() -> None:
    assert together([]) is None


def test_decisions_under_different_agreements_cannot_be_taken_together() -> None:
    nobody = Decision(lattice=wulfrun.agreements.lattice, agreements=())
    with pytest.raises(ValueError, match="same agreements"):
        together([nobody, Decision(lattice=corner.agreements.lattice, agreements=())])


def test_a_room_owes_and_is_told_what_anyone_in_it_is() -> None:
    lattice = wulfrun.agreements.lattice
    nurse = Decision(
        lattice, (), prohibitions=("X-1",), relied_on=("flag/1",), obligations=frozenset({"tell"}), alarm="no training"
    )
    officer = Decision(
        lattice, (), prohibitions=("X-2",), relied_on=("flag/2",), obligations=frozenset({"explain"}), alarm="no role"
    )
    room = together([nurse, officer])
    assert room is not None
    assert room.prohibitions == ("X-1", "X-2")
    assert room.relied_on == ("flag/1", "flag/2")
    assert room.obligations == {"tell", "explain"}
    assert room.alarm == "no role; no training"
    alone = together([nurse, Decision(lattice, ())])
    assert alone is not None
    assert alone.alarm == "no training"


def test_two_in_a_room_are_shown_what_both_see_and_from_the_later_day_of_either() -> None:
    lattice, early, late = wulfrun.agreements.lattice, date(2024, 1, 1), date(2025, 1, 1)
    one = Decision(lattice, (), (Granted("A", 0b0111, early), Granted("B", 0b1000)))
    other = Decision(lattice, (), (Granted("C", 0b0011), Granted("D", 0b0110, late)))
    shown = together([one, other])
    assert shown is not None
    assert shown.granted == (Granted("A C", 0b0011, early), Granted("A D", 0b0110, late))
    undated = together([one, Decision(lattice, (), (Granted("E", 0b1001),))])
    assert undated is not None
    assert undated.granted == (Granted("A E", 0b0001, early), Granted("B E", 0b1000))
    side_by_side = together([undated, Decision(lattice, (), (Granted("G", 0b1000), Granted("H", 0b0100)))])
    assert side_by_side is not None
    assert side_by_side.granted == (Granted("B E G", 0b1000),)
    two_clauses = Decision(lattice, (), (Granted("A", 0b0001), Granted("B", 0b0010)))
    of_one_date = together([two_clauses, Decision(lattice, (), (Granted("C", 0b0111),))])
    assert of_one_date is not None
    assert of_one_date.granted == (Granted("A B C", 0b0011),)
    nothing = together([other, Decision(lattice, (), (Granted("F", 0b1000),))])
    assert nothing is not None
    assert nothing.granted == ()


@given(st.lists(any_world, min_size=1, max_size=4), st.lists(labels(LAW), min_size=1, max_size=20), days)
def test_a_screen_shows_what_everyone_present_may_see(room: list[World], shown: list[Label], on: date | None) -> None:
    decisions = [world.decide(wulfrun.agreements) for world in room]
    joint = together(decisions)
    assert joint is not None
    for label in shown:
        assert joint.permits(label, on) == all(decision.permits(label, on) for decision in decisions)


@given(st.lists(any_world, min_size=1, max_size=4), st.randoms())
def test_who_came_first_does_not_matter(room: list[World], chance: object) -> None:
    decisions = [world.decide(wulfrun.agreements) for world in room]
    shuffled = sorted(decisions, key=lambda _: chance.random())  # type: ignore[attr-defined]
    one, other = together(decisions), together(shuffled)
    assert one is not None
    assert other is not None
    assert one.mask == other.mask
    assert one.permitted.keys() == other.permitted.keys()


@given(st.lists(any_world, min_size=1, max_size=3), any_world)
def test_one_more_in_the_room_never_shows_more(room: list[World], newcomer: World) -> None:
    decisions = [world.decide(wulfrun.agreements) for world in room]
    before, after = together(decisions), together([*decisions, newcomer.decide(wulfrun.agreements)])
    assert before is not None
    assert after is not None
    assert after.mask & before.mask == after.mask
    assert after.obligations >= before.obligations
