"""What is promised about security names the threats that it answers and the test that shows it."""

import re
from typing import NamedTuple

from app.settings import ROOT

THREATS = [*(f"API{number}" for number in range(1, 11)), "SNOOP", "ADMIN", "INFER", "ROOM", "LAW", "CODE"]
_TEST = re.compile(r"`(test_\w+)(?:\.py)?`")


class Promise(NamedTuple):
    """One line of the tables."""

    says: str
    threats: list[str]
    tests: list[str]


def rows(told: str) -> list[list[str]]:
    """The cells of each line of the tables, without their headings."""
    lines = [line.strip("|").split(" | ") for line in told.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line] for line in lines if line[0].strip() not in ("promise", "threat")]


PROMISES, _, BY_THREAT = (ROOT / "docs/security.md").read_text(encoding="utf-8").partition("## By threat")
PROMISED = [
    Promise(line[0], re.split(r",\s*", line[1]), _TEST.findall(line[-1]))
    if len(line) == 4
    else Promise(line[0], [], [])
    for line in rows(PROMISES)
]


def test_every_promise_names_a_test() -> None:
    assert len(PROMISED) > 100
    assert [promise.says for promise in PROMISED if not promise.tests] == []


def test_every_promise_names_the_threats_that_it_answers() -> None:
    assert [promise.says for promise in PROMISED if not promise.threats or {*promise.threats} - {*THREATS}] == []


def test_every_threat_is_answered_by_tests_of_promises_that_name_it() -> None:
    answered = {line[0].partition(" ")[0]: _TEST.findall(line[-1]) for line in rows(BY_THREAT)}
    assert list(answered) == THREATS
    for threat, tests in answered.items():
        named = {test for promise in PROMISED if threat in promise.threats for test in promise.tests}
        assert tests, threat
        assert {*tests} - named == set(), threat
