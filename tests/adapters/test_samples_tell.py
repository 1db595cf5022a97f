"""All that each sample tells, whole: every element, date, label and standing, and nothing beside it."""

import pytest

from app.profiles.strict_json import read_json
from app.profiles.structure import broken_rules
from app.record.kept.json_text import dumps
from app.vocabulary.statement import Statement
from tests.adapters.telling import TOLD, samples, told

SAMPLES = samples()


def test_everything_that_is_told_is_of_a_sample() -> None:
    assert {path.stem for path in TOLD.iterdir()} == set(SAMPLES)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_tells_what_was_read_and_agreed_and_nothing_else(sample: str) -> None:
    """Where it should tell something else: `python -m tests.adapters.telling`, and read what changed."""
    assert told(SAMPLES[sample]).splitlines() == (TOLD / f"{sample}.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_a_sample_tells_keeps_the_rules_of_fhir(sample: str) -> None:
    told = [entry for one in SAMPLES[sample]() if isinstance(one, Statement) for entry in one.entries]
    broken = [(one.key, issue) for one in told for issue in broken_rules(read_json(dumps(one.resource)))]
    assert not broken
