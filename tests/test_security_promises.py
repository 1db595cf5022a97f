"""docs/security.md names, for each promise, the test that guards it: so those tests must be there."""

import re

from app.settings import ROOT


def test_every_test_that_a_promise_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)(?:\.py)?`", (ROOT / "docs" / "security.md").read_text(encoding="utf-8")))
    there = set[str]()
    for path in (ROOT / "tests").rglob("test_*.py"):
        there |= {path.stem, *re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))}
    assert named
    assert named - there == set()
