"""The life of an objection: every state × step, and who decides."""

from itertools import product

import pytest

from app.governance.exceptions.objecting import LIFE, State, Step, Who
from app.governance.exceptions.obligations import HANDLERS, unmet_by
from app.sharing.facts import PersonFacts
from app.vocabulary.lifecycle import Move
from tests.sharing.worlds import DAY, DOCTOR, HOUR, LAW, NOON, NURSE, opening_by

ALLOWED = {
    ("lodged", "uphold"): "upheld",
    ("lodged", "decline"): "declined",
    ("lodged", "lift"): "lifted",
    ("upheld", "decline"): "declined",
    ("upheld", "lift"): "lifted",
    ("declined", "uphold"): "upheld",
}


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
def test_each_state_and_step(state: State, step: Step) -> None:
    made = LIFE.move(state, step, set(Who))
    assert (made.to if isinstance(made, Move) else None) == ALLOWED.get((str(state), str(step)))


def test_deciding_is_for_whom_the_agreement_names_and_lifting_is_not() -> None:
    assert {move.event for move in LIFE.moves if move.who == {Who.DECIDER}} == {Step.UPHOLD, Step.DECLINE}


def test_every_obligation_of_the_demonstration_has_a_handler() -> None:
    assert set(LAW.obligations) <= set(HANDLERS)


def test_35_an_obligation_without_a_handler_is_unmet_whatever_was_opened() -> None:
    opened = PersonFacts(openings=(opening_by(DOCTOR, NOON, NOON + HOUR),))
    assert unmet_by(frozenset({"audit", "sing"}), DOCTOR, opened, NOON) == {"sing"}


def test_a_reason_counts_for_whoever_gave_it_while_it_lasts() -> None:
    asked = frozenset({"audit", "reason", "alert-privacy-officer", "review"})
    opened = PersonFacts(openings=(opening_by(DOCTOR, NOON, NOON + HOUR),))
    assert unmet_by(asked, DOCTOR, opened, NOON) == frozenset()
    for requester, facts, at in (
        (DOCTOR, PersonFacts(), NOON),
        (NURSE, opened, NOON),
        (DOCTOR, opened, NOON + HOUR),
        (DOCTOR, opened, NOON - DAY),
    ):
        assert unmet_by(asked, requester, facts, at) == asked - {"audit"}
