"""Codes that FHIR R4 itself requires, however deep they stand, and whether or not a profile asks for them."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from app.profiles.check import issues_of
from app.profiles.definitions import FOLDER
from app.profiles.issue import Issue
from app.profiles.shape import codes_of, shape_of
from app.profiles.strict_json import read_json

EXAMPLES = {path.stem: read_json(path.read_bytes()) for path in sorted((FOLDER / "examples").glob("*.json"))}


REFERRING = {"evidence": [{"detail": [{"reference": "#o"}]}]}


def issues(kind: str, **changes: Any) -> list[Issue]:
    return issues_of({**copy.deepcopy(EXAMPLES[kind]), **changes})


@pytest.mark.parametrize(
    ("kind", "changes", "path"),
    [
        ("AllergyIntolerance", {"category": ["medication", "medicine"]}, "AllergyIntolerance.category[1]"),
        ("AllergyIntolerance", {"type": "fear"}, "AllergyIntolerance.type"),
        (
            "AllergyIntolerance",
            {"reaction": [{"manifestation": [{"text": "Rash"}], "severity": "awful"}]},
            "AllergyIntolerance.reaction[0].severity",
        ),
        ("CarePlan", {"activity": [{"detail": {"status": "soon"}}]}, "CarePlan.activity[0].detail.status"),
        ("Consent", {"provision": {"type": "maybe"}}, "Consent.provision.type"),
        ("DocumentReference", {"docStatus": "good"}, "DocumentReference.docStatus"),
        ("Observation", {"valueQuantity": {"value": 5, "unit": "kg", "comparator": "~"}},
         "Observation.valueQuantity.comparator"),
        ("Patient", {"telecom": [{"system": "pigeon", "value": "1"}]}, "Patient.telecom[0].system"),
        (
            "Condition",
            {"contained": [{"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "x"},
                            "valueQuantity": {"value": 1, "comparator": "about"}}], **REFERRING},
            "Condition.contained[0].valueQuantity.comparator",
        ),
        (
            "Condition",
            {"contained": [{"resourceType": "Observation", "id": "o", "status": "done", "code": {"text": "x"}}],
             **REFERRING},
            "Condition.contained[0].status",
        ),
        ("Encounter", {"statusHistory": [{"status": "over", "period": {"start": "2026-01-05"}}]},
         "Encounter.statusHistory[0].status"),
    ],
)  # fmt: skip
def test_a_code_that_fhir_does_not_know_is_refused_where_it_stands(
    kind: str, changes: dict[str, Any], path: str
) -> None:
    [found] = issues(kind, **changes)
    assert (found.code, found.path) == ("code-invalid", path)
    assert "required here: " in found.text


def test_what_a_profile_says_of_a_code_is_told_once() -> None:
    assert [one.rule for one in issues("Flag", status="bogus")] == ["Flag.status"]


def test_a_list_of_codes_that_goes_on_is_the_one_of_our_definition_or_requires_none_of_them() -> None:
    assert "entered-in-error" in codes_of_element("Observation", "status")
    assert not codes_of_element("Expression", "language")
    assert codes_of_element("Quantity", "comparator") == {"<", "<=", ">=", ">"}
    assert codes_of_element("Identifier", "use") == {"usual", "official", "temp", "secondary", "old"}


def codes_of_element(kind: str, name: str) -> frozenset[str]:
    model: Any = get_fhir_model_class(kind)
    [field] = [one for key, one in model.model_fields.items() if (one.alias or key) == name]
    return codes_of(model, name, field)


def every_code() -> Iterator[tuple[str, str, Any]]:
    for kind in EXAMPLES:
        model: Any = get_fhir_model_class(kind)
        for key, field in model.model_fields.items():
            if codes_of(model, field.alias or key, field):
                yield kind, field.alias or key, sorted(codes_of(model, field.alias or key, field))


@pytest.mark.parametrize(("kind", "name", "codes"), list(every_code()))
def test_each_code_that_fhir_lists_passes_without_a_model(kind: str, name: str, codes: list[str]) -> None:
    example = json.loads(json.dumps(EXAMPLES[kind], default=float))
    if kind == "DocumentReference":
        example["content"] = [{"attachment": {"title": "A letter"}}]
    for code in codes:
        assert shape_of(kind)({**example, name: code}) or shape_of(kind)({**example, name: [code]}), code
