"""One line of a record, opened."""

import re
import tomllib
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from app.record.read.everything import Everything, Resource
from app.sharing.decision import Decision
from app.sharing.lattice import lattice_of
from app.sharing.names import Names
from app.vocabulary.category import Category
from app.vocabulary.fhir_systems import ODS_ORGANISATION
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.web.people.entry import opened
from app.web.people.in_words import Fact, facts

ACUTE = OdsCode("RL4")
NAMES = Names({"RL4": "Wulfrun Hospitals", "M92001": "Penn Fields Surgery"}, {}, {})
SAMPLES = Path(__file__).parents[1] / "adapters/samples_tell"
WORDS = set(tomllib.loads(Path("app/web/people/elements.toml").read_text(encoding="utf-8"))["names"].values())
LABEL = Label(ACUTE, Category("problems"), Sensitivity("normal"))


def version(number: int, on: str, **stated: Any) -> Resource:
    meta = {"versionId": str(number), "lastUpdated": f"{on}T09:00:00+00:00", "source": "urn:pisano:RL4:hl7:7#3"}
    resource = {"resourceType": "Condition", "id": "5", "meta": meta, "subject": {"reference": "Patient/x"}, **stated}
    return Resource(5, LABEL, "Condition", orjson.dumps(resource))


def everything(*rows: Resource) -> Everything:
    return Everything(UUID(int=1), Decision(lattice=lattice_of(ACUTE), agreements=()), rows)


def test_what_it_said_before_stands_under_what_it_says_now() -> None:
    former = version(1, "2026-01-02", code={"text": "Fall"})
    newest = version(2, "2026-03-04", code={"coding": [{"code": "1", "display": "Fall at home"}]}, onsetDateTime="2026")

    entry = opened(5, NAMES)(everything(former, newest))

    assert entry is not None
    assert (entry.partner, entry.feed, entry.message, entry.line) == ("RL4", "hl7", "7", "3")
    assert [(one.number, one.facts) for one in entry.versions] == [
        (2, [("What", "Fall at home"), ("Began", "2026")]),
        (1, [("What", "Fall")]),
    ]
    assert len(entry.shown) == 2


def said(**stated: Any) -> list[Fact]:
    return facts({"resourceType": "Observation", "id": "5", "meta": {}, **stated}, NAMES)


def test_what_is_stated_is_read_in_words_and_in_the_order_of_a_reader() -> None:
    assert said(
        identifier=[{"system": "https://example.org/visit", "value": "V12"}],
        link=[{"other": {"reference": "Patient/x"}, "type": "refer"}],
        intent="order",
        encounter={"reference": "Encounter/9"},
        status="in-progress",
        valueQuantity={"value": 104.0, "unit": "g/L", "system": "http://unitsofmeasure.org", "code": "g/L"},
        code={"coding": [{"system": "http://snomed.info/sct", "code": "1", "display": "Haemoglobin"}]},
        recordedDate="2026-07-01",
        issued="2026-07-01T13:30:00Z",
        note=[{"text": "Seen at home"}, {"text": "Again"}],
    ) == [
        ("What", "Haemoglobin"),
        ("Result", "104.0 g/L"),
        ("State", "in progress"),
        ("Recorded", "1 July 2026"),
        ("Issued", "1 July 2026, 2:30pm"),
        ("Note", "Seen at home; Again"),
        ("Reference", "V12"),
    ]


@pytest.mark.parametrize(
    ("element", "value", "words"),
    [
        ("valueQuantity", {"comparator": "<", "value": 5, "unit": "mg/L"}, "<5 mg/L"),
        ("valueRange", {"low": {"value": 5, "unit": "mg"}, "high": {"value": 9, "unit": "mg"}}, "5 mg to 9 mg"),
        ("referenceRange", [{"low": {"value": 130, "unit": "g/L"}}], "130 g/L or more"),
        ("referenceRange", [{"high": {"value": 5, "unit": "mg/L"}}], "5 mg/L or less"),
        ("strength", {"numerator": {"value": 5, "unit": "g"}, "denominator": {"value": 1, "unit": "L"}}, "5 g in 1 L"),
        ("period", {"end": "2026-08-03T14:00:00Z", "start": "2026-07-06"}, "6 July 2026 to 3 August 2026, 3pm"),
        ("period", {"start": "2026-07-06"}, "from 6 July 2026"),
        ("period", {"end": "2026-07-06", "start": "2026-07-06"}, "6 July 2026"),
        ("class", {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}, "in hospital"),
        ("class", {"system": "https://example.org/own", "code": "RARE"}, "RARE"),
        ("status", "noshow", "did not attend"),
        ("description", "follow-up", "follow-up"),
        ("telecom", [{"system": "phone", "use": "home", "value": "01632 960001"}], "01632 960001 (home)"),
        ("name", [{"use": "official", "given": ["Walter"], "family": "Tranter"}], "Walter Tranter"),
        ("address", [{"line": ["47 Canal Street"], "postalCode": "ZX1 1AL"}], "47 Canal Street, ZX1 1AL"),
        ("serviceProvider", {"identifier": {"system": ODS_ORGANISATION, "value": "RL4"}}, "Wulfrun Hospitals"),
        (
            "generalPractitioner",
            [{"identifier": {"system": ODS_ORGANISATION, "value": "M92001"}, "display": "GP practice M92001"}],
            "Penn Fields Surgery",
        ),
        ("basedOn", [{"type": "ServiceRequest", "identifier": {"system": "urn:x", "value": "R1"}}], "R1"),
        ("content", [{"attachment": {"contentType": "application/pdf", "size": 3, "title": "A letter"}}], "A letter"),
        ("participant", [{"actor": {"display": "Dr Amara Okoro"}, "status": "accepted"}], "Dr Amara Okoro"),
        (
            "component",
            [{"code": {"text": "Systolic"}, "valueQuantity": {"value": 120, "unit": "mmHg"}}],
            "Systolic: 120 mmHg",
        ),
        (
            "item",
            [{"linkId": "1", "text": "What matters to me", "answer": [{"valueString": "My garden"}]}],
            "What matters to me: My garden",
        ),
        ("item", [{"linkId": "what-matters", "answer": [{"valueString": "My garden"}]}], "What matters: My garden"),
        (
            "author",
            [{"identifier": {"system": ODS_ORGANISATION, "value": "RL4"}, "display": "Nell Rushton"}],
            "Nell Rushton",
        ),
        ("active", True, "yes"),
    ],
)  # fmt: skip
def test_an_element_is_read_as_somebody_would_write_it(element: str, value: Any, words: str) -> None:
    assert [text for _, text in said(**{element: value})] == [words]


def test_of_whom_a_usual_range_is_stands_beside_it() -> None:
    usual = {
        "low": {"value": 110, "unit": "g/L"},
        "high": {"value": 140, "unit": "g/L"},
        "appliesTo": [{"text": "Pregnant"}],
    }
    assert said(referenceRange=[usual]) == [("Usual range", "110 g/L to 140 g/L; Pregnant")]


def test_an_extension_is_called_by_what_it_tells() -> None:
    uk_core = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
    ethnic = {"url": f"{uk_core}EthnicCategory", "valueCodeableConcept": {"text": "White - British"}}
    discharged = {"url": f"{uk_core}DischargeMethod", "valueCodeableConcept": {"text": "By a clinician"}}

    assert said(extension=[ethnic, discharged]) == [
        ("Ethnic group", "White - British"),
        ("Discharge method", "By a clinician"),
    ]


def test_every_element_that_an_adapter_writes_is_called_by_a_word_and_not_by_its_name() -> None:
    """Of what adapters make of the sample files, as `samples_tell` holds it."""
    told = "\n".join(path.read_text() for path in SAMPLES.glob("*.txt"))
    resources = re.findall(r"^      resourceType: \w+\n((?:      \w+: .*\n)+)", told, re.M)
    elements = {name for resource in resources for name in re.findall(r"^      (\w+): ", resource, re.M)}

    assert len(elements) > 60
    for element in elements - {"text", "intent", "policyRule", "scope", "extension"}:
        [(name, _)] = said(**{element: "something"})
        assert name in WORDS, element


def test_an_entry_that_may_not_be_seen_is_none() -> None:
    assert opened(6, NAMES)(everything(version(1, "2026-01-02"))) is None
