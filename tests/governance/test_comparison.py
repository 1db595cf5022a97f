"""What another agreement would newly show and hide: every cell, and nothing that is not so."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.governance.proving.comparison import PLAIN, Change, Comparison, Pair, by_heading, compare, pair_of
from app.governance.proving.simulate import broken_examples, weaknesses
from app.sharing.written.document import Agreement, When
from app.sharing.written.duration import Duration, parse_span
from app.vocabulary.label import Label
from app.vocabulary.ods_code import OdsCode
from tests.sharing.worlds import LAW, World, changed, corner, worlds

SMALL = corner.agreements.documents[0]
NURSE, LATELY, CARER, ABUSE = SMALL.grants


def without(clause: str) -> Agreement:
    parts = ("grants", "prohibitions", "guests")
    return changed(SMALL, **{part: tuple(e for e in getattr(SMALL, part) if e.id != clause) for part in parts})


def instead(part: str, clause: str, **changes: Any) -> Agreement:
    clauses = getattr(SMALL, part)
    return changed(SMALL, **{part: tuple(changed(e, **changes) if e.id == clause else e for e in clauses)})


def compared(new: Agreement, old: Agreement = SMALL) -> Comparison:
    return compare(pair_of(old, new))


def waiting(**when: Any) -> When:
    return When.model_validate(when)


def told(change: Change) -> tuple[str, str, str]:
    return change.situation.ask.role, change.situation.ground, change.situation.circumstance


def test_the_same_agreement_changes_nothing_and_every_cell_was_looked_at() -> None:
    same = compared(SMALL)
    assert same.changes == ()
    assert same.cells > 100_000


def test_a_clause_taken_out_hides_what_it_gave_and_nothing_else() -> None:
    changes = compared(without("G-NURSE-LATELY")).changes
    assert {told(change) for change in changes} == {("nurse", "admission", PLAIN)}
    (change,) = changes
    assert by_heading(change.lost).keys() == {
        "Contacts with professionals",
        "Contacts with professionals (locating)",
    }
    assert change.gained == ()


def test_the_other_way_round_is_the_other_way_round() -> None:
    new = without("G-CARER")
    there, back = compared(new).changes, compare(pair_of(new, SMALL)).changes
    assert [(change.situation, change.lost) for change in there] == [(c.situation, c.gained) for c in back]


def test_a_prohibition_taken_out_is_told_where_it_matters() -> None:
    circumstances = {told(change)[2] for change in compared(without("X-DISSENT")).changes}
    assert circumstances == {
        f"dissent raised by {partner} {when}" for partner in ("CCC", "TTT") for when in ("just now", "90 days ago")
    }


def test_dissent_that_would_hide_every_partners_entries_is_told() -> None:
    new = instead("prohibitions", "X-DISSENT", when=waiting(flag="dissent"))
    lost = [
        change for change in compared(new).changes if told(change)[1:] == ("referral", "dissent raised by CCC just now")
    ]
    assert lost
    assert {label.controller for change in lost for label in change.lost} == {"TTT"}


@pytest.mark.parametrize(
    ("new", "circumstance"),
    [
        (instead("prohibitions", "X-DEAD", when=waiting(flag="deceased", after="P30D")), "30 days ago"),
        (instead("prohibitions", "X-DEAD", when=waiting(flag="deceased", after="P91D")), "90 days ago"),
    ],
)
def test_a_prohibition_that_waits_longer_or_less_is_told(new: Agreement, circumstance: str) -> None:
    assert {told(change)[2] for change in compared(new).changes} == {
        f"deceased raised by {partner} {circumstance}" for partner in ("CCC", "TTT")
    }


def test_a_longer_emergency_is_told() -> None:
    longer = changed(SMALL, emergency_access=changed(SMALL.emergency_access, lasts=parse_span("PT90M")))  # type: ignore[type-var]
    assert {told(change)[1] for change in compared(longer).changes} == {
        "emergency access, just under 1 hour and 30 minutes ago"
    }


def test_a_meeting_that_opens_sooner_is_told() -> None:
    sooner = instead("guests", "V-CARER", lead=parse_span("PT60M"))
    assert {told(change)[1] for change in compared(sooner).changes} == {"guest (visitor), 1 hour before the meeting"}


def test_a_greatest_age_is_told_as_how_far_back() -> None:
    new = instead("grants", "G-NURSE-LATELY", max_age=Duration.parse("P3Y"))
    (change,) = compared(new).changes
    assert (change.gained, change.lost, change.from_later) == ((), (), ())
    assert {label.category for label in change.from_earlier} == {"encounters"}
    (back,) = compare(pair_of(new, SMALL)).changes
    assert back.from_later == change.from_earlier
    (ever,) = compared(instead("grants", "G-NURSE-LATELY", max_age=None)).changes
    assert ever.from_earlier == change.from_earlier


def test_a_new_party_is_told_as_what_it_would_be_shown() -> None:
    third = changed(SMALL.parties[0], id="third", ods=OdsCode("HHH"))
    roles = SMALL.roles | {NURSE.roles[0]: changed(SMALL.roles[NURSE.roles[0]], at=("trust", "third"))}
    changes = compared(changed(SMALL, parties=(*SMALL.parties, third), roles=roles)).changes
    assert {change.situation.ask.organisation for change in changes if change.gained} >= {"HHH"}


MUTANTS = [
    *(without(clause.id) for clause in (*SMALL.grants, *SMALL.prohibitions, *SMALL.guests)),
    changed(SMALL, emergency_access=None),
    instead("grants", "G-NURSE", categories=("problems",)),
    instead("prohibitions", "X-OBJECTION", override="never"),
    instead("prohibitions", "X-DEAD", when=waiting(flag="deceased")),
]


@cache
def compared_with(place: int) -> tuple[Pair, Comparison]:
    """The small agreement with one of its mutants."""
    pair = pair_of(SMALL, MUTANTS[place])
    return pair, compare(pair)


def _all(comparison: Comparison, world: World, part: str) -> set[Label]:
    ask = (world.requester.organisation, world.requester.role, world.purpose, world.action)
    return {label for c in comparison.changes if c.situation.ask == ask for label in getattr(c, part)}


@given(st.sampled_from(range(len(MUTANTS))), worlds(SMALL))
@settings(max_examples=150)
def test_whatever_is_decided_otherwise_of_anyone_is_among_the_changes(place: int, world: World) -> None:
    """No world of any number of facts shows what no situation told."""
    pair, comparison = compared_with(place)
    old, new = world.decide(pair.old).mask, world.decide(pair.new).mask
    lattice = pair.old.lattice
    assert set(lattice.labels_in(new & ~old)) <= _all(comparison, world, "gained")
    assert set(lattice.labels_in(old & ~new)) <= _all(comparison, world, "lost")


def test_what_the_parties_meant_and_is_no_longer_so_is_told() -> None:
    fewer = changed(LAW, grants=tuple(grant for grant in LAW.grants if grant.id != "G-HOUSING-CARE-TEAM"))
    assert list(broken_examples(LAW, LAW)) == []
    assert list(broken_examples(LAW, fewer)) == ["A housing officer sees which social worker to call"]


def test_an_example_of_what_the_new_agreement_does_not_know_is_told() -> None:
    elsewhere = changed(SMALL.examples[0], says="A nurse elsewhere sees medicines", at="third")
    told = list(broken_examples(changed(SMALL, examples=(elsewhere, *SMALL.examples)), SMALL))
    assert told == ["A nurse elsewhere sees medicines (it speaks of what the new agreement does not know)"]


def test_clauses_that_no_example_holds_are_told() -> None:
    assert "no example fails without X-SELF; add one that only it decides" in weaknesses(SMALL)
