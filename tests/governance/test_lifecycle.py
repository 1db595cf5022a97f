"""The life of an agreement: every state × step × actor, written out."""

from itertools import product

import pytest

from app.governance.signing.lifecycle import LIFE, NotInThisState, State, Step, Who, after
from app.sharing.compile import compile_agreements
from tests.sharing.worlds import LAW, NURSE_AND_HER_PATIENT, changed

D, S, A, F, P, E = State
LEAD, ALL, PARTY = Who

ALLOWED = {
    (D, Step.SIMULATE, LEAD): S,
    (D, Step.END, LEAD): E,
    (S, Step.SIMULATE, LEAD): S,
    (S, Step.APPROVE, ALL): A,
    (S, Step.END, LEAD): E,
    (A, Step.BEGIN, LEAD): F,
    (A, Step.END, LEAD): E,
    (F, Step.SUSPEND, LEAD): P,
    (F, Step.SUSPEND, PARTY): P,
    (F, Step.END, LEAD): E,
    (P, Step.RESUME, LEAD): F,
    (P, Step.END, LEAD): E,
}


@pytest.mark.parametrize(("state", "step", "who"), list(product(State, Step, Who)))
def test_each_state_step_and_actor(state: State, step: Step, who: Who) -> None:
    if (state, step, who) in ALLOWED:
        assert after(state, step, by=who) is ALLOWED[state, step, who]
    else:
        with pytest.raises(NotInThisState):
            after(state, step, by=who)


def test_nothing_comes_into_force_but_through_simulation_and_every_signature() -> None:
    """Walked backwards: the only way to `in-force` from a draft."""
    into: dict[State, set[tuple[State, str]]] = {}
    for move in LIFE.moves:
        into.setdefault(move.to, set()).add((move.state, move.event))
    assert into[F] == {(A, Step.BEGIN), (P, Step.RESUME)}
    assert into[P] == {(F, Step.SUSPEND)}
    assert into[A] == {(S, Step.APPROVE)}
    assert into[S] == {(D, Step.SIMULATE), (S, Step.SIMULATE)}
    assert [move.who for move in LIFE.moves if move.event == Step.APPROVE] == [{ALL}]


def test_what_has_ended_stays_ended() -> None:
    assert LIFE.possible(E, set(Who)) == ()


@pytest.mark.parametrize("state", State)
def test_only_what_is_in_force_permits_anything(state: State) -> None:
    decided = NURSE_AND_HER_PATIENT.decide(compile_agreements([changed(LAW, status=state)]))
    assert decided.denied is (state is not F)


def test_what_can_follow_is_said() -> None:
    with pytest.raises(NotInThisState, match="an agreement that is draft cannot begin; what can follow: end, simulate"):
        after(D, Step.BEGIN, by=LEAD)
    with pytest.raises(NotInThisState, match="is for: all-parties"):
        after(S, Step.APPROVE, by=LEAD)
