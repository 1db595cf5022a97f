"""The life of an alert: every state × step × actor, written out."""

from itertools import product

import pytest

from app.governance.alerts.triage import LIFE, OPEN, NotInThisState, State, Step, Who, after

R, L, J, F, M, P = State
LEAD, PLACE = Who
BOTH = (LEAD, PLACE)

ALLOWED = {
    **{(R, Step.LOOK_INTO, who): L for who in BOTH},
    **{(R, Step.JUSTIFY, who): J for who in BOTH},
    **{(R, Step.DISMISS, who): F for who in BOTH},
    **{(R, Step.PASS_ON, who): P for who in BOTH},
    **{(L, Step.JUSTIFY, who): J for who in BOTH},
    **{(L, Step.DISMISS, who): F for who in BOTH},
    **{(L, Step.FIND_MISUSE, who): M for who in BOTH},
    **{(L, Step.PASS_ON, who): P for who in BOTH},
    **{(closed, Step.REOPEN, who): L for closed in (J, F, P) for who in BOTH},
    (M, Step.REOPEN, PLACE): L,
}


@pytest.mark.parametrize(("state", "step", "who"), list(product(State, Step, Who)))
def test_each_state_step_and_actor_of_an_alert(state: State, step: Step, who: Who) -> None:
    if (state, step, who) in ALLOWED:
        assert after(state, step, by=who) is ALLOWED[state, step, who]
    else:
        with pytest.raises(NotInThisState, match="what can follow"):
            after(state, step, by=who)


def test_nobody_is_found_to_have_misused_anything_before_somebody_looked_into_it() -> None:
    assert {move.state for move in LIFE.moves if move.to is M} == {L}


def test_every_alert_can_be_closed_and_what_is_closed_can_be_opened_again() -> None:
    assert {move.state for move in LIFE.moves if move.event == Step.REOPEN} == set(State) - OPEN
