"""Which of two accounts of one thing is the older, and what an entry is made of."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from app.record.kept.derived import names_of, names_of_sources, numbers_of_sources
from app.record.kept.held import Source, is_older
from app.vocabulary.category import Category
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEFORE, AFTER = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)


class Before(NamedTuple):
    """What is held: written at noon, in the fifth message."""

    recorded: datetime | None = NOON
    message: int = 5


@pytest.mark.parametrize(
    ("recorded", "message", "held", "older"),
    [
        (BEFORE, 6, NOON, True),  # what its source wrote first is older, in whatever order it came
        (AFTER, 4, NOON, False),
        (NOON, 4, NOON, True),
        (NOON, 5, NOON, False),
        (NOON, 6, NOON, False),
        (None, 4, NOON, True),  # without a time the order in which they came tells
        (None, 6, NOON, False),
        (BEFORE, 6, None, False),
        (AFTER, 4, None, True),
        (None, 4, None, True),
        (None, 5, None, False),
    ],
)
def test_what_its_source_wrote_earlier_never_replaces_what_it_wrote_later(
    recorded: datetime | None, message: int, held: datetime | None, older: bool
) -> None:
    entry = Entry(key="k", category=Category("results"), resource={}, title="t", line=1, recorded=recorded)
    source = Source(partner=OdsCode("RL4"), adapter="a", message=message, at=NOON)
    assert is_older(entry, source, Before(recorded=held)) is older


@pytest.mark.parametrize(("waited", "message", "older"), [(True, 5, True), (False, 5, False), (True, 6, False)])
def test_what_waited_gives_way_to_what_the_same_message_said_at_once(waited: bool, message: int, older: bool) -> None:
    entry = Entry(key="k", category=Category("results"), resource={}, title="t", line=1)
    source = Source(partner=OdsCode("RL4"), adapter="a", message=message, at=NOON, waited=waited)
    assert is_older(entry, source, Before()) is older


SYSTEM = "https://laboratory.example"
NAMED = {"identifier": {"system": SYSTEM, "value": "1"}}


@pytest.mark.parametrize(
    ("kind", "element"),
    [
        ("DiagnosticReport", "result"),
        ("Observation", "hasMember"),
        ("Observation", "derivedFrom"),
        ("RiskAssessment", "basis"),
    ],
)
def test_a_report_a_panel_and_a_score_are_made_of_what_they_name(kind: str, element: str) -> None:
    told = {"resourceType": kind, element: [NAMED, {"reference": "Observation/12/_history/3"}]}
    assert list(names_of_sources(told)) == [f"{SYSTEM}|1", "Observation/12"]
    assert list(numbers_of_sources(told)) == [12]
    assert list(names_of_sources({"resourceType": "Condition", element: [NAMED]})) == []
    assert list(names_of_sources({"resourceType": kind, element: "none"})) == []


def test_what_is_called_as_its_sources_name_it_is_one_of_them() -> None:
    result: dict[str, Any] = {
        "resourceType": "Observation",
        "identifier": [NAMED["identifier"], {"value": "2"}, {}, {"system": SYSTEM}],
    }
    assert list(names_of(12, result)) == ["Observation/12", f"{SYSTEM}|1", "|2"]
    for once in ("identifier", "masterIdentifier"):  # as a questionnaire's answers and a document have one
        assert list(names_of(12, {"resourceType": "Basic", once: {"value": "2"}})) == ["Basic/12", "|2"]


@pytest.mark.parametrize("number", ["x", "", "٣", "-1", str(1 << 63), "9" * 30])
def test_what_is_no_number_of_an_entry_leads_to_none(number: str) -> None:
    told = {"resourceType": "DiagnosticReport", "result": [{"reference": f"Observation/{number}"}, {}]}
    assert list(numbers_of_sources(told)) == []
    most = str((1 << 63) - 1)
    assert list(numbers_of_sources({**told, "result": [{"reference": f"Observation/{most}"}]})) == [int(most)]
