"""Invariant 19 again: Cedar, given what `isa export --cedar` prints, decides alike and for the same reasons."""

import json
from datetime import date

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sharing.explain import explain
from app.sharing.published import export_cedar
from app.sharing.written.document import Agreement, Prohibition, When
from app.vocabulary.label import Label
from tests.sharing import cedar
from tests.sharing.worlds import LAW, Place, World, any_label, any_world, changed, corner, labels, worlds, wulfrun

pytestmark = pytest.mark.unmeasured  # the same lines thousands of times over, which other tests measure
SMALL = corner.agreements.documents[0]
DATES = st.none() | st.dates(date(2023, 11, 20), date(2026, 11, 23))


class Oracle:
    """Cedar, having read one agreement's export."""

    def __init__(self, place: Place) -> None:
        self.place, agreement = place, place.agreements.documents[0]
        self.schema = export_cedar.schema(agreement)
        self.policies = cedarpy.PolicySet.from_str(export_cedar.policies(agreement))
        known = cedar.requesters(agreement) + cedar.resources(place.agreements.lattice.labels)
        self.entities = cedarpy.Entities.from_json_str(json.dumps(known))

    def ask(self, world: World, asked: list[tuple[Label, date | None]]) -> list[cedarpy.AuthzResult]:
        requests = [cedar.request(world.question(self.place), label, on) for label, on in asked]
        answers: list[cedarpy.AuthzResult] = cedarpy.is_authorized_batch(requests, self.policies, self.entities)
        assert [answer.diagnostics.errors for answer in answers] == [[] for _ in asked]
        return answers


WULFRUN_ORACLE, CORNER_ORACLE = Oracle(wulfrun), Oracle(corner)


@given(any_world, st.lists(st.tuples(any_label, DATES), min_size=1, max_size=15))
@settings(max_examples=60)
def test_19_engine_and_cedar_agree_in_decision_and_reasons(
    world: World, asked: list[tuple[Label, date | None]]
) -> None:
    for (label, on), answer in zip(asked, WULFRUN_ORACLE.ask(world, asked), strict=True):
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


@given(worlds(SMALL), st.lists(st.tuples(labels(SMALL), DATES), min_size=1, max_size=15))
@settings(max_examples=60)
def test_engine_and_cedar_decide_alike_where_an_objection_gives_way_to_an_emergency(
    world: World, asked: list[tuple[Label, date | None]]
) -> None:
    assert any("emergency-access" in prohibition.gives_way_to for prohibition in SMALL.prohibitions)
    decision = world.decide(corner.agreements)
    for (label, on), answer in zip(asked, CORNER_ORACLE.ask(world, asked), strict=True):
        assert decision.permits(label, on) is (answer.decision is cedarpy.Decision.Allow)


def narrowed(when: When) -> Agreement:
    more = Prohibition(id="X-MORE", reason="a test", when=when, override="never", notice="silent")
    return changed(SMALL, prohibitions=(*SMALL.prohibitions, more))


@pytest.mark.parametrize(
    "agreement",
    [LAW, SMALL, narrowed(When(category=("body",), controller=("trust",), to=("council",)))],
    ids=["wulfrun", "corner", "every narrowing"],
)
def test_cedar_finds_the_policies_to_be_of_their_schema(agreement: Agreement) -> None:
    found = cedarpy.validate_policies(export_cedar.policies(agreement), json.dumps(export_cedar.schema(agreement)))
    assert found.validation_passed, found.errors


def test_cedar_finds_a_policy_that_is_not_of_the_schema() -> None:
    wrong = export_cedar.policies(SMALL).replace("context.trained", "context.trainde")
    assert not cedarpy.validate_policies(wrong, json.dumps(export_cedar.schema(SMALL))).validation_passed
