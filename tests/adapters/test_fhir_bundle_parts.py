"""A pushed resource by its parts: how it reads on one line, whether it holds, when it was, what care it asks for."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.adapters.discretion import asked_by, holds_amount, postcode_at_end
from app.adapters.fhir_bundle.labels import CATEGORIES_SYSTEM, LEGAL_STATUS, category_of, hides_location, sensitivity_of
from app.adapters.fhir_bundle.patient import flags_of
from app.adapters.fhir_bundle.preferences import preferences
from app.adapters.fhir_bundle.standing import said_of, standing_of
from app.adapters.fhir_bundle.subjects import subject
from app.adapters.fhir_bundle.times import instant, read_of, times_of
from app.adapters.fhir_bundle.words import title_and_detail
from app.vocabulary.category import Category
from app.vocabulary.fhir_systems import ACT_CODE, CONFIDENTIALITY, NHS_NUMBER, OBSERVATION_CATEGORY, SNOMED_CT
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Resource, Standing, Tracing

ASPIRIN, RASH, FALL = {"text": "Aspirin 75 mg"}, {"text": "Rash"}, {"coding": [{"code": "W19", "display": "Fall"}]}
UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore"


def resource(kind: str, **elements: Any) -> Resource:
    return {"resourceType": kind, **elements}


def weighed(**value: Any) -> Resource:
    return resource("Observation", status="final", code={"text": "Weight"}, category=[], **value)


# ── On one line ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"valueQuantity": {"value": 7.1, "unit": "kg", "code": "x"}}, "7.1 kg"),
        ({"valueQuantity": {"value": 7.1, "code": "kg"}}, "7.1 kg"),
        ({"valueQuantity": {"value": 5, "comparator": "<"}}, "<5"),
        ({"valueRange": {"low": {"value": 5, "unit": "kg"}, "high": {"value": 10, "unit": "kg"}}}, "5 kg to 10 kg"),
        ({"valueRange": {"high": {"value": 10}}}, "10"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, "1:128"),
        ({"valueBoolean": True}, "yes"),
        ({"valueBoolean": False}, "no"),
        ({"valueInteger": 0}, "0"),
        ({"valueString": "light"}, "light"),
        ({"valueCodeableConcept": {"text": "Not detected"}}, "Not detected"),
        ({"valuePeriod": {"start": "2026-01-01", "end": "2026-01-02"}}, "2026-01-01 to 2026-01-02"),
        ({"valuePeriod": {"start": "2026-01-01"}}, "2026-01-01"),
        ({"valueSampledData": {"data": "1 2"}}, "a series of measurements"),
        ({"dataAbsentReason": {"text": "refused"}}, "no value: refused"),
        (
            {"component": [{"code": {"text": part}, "valueQuantity": {"value": value}}
                           for part, value in (("systolic", 120), ("diastolic", 80))]},
            "systolic 120, diastolic 80",
        ),
    ],
)  # fmt: skip
def test_a_value_is_told_with_its_unit_and_its_sign(value: dict[str, Any], words: str) -> None:
    assert title_and_detail(weighed(**value)) == (f"Weight: {words}", "")


def test_an_observation_of_no_value_is_told_by_what_was_observed() -> None:
    assert title_and_detail(weighed()) == ("Weight", "")


@pytest.mark.parametrize(
    ("told", "title", "detail"),
    [
        (resource("Condition", code=FALL, note=[{"text": "At home"}]), "Fall", "At home"),
        (resource("Condition", code={"coding": [{"code": "W19"}]}), "W19", ""),
        (resource("Condition", code={"text": "Fell", **FALL}), "Fell", ""),
        (resource("Condition", code={"coding": [{"code": "W19"}, {"display": "Fall"}]}), "Fall", ""),
        (resource("Condition"), "Condition", ""),
        (
            resource("AllergyIntolerance", code={"text": "Penicillin"}, criticality="high",
                     reaction=[{"manifestation": [RASH, {"text": "Swollen lips"}]}, {"manifestation": [FALL]}, {}]),
            "Penicillin", "Rash; Swollen lips; Fall; criticality high",
        ),
        (resource("AllergyIntolerance", code={"text": "Penicillin"}), "Penicillin", ""),
        (
            resource("MedicationRequest", medicationCodeableConcept=ASPIRIN, status="active",
                     dosageInstruction=[{"text": "One a day"}, {"text": "With food"}, {}]),
            "Aspirin 75 mg", "One a day; With food",
        ),
        (
            resource("MedicationStatement", medicationCodeableConcept=ASPIRIN, dosage=[{"text": "One a day"}],
                     status="stopped"),
            "Aspirin 75 mg (stopped)", "One a day",
        ),
        (
            resource("MedicationStatement", medicationReference={"reference": "#m"}, status="not-taken",
                     contained=[resource("Medication", id="n", code={"text": "Other"}),
                                resource("Medication", id="m", code=ASPIRIN)]),
            "Aspirin 75 mg (not taken)", "",
        ),
        (
            resource("MedicationStatement", medicationReference={"reference": "Medication/1", "display": "Aspirin"}),
            "Aspirin", "",
        ),
        (resource("MedicationRequest"), "Medicine", ""),
        (resource("MedicationStatement"), "Medicine", ""),
        (resource("DeviceRequest", codeCodeableConcept={"text": "Walking frame"}), "Walking frame", ""),
        (resource("DeviceRequest"), "Equipment", ""),
        (resource("Immunization", vaccineCode={"text": "Influenza"}, status="not-done"), "Influenza (not done)", ""),
        (resource("Goal", description={"text": "Walk to the shop"}), "Walk to the shop", ""),
        (resource("EpisodeOfCare", type=[{"text": "Home care"}, {"text": "Meals"}]), "Home care, Meals", ""),
        (resource("CarePlan", title="Crisis plan", description="Call first", category=[FALL]), "Crisis plan",
         "Call first"),
        (resource("CarePlan", category=[FALL, RASH]), "Fall, Rash", ""),
        (resource("CarePlan"), "Care plan", ""),
        (
            resource("CareTeam", name="Northgate nurses",
                     participant=[{"role": [{"text": "Nurse"}], "member": {"display": "Ada Fell"}},
                                  {"member": {"display": "Ivo Marsh"}}, {"role": [{"text": "Dietitian"}]}]),
            "Northgate nurses", "Nurse: Ada Fell; Ivo Marsh; Dietitian",
        ),
        (resource("CareTeam", category=[{"text": "Falls team"}]), "Falls team", ""),
        (resource("CareTeam"), "Care team", ""),
        (
            resource("Consent", scope={"text": "Sharing"}, provision={"type": "deny"}), "Sharing: refused", "",
        ),
        (resource("Consent", scope={"text": "Sharing"}, provision={"type": "permit"}), "Sharing: given", ""),
        (resource("Consent", scope={"text": "Sharing"}), "Sharing", ""),
        (resource("DocumentReference", type={"text": "Letter"}, description="From the clinic"),
         "Letter: From the clinic", ""),
        (resource("FamilyMemberHistory", relationship={"text": "Mother"}, condition=[{"code": FALL}, {"code": RASH}]),
         "Mother: Fall, Rash", ""),
        (resource("FamilyMemberHistory", relationship={"text": "Mother"}), "Mother", ""),
        (
            resource("QuestionnaireResponse", _questionnaire={"extension": [{"url": "x"}, {"valueString": "PHQ-9"}]}),
            "PHQ-9", "",
        ),
        (resource("QuestionnaireResponse"), "Questionnaire", ""),
        (
            resource("RelatedPerson", name=[{"given": ["Luca"], "family": "Ferrante"}, {"text": "Formerly Lu"}],
                     relationship=[{"text": "Son"}], telecom=[{"system": "phone", "value": "01632 960001"}]),
            "Luca Ferrante (Son)", "01632 960001",
        ),
        (resource("RelatedPerson", name=[{"text": "Luca", "family": "F"}], relationship=[]), "Luca", ""),
        (resource("RelatedPerson", relationship=[{"text": "Son"}]), "Son", ""),
        (
            resource("RiskAssessment", code={"text": "Falls risk"},
                     prediction=[{"outcome": FALL, "qualitativeRisk": {"text": "high"}}, {"outcome": RASH}]),
            "Falls risk", "Fall: high; Rash",
        ),
        (resource("DiagnosticReport", code={"text": "Blood count"}, conclusion="Normal", status="final"),
         "Blood count", "Normal"),
        (resource("ServiceRequest", code={"text": "Physiotherapy"}, reasonCode=[FALL]), "Physiotherapy", "Fall"),
        (resource("Task", code={"text": "Visit"}, description="Before noon"), "Visit", "Before noon"),
        (resource("Encounter", type=[{"text": "Clinic"}], reasonCode=[FALL], **{"class": {"code": "AMB"}}),
         "Clinic", "Fall"),
        (resource("Encounter", serviceType={"text": "Geriatrics"}, **{"class": {"code": "AMB"}}), "Geriatrics", ""),
        (resource("Encounter", **{"class": {"code": "HH"}}), "Visit at home", ""),
        (resource("Encounter", **{"class": {"code": "ZZ", "display": "Elsewhere"}}), "Elsewhere", ""),
        (
            resource("Appointment", serviceType=[{"text": "Diabetes"}], specialty=[{"text": "Medicine"}],
                     appointmentType={"text": "Routine"}, status="noshow"),
            "Diabetes, Medicine (did not attend)", "",
        ),
        (resource("Appointment", appointmentType={"text": "Routine"}, description="x"), "Routine", ""),
        (resource("Appointment", description="Foot check"), "Foot check", ""),
        (resource("Flag", code={"text": "Dog"}, note={"text": "Big"}), "Dog", "Big"),
    ],
)  # fmt: skip
def test_a_resource_is_told_on_one_line_in_the_senders_words(told: Resource, title: str, detail: str) -> None:
    assert title_and_detail(told) == (title, detail)


def test_how_a_person_wishes_to_be_reached_is_told_once_and_only_where_it_is_said() -> None:
    def part(url: str, **value: Any) -> Resource:
        return {"url": url, **value}

    told = [
        {"url": "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired", "valueBoolean": True},
        {"url": f"{UK_CORE}-NHSCommunication", "extension": [part("interpreterRequired", valueBoolean=True)]},
        {
            "url": f"{UK_CORE}-ContactPreference",
            "extension": [
                part("PreferredContactMethod", valueCodeableConcept={"text": "Letter"}),
                part("PreferredContactTimes", valueTiming={"code": {"text": "mornings"}}),
                part("PreferredWrittenCommunicationFormat", valueCodeableConcept={"text": "Large print"}),
                part("PreferredContactMethod"),
                part("PreferredContactTimes"),
                part("PreferredWrittenCommunicationFormat", valueCodeableConcept={}),
                part("another", valueString="x"),
            ],
        },
        {"url": "another", "extension": [part("PreferredContactTimes", valueString="never")], "valueBoolean": True},
    ]
    assert preferences({"extension": told}) == (
        "Interpreter needed; Preferred contact: Letter; When: mornings; Preferred format of letters: Large print"
    )
    refused = [{"url": f"{UK_CORE}-NHSCommunication", "extension": [part("interpreterRequired", valueBoolean=False)]}]
    assert preferences({"extension": refused}) == "No interpreter needed"


# ── Whether it holds, and when it was ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("told", "standing", "words"),
    [
        (resource("Condition", clinicalStatus={"coding": [{"code": "active"}]}), Standing.CURRENT, ""),
        (resource("Condition", clinicalStatus={"coding": [{"code": "resolved"}]}), Standing.ENDED, "resolved"),
        (
            resource("Condition", clinicalStatus={"coding": [{"code": "active"}]},
                     verificationStatus={"coding": [{"display": "x"}, {"code": "refuted"}]}),
            Standing.CURRENT, "refuted",
        ),
        (
            resource("Condition", clinicalStatus={"coding": [{"code": "resolved"}]},
                     verificationStatus={"coding": [{"code": "entered-in-error"}]}),
            Standing.ENTERED_IN_ERROR, "resolved",
        ),
        (resource("Goal", lifecycleStatus="completed"), Standing.ENDED, ""),
        (resource("Goal", lifecycleStatus="proposed"), Standing.PLANNED, ""),
        (resource("Procedure", status="completed"), Standing.CURRENT, ""),
        (resource("Procedure", status="preparation"), Standing.PLANNED, ""),
        (resource("Procedure", status="stopped"), Standing.CURRENT, "stopped"),
        (resource("Observation", status="cancelled"), Standing.CURRENT, "cancelled"),
        (resource("DiagnosticReport", status="cancelled"), Standing.CURRENT, "cancelled"),
        (resource("Condition", clinicalStatus={"coding": [{"code": "remission"}]}), Standing.ENDED, "in remission"),
        (resource("MedicationRequest", status="stopped"), Standing.ENDED, "stopped"),
        (resource("MedicationRequest", status="on-hold"), Standing.CURRENT, "on hold"),
        (resource("Flag", status="inactive"), Standing.ENDED, "inactive"),
        (resource("Encounter", status="finished"), Standing.ENDED, ""),
    ],
)  # fmt: skip
def test_a_status_says_whether_it_holds_and_is_told_where_its_want_would_mislead(
    told: Resource, standing: Standing, words: str
) -> None:
    assert (standing_of(told), said_of(told)) == (standing, words)


@pytest.mark.parametrize(
    ("kind", "over", "to_come"),
    [
        ("Appointment", "fulfilled noshow cancelled", "proposed pending booked waitlist"),
        ("DocumentReference", "superseded", ""),
        ("Encounter", "finished cancelled", "planned"),
        ("MedicationStatement", "completed stopped", "intended"),
        ("ServiceRequest", "revoked completed", "draft"),
        ("Task", "rejected failed", "requested draft"),
    ],
)
def test_what_is_over_or_still_to_come_is_never_shown_as_current(kind: str, over: str, to_come: str) -> None:
    assert {standing_of(resource(kind, status=one)) for one in over.split()} == {Standing.ENDED}
    assert {standing_of(resource(kind, status=one)) for one in to_come.split()} <= {Standing.PLANNED}


NEW_YEAR, SUMMER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 30, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "began", "ended"),
    [
        (resource("Observation", effectiveDateTime="2026-01-01"), NEW_YEAR, NEW_YEAR),
        (resource("Observation", issued="2026-01-01T00:00:00Z"), NEW_YEAR, NEW_YEAR),
        (resource("DiagnosticReport", effectiveDateTime="2026-01-01"), NEW_YEAR, NEW_YEAR),
        (resource("FamilyMemberHistory", date="2026-01-01"), NEW_YEAR, NEW_YEAR),
        (resource("Procedure", performedDateTime="2026-01-01"), NEW_YEAR, NEW_YEAR),
        (resource("QuestionnaireResponse", authored="2026-01-01"), NEW_YEAR, NEW_YEAR),
        (resource("RiskAssessment", occurrenceDateTime="2026-01-01"), NEW_YEAR, NEW_YEAR),
        (
            resource("Observation", effectivePeriod={"start": "2026-01-01", "end": "2026-07-01"}, issued="2026-08-01"),
            NEW_YEAR, SUMMER,
        ),
        (resource("Observation", effectiveDateTime="2026"), None, None),
        (resource("DocumentReference", context={"period": {"start": "2026-01-01"}}, date="2026-07-01"), NEW_YEAR,
         NEW_YEAR),
        (resource("DocumentReference", context=[], date="2026-07-01T00:00:00+01:00"), SUMMER, SUMMER),
        (resource("Condition", onsetDateTime="2026-01-01", abatementDateTime="2026-07-01"), NEW_YEAR, SUMMER),
        (resource("Condition", onsetDateTime="2026-01-01", abatementPeriod={"end": "2026-07-01"}), NEW_YEAR, SUMMER),
        (resource("Condition", onsetDateTime="2026-01-01", abatementPeriod={"start": "2026-07-01"}), NEW_YEAR, SUMMER),
        (resource("Condition", onsetPeriod={"start": "2026-01-01", "end": "2026-07-01"}), NEW_YEAR, None),
        (resource("Condition", recordedDate="2026-01-01"), NEW_YEAR, None),
        (resource("Appointment", start="2026-01-01T00:00:00Z", end="2026-06-30T23:00:00Z"), NEW_YEAR, SUMMER),
        (resource("MedicationStatement", effectivePeriod={"start": "2026-01-01", "end": "2026-07-01"}), NEW_YEAR,
         SUMMER),
        (resource("MedicationStatement", effectiveDateTime="2026-01-01", dateAsserted="2026-07-01"), NEW_YEAR, None),
        (resource("Consent", provision={"period": {"end": "2026-07-01"}}, dateTime="2026-01-01"), None, SUMMER),
        (resource("Basic", date="2026-01-01"), None, None),
    ],
)  # fmt: skip
def test_what_happened_at_one_moment_ends_with_it_and_what_lasts_by_its_own_end(
    told: Resource, began: datetime | None, ended: datetime | None
) -> None:
    """A problem that began over some days did not end with them."""
    assert times_of(told) == (began, ended)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-07-01", SUMMER),
        ("2026-07-01T00:00:00", SUMMER),
        ("2026-06-30T23:00:00Z", SUMMER),
        ("2026-07", None),
        ("2026-13-01", None),
        ("0001-01-01T00:00:00+14:00", None),
        (None, None),
    ],
)
def test_a_day_begins_at_midnight_in_london_and_a_month_is_no_time(text: str | None, told: datetime | None) -> None:
    assert instant(text) == told


def test_by_what_it_is_known_when_something_was_can_be_asked_of_each_type() -> None:
    assert read_of("Immunization") == ("occurrenceDateTime", "recorded")
    assert read_of("MedicationRequest") == ("authoredOn",)
    assert read_of("Basic") == ()


# ── Under which heading, with what care ──────────────────────────────────────────────────────────────────────────────


def coded(system: str, *codes: str) -> list[Resource]:
    return [{"coding": [{"system": system, "code": code} for code in codes]}]


@pytest.mark.parametrize(
    ("told", "heading"),
    [
        (resource("Observation", category=coded(OBSERVATION_CATEGORY, "vital-signs")), "examinations"),
        (resource("Observation", category=coded(OBSERVATION_CATEGORY, "social-history")), "social-context"),
        (resource("Observation", category=coded(OBSERVATION_CATEGORY, "exam")), "examinations"),
        (resource("Observation", category=coded(OBSERVATION_CATEGORY, "procedure")), "examinations"),
        (resource("Observation", category=coded(OBSERVATION_CATEGORY, "therapy")), "examinations"),
        (resource("Observation", category=coded(OBSERVATION_CATEGORY, "activity")), "examinations"),
        (resource("Observation", category=coded(OBSERVATION_CATEGORY, "of-ours", "survey")), "assessments"),
        (resource("Observation", category=coded("https://another.example", "survey")), "results"),
        (resource("Observation", category=coded(CATEGORIES_SYSTEM, "allergies")), "results"),
        (resource("Observation", category=coded("https://another.example", "pregnancy")), "results"),
        (resource("Consent", scope={"coding": [{"code": "adr"}]}), "end-of-life"),
        (resource("Consent", scope={"coding": [{"code": "treatment"}]}), "end-of-life"),
        (resource("Consent", scope={"coding": [{"code": "patient-privacy"}]}), "sharing-preferences"),
        (resource("Encounter", **{"class": {"code": "IMP"}}), "admissions"),
        (resource("Encounter", **{"class": {"code": "ACUTE"}}), "admissions"),
        (resource("Encounter", **{"class": {"code": "OBSENC"}}), "admissions"),
        (resource("Encounter", **{"class": {"code": "SS"}}), "admissions"),
        (resource("Encounter", **{"class": {"code": "AMB"}}), "encounters"),
        (resource("Condition", code=coded(SNOMED_CT, "1", "342191000000101")[0]), "child-protection"),
        (
            resource("Observation", category=[], valueCodeableConcept=coded(SNOMED_CT, "764841000000100")[0]),
            "child-protection",
        ),
        (resource("Condition", code=coded("https://another.example", "342191000000101")[0]), "problems"),
        (resource("Procedure", code=coded(SNOMED_CT, "342191000000101")[0]), "procedures"),
    ],
)
def test_a_resource_stands_under_the_heading_of_its_kind(told: Resource, heading: str) -> None:
    assert category_of(told) == heading


PROBLEM = Category("problems")


@pytest.mark.parametrize(
    ("elements", "care"),
    [
        ({}, Sensitivity.NORMAL),
        ({"meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}}, Sensitivity.RESTRICTED),
        ({"meta": {"security": [{"system": ACT_CODE, "code": "HIV"}]}}, Sensitivity.SEXUAL_HEALTH),
        ({"contained": [resource("Location")]}, Sensitivity.LOCATING),
        ({"extension": [{"url": "x"}, {"url": LEGAL_STATUS}]}, Sensitivity.RESTRICTED),
        ({"extension": [{"url": "x"}]}, Sensitivity.NORMAL),
        ({"note": [{"text": "Discussed at MARAC"}]}, Sensitivity.DOMESTIC_ABUSE),
        ({"asserter": {"identifier": {"value": "x"}, "display": "WV1 1AA"}}, Sensitivity.LOCATING),
        ({"asserter": {"name": [{"text": "Lucy Marac"}]}}, Sensitivity.NORMAL),
        ({"asserter": {"reference": "Practitioner/refuge"}}, Sensitivity.NORMAL),
        ({"bodySite": [{"text": ["refuge"]}]}, Sensitivity.DOMESTIC_ABUSE),
        ({"recorder": {"id": "refuge"}}, Sensitivity.NORMAL),
        ({"extension": [{"url": "x", "valueAddress": {"postalCode": "WV1 1AA"}}]}, Sensitivity.LOCATING),
        ({"note": [{"authorString": "Lucy Marac"}]}, Sensitivity.NORMAL),
    ],
)
def test_a_resource_asks_for_care_by_its_labels_what_it_holds_and_its_words(
    elements: dict[str, Any], care: Sensitivity
) -> None:
    assert sensitivity_of(resource("Condition", **elements), PROBLEM, "Asthma") is care


def test_wherever_somebody_may_write_words_they_are_heeded_and_who_somebody_is_nowhere() -> None:
    written = ("text", "display", "description", "title", "comment", "conclusion", "div", "mitigation", "rationale",
               "patientInstruction", "statusReason", "onsetString", "abatementString", "valueString", "valueMarkdown",
               "detailString", "scheduledString", "performedString", "deceasedString")  # fmt: skip
    named = ("meta", "identifier", "name", "address", "telecom")

    def asked(elements: dict[str, Any]) -> Sensitivity:
        return sensitivity_of(resource("Condition", stage=[elements]), PROBLEM, "Asthma")

    assert {name for name in written if asked({name: "he went to a refuge"}) is not Sensitivity.DOMESTIC_ABUSE} == set()
    assert {name for name in named if asked({name: {"text": "Refuge Lane"}}) is not Sensitivity.NORMAL} == set()


@pytest.mark.parametrize("kind", ["Appointment", "EpisodeOfCare", "RelatedPerson"])
def test_what_tells_where_somebody_is_asks_for_care_whatever_it_holds(kind: str) -> None:
    places = ("address", "location", "locationReference", "locationCode")
    located = {name: sensitivity_of(resource("Procedure", **{name: [{}]}), PROBLEM, "") for name in places}

    assert sensitivity_of(resource(kind), PROBLEM, "") is Sensitivity.LOCATING
    assert located == dict.fromkeys(places, Sensitivity.LOCATING)


@pytest.mark.parametrize("kind", ["Appointment", "Encounter", "EpisodeOfCare", "ServiceRequest"])
def test_a_visit_to_sexual_health_is_kept_back_whichever_code_says_so(kind: str) -> None:
    [service] = coded("https://fhir.hl7.org.uk/CodeSystem/UKCore-PracticeSettingCodeEngland", "360")
    said = ("type", "serviceType", "specialty", "code", "orderDetail")
    asked = {name: sensitivity_of(resource(kind, **{name: [service]}), PROBLEM, "") for name in said}

    assert asked == dict.fromkeys(said, Sensitivity.SEXUAL_HEALTH)


@pytest.mark.parametrize("heading", ["legal", "safeguarding", "child-protection"])
def test_what_stands_under_a_guarded_heading_is_restricted_whatever_it_says(heading: str) -> None:
    assert sensitivity_of(resource("Flag"), Category(heading), "") is Sensitivity.RESTRICTED


def test_words_that_meet_only_where_two_texts_do_are_no_words() -> None:
    assert sensitivity_of(resource("Condition", note=[{"text": "abuse"}]), PROBLEM, "domestic") is Sensitivity.NORMAL


@pytest.mark.parametrize(
    ("labels", "hidden"),
    [
        ([], False),
        ([{"system": CONFIDENTIALITY, "code": "N"}], False),
        ([{"system": CONFIDENTIALITY, "code": "N"}, {"system": CONFIDENTIALITY, "code": "R"}], True),
        ([{"system": CONFIDENTIALITY, "code": "REDACTED"}], True),
    ],
)
def test_one_label_that_is_not_ordinary_hides_where_a_person_is(labels: list[Resource], hidden: bool) -> None:
    assert hides_location({"meta": {"security": labels}}) is hidden


@pytest.mark.parametrize(
    ("told", "raised"),
    [
        ({"deceasedDateTime": "2026-01-01"}, True),
        ({"deceasedBoolean": True}, True),
        ({"deceasedBoolean": False}, False),
        ({}, None),
    ],
)
def test_a_death_is_told_taken_back_or_left_as_it_was(told: dict[str, Any], raised: bool | None) -> None:
    assert [one.raised for one in flags_of(told) if one.kind is FlagKind.DECEASED] == (
        [] if raised is None else [raised]
    )


@pytest.mark.parametrize(
    ("text", "care"),
    [
        ("Moved to WV1 1AA last week", Sensitivity.LOCATING),
        ("Seen on the 1st of May", Sensitivity.NORMAL),
        ("WV1 by bus", Sensitivity.NORMAL),
        ("Known to the IDVA, now at WV1 1AA", Sensitivity.DOMESTIC_ABUSE),
    ],
)
def test_words_ask_for_the_care_that_they_tell_of(text: str, care: Sensitivity) -> None:
    assert asked_by(text) is care


def test_an_amount_of_money_and_a_postcode_at_an_end_are_known() -> None:
    assert holds_amount("owes £40")
    assert not holds_amount("served a section 21 notice")
    assert postcode_at_end("1 High Street, wv1 1aa ") == "wv1 1aa"
    assert postcode_at_end("WV1 1AA, the old house") == ""


# ── Whom it is about ─────────────────────────────────────────────────────────────────────────────────────────────────


def named(*names: Resource) -> str | None:
    return subject({"name": list(names)}).family_name


def test_how_far_a_number_was_traced_is_believed_of_every_code_there_is() -> None:
    def traced(code: str) -> Tracing:
        [status] = coded("https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland", code)
        said = {"url": f"{UK_CORE}-NHSNumberVerificationStatus", "valueCodeableConcept": status}
        return subject({"identifier": [{"system": NHS_NUMBER, "value": "9990000018", "extension": [said]}]}).tracing

    codes = [*Tracing][:-1]
    assert [traced(code) for code in codes] == codes
    assert traced("99") is Tracing.UNSTATED
    assert subject({"identifier": [{"system": NHS_NUMBER}]}).nhs_number is None


def test_the_name_in_use_is_the_official_or_usual_one_and_never_one_that_was() -> None:
    assert named({"use": "nickname", "family": "Nick"}, {"use": "usual", "family": "Usual"}) == "Usual"
    assert named({"use": "nickname", "family": "Nick"}, {"use": "official", "family": "Legal"}) == "Legal"
    assert named({"family": "Bare"}, {"use": "nickname", "family": "Nick"}) == "Bare"
    for former in ("old", "maiden", "anonymous", "temp"):
        assert named({"use": former, "family": "Former"}) is None
        assert named({"use": former, "family": "Former"}, {"family": "Now"}) == "Now"


def test_where_somebody_lives_is_their_home_with_a_postcode() -> None:
    def living(*addresses: Resource) -> str | None:
        return subject({"address": list(addresses)}).postcode

    assert living({"postalCode": "WV1 1AA"}) == "WV1 1AA"
    assert living({"use": "temp", "postalCode": "WV9 9ZZ"}, {"use": "home", "postalCode": "WV1 1AA"}) == "WV1 1AA"
    assert living({"use": "home"}, {"use": "home", "postalCode": "WV1 1AA"}) == "WV1 1AA"
    assert living({"use": "old", "postalCode": "WV9 9ZZ"}) is None


def test_the_building_is_told_by_its_uprn_and_by_no_other_key_of_an_address() -> None:
    def key(kind: str, value: str) -> Resource:
        parts = [{"url": "type", "valueCodeableConcept": {"coding": [{"code": "x"}, {"code": kind}]}},
                 {"url": "value", "valueString": value}]  # fmt: skip
        return {"url": f"{UK_CORE}-AddressKey", "extension": parts}

    home = {"postalCode": "WV1 1AA", "extension": [{"url": "x"}, key("PAF", "7"), key("UPRN", "100071")]}
    assert subject({"address": [home]}).uprn == "100071"
    assert subject({"address": [{**home, "extension": [key("PAF", "7")]}]}).uprn is None


@pytest.mark.parametrize(
    ("told", "read"), [("1950-01-02", date(1950, 1, 2)), ("1950-01", None), ("1950", None), (None, None)]
)
def test_a_birth_date_is_a_whole_date_or_none(told: str | None, read: date | None) -> None:
    assert subject({"birthDate": told}).birth_date == read
    assert subject({"deceasedDateTime": told}).death_date == read


def test_a_partners_own_number_is_the_first_of_a_system_that_is_not_the_nhs() -> None:
    local = {"system": "https://one.example", "value": "1"}
    nhs = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}
    told = [{"value": "0"}, {"system": "https://zero.example"}, local, {**local, "system": "https://two.example"}]
    assert subject({"identifier": told}).local_id == "https://one.example|1"
    number = subject({"identifier": [{**nhs, "use": "old"}, local]})
    assert (number.nhs_number, number.local_id) == (None, "https://one.example|1")
    assert subject({"identifier": [nhs]}).local_id is None
