"""Every state × event × relation of every lifecycle, and the documentation drawn from the tables."""

from itertools import product
from operator import attrgetter
from typing import Any

import pytest

from app.mdt.workflow.lifecycles.drawn import drawn, redrawn
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.lifecycles.states import ReferralState, StudyState
from app.mdt.workflow.lifecycles.tables import (
    ACTION,
    AGENDA,
    CASE_STUDY,
    CASELOAD,
    INVITATION,
    LIFECYCLES,
    MEETING,
    REFERRAL,
)
from app.settings import ROOT
from app.vocabulary.lifecycle import Lifecycle, NotNow, NotYours, Stranger, lifecycle, moves

EACH = [pytest.param(each, state, id=f"{each.name}: {state}") for each in LIFECYCLES for state in each.states]


@pytest.mark.parametrize(("lifecycle", "state"), EACH)
def test_a_move_is_made_by_its_row_alone(lifecycle: Lifecycle[Any], state: Any) -> None:
    for event, relation in product(lifecycle.events, Relation):
        row = [move for move in lifecycle.moves if (move.state, move.event) == (state, event) and relation in move.who]
        told = lifecycle.move(state, event, frozenset({relation}))
        assert [told] == row if row else isinstance(told, Stranger | NotYours | NotNow), (event, relation)
        assert (event in lifecycle.possible(state, frozenset({relation}))) == bool(row), (event, relation)


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=attrgetter("name"))
def test_whoever_has_no_part_in_a_thing_is_a_stranger_whatever_its_state(lifecycle: Lifecycle[Any]) -> None:
    for state, event in product(lifecycle.states, lifecycle.events):
        assert lifecycle.move(state, event, frozenset()) == Stranger()


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=attrgetter("name"))
def test_every_state_can_be_reached(lifecycle: Lifecycle[Any]) -> None:
    reached = {lifecycle.initial}
    while further := {move.to for move in lifecycle.moves if move.state in reached} - reached:
        reached |= further
    assert reached == set(lifecycle.states)


def test_no_table_says_one_thing_twice() -> None:
    with pytest.raises(ValueError, match="says twice"):
        lifecycle(
            "study",
            StudyState.DRAFTED,
            moves("drafted approved", "go", "withdrawn", Relation.CHAIR),
            moves("drafted", "go", "approved", Relation.OWNER),
        )


def test_a_table_names_each_state_of_its_things_and_no_other() -> None:
    with pytest.raises(ValueError, match="'lost' is not a valid StudyState"):
        lifecycle("study", StudyState.DRAFTED, moves("drafted", "lose", "lost", Relation.CHAIR))
    with pytest.raises(ValueError, match="the study table has no row of withdrawn"):
        lifecycle("study", StudyState.DRAFTED, moves("drafted", "approve", "approved", Relation.CHAIR))


def test_an_event_of_no_table_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="no event"):
        REFERRAL.move(ReferralState.RECEIVED, "evaporate", frozenset({Relation.CHAIR}))


@pytest.mark.parametrize(
    ("lifecycle", "ends"),
    [
        (REFERRAL, {"redirected", "standard-pathway", "withdrawn"}),
        (CASELOAD, {"joined"}),
        (MEETING, {"cancelled"}),
        (AGENDA, {"carried-over", "withdrawn"}),
        (INVITATION, {"revoked"}),
        (ACTION, {"done", "not-done", "cancelled"}),
        (CASE_STUDY, {"withdrawn"}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_what_has_ended_stays_ended(lifecycle: Lifecycle[Any], ends: set[str]) -> None:
    everyone = frozenset(Relation)
    assert {state for state in lifecycle.states if not lifecycle.possible(state, everyone)} == ends


def test_nothing_is_discussed_without_an_outcome_or_carried_over_without_a_reason() -> None:
    closed = ("discussed", "carried-over")
    into = {(move.event, move.to) for move in AGENDA.moves if move.to in closed and move.state not in closed}
    assert into == {
        ("conclude", "discussed"), ("conclude-by-exception", "discussed"), ("carry-over", "carried-over")
    }  # fmt: skip


def test_an_owner_alone_says_that_an_action_is_done() -> None:
    assert {move.who for move in ACTION.moves if move.to == "done"} == {frozenset({Relation.OWNER})}


def test_the_documentation_is_drawn_from_the_tables() -> None:
    document = (ROOT / "docs" / "mdt.md").read_text(encoding="utf-8")
    assert redrawn(document) == document
    assert drawn() in document


def test_a_document_without_a_place_for_the_tables_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        redrawn("# Something else")


def test_what_cannot_follow_is_told_in_plain_words_with_what_can() -> None:
    assert str(NotNow("agenda item", "carried-over", "note", ())) == (
        "this agenda item is carried over; nothing more can be done with it"
    )
    assert str(NotNow("meeting", "in-progress", "lock", ("extend", "close"))) == (
        "this meeting is in progress; what can be done now is: extend, close"
    )
