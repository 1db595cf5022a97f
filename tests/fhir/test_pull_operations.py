"""`$summary` and `$match`."""

import json
import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle
from sqlalchemy import Engine

from app.database.transactions import transaction
from app.fhir.read.summary import SECTIONS
from app.profiles.definitions import FOLDER
from app.vocabulary.fhir_systems import LOINC
from tests.fhir.conftest import FATHER, Door, matched
from tests.fhir.test_pull_search import _hidden
from tests.scenarios.test_asking import events, since

Doors = Callable[..., Door]
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
BORN = "1945-05-14"


def summary(door: Door) -> Any:
    answer = door.get(f"Patient/{door.person()}/$summary")
    assert answer.status_code == 200, answer.text
    Bundle.model_validate_json(answer.content)
    return answer.json()


def test_a_summary_is_a_document_whose_every_reference_is_in_it(door: Doors) -> None:
    document = summary(door("gp"))
    composition = document["entry"][0]["resource"]
    urls = [entry["fullUrl"] for entry in document["entry"]]

    assert document["type"] == "document"
    assert composition["type"]["coding"][0]["code"] == "60591-5"
    assert len(set(urls)) == len(urls)
    listed = [one["reference"] for section in composition["section"] for one in section.get("entry", [])]
    assert {composition["subject"]["reference"], composition["author"][0]["reference"], *listed} == set(urls[1:])
    assert len(listed) > 3


def test_a_required_section_is_there_and_says_why_it_is_empty(door: Doors) -> None:
    sections = {one["code"]["coding"][0]["code"]: one for one in summary(door("gp"))["entry"][0]["resource"]["section"]}
    required = [section.code for section in SECTIONS if section.required]

    assert set(required) <= sections.keys()
    for section in sections.values():
        assert ("entry" in section) != ("emptyReason" in section)
        assert section["text"]["div"].startswith('<div xmlns="http://www.w3.org/1999/xhtml">')
    assert sections["10160-0"]["emptyReason"]["coding"][0]["code"] == "unavailable"


IPS: dict[str, str] = {
    "48765-2": "AllergyIntolerance DocumentReference",
    "11450-4": "Condition DocumentReference",
    "10160-0": "MedicationStatement MedicationRequest MedicationAdministration MedicationDispense DocumentReference",
    "104605-1": "Flag DocumentReference",
    "11369-6": "Immunization DocumentReference",
    "47519-4": "Procedure DocumentReference",
    "30954-2": "Observation DiagnosticReport DocumentReference",
    "8716-3": "Observation DocumentReference",
    "18776-5": "CarePlan ImmunizationRecommendation DocumentReference",
    "47420-5": "Condition ClinicalImpression DocumentReference",
    "10162-6": "Observation DocumentReference",
    "29762-2": "Observation DocumentReference",
    "42348-3": "Consent DocumentReference",
    "11348-0": "Condition DocumentReference",
}
"""What may stand under each section (hl7.fhir.uv.ips 2.0, Composition)."""


def test_under_a_section_of_the_ips_stands_only_what_it_lets_stand_there() -> None:
    """What else a reader needs has a section of our own: none of it is left out for that."""
    assert {one.code for one in SECTIONS if one.system == LOINC} == IPS.keys()
    for section in SECTIONS:
        assert section.system != LOINC or section.kinds <= set(IPS[section.code].split()), section.title
    under = {(category, kind) for one in SECTIONS for category in one.categories for kind in one.kinds}
    assert {
        ("assessments", "Observation"), ("actions", "Task"), ("care-plans", "ServiceRequest"),
        ("end-of-life", "CarePlan"),
    } <= under  # fmt: skip


def test_a_section_of_our_own_has_the_code_of_its_heading() -> None:
    written = json.loads((FOLDER / "CodeSystem-category.json").read_text())
    headings = {one["code"] for one in written["concept"]}
    own = [one for one in SECTIONS if one.system != LOINC]
    assert own
    assert all((one.system, one.code in headings) == (written["url"], True) for one in own)


def test_a_summary_shows_and_tells_the_trail_only_what_is_permitted(door: Doors, place: Engine) -> None:
    before = len(events(place))
    document = summary(door())
    (*_, event) = since(place, before)
    whole = {one["id"] for one in matched(door().get(f"Patient/{door().person()}/$everything").json())}
    in_it = {entry["resource"].get("id") for entry in document["entry"][3:]}

    assert in_it < whole
    assert in_it <= set(map(str, event["entries"]))
    assert event["kind"] == "export"


def test_what_is_hidden_changes_nothing_of_a_summary(door: Doors, place: Engine) -> None:
    gp, seen = door("gp"), []
    for add in (False, True):
        _hidden(place, gp.person(), add=add)
        try:
            answer = gp.get(f"Patient/{gp.person()}/$summary")
        finally:
            _hidden(place, gp.person(), add=False)
        at = answer.json()["timestamp"].encode()
        seen.append(re.sub(rb"urn:uuid:[-0-9a-f]+", b"", answer.content.replace(at, b"")))

    assert seen[0] == seen[1]


def test_a_narrative_is_escaped(door: Doors, place: Engine) -> None:
    gp = door("gp")
    number = int(gp.matches("Condition")[0]["id"])
    change = "UPDATE entry SET resource = convert_to(%s, 'UTF8') WHERE id = %s RETURNING 1"
    with transaction(place) as connection:
        stored = connection.exec_driver_sql("SELECT convert_from(resource, 'UTF8') FROM entry WHERE id = %s", (number,))
        held = stored.scalar_one()
        harmful = orjson.loads(held) | {"code": {"text": "<script>alert('x')</script>"}}
        connection.exec_driver_sql(change, (orjson.dumps(harmful).decode(), number))
    try:
        sections = summary(gp)["entry"][0]["resource"]["section"]
    finally:
        with transaction(place) as connection:
            connection.exec_driver_sql(change, (held, number))

    narratives = "".join(section["text"]["div"] for section in sections)
    assert "&lt;script&gt;alert(&#x27;x&#x27;)" in narratives
    assert "<script" not in narratives


def test_a_summary_of_whom_one_may_not_see_is_the_refusal(door: Doors) -> None:
    refused = door("lapsed-nurse").get(f"Patient/{door().person()}/$summary")

    assert refused.status_code == 404
    assert refused.content == door().get("Condition/1").content


def match(door: Door, patient: dict[str, Any], **parameters: Any) -> Any:
    told = [{"name": "resource", "resource": {"resourceType": "Patient", **patient}}]
    for name, value in parameters.items():
        kind = "valueBoolean" if isinstance(value, bool) else "valueInteger"
        told.append({"name": name, kind: value})
    return door.who.client.post(
        f"/fhir/R4/Patient/$match?purpose={door.who.purpose}",
        content=orjson.dumps({"resourceType": "Parameters", "parameter": told}),
        headers={**door.who.headers, "content-type": "application/fhir+json"},
    )


def grades(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    return [
        (entry["resource"]["id"], entry["search"]["extension"][0]["valueCode"])
        for entry in answer.json()["entry"]
        if entry["search"]["mode"] == "match"
    ]


NUMBER = {"identifier": [{"system": NHS_NUMBER, "value": FATHER.replace(" ", "")}]}
NAMED = {"name": [{"family": "Tranter", "given": ["Walter"]}]}


def test_a_number_with_a_name_and_a_birth_date_is_certain(door: Doors) -> None:
    person = door().person()

    assert grades(match(door(), NUMBER | NAMED | {"birthDate": BORN})) == [(person, "certain")]
    assert grades(match(door(), NUMBER | NAMED)) == [(person, "probable")]
    assert grades(match(door(), NUMBER)) == [(person, "possible")]
    assert grades(match(door(), NUMBER | {"birthDate": "1900-01-01"})) == [(person, "possible")]
    assert grades(match(door(), NUMBER, onlyCertainMatches=True)) == []


def test_without_a_number_nobody_is_certain(door: Doors) -> None:
    person = door().person()

    assert grades(match(door(), NAMED | {"birthDate": BORN})) == [(person, "possible")]
    assert grades(match(door(), NAMED | {"birthDate": BORN}, onlyCertainMatches=True)) == []


def test_a_match_of_unknown_and_of_not_yours_are_one_answer(door: Doors) -> None:
    unknown = {"identifier": [{"system": NHS_NUMBER, "value": "9999999980"}]}
    answers = [match(door(), unknown), match(door("lapsed-nurse"), NUMBER | NAMED | {"birthDate": BORN})]

    assert answers[0].content == answers[1].content
    assert grades(answers[0]) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'"\xed\xa0\x80"',
        b'{"resourceType":"Parameters"}',
        b'{"resourceType":"Parameters","parameter":[1]}',
        b'{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient"}}]}',
        b'{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient","name":3}}]}',
        b'{"resourceType":"Parameters","parameter":[{"name":"resource","resource":'
        b'{"resourceType":"Patient","name":[{"family":7}]}}]}',
        b'{"resourceType":"Parameters","parameter":[{"name":"resource","resource":'
        b'{"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":7}]}}]}',
        b"[" * 100_00 + b"]" * 100_00,
    ],
)
def test_what_describes_nobody_is_refused(door: Doors, content: bytes) -> None:
    answer = door().who.client.post(
        "/fhir/R4/Patient/$match?purpose=direct-care",
        content=content,
        headers={**door().who.headers, "content-type": "application/fhir+json"},
    )

    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"
