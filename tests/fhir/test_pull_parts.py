"""A part of a resource: never one that reads as its opposite, nor one that refers to what is left out of it."""

from typing import Any

import orjson
import pytest

from app.fhir.read.shape import Shape
from app.fhir.read.titles import state_of
from app.vocabulary.fhir_systems import TERMINOLOGY

Resource = dict[str, Any]


def part(shape: Shape, resource: Resource) -> Resource:
    told: Resource = orjson.loads(shape.of(resource["resourceType"], orjson.dumps(resource)))
    return told


def coded(system: str, code: str, display: str = "") -> Resource:
    return {
        "coding": [{"system": f"{TERMINOLOGY}/{system}", "code": code, **({"display": display} if display else {})}]
    }


REFUTED: Resource = {
    "resourceType": "AllergyIntolerance",
    "id": "7",
    "clinicalStatus": coded("allergyintolerance-clinical", "active"),
    "verificationStatus": coded("allergyintolerance-verification", "refuted", "Not so"),
    "code": {"text": "Penicillin"},
    "patient": {"reference": "Patient/1"},
    "note": [{"text": "Tried again in clinic"}],
}
FORBIDDEN: Resource = {
    "resourceType": "MedicationRequest",
    "id": "8",
    "status": "active",
    "intent": "order",
    "doNotPerform": True,
    "medicationCodeableConcept": {"text": "Ibuprofen"},
    "subject": {"reference": "Patient/1"},
    "note": [{"text": "Bled in 2019"}],
}


@pytest.mark.parametrize("shape", [Shape(elements=frozenset({"code"})), Shape(summary="text"), Shape(summary="true")])
def test_what_was_refuted_or_forbidden_is_so_however_little_of_it_is_asked_for(shape: Shape) -> None:
    assert part(shape, REFUTED)["verificationStatus"] == REFUTED["verificationStatus"]
    assert part(shape, FORBIDDEN)["doNotPerform"] is True
    assert "note" not in part(shape, REFUTED)


def test_a_line_of_a_summary_says_that_it_was_refuted() -> None:
    assert state_of(REFUTED) == "active, refuted"
    assert state_of(REFUTED | {"verificationStatus": {"text": "Not sure"}}) == "active, Not sure"
    assert state_of(REFUTED | {"verificationStatus": coded("allergyintolerance-verification", "confirmed")}) == "active"


def test_a_part_holds_what_it_refers_to_of_what_it_contains_and_nothing_else_of_it() -> None:
    plan = {
        "resourceType": "CarePlan",
        "id": "9",
        "contained": [
            {"resourceType": "Condition", "id": "need", "evidence": [{"detail": [{"reference": "#seen"}]}]},
            {"resourceType": "Goal", "id": "aim"},
            {"resourceType": "Observation", "id": "seen"},
        ],
        "status": "active",
        "intent": "plan",
        "subject": {"reference": "Patient/1"},
        "addresses": [{"reference": "#need"}],
        "goal": [{"reference": "#aim"}],
    }
    assert [one["id"] for one in part(Shape(summary="true"), plan)["contained"]] == ["need", "seen"]
    assert [one["id"] for one in part(Shape(elements=frozenset({"goal"})), plan)["contained"]] == ["aim"]
    assert "contained" not in part(Shape(elements=frozenset({"title"})), plan)
    assert part(Shape(summary="data"), plan)["contained"] == plan["contained"]
