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


THREATS = [
    *(f"API{number}" for number in range(1, 11)), "The insider who looks", "The insider who administers", "Inference",
    "The screen in the room", "The supply chain of the law", "The supply chain of the code",
]  # fmt: skip


def rows(told: str) -> list[list[str]]:
    """The cells of each line of the tables, without their headings."""
    lines = [line.strip("|").split(" | ") for line in told.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line] for line in lines if line[-1].strip() not in ("test", "answered by")]


def test_every_promise_names_a_test() -> None:
    promises = (ROOT / "docs/security.md").read_text(encoding="utf-8").partition("## By threat")[0]
    told = rows(promises)
    assert len(told) > 100
    assert [line[0] for line in told if not re.search(r"`test_\w+(\.py)?`", line[-1])] == []


def test_every_threat_is_answered_by_tests_of_promises() -> None:
    promises, _, threats = (ROOT / "docs/security.md").read_text(encoding="utf-8").partition("## By threat")
    promised = set(re.findall(r"`(test_\w+)`", promises))
    answered = {line[0]: re.findall(r"`(test_\w+)`", line[-1]) for line in rows(threats)}
    assert [next((each for each in answered if each.startswith(threat)), "") != "" for threat in THREATS] == [True] * 16
    assert [threat for threat, tests in answered.items() if not tests or not {*tests} <= promised] == []
