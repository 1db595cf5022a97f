"""FHIR bundles of UK shape, read into statements."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.elements import ETHNIC_CATEGORY
from app.adapters.fhir_bundle import ADAPTER
from app.adapters.fhir_bundle.bundle import read_bundle
from app.adapters.fhir_bundle.labels import COVERS, HEADINGS
from app.adapters.fhir_bundle.reading import ReadBundle, read
from app.profiles.definitions import FOLDER, definitions
from app.profiles.strict_json import Unreadable
from app.record.kept.json_text import dumps
from app.vocabulary.fhir_systems import ACT_CODE
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import (
    Entry,
    Finding,
    PersonFlag,
    Retraction,
    Sender,
    Standing,
    Statement,
    Tracing,
    UnreadableMessage,
    Utterance,
)
from tests.fhir.pushing.sender import NHS_NUMBER, about, bundle, coded, condition, patient, post, put, weight
from tests.person.people import NUMBERS

SENDER = Sender(partner=OdsCode("RL4"))
PERSON, OTHER, WARD = (f"urn:uuid:0b2cd5c2-6f0e-4bb0-8c55-7a5c2fd0a00{n}" for n in (1, 2, 3))
SECURITY = "http://terminology.hl7.org/CodeSystem"


def said(whole: Mapping[str, Any] | bytes) -> list[Utterance]:
    content = whole if isinstance(whole, bytes) else json.dumps(whole).encode()
    return list(ADAPTER.read(BytesIO(content), SENDER))


def statements(*entries: Any, kind: str = "transaction") -> list[Statement]:
    return [one for one in said(bundle(kind, *entries)) if isinstance(one, Statement)]


def entries(*sent: Any, kind: str = "transaction") -> dict[str, Entry]:
    return {entry.key.split("/")[0]: entry for one in statements(*sent, kind=kind) for entry in one.entries
            if "/address" not in entry.key and "/gp" not in entry.key and "/contacts" not in entry.key}  # fmt: skip


def refused(*sent: Any, kind: str = "transaction") -> str:
    with pytest.raises(UnreadableMessage) as why:
        said(bundle(kind, *sent))
    return why.value.finding.rule


def issues_of(reading: ReadBundle) -> list[str]:
    return [issue.rule for one in reading.told.values() for issue in one.issues]


# ── Whom it is about ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["transaction", "batch", "collection", "message"])
def test_each_kind_of_bundle_is_one_statement_about_its_person(kind: str) -> None:
    header = {"resourceType": "MessageHeader", "eventUri": "https://x.example/e", "source": {"endpoint": "urn:x"}}
    sent = [put(patient(0), fullUrl=PERSON), put(condition(1, {"reference": PERSON}))]
    if kind == "message":
        sent = [{"resource": header}, *sent]
    [statement] = statements(*sent, kind=kind)
    assert statement.subject.nhs_number == NUMBERS[0]
    assert statement.subject.tracing is Tracing.VERIFIED
    assert (statement.subject.given_names, statement.subject.gender) == (("Jo",), "female")
    assert statement.subject.birth_date == date(1950, 1, 1)
    assert statement.subject.postcode == "WV1 1AA"
    assert {entry.key.split("/")[0] for entry in statement.entries} == {"Patient", "Condition"}


@pytest.mark.parametrize(
    "reference",
    [PERSON, "Patient/p1", "https://trust.example/fhir/Patient/p1", "https://trust.example/fhir/Patient/p1/_history/2"],
)
def test_a_subject_is_found_however_the_bundle_refers_to_it(reference: str) -> None:
    url = PERSON if reference.startswith("urn") else "https://trust.example/fhir/Patient/p1"
    sent = (post(patient(0, id="p1"), fullUrl=url), put(condition(1, {"reference": reference})))
    assert len(statements(*sent)) == 1


def test_a_contained_patient_is_the_subject() -> None:
    inner = {**patient(3), "id": "me"}
    [statement] = statements(put(condition(1, {"reference": "#me"}, contained=[inner])))
    assert statement.subject.nhs_number == NUMBERS[3]
    assert "contained" not in statement.entries[0].resource


def test_a_subject_by_its_number_alone_states_that_number_alone() -> None:
    subject = {"identifier": {"system": NHS_NUMBER, "value": NUMBERS[0].digits}}
    [statement] = statements(put(condition(1, subject)))
    assert (statement.subject.nhs_number, statement.subject.local_id) == (NUMBERS[0], None)
    assert statement.subject.tracing is Tracing.UNSTATED
    traced, ours = patient(0)["identifier"]
    [statement] = statements(put(condition(1, {"identifier": traced})))
    assert statement.subject.tracing is Tracing.VERIFIED
    [statement] = statements(put(condition(1, {"identifier": ours})))
    assert (statement.subject.nhs_number, statement.subject.local_id) == (None, f"{ours['system']}|{ours['value']}")


def test_two_people_are_two_statements_and_nothing_of_one_is_the_others() -> None:
    sent = (
        post(patient(0), fullUrl=PERSON),
        post(patient(1), fullUrl=OTHER),
        put(condition(1, {"reference": PERSON})),
        put(condition(2, {"reference": OTHER})),
    )
    one, other = statements(*sent)
    assert [statement.subject.nhs_number for statement in (one, other)] == NUMBERS[:2]
    assert [entry.key[-2:] for statement in (one, other) for entry in statement.entries if "Cond" in entry.key] == [
        "P1",
        "P2",
    ]


TRUST, COUNCIL = "https://trust.example/fhir", "https://council.example/fhir"


def test_one_id_on_two_servers_is_two_people() -> None:
    sent = (
        post(patient(0, id="1"), fullUrl=f"{TRUST}/Patient/1"),
        post(patient(1, id="1"), fullUrl=f"{COUNCIL}/Patient/1"),
        put(condition(1, {"reference": "Patient/1"}), fullUrl=f"{COUNCIL}/Condition/1"),
    )
    _, other = statements(*sent)
    assert other.subject.nhs_number == NUMBERS[1]
    assert any(entry.key.endswith("P1") for entry in other.entries)
    elsewhere = put(condition(1, {"reference": f"{COUNCIL}/Patient/1"}), fullUrl=f"{TRUST}/Condition/1")
    assert statements(*sent[:2], elsewhere)[1] == other


@pytest.mark.parametrize("reference", [f"{COUNCIL}/Patient/1", "Patient/a"])
def test_an_id_that_may_be_anothers_names_nobody(reference: str) -> None:
    """Of a server that is not the bundle's, or borne by two whom nothing tells apart."""
    sent = (
        post(patient(0, id="1"), fullUrl=f"{TRUST}/Patient/1"),
        post(patient(1, id="a"), fullUrl=PERSON),
        post(patient(2, id="a"), fullUrl=OTHER),
    )
    assert refused(*sent, put(condition(1, {"reference": reference}))) == "subject"


def test_an_identifier_names_whom_the_bundle_says_it_is() -> None:
    """Not whom it was said to be before: a hospital may give a number anew."""
    [statement] = statements(post(patient(0), fullUrl=PERSON), put(condition(1, about(0))))
    assert statement.subject.nhs_number == NUMBERS[0]
    assert any(entry.key.endswith("P1") for entry in statement.entries)


def test_an_identifier_of_two_people_names_nobody() -> None:
    same = patient(1, identifier=[*patient(1)["identifier"][:1], patient(0)["identifier"][1]])
    assert (
        refused(post(patient(0), fullUrl=PERSON), post(same, fullUrl=OTHER), put(condition(1, about(0)))) == "subject"
    )


@pytest.mark.parametrize(
    ("subject", "contained"),
    [
        (None, None),
        ({"display": "Jo Smith"}, None),
        ({"identifier": {"value": "H0"}}, None),
        ({"identifier": {"system": "https://wulfrun-hospitals.example/hospital-number"}}, None),
        ({"reference": "#ward"}, {"resourceType": "Location", "id": "ward"}),
        ({"reference": "#nobody"}, {"resourceType": "Patient", "id": "somebody"}),
        ({"reference": "Condition/0b2cd5c2-6f0e-4bb0-8c55-7a5c2fd0a001"}, None),
        ({"reference": "Practitioner/0b2cd5c2-6f0e-4bb0-8c55-7a5c2fd0a001"}, None),
        ({"reference": "Patient/?"}, None),
        ({"reference": WARD}, None),
    ],
)
def test_what_names_no_person_is_about_nobody_and_is_refused(subject: Any, contained: Any) -> None:
    ward = {"resource": {"resourceType": "Location", "name": "A5"}, "fullUrl": WARD}
    sent = condition(1, subject, **({"contained": [contained]} if contained else {}))
    if subject is None:
        del sent["subject"]
    with pytest.raises(UnreadableMessage):
        said(bundle("collection", {"resource": patient(0), "fullUrl": PERSON}, ward, {"resource": sent}))


def test_who_was_given_an_id_here_is_named_by_it() -> None:
    """Whether that id is held, and was theirs to name, is for whoever resolves it."""
    here = "Patient/0b2cd5c2-6f0e-4bb0-8c55-7a5c2fd0a001"
    [statement] = statements(put(condition(1, {"reference": here})))
    assert (statement.subject.local_id, statement.subject.nhs_number) == (here, None)


def test_a_number_that_was_somebodys_before_does_not_say_who_they_are() -> None:
    number, local = patient(0)["identifier"]
    [statement] = statements(post(patient(0, identifier=[{**number, "use": "old"}, local])))
    assert statement.subject.nhs_number is None


def test_an_entry_that_refers_to_a_second_person_is_refused() -> None:
    sent = (post(patient(0), fullUrl=PERSON), post(patient(1), fullUrl=OTHER))
    told_by = {"reference": OTHER}
    assert refused(*sent, put(condition(1, {"reference": PERSON}, asserter=told_by))) == "two-people"


@pytest.mark.parametrize("about", [{"reference": PERSON}, {"reference": "#me"}])
def test_what_a_contained_second_person_says_is_not_taken_for_the_persons_own_word(about: Any) -> None:
    me, mother = {**patient(0), "id": "me"}, {**patient(1), "id": "mother"}
    sent = condition(1, about, contained=[me], recorder={"reference": "#me"})
    person = post(patient(0), fullUrl=PERSON)

    assert entries(person, put(sent))["Condition"].resource["recorder"]["type"] == "Patient"
    told = {"contained": [me, mother], "asserter": {"reference": "#mother"}}
    assert refused(person, put(sent | told)) == "two-people"


def test_the_person_may_be_referred_to_beside_being_the_subject() -> None:
    sent = (post(patient(0), fullUrl=PERSON), put(condition(1, {"reference": PERSON}, asserter={"reference": PERSON})))
    assert entries(*sent)["Condition"].resource["asserter"]["type"] == "Patient"


def test_a_number_that_fails_its_check_is_told_precisely_and_never_shown() -> None:
    wrong = NUMBERS[0].digits[:-1] + str((int(NUMBERS[0].digits[-1]) + 1) % 10)
    person = patient(0)
    person["identifier"][0]["value"] = wrong
    with pytest.raises(UnreadableMessage) as why:
        said(bundle("transaction", post(person)))
    assert why.value.finding.rule == "pisano-nhs-check"
    assert wrong not in why.value.finding.text
    subject = {"identifier": {"system": NHS_NUMBER, "value": wrong}}
    with pytest.raises(UnreadableMessage, match="check digit"):
        said(bundle("transaction", put(condition(1, subject))))


# ── Labels ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        ("v3-Confidentiality", "U", "normal"),
        ("v3-Confidentiality", "N", "normal"),
        ("v3-Confidentiality", "R", "restricted"),
        ("v3-Confidentiality", "V", "restricted"),
        ("v3-ActCode", "STD", "sexual-health"),
        ("v3-ActCode", "SDV", "domestic-abuse"),
        ("v3-ActCode", "who-knows", "restricted"),
    ],
)
def test_what_a_payload_says_of_its_sensitivity_is_heeded_and_what_is_not_understood_restricts(
    system: str, code: str, expected: str
) -> None:
    labelled = condition(1, meta={"security": [{"system": f"{SECURITY}/{system}", "code": code}]})
    assert entries(put(labelled))["Condition"].sensitivity == expected


def test_a_payload_cannot_make_itself_less_sensitive() -> None:
    unrestricted = {"security": [{"system": f"{SECURITY}/v3-Confidentiality", "code": "U"}]}
    category = [coded("https://pisano.example/fhir/CodeSystem/category", "safeguarding")]
    assert entries(put(condition(1, category=category, meta=unrestricted)))["Condition"].sensitivity == "restricted"
    marac = condition(1, code={"text": "Discussed at MARAC"}, meta=unrestricted)
    assert entries(put(marac))["Condition"].sensitivity == "domestic-abuse"


def test_32_what_is_made_of_other_entries_asks_for_as_much_care_as_they_do() -> None:
    """A report of a panel whose member is labelled; another measurement stands apart."""
    guarded = {"security": [{"system": f"{SECURITY}/v3-ActCode", "code": "STD"}]}
    panel = put(weight(3, hasMember=[{"reference": OTHER, "display": "Chlamydia"}]), fullUrl="urn:uuid:0-3")
    report = {
        "resourceType": "DiagnosticReport", "identifier": [{"system": "https://x", "value": "1"}], "status": "final",
        "code": {"text": "Screen"}, "subject": about(0), "conclusion": "Chlamydia was found",
        "result": [{"reference": "urn:uuid:0-3"}],
    }  # fmt: skip
    [statement] = statements(put(report), panel, put(weight(2, meta=guarded), fullUrl=OTHER), put(weight(1)))
    told = {entry.key.rpartition("|")[2]: entry for entry in statement.entries}
    assert {key: one.sensitivity for key, one in told.items()} == {
        "1": "sexual-health", "W3": "sexual-health", "W2": "sexual-health", "W1": "normal"
    }  # fmt: skip
    assert [one["identifier"][0]["value"] for one in told["1"].derived_from] == ["W3", "W2"]


@pytest.mark.parametrize("code", ["342191000000101", "764841000000100", "818901000000100"])
@pytest.mark.parametrize("named", ["alerts", "safeguarding", None])
def test_that_a_child_is_looked_after_or_has_a_plan_is_restricted_under_its_own_heading(
    code: str, named: str | None
) -> None:
    flag: dict[str, Any] = json.loads((FOLDER / "examples/Flag.json").read_text())
    category = [coded("https://pisano.example/fhir/CodeSystem/category", named)] if named else flag["category"]
    stated = {"code": coded("http://snomed.info/sct", code), "category": category}
    for told in (entries(put(flag | stated)), entries(put(condition(1, **stated)))):
        [entry] = told.values()
        assert (entry.category, entry.sensitivity) == ("child-protection", "restricted")


UK_CORE = "https://fhir.hl7.org.uk/CodeSystem/UKCore-"


def encounter(**changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "identifier": [{"system": "https://wulfrun-hospitals.example/encounter", "value": "E1"}],
        "status": "in-progress",
        "class": {"system": ACT_CODE, "code": "IMP"},
        "subject": about(0),
        "period": {"start": "2026-01-05T10:00:00Z"},
        **changes,
    }


@pytest.mark.parametrize(
    ("told", "sensitivity"),
    [
        ({"type": [{"text": "Follow-up"}]}, Sensitivity.NORMAL),
        ({"location": [{"location": {"display": "Ward 7"}}]}, Sensitivity.LOCATING),
        ({"hospitalization": {"destination": {"display": "Rose House"}}}, Sensitivity.LOCATING),
        ({"hospitalization": {"origin": {"display": "Rose House"}}}, Sensitivity.LOCATING),
        ({"hospitalization": {"dischargeDisposition": coded(f"{UK_CORE}DischargeDestinationEngland", "38")}},
         Sensitivity.RESTRICTED),
        ({"hospitalization": {"admitSource": coded(f"{UK_CORE}SourceOfAdmissionEngland", "39")}},
         Sensitivity.RESTRICTED),
        ({"hospitalization": {"admitSource": coded(f"{UK_CORE}SourceOfAdmissionEngland", "19")}}, Sensitivity.NORMAL),
        ({"type": [coded(f"{UK_CORE}LegalStatusClassificationEngland", "03")]}, Sensitivity.RESTRICTED),
        ({"serviceType": coded(f"{UK_CORE}PracticeSettingCodeEngland", "360")}, Sensitivity.SEXUAL_HEALTH),
        ({"reasonCode": [{"text": "Assaulted; known to MARAC"}]}, Sensitivity.DOMESTIC_ABUSE),
        ({"hospitalization": {"dischargeDisposition": {"text": "to a refuge"}}}, Sensitivity.DOMESTIC_ABUSE),
    ],
)  # fmt: skip
def test_an_encounter_asks_for_the_care_that_a_hospitals_own_messages_ask_for(
    told: dict[str, Any], sensitivity: Sensitivity
) -> None:
    assert entries(put(encounter(**told)))["Encounter"].sensitivity is sensitivity


def test_an_encounter_says_in_words_what_it_is_and_why() -> None:
    stay = entries(put(encounter(reasonCode=[{"text": "Fall"}])))["Encounter"]
    assert (stay.title, stay.detail) == ("Stay in hospital", "Fall")


def test_a_kind_of_encounter_that_no_reader_could_understand_is_told_to_its_sender() -> None:
    code = {"coding": [{"system": "https://wulfrun-hospitals.example/kind", "code": "K7"}]}
    found = issues_of(read(read_bundle(json.dumps(bundle("transaction", put(encounter(type=[code])))).encode())))
    assert found == ["pisano-words"]


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        (weight(1, note=[{"text": "Weighed at the refuge"}]), "refuge"),
        (condition(1, evidence=[{"code": [{"text": "Injuries after domestic violence"}]}]), "domestic violence"),
    ],
)
def test_words_ask_for_care_however_deep_they_stand(resource: dict[str, Any], words: str) -> None:
    (entry,) = entries(put(resource)).values()
    assert entry.sensitivity is Sensitivity.DOMESTIC_ABUSE, words


@pytest.mark.parametrize("security", ["R", {"code": "R"}, [{"code": 7}], [{"code": "R"}], [["R"]], True, 5])
def test_a_label_of_the_wrong_type_is_refused(security: Any) -> None:
    assert refused(put(condition(1, meta={"security": security})))


def test_a_patient_whose_location_is_restricted_raises_the_flag_and_none_lowers_it() -> None:
    for code, raised in (("R", True), ("U", False)):
        labelled = patient(0, meta={"security": [{"system": f"{SECURITY}/v3-Confidentiality", "code": code}]})
        [statement] = statements(post(labelled))
        assert (PersonFlag(kind=FlagKind.LOCATION_RESTRICTED, raised=True) in statement.flags) is raised
        assert PersonFlag(kind=FlagKind.LOCATION_RESTRICTED, raised=False) not in statement.flags


def test_a_patient_is_parted_by_how_much_it_locates() -> None:
    [statement] = statements(post(patient(0)))
    by_key = {entry.key: entry for entry in statement.entries}
    assert set(by_key) == {"Patient", "Patient/ethnicity", "Patient/address", "Patient/gp-practice", "Patient/contacts"}
    assert "address" not in by_key["Patient"].resource
    assert by_key["Patient/address"].sensitivity is Sensitivity.LOCATING
    assert by_key["Patient/gp-practice"].standing is Standing.ENTERED_IN_ERROR  # nothing is said of it any more
    assert by_key["Patient/ethnicity"].standing is Standing.ENTERED_IN_ERROR


def test_ethnicity_is_parted_from_the_rest_that_a_patients_extensions_say() -> None:
    ethnic = {"url": ETHNIC_CATEGORY, "valueCodeableConcept": {"coding": [{"code": "A", "display": "British"}]}}
    other = {"url": "https://x.example/other", "valueString": "x"}
    [statement] = statements(post(patient(0, extension=[ethnic, other])))
    by_key = {entry.key: entry for entry in statement.entries}
    assert by_key["Patient"].resource["extension"] == [other]
    assert by_key["Patient/ethnicity"].resource == {"resourceType": "Patient", "extension": [ethnic]}
    assert (by_key["Patient/ethnicity"].category, by_key["Patient/ethnicity"].title) == ("ethnicity", "British")
    assert by_key["Patient/ethnicity"].standing is Standing.CURRENT


@pytest.mark.parametrize(
    ("elements", "part", "title", "detail"),
    [
        ({"address": [{"line": ["1 High Street"], "city": "Penn", "postalCode": "WV1 1AA"}]}, "address",
         "Lives at 1 High Street, Penn, WV1 1AA", ""),
        ({"address": [{"use": "temp", "text": "The ward"}, {"use": "home", "text": "1 High Street", "city": "Penn"}]},
         "address", "Lives at 1 High Street", ""),
        ({"address": [{"use": "temp", "text": "The ward"}]}, "address", "Address and telephone", ""),
        ({"address": None, "telecom": [{"system": "phone", "value": "01632 960001"}]}, "address",
         "Address and telephone", "01632 960001"),
        ({"generalPractitioner": [{"display": "Penn Surgery"}, {"display": "Dr Gee"}]}, "gp-practice",
         "Registered with Penn Surgery, Dr Gee", ""),
        ({"generalPractitioner": [{"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code",
                                                  "value": "M92001"}}]}, "gp-practice", "GP practice", ""),
        ({"contact": [{"name": {"text": "Luca"}, "relationship": [{"text": "Son"}],
                       "telecom": [{"system": "phone", "value": "01632 960002"}]}, {"name": {"family": "Help"}}]},
         "contacts", "Luca: Son; Help", "01632 960002"),
    ],
)  # fmt: skip
def test_where_somebody_lives_and_who_is_near_read_on_one_line(
    elements: dict[str, Any], part: str, title: str, detail: str
) -> None:
    [statement] = statements(post(patient(0, **elements)))
    (entry,) = (one for one in statement.entries if one.key == f"Patient/{part}")
    assert (entry.title, entry.detail, entry.standing) == (title, detail, Standing.CURRENT)


def test_how_a_patient_wishes_to_be_contacted_is_told_in_words() -> None:
    uk_core = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore"
    preferred = [
        {"url": "PreferredContactMethod", "valueCodeableConcept": {"coding": [{"code": "9", "display": "SMS"}]}},
        {"url": "PreferredContactTimes", "valueString": "after 5 pm"},
    ]
    spoken_to = [{"url": "interpreterRequired", "valueBoolean": True}]
    told = [
        {"url": f"{uk_core}-ContactPreference", "extension": preferred},
        {"url": f"{uk_core}-NHSCommunication", "extension": spoken_to},
        {"url": "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired", "valueBoolean": True},
    ]
    beside = [
        {"url": "http://hl7.org/fhir/StructureDefinition/contactpoint-comment", "valueString": "leave no message"}
    ]
    phones = [
        {"system": "phone", "value": "01632 960001", "extension": beside},
        {"system": "phone", "value": "01632 960002", "use": "old"},
    ]
    [statement] = statements(post(patient(0, extension=told, telecom=phones)))
    detail = {entry.key: entry.detail for entry in statement.entries}

    assert detail["Patient"] == "Preferred contact: SMS; When: after 5 pm; Interpreter needed"
    assert detail["Patient/address"] == "01632 960001 (leave no message)"


def test_a_practice_that_a_patient_contains_stands_with_the_gp_and_not_with_who_the_person_is() -> None:
    practice = {
        "resourceType": "Organization",
        "id": "gp",
        "name": "Penn Fields Surgery",
        "partOf": {"reference": "#n"},
    }
    network = {"resourceType": "Organization", "id": "n", "name": "Penn Network"}
    trust = {"resourceType": "Organization", "id": "trust", "name": "Wulfrun Hospitals"}
    sent = patient(0, generalPractitioner=[{"reference": "#gp"}], managingOrganization={"reference": "#trust"})
    [statement] = statements(post(sent | {"contained": [practice, network, trust]}))
    contained = {entry.key: [one["name"] for one in entry.resource.get("contained", [])] for entry in statement.entries}
    assert contained == {
        "Patient": ["Wulfrun Hospitals"],
        "Patient/ethnicity": [],
        "Patient/address": [],
        "Patient/gp-practice": ["Penn Fields Surgery", "Penn Network"],
        "Patient/contacts": [],
    }


def test_a_refusal_to_share_is_a_dissent() -> None:
    consent: dict[str, Any] = json.loads((FOLDER / "examples/Consent.json").read_text())
    [statement] = statements(put(consent | {"provision": {"type": "deny"}}))
    assert statement.flags == (PersonFlag(kind=FlagKind.DISSENT, raised=True),)


@pytest.mark.parametrize("path", sorted((FOLDER / "examples").glob("*.json")), ids=lambda path: path.stem)
def test_each_type_that_has_a_definition_becomes_an_entry_under_a_heading_that_the_adapter_covers(path: Any) -> None:
    resource: dict[str, Any] = json.loads(path.read_text())
    [statement] = statements({"resource": resource}, kind="collection")
    for entry in statement.entries:
        assert entry.category in COVERS
        assert entry.title
        assert entry.category in HEADINGS[path.stem] or entry.key == "Patient/contacts"
        stored = json.loads(dumps({**entry.resource, "subject": None}))
        del stored["subject"]
        assert {"id", "subject", "for"}.isdisjoint(stored)
    assert set(HEADINGS) == set(definitions())


# ── What is kept ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_number_is_stored_with_the_digits_it_was_sent_with() -> None:
    content = json.dumps(bundle("transaction", put(weight(1)))).replace("71.5,", "71.50,").encode()
    [statement] = [one for one in said(content) if isinstance(one, Statement)]
    assert b'"value":71.50' in dumps(statement.entries[0].resource)
    assert statement.entries[0].title == "Body weight: 71.50 kg"


@pytest.mark.parametrize(
    ("sent", "where"),
    [
        (patient(0, link=[{"other": {"reference": "https://x.example/Patient/9"}, "type": "seealso"}]), "link"),
        (patient(0, text={"status": "generated", "div": "<div xmlns='http://www.w3.org/1999/xhtml'>He</div>"}), "text"),
        (patient(0, meta={"source": "https://x.example"}), "meta"),
        (condition(1, {"reference": "#p"}, contained=[{**patient(0), "id": "p", "maritalStatus": {"text": "S"}}]),
         "contained[0]"),
        ({"resourceType": "Binary", "contentType": "text/plain", "data": "eA=="}, ""),
    ],
)  # fmt: skip
def test_what_is_not_kept_is_told(sent: dict[str, Any], where: str) -> None:
    reading = read(read_bundle(json.dumps(bundle("transaction", post(patient(5)), post(sent))).encode()))
    [issue] = [issue for one in reading.told.values() for issue in one.issues]
    assert (issue.level, issue.rule) == ("warning", "not-kept" if where else "unused")
    assert issue.path == f"Bundle.entry[1].resource{where and '.'}{where}"


def test_what_is_kept_or_given_here_is_not_warned_of() -> None:
    meta = {"versionId": "3", "lastUpdated": "2026-01-01T10:00:00Z", "profile": ["https://x.example/p"]}
    inner = {**patient(0), "id": "p"}
    del inner["address"]
    sent = condition(1, {"reference": "#p"}, contained=[inner], meta=meta)
    assert issues_of(read(read_bundle(json.dumps(bundle("transaction", post(sent))).encode()))) == []


def test_what_is_about_nobody_contains_nothing() -> None:
    inner = {"resourceType": "Organization", "id": "1", "name": "Penn Network"}
    practice = {"resourceType": "Organization", "name": "Surgery", "partOf": {"reference": "#1"}, "contained": [inner]}
    sent = condition(1, recorder={"reference": WARD}), {"resource": practice, "fullUrl": WARD}
    assert refused(put(sent[0]), {**sent[1], "request": {"method": "POST", "url": "Organization"}}) == "contained"


def test_the_persons_own_part_in_an_appointment_is_kept_as_it_was_sent() -> None:
    clinic: dict[str, Any] = json.loads((FOLDER / "examples/Appointment.json").read_text())
    for one in clinic["participant"]:
        one["status"] = "declined"
    [entry] = statements(put(clinic))[0].entries
    own = [one for one in entry.resource["participant"] if one["actor"] == {"type": "Patient"}]
    assert [one["status"] for one in own] == ["declined"]


def test_nothing_of_a_resource_is_lost_but_what_is_given_here() -> None:
    sent = condition(1, note=[{"text": "Ünïcode ✓"}], extension=[{"url": "https://x.example/e", "valueInteger": 3}])
    kept = entries(put(sent))["Condition"].resource
    assert kept == {name: value for name, value in sent.items() if name != "subject"}


def test_who_is_close_to_somebody_and_where_they_live_stand_under_their_own_headings_alone() -> None:
    """Whoever may read what somebody is called may not for that read whom to ring."""
    said: dict[str, Any] = {
        "contact": [{"name": {"family": "Tranter"}, "relationship": [{"text": "Daughter"}]}],
        "address": [{"line": ["1 Canal Street"], "postalCode": "WV1 1AA"}],
        "generalPractitioner": [{"display": "Penn Fields Surgery"}],
        "link": [{"other": {"display": "Her other record"}, "type": "seealso"}],
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">1 Canal Street</div>'},
    }  # fmt: skip
    [statement] = statements(put(patient(0, **said)))
    held = {name: {entry.key for entry in statement.entries if name in entry.resource} for name in said}
    assert held == {
        "contact": {"Patient/contacts"}, "address": {"Patient/address"},
        "generalPractitioner": {"Patient/gp-practice"}, "link": set(), "text": set(),
    }  # fmt: skip


def test_of_what_a_server_says_about_a_resource_its_profiles_and_tags_are_kept() -> None:
    kept = {"profile": ["https://x.example/p"], "tag": [{"system": "https://x.example/t", "code": "t"}]}
    given = {"security": [{"system": ACT_CODE, "code": "HIV"}], "versionId": "3", "lastUpdated": "2026-01-01T00:00:00Z"}
    told = [entries(put(condition(1, id="c1", meta=meta)))["Condition"].resource for meta in (kept | given, given)]
    assert [one.get("meta") for one in told] == [kept, None]
    assert not any("id" in one for one in told)


def test_a_practice_or_a_ward_is_kept_inside_what_refers_to_it() -> None:
    ward = {"resourceType": "Location", "name": "Ward 7", "managingOrganization": {"reference": OTHER}}
    trust = {"resourceType": "Organization", "name": "Wulfrun Hospitals"}
    stay = {
        "resourceType": "Encounter",
        "identifier": [{"system": "https://x.example/visit", "value": "V1"}],
        "status": "in-progress",
        "class": {"system": f"{SECURITY}/v3-ActCode", "code": "IMP", "display": "inpatient encounter"},
        "subject": about(0),
        "location": [{"location": {"reference": WARD}}],
    }
    kept = entries(put(stay), post(ward, fullUrl=WARD), post(trust, fullUrl=OTHER))["Encounter"]
    inner = {one["id"]: one for one in kept.resource["contained"]}
    [location] = kept.resource["location"]
    held = inner[location["location"]["reference"][1:]]
    assert held["name"] == "Ward 7"
    assert inner[held["managingOrganization"]["reference"][1:]]["name"] == "Wulfrun Hospitals"
    assert (kept.category, kept.sensitivity) == ("admissions", "locating")
    whole = {**kept.resource, "subject": {"reference": "Patient/1"}}
    get_fhir_model_class("Encounter").model_validate(whole)


def test_a_reference_to_another_entry_becomes_one_by_its_business_identifier() -> None:
    member = {"reference": OTHER, "display": "weight"}
    sent = (put(weight(2), fullUrl=OTHER), put(weight(1, hasMember=[member])))
    [statement] = statements(*sent)
    [kept] = [entry.resource["hasMember"] for entry in statement.entries if "hasMember" in entry.resource]
    identifier = {"system": "https://wulfrun-hospitals.example/measurement", "value": "W2"}
    assert kept == [{"type": "Observation", "identifier": identifier, "display": "weight"}]


@pytest.mark.parametrize("reference", ["Encounter/none", "urn:uuid:none", "#none", "nonsense", "Encounter"])
def test_a_reference_that_leads_nowhere_is_refused(reference: str) -> None:
    assert refused(put(condition(1, encounter={"reference": reference}))) == "reference"


def test_whoever_refers_to_an_entry_that_is_refused_is_told_to_mend_that_one() -> None:
    about_nobody = post(patient(0, gender="F"), fullUrl=PERSON), put(condition(1, {"reference": PERSON}))
    part = put(weight(2, status="done"), fullUrl=OTHER), put(weight(1, hasMember=[{"reference": OTHER}]))
    told = {one.line: one.text for one in said(bundle("batch", *about_nobody, *part)) if isinstance(one, Finding)}
    assert told[2].endswith("the entry to which it refers as whom it is about is refused; mend that one")
    assert told[4].endswith("a reference leads to an entry that is refused; mend that one")


def test_a_document_stands_apart_from_what_tells_of_it() -> None:
    document = json.loads((FOLDER / "examples/DocumentReference.json").read_text())
    [statement] = statements({"resource": document}, kind="collection")
    [entry] = statement.entries
    assert entry.attachment == b"An example."
    assert "data" not in entry.resource["content"][0]["attachment"]
    document["content"][0]["attachment"] = {"contentType": "text/plain", "url": OTHER}
    binary = {"resourceType": "Binary", "contentType": "text/plain", "data": "QW4gZXhhbXBsZS4="}
    sent = ({"resource": document}, {"resource": binary, "fullUrl": OTHER})
    [statement] = statements(*sent, kind="collection")
    assert statement.entries[0].attachment == b"An example."


def test_when_it_began_and_ended_is_told_in_utc_and_never_guessed() -> None:
    over = condition(
        1,
        onsetDateTime="2026-07-05",
        abatementDateTime="2026-07",
        clinicalStatus=coded(f"{SECURITY}/condition-clinical", "resolved"),
    )
    entry = entries(put(over))["Condition"]
    assert (entry.started, entry.ended) == (datetime(2026, 7, 4, 23, tzinfo=UTC), None)
    assert refused(put(over | {"clinicalStatus": condition(1)["clinicalStatus"]})) == "con-4"
    measured = entries(put(weight(1)))["Observation"]
    assert measured.started == measured.ended == datetime(2026, 2, 1, 10, tzinfo=UTC)


def test_what_would_mislead_without_its_status_says_it() -> None:
    refuted = coded(f"{SECURITY}/condition-ver-status", "refuted")
    assert entries(put(condition(1, verificationStatus=refuted)))["Condition"].title == "Stroke (refuted)"
    in_error = weight(1, status="entered-in-error")
    assert entries(put(in_error))["Observation"].standing is Standing.ENTERED_IN_ERROR


def test_a_deletion_takes_back_and_states_nothing() -> None:
    request = {"method": "DELETE", "url": "Condition?identifier=https://x.example/p|P%2F1"}
    [taken_back] = said(bundle("transaction", {"request": request}))
    assert taken_back == Retraction(line=1, key="Condition/https:%2F%2Fx.example%2Fp|P%2F1")


def test_the_key_is_the_business_identifier_whatever_else_is_sent() -> None:
    first = {"system": "https://x.example/a", "value": "1"}
    official = {"system": "https://x.example/b", "value": "2", "use": "official"}
    key = entries(post(condition(1, identifier=[first, official])))["Condition"].key
    assert key == entries(post(condition(1, identifier=[official, first], id="x9")))["Condition"].key
    named = put(condition(1, identifier=[first, official]), "Condition?identifier=https://x.example/a|1")
    assert entries(named)["Condition"].key == "Condition/https:%2F%2Fx.example%2Fa|1"


# ── What is refused ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_wrong_entry_refuses_a_transaction_and_only_itself_in_a_batch() -> None:
    wrong = put(condition(2, code=None))
    assert refused(put(condition(1)), wrong)
    told = said(bundle("batch", put(condition(1)), wrong))
    assert [one.line for one in told if isinstance(one, Finding)] == [2]
    assert [entry.key[-2:] for one in told if isinstance(one, Statement) for entry in one.entries] == ["P1"]


def test_the_same_identifier_twice_is_refused() -> None:
    assert refused(put(condition(1)), put(condition(1, onsetDateTime="2025-01-01"))) == "same-identifier"


def test_a_modifier_is_refused_as_it_could_turn_the_meaning_round() -> None:
    modifier = [{"url": "https://x.example/not", "valueBoolean": True}]
    assert refused(put(condition(1, modifierExtension=modifier))) == "modifier"
    assert refused(put(condition(1, stage=[{"summary": {"text": "I"}, "modifierExtension": modifier}]))) == "modifier"
    assert refused(put(condition(1, implicitRules="https://x.example/rules"))) == "modifier"


def test_an_activity_of_a_plan_that_is_not_to_be_done_is_never_taken_for_one_to_be_done() -> None:
    written: dict[str, Any] = json.loads((FOLDER / "examples/CarePlan.json").read_text())
    withheld = {"detail": {"status": "in-progress", "description": "Give potassium", "doNotPerform": True}}
    plan = written | {"subject": {"reference": PERSON}, "activity": [withheld]}
    assert refused(put(patient(0), fullUrl=PERSON), post(plan)) == "modifier"


def test_an_appointment_is_its_patients_whoever_is_named_first() -> None:
    written: dict[str, Any] = json.loads((FOLDER / "examples/Appointment.json").read_text())
    doctor = {"actor": {"reference": "#doctor", "display": "Dr Ada Fell"}, "status": "accepted"}
    mine = {"actor": {"reference": PERSON, "type": "Patient"}, "status": "accepted"}
    seen = written | {"contained": [{"resourceType": "Practitioner", "id": "doctor"}], "participant": [doctor, mine]}
    person = put(patient(0), fullUrl=PERSON)

    assert [one.subject.nhs_number for one in statements(person, post(seen))] == NUMBERS[:1]
    assert refused(person, post(seen | {"participant": [doctor]})) == "pisano-attendee"


def test_an_allergy_may_say_what_it_is_to() -> None:
    """Of an allergy alone the category is a bare code."""
    written: dict[str, Any] = json.loads((FOLDER / "examples/AllergyIntolerance.json").read_text())
    allergy = written | {"patient": {"reference": PERSON}, "category": ["medication", "food"]}
    [statement] = statements(put(patient(0), fullUrl=PERSON), post(allergy))
    [entry] = [one for one in statement.entries if one.resource["resourceType"] == "AllergyIntolerance"]
    assert (entry.category, entry.resource["category"]) == ("allergies", ["medication", "food"])


@pytest.mark.parametrize("kind", ["MedicationRequest", "ServiceRequest"])
def test_an_order_not_to_do_something_is_never_taken_for_one_to_do_it(kind: str) -> None:
    written: dict[str, Any] = json.loads((FOLDER / "examples" / f"{kind}.json").read_text())
    order, about_whom = written | {"subject": {"reference": PERSON}}, put(patient(0), fullUrl=PERSON)
    assert statements(about_whom, post(order | {"doNotPerform": False}))
    assert refused(about_whom, post(order | {"doNotPerform": True})) == "modifier"


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"resourceType": "Nope"}, "bundle"),
        ({"type": "history"}, "bundle-type"),
        ({"type": None}, "null"),
        ({"type": ["transaction"]}, "bundle-type"),
        ({"entry": {"resource": {"a": 1}}}, "bundle"),
    ],
)
def test_what_is_no_bundle_of_ours_is_refused_whole(changed: dict[str, Any], rule: str) -> None:
    with pytest.raises(UnreadableMessage) as why:
        said({**bundle("transaction", put(condition(1))), **changed})
    assert why.value.finding.rule == rule


@pytest.mark.parametrize(
    "entry",
    [
        "text",
        {"resource": {"resourceType": "Nope"}, "request": {"method": "PUT", "url": "Nope/1"}},
        {"resource": {"a": 1}, "request": {"method": "PUT", "url": "Condition/1"}},
        {"resource": condition(1)},
        {"resource": condition(1), "request": {"method": "PATCH", "url": "Condition/1"}},
        {"resource": condition(1), "request": {"method": "GET", "url": "Condition/1"}},
        {"resource": condition(1), "request": {"method": "PUT", "url": "Condition"}},
        {"resource": condition(1), "request": {"method": "PUT", "url": "Observation?identifier=a|b"}},
        {"resource": condition(1), "request": {"method": "PUT", "url": "Condition?code=a|b"}},
        {"resource": condition(1), "request": {"method": "PUT", "url": "Condition?identifier=b"}},
        {"resource": condition(1), "request": {"method": "PUT", "url": "Condition?identifier=other|b"}},
        {"resource": condition(1), "request": {"method": "PUT", "url": "Condition/7"}},
        {"resource": condition(1), "request": {"method": "PUT", "url": "Condition/7", "ifMatch": "7"}},
        {"resource": condition(1), "request": {"method": "POST", "url": "Condition", "ifNoneExist": "a=b"}},
        {"resource": condition(1), "request": {"method": "DELETE", "url": "Condition/7"}},
        {"request": {"method": "DELETE", "url": "Patient?identifier=a|b"}},
        {"request": {"method": "DELETE", "url": "Practitioner/7"}},
        {"request": {"method": "POST", "url": "Condition"}},
        {"resource": condition(1), "request": "PUT"},
        {"resource": condition(1), "request": {"method": "PUT", "url": 7}, "fullUrl": 7},
    ],
    ids=lambda entry: json.dumps(entry)[-60:],
)
def test_an_entry_that_cannot_be_carried_out_is_refused(entry: Any) -> None:
    assert refused(entry)


def test_no_finding_holds_what_was_sent() -> None:
    secret = "Zebediah"
    wrong = condition(1, clinicalStatus=coded(secret, secret), note=[{"text": 5}], subject={"display": secret})
    told = said(bundle("batch", put(wrong), put(patient(0, gender=secret), "Patient/1"), put(wrong, secret)))
    assert told
    assert all(isinstance(one, Finding) and secret not in repr(one) for one in told)


# ── Whatever is sent ────────────────────────────────────────────────────────────────────────────────────────────────

VALUES: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.just({})
)
JSON = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3)
)
VALID = bundle(
    "batch",
    post(patient(0), fullUrl=PERSON),
    put(condition(1, {"reference": PERSON}, note=[{"text": "a note"}])),
    put(weight(1, {"reference": PERSON})),
)


def places(value: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [so_far, *(place for name in value for place in places(value[name], (*so_far, name)))]
    if isinstance(value, list):
        return [so_far, *(place for at, one in enumerate(value) for place in places(one, (*so_far, at)))]
    return [so_far]


def changed_at(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = changed_at(value[place[0]], place[1:], new)
    return copy


def answered(content: bytes) -> None:
    """It is read or refused, and whatever is read can be stored."""
    try:
        reading = read(read_bundle(content))
    except Unreadable:
        return
    for one in reading.statements():
        if isinstance(one, Statement):
            assert all(dumps(entry.resource) and entry.title for entry in one.entries)
    assert all(issue.text for one in reading.told.values() for issue in one.issues)


@given(JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    answered(json.dumps(value).encode())


@given(st.lists(JSON, max_size=3), st.sampled_from(["transaction", "batch", "collection", "message"]))
def test_any_entries_are_read_or_refused(sent: list[Any], kind: str) -> None:
    answered(json.dumps({"resourceType": "Bundle", "type": kind, "entry": sent}).encode())


@given(st.sampled_from(places(VALID)), JSON)
def test_a_valid_bundle_changed_anywhere_is_read_or_refused(place: tuple[Any, ...], new: Any) -> None:
    answered(json.dumps(changed_at(VALID, place, new)).encode())


@given(
    st.sampled_from([*HEADINGS, "Practitioner", "Location", "Medication"]), st.dictionaries(st.text(max_size=10), JSON)
)
def test_any_resource_of_a_known_type_is_read_or_refused(kind: str, members: dict[str, Any]) -> None:
    answered(json.dumps(bundle("collection", {"resource": {**members, "resourceType": kind}})).encode())
