"""How long one decision about a whole person takes; the figure is printed, and promised in docs/performance.md."""

from dataclasses import replace

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from app.vocabulary.category import Category
from tests.sharing.worlds import NURSE_AND_HER_PATIENT, OBJECTION, World, flagged, related, wulfrun

KNOWN_EVERYWHERE = NURSE_AND_HER_PATIENT.knowing(
    relationships=(
        related("caseload", "RL4C"),
        related("admission", "RL4"),
        related("care-package", "LA508"),
        related("tenancy", "WH100"),
    )
)
GUARDED = KNOWN_EVERYWHERE.knowing(
    objections=(replace(OBJECTION, scope="category", category=Category("medications")),),
    flags=flagged("location-restricted"),
)


@pytest.mark.parametrize(
    "world", [KNOWN_EVERYWHERE, GUARDED], ids=["four relationships", "an objection and a flag too"]
)
def test_one_decision_for_all_labels_of_a_person(benchmark: BenchmarkFixture, world: World) -> None:
    decision = benchmark(world.decide, wulfrun.agreements)
    assert not decision.denied


def test_the_labels_of_a_decision_once_they_are_known(benchmark: BenchmarkFixture) -> None:
    decision = KNOWN_EVERYWHERE.decide(wulfrun.agreements)
    assert benchmark(lambda: decision.permitted)
