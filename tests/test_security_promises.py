"""What is promised about security, and done against a hazard, names the test that shows it: so those must be there."""

import re

import pytest

from app.settings import ROOT


@pytest.mark.parametrize("told_in", ["security.md", "clinical-safety.md"])
def test_every_test_that_a_promise_names_is_there(told_in: str) -> None:
    named = set(re.findall(r"`(test_\w+)(?:\.py)?`", (ROOT / "docs" / told_in).read_text(encoding="utf-8")))
    there = set[str]()
    for path in (ROOT / "tests").rglob("test_*.py"):
        there |= {path.stem, *re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))}
    assert named
    assert named - there == set()
