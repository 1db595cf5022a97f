"""What a partner's system sends, and how."""

import json
from typing import Any

from starlette.testclient import TestClient

from tests.person.people import NUMBERS

MEDIA_TYPE = "application/fhir+json"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
STATUS = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
STATUSES = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
LOCAL = "https://wulfrun-hospitals.example/hospital-number"
CONDITIONS = "https://wulfrun-hospitals.example/problem"
WEIGHTS = "https://wulfrun-hospitals.example/measurement"


class System:
    """One partner's system."""

    def __init__(self, client: TestClient, token: str) -> None:
        self.client, self.headers = client, {"authorization": f"Bearer {token}", "content-type": MEDIA_TYPE}

    def send(self, method: str, path: str = "", content: Any = None, **headers: str) -> Any:
        body = content if isinstance(content, bytes) or content is None else json.dumps(content).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, f"/fhir/R4{path}", content=body, headers={**self.headers, **named})

    def bundle(self, kind: str, *entries: Any, **headers: str) -> Any:
        return self.send("POST", content=bundle(kind, *entries), **headers)


def bundle(kind: str, *entries: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, **({"entry": list(entries)} if entries else {})}


def patient(person: int = 0, **changes: Any) -> dict[str, Any]:
    """Someone whose NHS number was verified; `person` counts them."""
    verified = {"url": STATUS, "valueCodeableConcept": {"coding": [{"system": STATUSES, "code": "01"}]}}
    whole = {
        "resourceType": "Patient",
        "identifier": [
            {"extension": [verified], "system": NHS_NUMBER, "value": NUMBERS[person].digits},
            {"system": LOCAL, "value": f"H{person}"},
        ],
        "name": [{"use": "official", "family": f"Smith{'abcdefghij'[person % 10]}", "given": ["Jo"]}],
        "gender": "female",
        "birthDate": f"1950-01-{person % 28 + 1:02}",
        "address": [{"use": "home", "line": ["1 High Street"], "postalCode": "WV1 1AA"}],
    }
    return without_none({**whole, **changes})


def condition(number: int = 1, subject: Any = None, **changes: Any) -> dict[str, Any]:
    whole = {
        "resourceType": "Condition",
        "identifier": [{"system": CONDITIONS, "value": f"P{number}"}],
        "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "230690007", "display": "Stroke"}]},
        "subject": subject or about(0),
        "onsetDateTime": "2026-01-05",
    }
    return without_none({**whole, **changes})


def weight(number: int = 1, subject: Any = None, **changes: Any) -> dict[str, Any]:
    kind = coded("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs")
    whole = {
        "resourceType": "Observation",
        "identifier": [{"system": WEIGHTS, "value": f"W{number}"}],
        "status": "final",
        "category": [kind],
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "27113001", "display": "Body weight"}]},
        "subject": subject or about(0),
        "effectiveDateTime": "2026-02-01T10:00:00Z",
        "valueQuantity": {"value": 71.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    }
    return without_none({**whole, **changes})


def about(person: int) -> dict[str, Any]:
    """A reference to someone whom this partner has sent before, by its own number for them."""
    return {"type": "Patient", "identifier": {"system": LOCAL, "value": f"H{person}"}}


def coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def put(resource: dict[str, Any], url: str = "", **entry: Any) -> dict[str, Any]:
    """An entry that states a resource by its business identifier."""
    [first, *_] = resource["identifier"] if resource["resourceType"] != "Patient" else resource["identifier"][1:]
    url = url or f"{resource['resourceType']}?identifier={first['system']}|{first['value']}"
    return {"resource": resource, "request": {"method": "PUT", "url": url}, **entry}


def post(resource: dict[str, Any], **entry: Any) -> dict[str, Any]:
    return {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}, **entry}


def without_none(whole: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in whole.items() if value is not None}


def issues(answer: Any) -> list[tuple[str, str]]:
    """Code and rule of each issue that refuses."""
    assert answer.json()["resourceType"] == "OperationOutcome", answer.text
    told = [one for one in answer.json()["issue"] if one["severity"] == "error"]
    return [(one["code"], one.get("details", {}).get("text", "")) for one in told]


def statuses(answer: Any) -> list[str]:
    """The status of each entry of a response bundle."""
    assert answer.status_code == 200, answer.text
    return [entry["response"]["status"][:3] for entry in answer.json()["entry"]]
