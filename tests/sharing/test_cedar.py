"""Invariant 19 again, with Cedar as the oracle: the same decisions, for the same reasons."""

import json
from datetime import date

import cedarpy
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sharing.explain import explain
from app.vocabulary.label import Label
from tests.sharing import cedar
from tests.sharing.worlds import LAW, World, any_label, any_world, wulfrun

POLICIES = cedarpy.PolicySet.from_str(cedar.policies(LAW))
LABELS = cedarpy.Entities.from_json_str(json.dumps(cedar.resources(wulfrun.agreements.lattice.labels)))
DATES = st.none() | st.dates(date(2023, 11, 20), date(2026, 11, 23))


@given(any_world, st.lists(st.tuples(any_label, DATES), min_size=1, max_size=15))
@settings(max_examples=60)
def test_19_engine_and_cedar_agree_in_decision_and_reasons(
    world: World, asked: list[tuple[Label, date | None]]
) -> None:
    question = world.question(wulfrun)
    requests = [cedar.request(question, label, on) for label, on in asked]
    for (label, on), answer in zip(asked, cedarpy.is_authorized_batch(requests, POLICIES, LABELS), strict=True):
        assert answer.diagnostics.errors == []
        explained = explain(
            world.requester,
            label,
            occurred_on=on,
            action=world.action,
            purpose=world.purpose,
            facts=world.facts,
            agreements=wulfrun.agreements,
            at=world.at,
        )
        reasons = {f"wulfrun/{clause}" for clause in answer.diagnostics.id_annotations_by_reason.values()}
        assert explained.permitted is (answer.decision is cedarpy.Decision.Allow)
        assert set(explained.deciding) == reasons


def test_no_prohibition_of_the_demonstration_gives_way_to_an_emergency() -> None:
    """Cedar knows no forbid that one permit escapes, so that such a clause would need another oracle."""
    assert not any("emergency-access" in prohibition.gives_way_to for prohibition in LAW.prohibitions)
