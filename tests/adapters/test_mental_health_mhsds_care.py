"""Referrals, contacts, hospital stays, legal status, diagnoses, scores and plans."""

from datetime import UTC, datetime

import pytest

from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Severity, Standing
from tests.adapters.mhsds_extract import entries, findings, needed, read, relationships, sample

TOLD = entries(read(sample()))
RELATED = relationships(read(sample()))


def test_an_open_referral_is_told_with_its_reason_source_and_team() -> None:
    referral = TOLD["ServiceRequest/R1"]
    assert referral.category == "referrals"
    assert referral.title == "Referral to Community Mental Health Team - Functional: Depression"
    assert referral.detail == "from Primary Health Care; priority routine"
    assert (referral.resource["status"], referral.resource["priority"]) == ("active", "routine")
    assert referral.resource["requester"]["identifier"]["value"] == "M92001"
    assert referral.started == datetime(2024, 11, 3, 10, 15, tzinfo=UTC)
    assert referral.ended is None


def test_a_referral_is_a_relationship_while_it_is_open() -> None:
    assert (RELATED["ServiceRequest/R1"].kind, RELATED["ServiceRequest/R1"].ended) == ("referral", None)
    assert RELATED["ServiceRequest/R1"].team == "Community Mental Health Team - Functional"
    assert RELATED["ServiceRequest/R5"].ended == datetime(2025, 4, 19, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("MHS101Referral", "ServiceRequest/R5"),
        ("MHS501HospProvSpell", "Encounter/HospProvSpell/H2"),
        ("MHS401MHActPeriod", "Flag/MHActPeriod/M2"),
        ("MHS006MHCareCoord", "CareTeam/care-coordinator/MH0004/2023-02-01/N2"),
    ],
)
def test_what_ended_on_a_day_that_cannot_be_read_does_not_go_on(table: str, key: str) -> None:
    """Else a discharge that was mistyped would admit somebody again, and give all who work there a reason to look."""
    tables = sample()
    tables[table] = tables[table].replace("2025-04-20", "2025-04-32")
    said = read(tables)
    assert key in TOLD
    assert key not in entries(said) | relationships(said)
    told = [found for found in findings(said) if found.part == table and found.severity is Severity.REFUSED]
    assert [found.rule for found in told] == ["mhsds-date"]


def test_a_rejected_referral_has_ended_and_no_team_of_it_is_involved() -> None:
    rejected = TOLD["ServiceRequest/R3"]
    assert rejected.resource["status"] == "revoked"
    assert rejected.detail.endswith("rejected: Inappropriate referral request")
    assert RELATED["ServiceRequest/R3"].ended == rejected.ended == datetime(2025, 4, 9, 23, tzinfo=UTC)
    assert "CareTeam/R3" not in TOLD


def test_a_referral_without_a_team_names_none() -> None:
    rows = "ServiceRequestID,LocalPatientID,CareProfTeamLocalID,ReferralRequestReceivedDate\nR1,MH0001,,2025-04-01\n"
    told = entries(read(needed() | {"MHS101Referral": rows}))
    assert told["ServiceRequest/R1"].title == "Referral to Mental health team"
    assert "CareTeam/R1" not in told


def test_other_teams_of_a_referral_are_told_by_themselves() -> None:
    assert TOLD["ServiceRequest/R1/T2"].resource["status"] == "completed"
    assert TOLD["CareTeam/R1/T2"].ended == datetime(2025, 1, 5, tzinfo=UTC)
    assert TOLD["ServiceRequest/R1/T3"].resource["status"] == "revoked"
    assert "CareTeam/R1/T3" not in TOLD


def test_a_referral_by_the_justice_system_does_not_say_so() -> None:
    for key in ("ServiceRequest/R4", "ServiceRequest/R5"):
        assert not {"requester", "extension"} & set(TOLD[key].resource)
        assert "from" not in TOLD[key].detail


def test_teams_whose_name_tells_of_detention_or_justice_are_restricted() -> None:
    for key in ("ServiceRequest/R4", "CareTeam/R4", "CareTeam/R5", "CareTeam/care-coordinator/MH0004/2023-02-01/N2"):
        assert TOLD[key].sensitivity is Sensitivity.RESTRICTED
    assert RELATED["ServiceRequest/R4"].team == "Mental health team"
    assert TOLD["CareContact/C5"].title == "Face to face, Mental health team: arrived late, but was seen"


def test_a_team_is_someone_involved_as_far_as_its_type_tells() -> None:
    team = TOLD["CareTeam/R1"]
    assert (team.category, team.title) == ("care-team", "Community Mental Health Team - Functional")
    assert team.resource["status"] == "active"
    assert team.resource["managingOrganization"][0]["identifier"]["value"] == "TAJ"


def test_a_care_coordinator_is_told_by_job_role_and_has_the_person_on_the_caseload() -> None:
    key = "CareTeam/care-coordinator/MH0001/2024-11-10/N1"
    assert TOLD[key].title == (
        "Mental health care coordinator: Community Mental Health Nurse, Community Mental Health Team - Functional"
    )
    (member,) = TOLD[key].resource["participant"]
    assert member["member"]["display"] == "Community Mental Health Nurse"
    assert (RELATED[key].kind, RELATED[key].ended) == ("caseload", None)


def test_a_care_coordinator_of_whom_nothing_is_told_is_there_all_the_same() -> None:
    coordinator = TOLD["CareTeam/care-coordinator/MH0002/2025-04-12/"]
    assert coordinator.title == "Mental health care coordinator"
    (member,) = coordinator.resource["participant"]
    assert member["member"] == {"type": "Practitioner", "display": "Care professional"}


def test_a_contact_that_took_place_is_an_encounter() -> None:
    contact = TOLD["CareContact/C1"]
    assert (contact.category, contact.resource["status"]) == ("encounters", "finished")
    assert contact.title == "Face to face, Community Mental Health Team - Functional: attended"
    assert contact.ended == datetime(2025, 4, 1, 9, 45, tzinfo=UTC)
    assert contact.resource["period"] == {"start": "2025-04-01T10:00:00+01:00", "end": "2025-04-01T10:45:00+01:00"}
    assert TOLD["CareContact/C6"].resource["class"]["code"] == "VR"


@pytest.mark.parametrize(
    ("key", "status", "outcome"),
    [
        ("CareContact/C2", "noshow", "did not attend"),
        ("CareContact/C3", "cancelled", "cancelled by the patient"),
        ("CareContact/C4", "booked", "planned"),
    ],
)
def test_a_contact_that_was_not_held_is_an_appointment(key: str, status: str, outcome: str) -> None:
    assert TOLD[key].category == "appointments"
    assert TOLD[key].resource["status"] == status
    assert TOLD[key].title.endswith(f": {outcome}")


def test_only_an_appointment_to_come_is_planned() -> None:
    assert TOLD["CareContact/C4"].standing is Standing.PLANNED
    assert TOLD["CareContact/C2"].standing is Standing.CURRENT


def test_where_nobody_recorded_attendance_nothing_is_guessed() -> None:
    assert TOLD["CareContact/C7"].resource["status"] == "unknown"
    assert TOLD["CareContact/C7"].title.endswith("attendance not recorded")


def test_a_cancelled_contact_without_an_attendance_status_is_cancelled() -> None:
    rows = "CareContactID,ServiceRequestID,CareContDate,CareContCancelDate\nC1,R1,2025-05-09,2025-05-01\n"
    contact = entries(read(needed(MHS201CareContact=rows)))["CareContact/C1"]
    assert contact.resource["status"] == "cancelled"
    assert contact.title == "Contact, Mental health team: cancelled"
    assert contact.standing is Standing.CURRENT


@pytest.mark.parametrize("minutes", ["", "x", "12345", "٣٠", "-5"])
def test_a_duration_that_is_no_number_is_none(minutes: str) -> None:
    headings = "CareContactID,ServiceRequestID,CareContDate,AttendStatus,ClinContDurOfCareCont"
    rows = f"{headings}\nC1,R1,2025-04-09,5,{minutes}\n"
    contact = entries(read(needed(MHS201CareContact=rows)))["CareContact/C1"]
    assert contact.ended == contact.started


def test_a_place_of_safety_is_restricted_legal_information() -> None:
    place = TOLD["Observation/place-of-safety/C5"]
    assert (place.category, place.sensitivity) == ("legal", Sensitivity.RESTRICTED)
    assert "Observation/place-of-safety/C1" not in TOLD


def test_legal_status_is_restricted_and_says_the_section_and_when_it_expires() -> None:
    status = TOLD["Flag/MHActPeriod/M1"]
    assert (status.category, status.sensitivity) == ("legal", Sensitivity.RESTRICTED)
    assert status.title == "Formally detained under Mental Health Act Section 3"
    assert status.detail == "expires 1 October 2025 at 23:59:00"
    (coding,) = status.resource["code"]["coding"]
    assert coding["system"] == "https://fhir.hl7.org.uk/CodeSystem/UKCore-LegalStatusClassificationEngland"
    assert (status.resource["status"], TOLD["Flag/MHActPeriod/M2"].resource["status"]) == ("active", "inactive")


def test_a_legal_status_that_is_not_stated_is_restricted_as_well() -> None:
    tables = sample()
    tables["MHS401MHActPeriod"] = tables["MHS401MHActPeriod"].replace(",03,B", ",,B").replace("2025-10-01", "")
    status = entries(read(tables))["Flag/MHActPeriod/M1"]
    assert (status.title, status.sensitivity) == ("Mental Health Act status, not stated which", Sensitivity.RESTRICTED)
    assert status.detail == ""
    assert status.resource["code"] == {"text": "Mental Health Act status, not stated which"}


def test_a_community_treatment_order_is_restricted() -> None:
    order = TOLD["Flag/CommTreatOrder/M2/2024-10-01"]
    assert (order.category, order.sensitivity) == ("legal", Sensitivity.RESTRICTED)
    assert order.detail == "expires 1 April 2025"
    assert order.ended == datetime(2025, 2, 1, tzinfo=UTC)


def test_a_hospital_stay_says_that_not_where() -> None:
    stay, places, ward = (
        TOLD[f"Encounter/{key}"] for key in ("HospProvSpell/H1", "HospProvSpell/H1/places", "WardStay/W1")
    )
    assert (stay.category, stay.sensitivity, stay.resource["status"]) == (
        "admissions",
        Sensitivity.NORMAL,
        "in-progress",
    )
    assert not {"location", "admitSource", "dischargeDisposition"} & (
        set(stay.resource) | set(stay.resource["hospitalization"])
    )
    assert stay.detail.endswith("discharge estimated for 25 April 2025")
    assert places.sensitivity is ward.sensitivity is Sensitivity.LOCATING
    assert ward.title == "Ward ASH: Acute Adult Mental Health Care"
    assert places.title == (
        "Hospital stay: admitted from Usual place of residence; to be discharged to Temporary place of residence"
    )


def test_a_hospital_stay_is_a_relationship_until_discharge() -> None:
    assert (RELATED["Encounter/HospProvSpell/H1"].kind, RELATED["Encounter/HospProvSpell/H1"].ended) == (
        "admission",
        None,
    )
    assert RELATED["Encounter/HospProvSpell/H2"].ended == datetime(2025, 4, 20, 5, 10, tzinfo=UTC)


def test_prison_and_secure_wards_are_restricted() -> None:
    assert TOLD["Encounter/HospProvSpell/H2"].sensitivity is Sensitivity.NORMAL
    assert TOLD["Encounter/HospProvSpell/H2/places"].sensitivity is Sensitivity.RESTRICTED
    assert TOLD["Encounter/WardStay/W2"].sensitivity is Sensitivity.RESTRICTED


@pytest.mark.parametrize(
    ("column", "code", "care"),
    [
        ("SourceAdmMHHospProvSpell", "42", Sensitivity.RESTRICTED),
        ("SourceAdmMHHospProvSpell", "19", Sensitivity.LOCATING),
        ("DestOfDischHospProvSpell", "50", Sensitivity.RESTRICTED),
        ("DestOfDischHospProvSpell", "29", Sensitivity.LOCATING),
        ("PlannedDestDisch", "37", Sensitivity.RESTRICTED),
        ("PlannedDestDisch", "19", Sensitivity.LOCATING),
    ],
)
def test_each_place_before_and_after_a_stay_alone_asks_for_its_care(column: str, code: str, care: Sensitivity) -> None:
    rows = f"HospProvSpellID,ServiceRequestID,StartDateHospProvSpell,{column}\nH1,R1,2025-04-02,{code}\n"
    told = entries(read(needed(MHS501HospProvSpell=rows)))
    assert told["Encounter/HospProvSpell/H1/places"].sensitivity is care
    assert len(told["Encounter/HospProvSpell/H1/places"].resource["hospitalization"]) == 1


def test_where_somebody_went_stands_before_where_they_were_to_go() -> None:
    headings = "HospProvSpellID,ServiceRequestID,StartDateHospProvSpell,PlannedDestDisch,DestOfDischHospProvSpell"
    told = entries(read(needed(MHS501HospProvSpell=f"{headings}\nH1,R1,2025-04-02,50,19\n")))
    places = told["Encounter/HospProvSpell/H1/places"]
    assert places.title == "Hospital stay: discharged to Usual place of residence"
    assert places.sensitivity is Sensitivity.LOCATING


def test_a_stay_of_which_neither_method_nor_places_are_known_is_one_entry() -> None:
    headings = "HospProvSpellID,ServiceRequestID,StartDateHospProvSpell,PlannedDischDateHospProvSpell"
    rows = f"{headings}\nH1,R1,2025-04-02,2025-05-02\n"
    told = entries(read(needed(MHS501HospProvSpell=rows)))
    assert "Encounter/HospProvSpell/H1/places" not in told
    assert told["Encounter/HospProvSpell/H1"].detail == "discharge planned for 2 May 2025"


def test_readiness_for_discharge_says_what_keeps_the_person() -> None:
    ready = TOLD["Observation/ClinReadyforDischarge/H1/2025-04-22"]
    assert ready.title == "Clinically ready for discharge: Housing - Awaiting supported accommodation"
    assert ready.detail == "delay attributable to Social Care, excluding housing"
    assert (ready.category, ready.sensitivity, ready.ended) == ("admissions", Sensitivity.NORMAL, None)
    assert TOLD["Observation/ClinReadyforDischarge/H2/2025-04-01"].sensitivity is Sensitivity.RESTRICTED
    assert TOLD["Observation/ClinReadyforDischarge/H1/2025-04-10"].title == "Clinically ready for discharge"


def test_diagnoses_carry_a_concept_that_another_partner_s_can_equal() -> None:
    assert TOLD["Condition/PrimDiag/R1/F32.2"].concept == "http://hl7.org/fhir/sid/icd-10|F32.2"
    assert TOLD["Condition/SecDiag/R1/I10"].concept == "http://hl7.org/fhir/sid/icd-10|I10"
    assert TOLD["Condition/SecDiag/R1/35489007"].concept == "http://snomed.info/sct|35489007"
    assert TOLD["Condition/PresComp/R4/225444004"].concept == "http://snomed.info/sct|225444004"


def test_a_diagnosis_keeps_the_source_s_spelling_and_names_its_block() -> None:
    diagnosis = TOLD["Condition/PrimDiag/R1/F32.2"]
    assert diagnosis.category == "problems"
    assert diagnosis.title == "Primary diagnosis: Mood disorder, ICD-10 F32.2"
    assert diagnosis.resource["code"]["text"] == "F322"
    assert diagnosis.started == datetime(2024, 11, 20, 11, tzinfo=UTC)
    assert TOLD["Condition/SecDiag/R1/I10"].title == "Secondary diagnosis: ICD-10 I10"


@pytest.mark.parametrize(
    ("scheme", "code", "title"),
    [
        ("02", "F200", "Primary diagnosis: Schizophrenia, schizotypal or delusional disorder, ICD-10 F20.0"),
        ("02", "f99x", "Primary diagnosis: Mental disorder, not otherwise specified, ICD-10 F99"),
        ("2", "G301", "Primary diagnosis: ICD-10 G30.1"),
        ("06", "35489007.0", "Primary diagnosis: SNOMED CT 35489007"),
    ],
)
def test_codes_are_read_as_systems_write_them(scheme: str, code: str, title: str) -> None:
    rows = f"ServiceRequestID,DiagSchemeInUse,PrimDiag\nR1,{scheme},{code}\n"
    diagnoses = [entry for entry in entries(read(needed(MHS604PrimDiag=rows))).values() if entry.category == "problems"]
    assert [entry.title for entry in diagnoses] == [title]


@pytest.mark.parametrize(
    ("scheme", "code"), [("06", "F322"), ("02", "35489007"), ("04", "35489007"), ("06", "3.55E+07"), ("06", "12345")]
)
def test_a_code_that_does_not_fit_its_scheme_is_refused(scheme: str, code: str) -> None:
    rows = f"ServiceRequestID,DiagSchemeInUse,PrimDiag\nR1,{scheme},{code}\n"
    refused = [found for found in findings(read(needed(MHS604PrimDiag=rows))) if found.severity is Severity.REFUSED]
    assert [found.rule for found in refused] == ["mhsds-scheme"]


def test_a_score_is_told_by_the_name_of_its_assessment() -> None:
    score = TOLD["Observation/R1/445455005/2025-04-01T10:30:00+01:00"]
    assert (score.category, score.title) == ("assessments", "Generalized anxiety disorder 7 item score: 12")
    assert score.resource["valueQuantity"] == {"value": 12}
    assert score.resource["referenceRange"] == [{"low": {"value": 0}, "high": {"value": 21}}]


def test_a_score_of_an_activity_is_dated_by_its_contact() -> None:
    score = TOLD["Observation/A1/720433000/2025-04-01T10:00:00+01:00"]
    assert score.title == "Patient health questionnaire 9 score: 19"
    assert score.started == score.ended == datetime(2025, 4, 1, 9, tzinfo=UTC)
    assert TOLD["Observation/A2/979651000000100/2025-04-16"].resource["valueQuantity"] == {"value": 2.0}


def test_an_assessment_of_no_known_name_and_a_score_that_is_no_number_are_kept_as_given() -> None:
    score = TOLD["Observation/R1/1234567/2025-04-01"]
    assert score.title == "SNOMED CT 1234567: UNK"
    assert score.resource["valueString"] == "UNK"


@pytest.mark.parametrize(
    ("tool", "score", "rules"),
    [
        ("720433000", "28", ["mhsds-score"]),
        ("720433000", "27", []),
        ("720433000", "0", []),
        ("720433000", "-1", ["mhsds-score"]),
        ("720433000", "UNK", []),
        ("1234567", "9999", []),  # of which no range is known
        ("7.2E+08", "9", ["mhsds-scheme"]),
        ("PHQ-9", "9", ["mhsds-scheme"]),
    ],
)
def test_scores_are_checked_by_the_range_of_their_assessment(tool: str, score: str, rules: list[str]) -> None:
    rows = f"ServiceRequestID,CodedAssToolType,PersScore,AssToolCompTimestamp\nR1,{tool},{score},2025-04-01\n"
    found = findings(read(needed(MHS606CodedScoreAssessmentRefer=rows)))
    assert [one.rule for one in found if one.part == "MHS606CodedScoreAssessmentRefer"] == rules


def test_a_crisis_plan_is_told_to_exist_and_alerts_to_it() -> None:
    plan, flag = TOLD["CarePlan/CP1"], TOLD["Flag/crisis-plan/CP1"]
    assert (plan.category, plan.title, plan.detail) == ("contingency", "Crisis plan", "last updated 3 March 2025")
    assert (flag.category, flag.resource["resourceType"]) == ("alerts", "Flag")
    assert [key for key in TOLD if key.startswith("Flag/crisis-plan")] == ["Flag/crisis-plan/CP1"]


def test_plans_stand_under_the_headings_of_their_kinds() -> None:
    assert TOLD["CarePlan/CP2"].category == "care-plans"
    assert TOLD["CarePlan/CP3"].category == "supporting-plans"


def test_agreement_to_a_plan_stands_beside_it() -> None:
    agreed = TOLD["Observation/CarePlanAgreement/CP1/10/2024-12-02T15:00:00+00:00"]
    assert (agreed.category, agreed.title) == ("contingency", "Crisis plan: content agreed")
    assert agreed.detail == "the family was involved"
    assert [told["code"]["text"] for told in agreed.resource["component"]] == ["Family involved"]
    undated = TOLD["Observation/CarePlanAgreement/CP2/12/"]
    assert (undated.detail, undated.started) == ("the family was not involved", None)


def test_an_agreement_of_which_only_who_agreed_is_known_is_told() -> None:
    plans = "CarePlanID,LocalPatientID,CarePlanTypeMH,CarePlanCreatDate\nCP9,MH0001,10,2025-04-02\n"
    agreed = "CarePlanID,CarePlanContentAgreedBy\nCP9,14\n"
    told = entries(read(needed(MHS008CarePlanType=plans, MHS009CarePlanAgreement=agreed)))
    assert "component" not in told["Observation/CarePlanAgreement/CP9/14/"].resource
    assert told["CarePlan/CP9"].detail == ""
