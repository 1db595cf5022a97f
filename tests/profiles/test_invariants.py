"""What FHIR R4 itself asks of the members of its types together: each rule by what breaks it and what keeps it."""

import copy
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from app.profiles.check import issues_of
from app.profiles.definitions import FOLDER
from app.profiles.invariants import INVARIANTS, class_of, runs_forward
from app.profiles.strict_json import read_json

Resource = dict[str, Any]

EXAMPLES = {path.stem: read_json(path.read_bytes()) for path in sorted((FOLDER / "examples").glob("*.json"))}
UCUM, TERMS = "http://unitsofmeasure.org", "http://terminology.hl7.org/CodeSystem"
GONE = None
"""In place of an element that is to be left out."""

BEFORE, AFTER = "2026-01-05", "2026-02-05"
WORDS = {"text": "Something"}


def quantity(value: float, **others: Any) -> Resource:
    return {"value": value, "unit": "mg", **others}


def measured(value: float, code: str = "a", system: str = UCUM) -> Resource:
    return {"value": value, "unit": "years", "system": system, "code": code}


def coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": f"{TERMS}/{system}", "code": code}]}


def containing(*contained: Resource, reference: str = "#o") -> Resource:
    return {"contained": list(contained), "asserter": {"reference": reference}}


def somebody(**others: Any) -> Resource:
    return {"resourceType": "Practitioner", "id": "o", "name": [{"family": "Example"}], **others}


def practice(**others: Any) -> Resource:
    return {"resourceType": "Organization", "id": "o", "name": "A practice", **others}


def repeating(**repeat: Any) -> Resource:
    return {"dosageInstruction": [{"text": "One", "timing": {"repeat": repeat}}]}


def dosed(**dose: Any) -> Resource:
    return {"dosageInstruction": [{"text": "One", "doseAndRate": [dose]}]}


def narrative(words: str) -> Resource:
    return {"text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{words}</div>'}}


def observed(**value: Any) -> Resource:
    return {"valueQuantity": GONE, "dataAbsentReason": GONE, **value}


def told(kind: str, **changes: Any) -> list[tuple[str, str]]:
    """The rules that the example of a type breaks when changed so, each with where."""
    whole = copy.deepcopy(EXAMPLES[kind]) | changes
    return [(one.rule, one.path) for one in issues_of({name: one for name, one in whole.items() if one is not GONE})]


MISTAKEN_ALLERGY = coded("allergyintolerance-verification", "entered-in-error")
MISTAKEN = coded("condition-ver-status", "entered-in-error")
ACTIVE, OVER = coded("condition-clinical", "active"), coded("condition-clinical", "resolved")
ENDED, UPSIDE_DOWN = {"start": BEFORE, "end": AFTER}, {"start": AFTER, "end": BEFORE}
DAILY = {"frequency": 1, "period": 1, "periodUnit": "d"}
WITHIN = {"url": "within", "valueString": "A word"}
URL = "https://wulfrun-hospitals.example/extension"
REFERRING = {"resourceType": "Practitioner", "qualification": [{"code": WORDS, "issuer": {"reference": "#"}}]}

OFTEN: list[tuple[str, Resource, Resource]] = [
    ("tim-1", {"duration": 1}, {"duration": 1, "durationUnit": "h"}),
    ("tim-2", {"frequency": 1, "period": 1}, DAILY),
    ("tim-4", {"duration": -1, "durationUnit": "h"}, {"duration": 0, "durationUnit": "h"}),
    ("tim-5", {**DAILY, "period": -1}, DAILY),
    ("tim-6", {"periodMax": 2}, {**DAILY, "periodMax": 2}),
    ("tim-7", {"durationMax": 2}, {"duration": 1, "durationMax": 2, "durationUnit": "h"}),
    ("tim-8", {"countMax": 2}, {"count": 1, "countMax": 2}),
    ("tim-9", {"offset": 30}, {"offset": 30, "when": ["AC"]}),
    *(("tim-9", {"offset": 30, "when": [meal]}, {"when": [meal]}) for meal in ("C", "CM", "CD", "CV")),
    ("tim-10", {"timeOfDay": ["08:00:00"], "when": ["AC"]}, {"timeOfDay": ["08:00:00"]}),
]
# The rule with the type that it is of; an example of that type; what breaks the rule, and where; what keeps it.
RULES: list[tuple[str, str, Resource, str, Resource]] = [
    ("ele-1 Element", "Condition", {"bodySite": [{"id": "a"}]}, ".bodySite[0]", {"bodySite": [{"id": "a", **WORDS}]}),
    ("ext-1 Extension", "Condition", {"extension": [{"url": URL}]}, ".extension[0]",
     {"extension": [{"url": URL, "extension": [WITHIN]}]}),
    ("ext-1 Extension", "Condition", {"extension": [{"url": URL, "valueString": "A", "extension": [WITHIN]}]},
     ".extension[0]", {"extension": [{"url": URL, "valueString": "A"}]}),
    ("txt-2 Narrative", "Condition", narrative("<p>&#160; <br/></p>"), ".text", narrative("<p>A stroke</p>")),
    ("att-1 Attachment", "DiagnosticReport", {"presentedForm": [{"data": "aGVsbG8="}]}, ".presentedForm[0]",
     {"presentedForm": [{"data": "aGVsbG8=", "contentType": "text/plain"}, {"title": "A letter"}]}),
    ("cpt-2 ContactPoint", "Patient", {"telecom": [{"value": "01902 000000"}]}, ".telecom[0]",
     {"telecom": [{"system": "phone", "value": "01902 000000"}]}),
    ("per-1 Period", "Flag", {"period": UPSIDE_DOWN}, ".period", {"period": ENDED}),
    ("per-1 Period", "Condition", {"onsetDateTime": GONE, "onsetPeriod": UPSIDE_DOWN}, ".onsetPeriod",
     {"onsetDateTime": GONE, "onsetPeriod": {"start": "2026-01-05T10:00:00Z", "end": "2026-01-05"}}),
    ("per-1 Period", "Patient", {"address": [{"use": "home", "line": ["1 Example Road"], "period": UPSIDE_DOWN}]},
     ".address[0].period", {"address": [{"use": "home", "line": ["1 Example Road"], "period": {"start": AFTER}}]}),
    ("qty-3 Quantity", "Observation", {"valueQuantity": quantity(5, code="kg")}, ".valueQuantity",
     {"valueQuantity": quantity(5, code="kg", system=UCUM)}),
    ("qty-3 Quantity", "Condition", {"onsetDateTime": GONE, "onsetAge": {"value": 5, "code": "a"}}, ".onsetAge",
     {"onsetDateTime": GONE, "onsetAge": measured(5)}),
    ("age-1 Age", "Condition", {"onsetDateTime": GONE, "onsetAge": measured(0)}, ".onsetAge",
     {"onsetDateTime": GONE, "onsetAge": measured(50)}),
    ("age-1 Age", "Condition", {"onsetDateTime": GONE, "onsetAge": quantity(50)}, ".onsetAge",
     {"onsetDateTime": GONE, "onsetAge": {"extension": [{"url": URL, "valueString": "Not known"}]}}),
    ("age-1 Age", "Condition", {"onsetDateTime": GONE, "onsetAge": measured(5, "a", "https://no.example")}, ".onsetAge",
     {"onsetDateTime": GONE, "onsetAge": {"value": 50, "code": "a", "system": UCUM}}),
    ("cnt-3 Count", "Condition", {"extension": [{"url": URL, "valueCount": measured(1, "kg")}]},
     ".extension[0].valueCount", {"extension": [{"url": URL, "valueCount": measured(1, "1")}]}),
    ("dis-1 Distance", "Condition", {"extension": [{"url": URL, "valueDistance": quantity(1)}]},
     ".extension[0].valueDistance", {"extension": [{"url": URL, "valueDistance": measured(1, "km")}]}),
    ("drt-1 Duration", "Encounter", {"length": {"code": "d", "system": UCUM}}, ".length",
     {"length": measured(2, "d")}),
    ("rat-1 Ratio", "Observation", {"valueQuantity": GONE, "valueRatio": {"numerator": quantity(1)}}, ".valueRatio",
     {"valueQuantity": GONE, "valueRatio": {"numerator": quantity(1), "denominator": quantity(8)}}),
    ("rng-2 Range", "Observation", {"valueQuantity": GONE, "valueRange": {"low": quantity(9), "high": quantity(3)}},
     ".valueRange", {"valueQuantity": GONE, "valueRange": {"low": quantity(3), "high": quantity(9)}}),
    ("rat-1 Ratio", "Observation",
     {"valueQuantity": GONE, "valueRatio": {"numerator": quantity(1), "extension": [WITHIN]}}, ".valueRatio",
     {"valueQuantity": GONE, "valueRatio": {"extension": [{"url": URL, "valueString": "Not known"}]}}),
    ("rng-2 Range", "Observation", {"valueQuantity": GONE, "valueRange": {"low": quantity(3.5), "high": quantity(3)}},
     ".valueRange", {"valueQuantity": GONE, "valueRange": {"low": quantity(3), "high": quantity(3)}}),
    ("rng-2 Range", "Observation", {"valueQuantity": GONE, "valueRange": {"low": quantity(9), "high": quantity(3)}},
     ".valueRange", {"valueQuantity": GONE, "valueRange": {"low": {"unit": "mg"}, "high": quantity(3)}}),
    ("rng-2 Range", "Goal", {"target": [{"measure": WORDS, "detailRange": {"low": quantity(9), "high": quantity(3)}}]},
     ".target[0].detailRange",
     {"target": [{"measure": WORDS, "detailRange": {"low": quantity(900), "high": {"value": 1, "unit": "g"}}}]}),
    ("sqty-1 Range", "Condition", {"onsetDateTime": GONE, "onsetRange": {"low": quantity(9, comparator="<")}},
     ".onsetRange", {"onsetDateTime": GONE, "onsetRange": {"low": quantity(9)}}),
    ("sqty-1 Observation.referenceRange", "Observation", {"referenceRange": [{"high": quantity(9, comparator="<")}]},
     ".referenceRange[0]", {"referenceRange": [{"high": quantity(9)}]}),
    ("sqty-1 SampledData", "Observation",
     {"valueQuantity": GONE,
      "valueSampledData": {"origin": quantity(1, comparator=">"), "period": 1, "dimensions": 1, "data": "1 2"}},
     ".valueSampledData",
     {"valueQuantity": GONE, "valueSampledData": {"origin": quantity(1), "period": 1, "dimensions": 1, "data": "1 2"}}),
    ("sqty-1 Dosage", "MedicationRequest",
     {"dosageInstruction": [{"text": "One", "maxDosePerLifetime": quantity(1, comparator="<")}]},
     ".dosageInstruction[0]", {"dosageInstruction": [{"text": "One", "maxDosePerLifetime": quantity(1)}]}),
    ("sqty-1 Dosage.doseAndRate", "MedicationRequest", dosed(doseQuantity=quantity(1, comparator="<")),
     ".dosageInstruction[0].doseAndRate[0]", dosed(doseQuantity=quantity(1))),
    ("sqty-1 CarePlan.activity.detail", "CarePlan",
     {"activity": [{"detail": {"status": "scheduled", "quantity": quantity(1, comparator="<")}}]},
     ".activity[0].detail", {"activity": [{"detail": {"status": "scheduled", "quantity": quantity(1)}}]}),
    ("sqty-1 Immunization", "Immunization", {"doseQuantity": quantity(1, comparator="<")}, "",
     {"doseQuantity": quantity(1)}),
    ("sqty-1 MedicationRequest.dispenseRequest", "MedicationRequest",
     {"dispenseRequest": {"quantity": quantity(1, comparator="<")}}, ".dispenseRequest",
     {"dispenseRequest": {"quantity": quantity(1)}}),
    ("sqty-1 MedicationRequest.dispenseRequest.initialFill", "MedicationRequest",
     {"dispenseRequest": {"initialFill": {"quantity": quantity(1, comparator="<")}}}, ".dispenseRequest.initialFill",
     {"dispenseRequest": {"initialFill": {"quantity": quantity(1)}}}),
    *((f"{key} Timing.repeat", "MedicationRequest", repeating(**breaks), ".dosageInstruction[0].timing.repeat",
       repeating(**keeps)) for key, breaks, keeps in OFTEN),
    ("contained DomainResource", "Condition", containing(somebody(), somebody()), "", containing(somebody())),
    ("contained DomainResource", "Condition", {"contained": [REFERRING]}, "",
     {"contained": [{**REFERRING, "id": "o"}]}),
    ("dom-2 DomainResource", "Condition", containing(somebody(contained=[{**REFERRING, "id": "q"}])), "",
     containing(somebody())),
    ("dom-3 DomainResource", "Condition", {"contained": [somebody()]}, "",
     containing(practice(partOf={"reference": "#p"}), practice(id="p"))),
    ("dom-3 DomainResource", "Condition", containing(somebody(), practice(id="p")), "", containing(somebody())),
    ("dom-4 DomainResource", "Condition", containing(somebody(meta={"versionId": "1"})), "",
     containing(somebody(meta={"profile": [URL]}))),
    ("dom-4 DomainResource", "Condition",
     containing(somebody(), practice(id="p", meta={"lastUpdated": "2026-01-05T10:00:00Z"}, partOf={"reference": "#"})),
     "", containing(somebody(), practice(id="p", partOf={"reference": "#"}))),
    ("dom-5 DomainResource", "Condition", containing(somebody(meta={"security": [{"code": "R"}]})), "",
     containing(somebody())),
    ("ait-1 AllergyIntolerance", "AllergyIntolerance", {"clinicalStatus": GONE}, "",
     {"clinicalStatus": GONE, "verificationStatus": MISTAKEN_ALLERGY}),
    ("ait-2 AllergyIntolerance", "AllergyIntolerance", {"verificationStatus": MISTAKEN_ALLERGY}, "", {}),
    ("app-1 Appointment.participant", "Appointment",
     {"participant": [*EXAMPLES["Appointment"]["participant"], {"status": "accepted"}]},
     f".participant[{len(EXAMPLES['Appointment']['participant'])}]",
     {"participant": [*EXAMPLES["Appointment"]["participant"], {"status": "accepted", "type": [WORDS]}]}),
    ("app-2 Appointment", "Appointment", {"end": GONE}, "", {}),
    ("app-3 Appointment", "Appointment", {"start": GONE, "end": GONE}, "",
     {"start": GONE, "end": GONE, "status": "entered-in-error"}),
    *(("app-3 Appointment", "Appointment", {"start": GONE, "end": GONE}, "",
       {"start": GONE, "end": GONE, "status": status}) for status in ("proposed", "waitlist", "cancelled")),
    ("app-4 Appointment", "Appointment", {"cancelationReason": WORDS, "status": "booked"}, "",
     {"cancelationReason": WORDS, "status": "noshow"}),
    ("cpl-3 CarePlan.activity", "CarePlan",
     {"activity": [{"detail": {"status": "scheduled"}, "reference": {"display": "A visit"}}]}, ".activity[0]",
     {"activity": [{"detail": {"status": "scheduled"}}, {"reference": {"display": "A visit"}}]}),
    ("con-1 Condition.stage", "Condition", {"stage": [{"type": WORDS}]}, ".stage[0]", {"stage": [{"summary": WORDS}]}),
    ("con-2 Condition.evidence", "Condition", {"evidence": [{"extension": [{"url": URL, "valueString": "A"}]}]},
     ".evidence[0]", {"evidence": [{"code": [WORDS]}]}),
    ("con-4 Condition", "Condition", {"clinicalStatus": ACTIVE, "abatementDateTime": AFTER}, "",
     {"clinicalStatus": OVER, "abatementDateTime": AFTER}),
    ("con-4 Condition", "Condition", {"clinicalStatus": GONE, "verificationStatus": GONE, "abatementString": "Lately"},
     "", {"clinicalStatus": GONE, "verificationStatus": MISTAKEN, "abatementString": "Lately"}),
    ("con-5 Condition", "Condition", {"verificationStatus": MISTAKEN}, "",
     {"clinicalStatus": GONE, "verificationStatus": MISTAKEN}),
    ("ppc-1 Consent", "Consent", {"policy": GONE, "policyRule": GONE}, "",
     {"policyRule": GONE, "policy": [{"uri": URL}]}),
    ("fhs-1 FamilyMemberHistory", "FamilyMemberHistory", {"ageString": "50", "bornDate": "1950"}, "",
     {"ageString": "50"}),
    ("fhs-2 FamilyMemberHistory", "FamilyMemberHistory", {"estimatedAge": True}, "",
     {"estimatedAge": True, "ageString": "50"}),
    ("gol-1 Goal.target", "Goal", {"target": [{"detailString": "A mile"}]}, ".target[0]",
     {"target": [{"detailString": "A mile", "measure": WORDS}, {"dueDate": AFTER}]}),
    ("imm-1 Immunization.education", "Immunization", {"education": [{"publicationDate": BEFORE}]}, ".education[0]",
     {"education": [{"documentType": "A leaflet"}, {"reference": URL}]}),
    ("obs-3 Observation.referenceRange", "Observation", {"referenceRange": [{"type": WORDS}]}, ".referenceRange[0]",
     {"referenceRange": [{"text": "Less than 5"}, {"low": quantity(1)}]}),
    ("obs-6 Observation", "Observation", {"dataAbsentReason": WORDS}, "",
     {"dataAbsentReason": WORDS, "valueQuantity": GONE}),
    ("obs-7 Observation", "Observation", {"component": [{"code": EXAMPLES["Observation"]["code"], "valueString": "A"}]},
     "", {"component": [{"code": WORDS, "valueString": "A"}]}),
    ("obs-7 Observation", "Observation", {"component": [{"code": EXAMPLES["Observation"]["code"], "valueString": "A"}]},
     "", {"component": [{"code": EXAMPLES["Observation"]["code"], "valueString": "A"}], "valueQuantity": GONE}),
    ("org-1 Organization", "Condition", containing({"resourceType": "Organization", "id": "o", "active": True}),
     ".contained[0]", containing(practice())),
    ("org-2 Organization", "Condition", containing(practice(address=[{"use": "home", "city": "A"}])), ".contained[0]",
     containing(practice(address=[{"use": "work", "city": "A"}]))),
    ("org-3 Organization", "Condition",
     containing(practice(telecom=[{"system": "phone", "value": "1", "use": "home"}])), ".contained[0]",
     containing(practice(telecom=[{"system": "phone", "value": "1", "use": "work"}]))),
    ("pat-1 Patient.contact", "Patient", {"contact": [{"relationship": [WORDS]}]}, ".contact[0]",
     {"contact": [{"relationship": [WORDS], "name": {"text": "A daughter"}}]}),
    ("qrs-1 QuestionnaireResponse.item", "QuestionnaireResponse",
     {"item": [{"linkId": "1", "answer": [{"valueString": "A"}], "item": [{"linkId": "2"}]}]}, ".item[0]",
     {"item": [{"linkId": "1", "item": [{"linkId": "2", "answer": [{"valueString": "A"}]}]}]}),
    ("ras-1 RiskAssessment.prediction", "RiskAssessment",
     {"prediction": [{"outcome": WORDS, "probabilityRange": {"low": quantity(1)}}]}, ".prediction[0]",
     {"prediction": [{"outcome": WORDS, "probabilityRange": {"low": measured(1, "%"), "high": measured(5, "%")}}]}),
    ("ras-1 RiskAssessment.prediction", "RiskAssessment",
     {"prediction": [{"outcome": WORDS, "probabilityRange": {"low": measured(1, "%", "https://no.example")}}]},
     ".prediction[0]", {"prediction": [{"outcome": WORDS}]}),
    ("ras-2 RiskAssessment.prediction", "RiskAssessment",
     {"prediction": [{"outcome": WORDS, "probabilityDecimal": 100.5}]}, ".prediction[0]",
     {"prediction": [{"outcome": WORDS, "probabilityDecimal": 100}]}),
    ("prr-1 ServiceRequest", "ServiceRequest", {"code": GONE, "orderDetail": [WORDS]}, "",
     {"code": WORDS, "orderDetail": [WORDS]}),
    ("inv-1 Task", "Task", {"authoredOn": AFTER, "lastModified": BEFORE}, "",
     {"authoredOn": BEFORE, "lastModified": AFTER}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "kind", "breaks", "where", "keeps"), RULES)
def test_what_breaks_a_rule_of_fhir_is_told_which_and_where(
    rule: str, kind: str, breaks: Resource, where: str, keeps: Resource
) -> None:
    key, _, _ = rule.partition(" ")
    assert (key, f"{kind}{where}") in told(kind, **breaks)
    assert told(kind, **keeps) == []


def test_each_rule_is_of_a_type_that_fhir_has_and_has_an_example() -> None:
    assert {rule for rule, *_ in RULES} == {f"{one.key} {one.type}" for one in INVARIANTS}
    for one in INVARIANTS:
        assert get_fhir_model_class(class_of(one.type)).__name__ == class_of(one.type)
        assert one.text


@pytest.mark.parametrize(
    ("start", "end", "is_forward"),
    [
        ("2026-01-06T00:30:00+02:00", "2026-01-05T23:00:00Z", True),
        ("2026-01-05T23:00:00Z", "2026-01-06T00:30:00+02:00", False),
        ("2026-01-05T10:00:00Z", "2026-01-05T11:00:00+01:00", True),
        ("2026-01-05T10:00:00Z", "2026-01-05", True),
        ("2026-01-06T10:00:00Z", "2026-01-05", False),
        ("2026-01-05", "2026-01-05", True),
        ("2026", "2026-01", True),
        ("2026", "2025-12-31", False),
        ("2026-02", "2026-01-31", False),
    ],
)
def test_a_period_runs_forward_by_instants_and_by_as_much_of_a_day_as_both_tell(
    start: str, end: str, is_forward: bool
) -> None:
    assert runs_forward({"start": start, "end": end}) is is_forward
    assert runs_forward({"start": start})
    assert runs_forward({"end": end})
