"""Invariants 19 and 20: one meaning, however it is worked out. The reference knows the agreement's text alone."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sharing.explain import explain
from app.sharing.facts import Objection, ObjectionScope, PersonFacts, account_of
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Action, Purpose
from tests.sharing.reference import Verdict, holding_grants, judge, judge_each
from tests.sharing.worlds import (
    DAY,
    HERS,
    HIS,
    HOUR,
    LAW,
    NOON,
    World,
    any_label,
    any_world,
    corner,
    flagged,
    opening_by,
    related,
    someone,
    worlds,
    wulfrun,
)

pytestmark = pytest.mark.unmeasured  # the same lines thousands of times over, which other tests measure
DATES = st.none() | st.dates(date(2023, 11, 20), date(2026, 11, 23))
CORNER_LABELS = [
    Label(OdsCode(controller), Category(category), sensitivity)
    for controller in ("TTT", "CCC")
    for category in ("medications", "problems", "encounters")
    for sensitivity in (Sensitivity.NORMAL, Sensitivity.LOCATING, Sensitivity.DOMESTIC_ABUSE, Sensitivity.BARRED)
]


@given(any_world, any_label, DATES)
@settings(max_examples=150)
def test_19_engine_and_reference_agree_in_decision_and_reasons(
    world: World, label: Label, occurred_on: date | None
) -> None:
    explained = explain(
        world.requester,
        label,
        occurred_on=occurred_on,
        action=world.action,
        purpose=world.purpose,
        facts=world.facts,
        agreements=wulfrun.agreements,
        at=world.at,
    )
    expected = judge(world.question(wulfrun), label, occurred_on)
    assert explained.decision.permits(label, occurred_on) is explained.permitted is expected.permitted
    assert frozenset(explained.deciding) == (expected.granting or expected.prohibiting)


@given(worlds(corner.agreements.documents[0]), DATES)
def test_19_engine_and_reference_agree_on_every_label_of_a_small_place(world: World, occurred_on: date | None) -> None:
    decision = world.decide(corner.agreements)
    for label, expected in judge_each(world.question(corner), CORNER_LABELS, occurred_on).items():
        assert decision.permits(label, occurred_on) is expected.permitted


def objection_of(scope: ObjectionScope) -> Objection:
    return Objection(
        id=scope,
        scope=scope,
        upheld=True,
        started=NOON - DAY,
        category=Category("problems"),
        organisation=OdsCode("TTT"),
        account=account_of(someone("nurse", "TTT")),
        meeting="north",
        team="north",
    )


FLAGS = [(), ("dissent",), ("deceased", "location-restricted"), ("sealed",)]
OBJECTIONS = [(), *((objection_of(scope),) for scope in ObjectionScope)]
TRAINED = {True: date(2026, 11, 22), False: date(2026, 11, 21)}


@pytest.mark.parametrize(("role", "organisation"), [("nurse", "TTT"), ("carer", "CCC"), ("carer", "TTT")])
def test_19_engine_and_reference_agree_on_everything_that_can_happen_in_a_small_place(
    role: str, organisation: str
) -> None:
    """Exhaustive: every combination of circumstances, and every label that a clause speaks of."""
    bits = corner.agreements.lattice.bits
    circumstances = product(
        (True, False), (HERS, HIS), ("read", "find"), ("care", "protection"), ((), ("referral",), ("admission",)),
        FLAGS, OBJECTIONS, (True, False),
    )  # fmt: skip
    for trained, number, action, purpose, kinds, flags, objections, is_opened in circumstances:
        requester = someone(role, organisation, training_until=TRAINED[trained])
        facts = PersonFacts(
            nhs_numbers=frozenset({number}),
            relationships=tuple(related(kind, organisation) for kind in kinds),
            flags=flagged(*flags, by="TTT"),
            objections=objections,
            openings=(opening_by(requester, NOON, NOON + HOUR),) if is_opened else (),
        )
        world = World(requester, facts, Action(action), Purpose(purpose))
        mask = world.decide(corner.agreements).mask
        verdicts = judge_each(world.question(corner), CORNER_LABELS)
        assert {label: bool(mask >> bits[label] & 1) for label in CORNER_LABELS} == _permitted(verdicts)


def _permitted(verdicts: dict[Label, Verdict]) -> dict[Label, bool]:
    return {label: verdict.permitted for label, verdict in verdicts.items()}


@pytest.mark.parametrize("role", sorted(LAW.roles))
def test_19_engine_and_reference_agree_on_every_label_of_the_demonstration(role: str) -> None:
    """Exhaustive over the lattice, for whoever has every relationship that there is."""
    for organisation in sorted(LAW.organisations(LAW.roles[someone(role, "XX").role].at)):
        everyone = tuple(related(kind, organisation) for kind in LAW.relationships)
        for action, purpose in product(sorted(LAW.actions), sorted(LAW.purposes)):
            world = World(someone(role, organisation), PersonFacts(relationships=everyone), action, purpose)
            permitted, question = world.decide(wulfrun.agreements).permitted, world.question(wulfrun)
            labels = wulfrun.agreements.lattice.labels if any(holding_grants(question)) else ()
            verdicts = judge_each(question, labels)
            expected = {label: verdict.granting for label, verdict in verdicts.items() if verdict.permitted}
            assert {label: frozenset(each.clauses) for label, each in permitted.items()} == expected


@given(any_world, st.lists(st.tuples(any_label, DATES), max_size=20))
def test_20_filtering_by_the_permitted_labels_is_deciding_each_entry(
    world: World, entries: list[tuple[Label, date | None]]
) -> None:
    decision = world.decide(wulfrun.agreements)
    kept = [
        (label, on)
        for label, on in entries
        if (permission := decision.permitted.get(label))
        and (permission.not_before is None or on is None or on >= permission.not_before)
    ]
    assert kept == [(label, on) for label, on in entries if decision.permits(label, on)]
