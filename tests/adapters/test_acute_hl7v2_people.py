"""Whom an acute message is about: identifiers, demographics, contacts, preferences, merges."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, MergeKind, Severity, Standing, Statement, Subject, Tracing
from tests.adapters.acute_feed import Fields, hear, hear_sample, message, pid, pv1, segment
from tests.adapters.heard import Heard

NHS = "9990001006"


def person(fields: Fields | None = None, *more: str) -> Heard:
    return hear(message("ADT^A31", pid(fields), *more))


def about(fields: Fields | None = None, *more: str) -> Subject:
    return person(fields, *more).statement.subject


def number(subject: Subject) -> str | None:
    return subject.nhs_number.digits if subject.nhs_number else None


# Identifiers


def test_a_subject_has_the_partners_own_number_and_the_nhs_number() -> None:
    subject = about()
    assert (subject.local_id, number(subject)) == ("H1001", NHS)


def test_an_nhs_number_may_be_spaced() -> None:
    assert number(about({3: "H1001^^^RL4^MR~999 000 1006^^^NHS^NH"})) == NHS


def test_an_nhs_number_that_lost_its_leading_zero_is_mended() -> None:
    assert number(about({3: "12345679^^^NHS^NH"})) == "0012345679"


def test_a_number_of_the_nhs_needs_no_type_and_one_of_its_type_no_authority() -> None:
    assert number(about({3: f"{NHS}^^^NHS"})) == NHS
    assert number(about({3: f"{NHS}^^^^NH"})) == NHS
    assert number(about({3: f"{NHS}^^^RL4^MR"})) is None


def test_a_repeated_digit_is_no_nhs_number_and_the_message_is_still_read() -> None:
    said = person({3: "3333333333^^^NHS"})
    assert (number(said.statement.subject), said.warned) == (None, ["nhs-number"])
    assert said.entries


@pytest.mark.parametrize("mangled", ["9.99E+09", "9990001007", "NOT KNOWN"])
def test_a_mangled_nhs_number_is_told_and_the_message_is_still_read(mangled: str) -> None:
    said = person({3: f"H1001^^^RL4^MR~{mangled}^^^NHS^NH"})
    assert (number(said.statement.subject), said.warned) == (None, ["nhs-number"])
    assert said.statement.subject.local_id == "H1001"


def test_an_nhs_number_typed_as_a_local_one_and_repeated_in_pid_19_is_an_nhs_number() -> None:
    said = person({3: "999 000 1006^^^^MR", 19: "999 000 1006"})
    assert (number(said.statement.subject), said.statement.subject.local_id) == (NHS, None)
    assert said.warned == ["PID-19"]
    beside = person({3: "999 000 1006^^^^MR~H1001^^^RL4^MR", 19: "999 000 1006"}).statement.subject
    assert (number(beside), beside.local_id) == (NHS, "H1001")


def test_an_nhs_number_in_pid_19_alone_is_taken() -> None:
    said = person({3: "", 19: "999 000 1006"})
    assert (number(said.statement.subject), said.warned) == (NHS, ["PID-19"])


def test_what_else_stands_in_pid_19_is_no_nhs_number() -> None:
    said = person({3: "H1001^^^RL4^MR", 19: "QQ123456C"})
    assert (number(said.statement.subject), said.warned) == (None, [])


def test_pid_19_does_not_overrule_pid_3() -> None:
    assert number(about({19: "9990001014"})) == NHS


def test_two_different_nhs_numbers_are_none() -> None:
    said = person({3: f"H1001^^^RL4^MR~{NHS}^^^NHS^NH~9990001014^^^NHS^NH"})
    assert (number(said.statement.subject), said.warned) == (None, ["nhs-number"])


def test_the_same_nhs_number_twice_is_one() -> None:
    assert number(about({3: f"{NHS}^^^NHS^NH~999 000 1006^^^NHS^NH"})) == NHS


@pytest.mark.parametrize(
    ("pid_3", "local_id"),
    [
        ("H1^^^RL4^MR", "H1"),
        ("H1^^^RL4&2.16.840&ISO^MR", "H1"),
        ("H1^^^NX^MR", "NX:H1"),  # another authority's numbers may be the same as ours
        ("H1^^^NX^MR~H2^^^RL4^MR", "H2"),
        ("H1^^^NX^MR~H2^^^NY^PI", "NX:H1"),
        ("H1^^^RL4^MR~V99^^^RL4^VN", "H1"),
        (f"{NHS}^^^NHS^NH", None),
        ("^^^NHS^NH~H1^^^RL4^MR", "H1"),
    ],
)
def test_the_partners_own_number_stands_before_others(pid_3: str, local_id: str | None) -> None:
    assert about({3: pid_3}).local_id == local_id


@pytest.mark.parametrize("pid_3", ["H1", "H1^^^^MR", "H1^^^RL4"])
def test_a_local_number_without_authority_or_type_is_taken_and_told(pid_3: str) -> None:
    said = person({3: pid_3})
    assert (said.statement.subject.local_id, said.warned) == ("H1", ["PID-3"])


def test_a_message_that_names_no_one_is_refused() -> None:
    said = person({3: ""})
    assert (said.statements, said.refused) == ([], ["PID-3"])


def test_a_message_about_two_people_is_refused_so_that_no_result_goes_astray() -> None:
    other = pid({3: "H1002^^^RL4^MR"})
    report = segment("OBR", {3: "L-1", 4: "FBC^Full blood count^L"})
    assert hear(message("ORU^R01", pid(), report, other, report)).refused == ["PID-3"]


def test_no_key_and_no_finding_holds_an_nhs_number() -> None:
    said = person({3: "999 000 1006^^^NHS^NH~3333333333^^^NHS^NH"})
    assert number(said.statement.subject) == NHS
    assert not any(NHS in key for key in said.keys)
    assert not any("333" in finding.text for finding in said.findings)


@pytest.mark.parametrize(
    ("code", "tracing"), [("01", Tracing.VERIFIED), ("1", Tracing.VERIFIED), ("", Tracing.UNSTATED)]
)
def test_the_tracing_status_is_honoured(code: str, tracing: Tracing) -> None:
    assert about(None, segment("ZU1", {27: code})).tracing is tracing


def test_an_unknown_tracing_status_is_told_and_taken_as_none() -> None:
    said = person(None, segment("ZU1", {27: "77"}))
    assert (said.statement.subject.tracing, said.warned) == (Tracing.UNSTATED, ["ZU1-27"])


def test_the_tracing_status_stands_with_the_number_in_fhir() -> None:
    number_, local = person(None, segment("ZU1", {27: "01"})).entry("Patient/H1001").resource["identifier"]
    assert number_["value"] == NHS
    assert number_["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "01"
    assert (local["value"], "extension" in local) == ("H1001", False)


# Demographics


def test_the_name_is_the_legal_one_where_there_are_several() -> None:
    subject = about({5: "NEILL^ANNE^^^^^M~O\\T\\NEILL^ANNE-MARIE^JO^^MS^^L"})
    assert (subject.family_name, subject.given_names) == ("O&NEILL", ("ANNE-MARIE", "JO"))


def test_a_surname_with_its_parts_is_the_whole_surname() -> None:
    subject = about({5: "VAN DER BERG&VAN DER&BERG^KEES"})
    assert subject.family_name == "VAN DER BERG"


@pytest.mark.parametrize(
    ("code", "gender"),
    [("1", "male"), ("2", "female"), ("9", "other"), ("X", "unknown"), ("F", "female"), ("m", "male"), ("", None)],
)
def test_gender_is_read_as_the_nhs_and_hl7_write_it(code: str, gender: str | None) -> None:
    assert about({8: code}).gender == gender


def test_an_unknown_gender_is_told_and_what_was_known_stays() -> None:
    said = person({8: "Q"})
    assert (said.statement.subject.gender, said.warned) == (None, ["PID-8"])
    assert "gender" in said.entry("Patient/H1001").keeps


def test_a_birth_date_may_carry_a_time() -> None:
    assert about({7: "196503121515"}).birth_date == date(1965, 3, 12)


def test_a_birth_date_in_month_13_is_told_and_the_message_is_still_read() -> None:
    said = person({7: "196513121515"})
    assert (said.statement.subject.birth_date, said.warned) == (None, ["PID-7"])
    assert "birthDate" in said.entry("Patient/H1001").keeps
    assert "1965" not in said.findings[0].text


def test_an_empty_field_leaves_what_was_known_and_two_quotes_delete_it() -> None:
    entry = person({5: '""', 7: "", 8: '""', 15: "EN"}).entry("Patient/H1001")
    assert not {"name", "gender"} & {*entry.keeps, *entry.resource}
    assert "birthDate" in entry.keeps
    assert "communication" in entry.resource


def test_identity_locates_no_one() -> None:
    entry = hear_sample("people.hl7").entries[0]
    assert (entry.category, entry.sensitivity) == ("demographics", Sensitivity.NORMAL)
    assert not {"address", "telecom", "generalPractitioner"} & set(entry.resource)


@pytest.mark.parametrize("part", ["address", "work-telephone", "gp-practice", "general-practitioner"])
def test_what_locates_a_person_stands_by_itself(part: str) -> None:
    practice = segment("PD1", {3: "CANAL SURGERY^^M92002", 4: "G5612908^Townley^Gregory^^^Dr^^^GMP"})
    said = person({11: "1 LOCK ROW^^^^WV4 4DD^^H", 13: "01632 960002", 14: "01632 960003"}, practice)
    assert said.entry(f"Patient/H1001/{part}").sensitivity is Sensitivity.LOCATING


def test_addresses_are_told_apart_by_their_use() -> None:
    said = person({11: "1 LOCK ROW^^^^WV4 4DD^^H~HOSTEL 9^^^^WV5 5EE^^C~OLD MILL^^^^^^BA~PO BOX 1^^^^^^M"})
    told = said.entry("Patient/H1001/address").resource["address"]
    assert [(one.get("use"), one.get("type")) for one in told] == [
        ("home", None),
        ("temp", None),
        ("old", None),
        (None, "postal"),
    ]
    assert said.statement.subject.postcode == "WV4 4DD"


def test_an_unknown_kind_of_address_is_kept_and_told() -> None:
    said = person({11: "1 LOCK ROW^^^^WV4 4DD^^ZZ"})
    assert said.entry("Patient/H1001/address").title == "Address and telephone"
    assert said.warned == ["PID-11"]


@pytest.mark.parametrize(
    ("street", "line"),
    [
        ("1 LOCK ROW&LOCK ROW&1", "1 LOCK ROW"),
        ("2 ROSE & CROWN YARD", "2 ROSE & CROWN YARD"),
        (r"2 ROSE \T\ CROWN YARD", "2 ROSE & CROWN YARD"),
    ],
)
def test_a_street_in_parts_is_one_line_and_an_ampersand_stays(street: str, line: str) -> None:
    said = person({11: f"{street}^^WOLVERHAMPTON^^WV4 4DD^^H"})
    assert said.entry("Patient/H1001/address").resource["address"][0]["line"] == [line]


def test_silence_on_the_telephone_does_not_take_it_back() -> None:
    assert person({11: "1 LOCK ROW^^^^WV4 4DD^^H"}).entry("Patient/H1001/address").keeps == ("telecom",)
    assert person({13: "01632 960002"}).entry("Patient/H1001/address").keeps == ("address",)


def test_a_deleted_address_leaves_nothing() -> None:
    entry = person({11: '""', 13: '""'}).entry("Patient/H1001/address")
    assert (entry.resource, entry.keeps) == ({"resourceType": "Patient"}, ())


@pytest.mark.parametrize(
    ("xtn", "told"),
    [
        ("01632 960002", {"system": "phone", "value": "01632 960002", "use": "home"}),
        ("^PRN^CP^^^^07700900123", {"system": "phone", "value": "07700900123", "use": "mobile"}),
        ("01632960002^WPN^FX", {"system": "fax", "value": "01632960002", "use": "work"}),
        ("^NET^Internet^ann@example.org", {"system": "email", "value": "ann@example.org"}),
    ],
)
def test_telephones_and_mail_addresses_are_read(xtn: str, told: dict[str, str]) -> None:
    assert person({13: xtn}).entry("Patient/H1001/address").resource["telecom"] == [told]


def test_what_is_written_beside_a_telephone_is_kept_and_shown_with_it() -> None:
    entry = person({13: "01632 960002^PRN^PH^^^^^^Leave no message~07700900123^PRN^CP"}).entry("Patient/H1001/address")
    comment = "http://hl7.org/fhir/StructureDefinition/contactpoint-comment"
    assert entry.resource["telecom"][0]["extension"] == [{"url": comment, "valueString": "Leave no message"}]
    assert entry.detail == "01632 960002 (Leave no message), 07700900123"


def test_a_telephone_field_without_a_number_says_nothing() -> None:
    assert "telecom" not in person({13: "^PRN^PH"}).entry("Patient/H1001/address").resource


def test_a_language_outside_the_list_is_kept_as_it_stands_and_told() -> None:
    said = person({15: "PUN^Punjabi"})
    (language,) = said.entry("Patient/H1001").resource["communication"]
    assert (language["language"]["text"], said.warned) == ("Punjabi", ["PID-15"])


def test_an_ethnic_category_outside_the_list_is_kept_as_the_senders_own() -> None:
    said = person({22: "Q9"})
    entry = said.entry("Patient/H1001/ethnicity")
    (told,) = entry.resource["extension"]
    assert told["valueCodeableConcept"]["coding"][0] == {
        "system": "https://pisano.example/fhir/CodeSystem/RL4/PID-22",
        "code": "Q9",
    }
    assert (entry.category, entry.title, said.warned) == ("ethnicity", "Q9", ["PID-22"])


def test_ethnicity_is_no_part_of_who_somebody_is_and_is_taken_back_where_the_hospital_says_so() -> None:
    stated, deleted, silent = person({22: "A"}), person({22: '""'}), person({})
    assert "extension" not in stated.entry("Patient/H1001").resource
    assert stated.entry("Patient/H1001/ethnicity").standing == "current"
    assert deleted.entry("Patient/H1001/ethnicity").standing == "entered-in-error"
    assert not any(entry.category == "ethnicity" for entry in silent.entries)


@pytest.mark.parametrize(
    ("fields", "element", "flag"),
    [
        ({29: "20260101"}, {"deceasedDateTime": "2026-01-01"}, True),
        ({30: "Y"}, {"deceasedBoolean": True}, True),
        ({30: "N"}, {"deceasedBoolean": False}, False),
        ({29: '""'}, {}, False),
        ({30: '""'}, {}, False),
        ({29: "20260101", 30: "N"}, {"deceasedDateTime": "2026-01-01"}, True),  # who says a day means it
        ({}, {}, None),
    ],
)
def test_a_death_is_told_or_taken_back(fields: Fields, element: dict[str, object], flag: bool | None) -> None:
    said = person(fields)
    entry = said.entry("Patient/H1001")
    assert {name: one for name, one in entry.resource.items() if name.startswith("deceased")} == element
    assert said.flags.get(FlagKind.DECEASED) == flag
    assert ("deceasedDateTime" in entry.keeps) is (not fields)
    assert said.findings == []


@pytest.mark.parametrize(
    ("fields", "warned", "flag"), [({30: "U"}, ["PID-30"], None), ({29: "20261301"}, ["PID-29"], True)]
)
def test_what_is_not_understood_of_a_death_leaves_what_was_known_and_is_told(
    fields: Fields, warned: list[str], flag: bool | None
) -> None:
    """Else somebody of whom a day was told would be alive again in FHIR, and nobody would know why."""
    said = person(fields)
    assert {"deceasedBoolean", "deceasedDateTime"} <= set(said.entry("Patient/H1001").keeps)
    assert said.warned == warned
    assert said.flags.get(FlagKind.DECEASED) == flag


def test_the_date_of_a_death_is_the_subjects() -> None:
    assert about({29: "202601012330"}).death_date == date(2026, 1, 1)


@pytest.mark.parametrize("pd1_3", ["CANAL SURGERY^^M92002", "CANAL SURGERY^^^^^^^^^M92002"])
def test_the_practice_is_known_by_its_ods_code_in_either_place(pd1_3: str) -> None:
    entry = person(None, segment("PD1", {3: pd1_3})).entry("Patient/H1001/gp-practice")
    assert entry.resource["generalPractitioner"][0] == {
        "identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "M92002"},
        "display": "CANAL SURGERY",
    }


def test_a_practice_without_an_ods_code_is_kept_by_name() -> None:
    said = person(None, segment("PD1", {3: "CANAL SURGERY^^not a code"}))
    practice = said.entry("Patient/H1001/gp-practice")
    assert practice.resource["generalPractitioner"] == [{"display": "CANAL SURGERY"}]
    assert said.warned == ["PD1-3"]


def test_a_practice_may_be_deleted_and_the_gp_stay() -> None:
    said = person(None, segment("PD1", {3: '""'}))
    assert said.entry("Patient/H1001/gp-practice").resource == {"resourceType": "Patient"}
    assert "Patient/H1001/general-practitioner" not in said.keys


def test_a_named_gp_may_be_deleted() -> None:
    entry = person(None, segment("PD1", {4: '""'})).entry("Patient/H1001/general-practitioner")
    assert "participant" not in entry.resource


# Contacts


def contact(fields: Fields) -> Heard:
    return person(None, segment("NK1", {2: "FERRANTE^LUCA", 3: "09", **fields}))


@pytest.mark.parametrize(
    ("nk1_3", "words", "code"),
    [("09", "Child", "CHILD"), ("9", "Child", "CHILD"), ("SPO", "Spouse", "SPS"), ("20", "Carer", "Carer")],
)
def test_a_relationship_is_read_as_the_nhs_or_hl7_writes_it(nk1_3: str, words: str, code: str) -> None:
    entry = contact({3: nk1_3}).entries[-1]
    assert (entry.title, entry.resource["relationship"][0]["coding"][0]["code"]) == (words, code)


def test_an_unknown_relationship_is_kept_in_the_senders_words_and_told() -> None:
    said = contact({3: "LP^Landlord"})
    assert (said.entries[-1].title, said.warned) == ("Landlord", ["NK1-3"])


def test_a_relationship_may_be_in_words_alone_or_not_told() -> None:
    assert contact({3: "^Neighbour"}).entries[-1].title == "Neighbour"
    assert contact({3: ""}).entries[-1].title == "Personal contact"


@pytest.mark.parametrize("role", ["N", "NOK", "NK^NEXT OF KIN"])
def test_a_next_of_kin_is_known_beside_how_they_are_related(role: str) -> None:
    entry = contact({7: role}).entries[-1]
    assert entry.title == "Child, next of kin"
    assert [one["coding"][0]["code"] for one in entry.resource["relationship"]] == ["CHILD", "N"]
    assert contact({3: "", 7: role}).entries[-1].title == "Next of kin"


def test_another_role_is_kept_and_told() -> None:
    said = contact({7: "E^Employer"})
    assert (said.entries[-1].title, said.warned) == ("Child, Employer", ["NK1-7"])


def test_a_contact_locates_and_is_hidden_whole() -> None:
    assert contact({4: "2 CANAL SIDE^^^^WV2 2BB^^H"}).entries[-1].sensitivity is Sensitivity.LOCATING


def test_a_contact_keeps_its_key_wherever_it_stands_in_the_message() -> None:
    first = person(None, "NK1|1|FERRANTE^LUCA|09", "NK1|2|HELP^ANN|20").keys[-2:]
    second = person(None, "NK1|1|HELP^ANN|20", "NK1|2|FERRANTE^LUCA|09").keys[-2:]
    assert first == second[::-1]


def test_a_contact_without_a_name_is_passed_over() -> None:
    assert len(person(None, "NK1|1").entries) == 1


def test_a_contact_that_ended_is_past() -> None:
    entry = contact({8: "20200101", 9: "20250101"}).entries[-1]
    assert (entry.standing, entry.resource["period"]) == (Standing.ENDED, {"start": "2020-01-01", "end": "2025-01-01"})


def test_what_a_message_does_not_say_of_a_contact_stays() -> None:
    assert contact({5: "01632 960004"}).entries[-1].keeps == ("address", "gender", "birthDate", "period")


# Consent and hidden location (ZU8)


@pytest.mark.parametrize(
    ("zu8_2", "dissent", "title"),
    [
        ("1", False, "Agrees to sharing from the hospital"),
        ("2", True, "Objects to sharing from the hospital"),
        ('""', False, "Consent to sharing from the hospital is implied"),
    ],
)
def test_consent_is_told_as_a_flag_and_as_an_entry(zu8_2: str, dissent: bool, title: str) -> None:
    said = person(None, segment("ZU8", {2: zu8_2}))
    assert said.flags == {FlagKind.DISSENT: dissent}
    assert said.entry("Consent/H1001").title == title
    assert said.entry("Consent/H1001").category == "sharing-preferences"


@pytest.mark.parametrize("zu8_2", ["", "3"])
def test_a_consent_that_is_not_known_changes_nothing(zu8_2: str) -> None:
    said = person(None, segment("ZU8", {2: zu8_2}))
    assert (said.flags, "Consent/H1001" in said.keys, said.warned) == ({}, False, [])


def test_a_consent_that_is_not_understood_changes_nothing_and_is_told() -> None:
    said = person(None, segment("ZU8", {2: "7"}))
    assert (said.flags, said.warned) == ({}, ["ZU8-2"])


@pytest.mark.parametrize(("zu8_4", "hidden"), [("0", False), ("1", True), ("2", True), ('""', False)])
def test_a_hidden_location_is_raised_and_lowered(zu8_4: str, hidden: bool) -> None:
    assert person(None, segment("ZU8", {4: zu8_4})).flags == {FlagKind.LOCATION_RESTRICTED: hidden}


def test_a_location_marker_that_is_not_understood_hides() -> None:
    said = person(None, segment("ZU8", {4: "S"}))
    assert (said.flags, said.warned) == ({FlagKind.LOCATION_RESTRICTED: True}, ["ZU8-4"])


def test_the_flags_of_a_result_are_heeded_too() -> None:
    report = segment("OBR", {3: "L-1", 4: "FBC^Full blood count^L"})
    assert hear(message("ORU^R01", pid(), report, "ZU8||||2")).flags == {FlagKind.LOCATION_RESTRICTED: True}


# Merges


def merge(trigger: str, *segments: str) -> Heard:
    return hear(message(f"ADT^{trigger}", *segments))


@pytest.mark.parametrize(
    ("trigger", "kind"), [("A34", MergeKind.MERGE), ("A40", MergeKind.MERGE), ("A47", MergeKind.CHANGE_ID)]
)
def test_pid_3_survives_and_mrg_1_is_retired(trigger: str, kind: MergeKind) -> None:
    change = merge(trigger, pid(), "MRG|H0999^^^RL4^MR").change
    assert (change.kind, change.surviving.local_id, change.retired.local_id) == (kind, "H1001", "H0999")
    assert change.recorded == datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_a_merge_says_nothing_of_demographics() -> None:
    said = merge("A40", pid({5: "OTHER^NAME", 8: "1"}), "MRG|H0999^^^RL4^MR")
    assert said.statements == []
    assert said.change.surviving.family_name is None


def test_one_message_may_hold_several_merges() -> None:
    said = merge("A40", pid(), "MRG|H0999^^^RL4^MR", pid({3: "H2^^^RL4^MR"}), "MRG|H1^^^RL4^MR")
    assert len(said.utterances) == 2


@pytest.mark.parametrize("segments", [(pid(),), (pid(), "MRG|"), (pid({3: ""}), "MRG|H0999^^^RL4^MR")])
def test_a_merge_that_does_not_name_both_sides_is_refused(segments: tuple[str, ...]) -> None:
    assert merge("A40", *segments).refused == ["MRG-1"]


def test_a_merge_of_a_number_with_itself_is_refused() -> None:
    assert merge("A40", pid(), "MRG|H1001^^^RL4^MR").refused == ["MRG-1"]


def test_a_merge_without_a_pid_says_nothing() -> None:
    assert merge("A40", "MRG|H0999^^^RL4^MR", pv1()).utterances == []


def test_a_visit_moves_to_another_visit() -> None:
    change = merge("A42", pid(), segment("MRG", {5: "V1/2"}), pv1(number="V2")).change
    assert change.kind is MergeKind.MOVE_VISIT
    assert change.keys == (("Encounter/V1%2F2", "Encounter/V2"),)
    assert change.retired.local_id == change.surviving.local_id == "H1001"


@pytest.mark.parametrize(("old", "new"), [("", "V2"), ("V1", ""), ("V1", "V1")])
def test_a_move_that_does_not_name_two_visits_is_refused(old: str, new: str) -> None:
    said = merge("A42", pid(), segment("MRG", {5: old}), pv1(number=new))
    assert (said.refused, said.findings[0].severity) == (["MRG-5"], Severity.REFUSED)


# One person in message after message


def test_what_is_wrong_with_a_person_is_told_of_each_message_that_repeats_it() -> None:
    faulty = pid({3: "H1001^^^RL4^MR~9990001007^^^NHS^NH", 7: "19451399", 15: "punjabi"})
    said = hear(message("ADT^A31", faulty) + message("ADT^A28", faulty) + message("ADT^A31", pid()))

    told = [(finding.rule, finding.line) for finding in said.findings]
    assert sorted(told) == [(rule, line) for rule in ("PID-15", "PID-7", "nhs-number") for line in (1, 2)]


def test_messages_say_the_same_together_as_alone() -> None:
    people = [pid({7: "19400229", 11: "1 Canal Street^^Wulfrun^^ZX1 1AA"}), pid({5: "Ferrante^Rosa", 30: "Y"}), pid()]
    status = [segment("ZU1", {27: code}) for code in ("01", "02", "")]
    messages = [message("ADT^A31", one, *zu1) for one in people for zu1 in ((), *((one,) for one in status))]
    alone = [hear(one).statement for one in messages]

    together = hear("".join(messages * 2)).statements
    assert [replace(one, line=1, entries=on_line_1(one)) for one in together] == alone * 2


def on_line_1(statement: Statement) -> tuple[Entry, ...]:
    return tuple(replace(entry, line=1) for entry in statement.entries)
