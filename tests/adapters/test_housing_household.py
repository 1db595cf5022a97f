"""Persons of a household: each on their own record, and on the tenant's no more than that they are there."""

from typing import Any

import pytest

from app.adapters.housing.facts.persons import name_parts
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Standing, Tracing
from tests.adapters.heard import Heard
from tests.adapters.housing_feed import SON, TENANCY, TENANT, everything_in, hear, hear_rows, hear_sample, hear_tables

MEMBER = "household-member:18"


def household(**son: Any) -> Heard:
    return hear_tables(tenant_person=[TENANT], tenancy=[TENANCY], household_member_person=[{**SON, **son}])


def test_the_father_sees_that_his_son_lives_there_and_nothing_of_him() -> None:
    said = hear_sample("household.json")
    of_the_father = " ".join(everything_in(entry) for entry in said.of("17"))
    [contact] = [entry for entry in said.of("17") if entry.category == "contacts"]
    assert contact.title == "Lives in the same household: Son"
    assert contact.resource["name"] == [{"text": "Darren Hallam"}]
    for of_the_son in ("Drinks", "MH1.08", "RiskAssessment", "1971-11-02"):
        assert of_the_son not in of_the_father


def test_a_contact_locates_for_who_lives_with_a_person_tells_where() -> None:
    assert household().entry("RelatedPerson/18/17").sensitivity is Sensitivity.LOCATING


def test_what_is_said_of_the_son_stands_on_his_own_record() -> None:
    said = hear_sample("household.json").of(MEMBER)
    assert {entry.category for entry in said} == {"demographics", "address", "alerts", "risks"}


def test_vulnerability_in_free_text_is_restricted_and_its_existence_is_not() -> None:
    said = household(vulnerability_details="Drinks heavily")
    assert said.entry(f"Flag/vulnerable/{MEMBER}").sensitivity is Sensitivity.NORMAL
    assert "Drinks" not in everything_in(said.entry(f"Flag/vulnerable/{MEMBER}"))
    details = said.entry(f"Flag/vulnerable/details/{MEMBER}")
    assert (details.sensitivity, details.detail) == (Sensitivity.RESTRICTED, "Drinks heavily")


@pytest.mark.parametrize(
    ("word", "fhir", "warned"),
    [
        ("Completed", "final", []),
        ("not started", "registered", []),
        ("Amber", "unknown", ["housing household_member_person.risk_assessment_status"]),
        ("", "unknown", []),
    ],
)
def test_a_risk_assessment_is_told_by_status_and_date(word: str, fhir: str, warned: list[str]) -> None:
    said = household(risk_assessment_status=word, risk_assessment_date="2026-01-12")
    assessment = said.entry(f"RiskAssessment/18/{MEMBER}")
    assert (assessment.resource["status"], assessment.detail) == (fhir, word)
    assert assessment.started == assessment.ended
    assert said.warned == warned


def test_member_17_is_not_tenant_17() -> None:
    said = household(household_member_id=17)
    assert {statement.subject.local_id for statement in said.statements} == {"17", "household-member:17"}


def test_an_alert_that_could_be_about_either_is_refused() -> None:
    alert = {"person_id": 17, "alert_subcode": "MED1.01", "start_date": "2024-03-01"}
    said = hear_tables(
        tenant_person=[TENANT], household_member_person=[{**SON, "household_member_id": 17}], person_alert=[alert]
    )
    assert said.refused == ["housing person_alert.person_id"]


@pytest.mark.parametrize("person_id", ["17", MEMBER, "18"])
def test_an_alert_finds_its_person_in_the_document(person_id: str) -> None:
    alert = {"person_id": person_id, "alert_subcode": "MED1.01", "start_date": "2024-03-01"}
    said = hear_tables(tenant_person=[TENANT], household_member_person=[SON], person_alert=[alert])
    about = "17" if person_id == "17" else MEMBER
    assert f"Flag/alert/MED1.01/{about}" in {entry.key for entry in said.of(about)}


def test_an_alert_about_nobody_in_the_document_is_refused() -> None:
    said = hear_tables(person_alert=[{"person_id": 3, "alert_subcode": "MED1.01", "start_date": "2024-03-01"}])
    assert said.refused == ["housing person_alert.person_id"]


def test_where_the_source_counts_all_persons_together_its_number_is_the_local_id() -> None:
    said = household(person_id="P9")
    assert "P9" in {statement.subject.local_id for statement in said.statements}


def test_a_tenant_of_whom_only_the_number_is_known_keeps_it() -> None:
    said = hear_tables(tenancy=[TENANCY])
    [tenant] = [statement.subject for statement in said.statements]
    assert (tenant.local_id, tenant.family_name) == ("17", None)


def test_a_row_may_name_its_tenant_alone() -> None:
    said = hear_tables(adaptation=[{"adaptation_id": 1, "tenant_id": 17, "works_type": "Stairlift"}])
    assert [entry.key for entry in said.of("17")] == ["Task/adaptation/1/17"]


def test_a_member_without_a_tenancy_is_told_of_alone() -> None:
    said = hear_tables(household_member_person=[{**SON, "tenancy_id": None}])
    assert [entry.key for entry in said.entries] == [f"Patient/{MEMBER}"]


def test_a_member_is_shown_to_the_tenant_that_the_row_names() -> None:
    said = hear_tables(tenant_person=[TENANT], household_member_person=[{**SON, "tenancy_id": None, "tenant_id": 17}])
    assert "RelatedPerson/18/17" in {entry.key for entry in said.of("17")}


def test_whoever_lived_there_lives_there_no_more_when_the_tenancy_is_over() -> None:
    tenancy = {**TENANCY, "tenancy_status": "Ended", "end_date": "2026-06-30"}
    said = hear_tables(tenant_person=[TENANT], tenancy=[tenancy], household_member_person=[SON])
    contact = said.entry("RelatedPerson/18/17")
    assert contact.standing is Standing.ENDED
    assert contact.ended is not None


def test_the_home_of_an_ended_tenancy_is_an_old_address_for_everyone_in_it() -> None:
    tenancy = {**TENANCY, "tenancy_status": "Ended", "address_line": "1 Mill Lane"}
    said = hear_tables(tenant_person=[TENANT], tenancy=[tenancy], household_member_person=[SON])
    homes = [entry for entry in said.entries if entry.category == "address"]
    assert [(home.standing, home.resource["address"][0]["use"]) for home in homes] == [(Standing.ENDED, "old")] * 2


@pytest.mark.parametrize(
    ("full_name", "family", "given"),
    [
        ("Mr Albert James Hallam", "Hallam", ("Albert", "James")),
        ("Rev. Dr. Joan Price", "Price", ("Joan",)),
        ("HALLAM, Mr Albert", "HALLAM", ("Albert",)),
        ("Lord, Jane", "Lord", ("Jane",)),
        ("Jane Lord", "Lord", ("Jane",)),
        ("Cher", "Cher", ()),
        ("Mrs", None, ()),
        ("", None, ()),
        (",", None, ()),
        ("Mr & Mrs A Hallam", None, ()),
        ("Ann and Bob Hallam", None, ()),
    ],
)
def test_a_full_name_is_split_for_matching(full_name: str, family: str | None, given: tuple[str, ...]) -> None:
    assert name_parts(full_name) == (family, given)


def test_the_name_is_shown_as_it_came() -> None:
    said = hear_tables(tenant_person=[{**TENANT, "full_name": "HALLAM, Mr Albert  J"}])
    assert said.entry("Patient/17").resource["name"] == [{"text": "HALLAM, Mr Albert  J"}]


def test_a_joint_name_is_shown_but_is_no_evidence() -> None:
    said = hear_tables(tenant_person=[{**TENANT, "full_name": "Mr & Mrs Hallam"}])
    assert said.warned == ["housing tenant_person.full_name"]
    assert said.statements[0].subject.family_name is None
    assert said.entry("Patient/17").resource["name"] == [{"text": "Mr & Mrs Hallam"}]


def test_contact_details_stand_apart_and_locate() -> None:
    said = hear_tables(tenant_person=[{**TENANT, "phone_number": "07700 900123", "contact_details": "via his son"}])
    telecom = said.entry("Patient/17/telecom")
    assert (telecom.category, telecom.sensitivity) == ("address", Sensitivity.LOCATING)
    assert telecom.detail == "07700 900123; via his son"
    assert "telecom" not in said.entry("Patient/17").resource


@pytest.mark.parametrize(
    ("flag", "status", "standing"), [(True, "active", Standing.CURRENT), (False, "inactive", Standing.ENDED)]
)
def test_a_vulnerability_flag_is_told_and_taken_back(flag: bool, status: str, standing: Standing) -> None:
    said = hear_tables(tenant_person=[{**TENANT, "vulnerability_flag": flag}]).entry("Flag/vulnerable/17")
    assert (said.resource["status"], said.standing) == (status, standing)


def test_a_flag_that_is_neither_yes_nor_no_is_not_read() -> None:
    said = hear_tables(tenant_person=[{**TENANT, "vulnerability_flag": "perhaps"}])
    assert said.warned == ["housing tenant_person.vulnerability_flag"]
    assert [entry.key for entry in said.entries] == ["Patient/17"]


def test_an_nhs_number_is_used_where_a_council_holds_one() -> None:
    said = hear_rows({"record_type": "tenant_person", "nhs_number": "999 100 0038", "nhs_number_status": "1"})
    [subject] = [statement.subject for statement in said.statements]
    assert subject.nhs_number is not None
    assert (subject.nhs_number.digits, subject.tracing) == ("9991000038", Tracing.VERIFIED)
    assert said.entry("Patient/P1").resource["identifier"][0]["value"] == "9991000038"


def test_an_nhs_number_that_lost_its_leading_zero_is_mended() -> None:
    said = hear_rows({"record_type": "tenant_person", "nhs_number": "123456800"})
    assert said.statements[0].subject.nhs_number is not None


@pytest.mark.parametrize("number", ["9.99E+09", "9991000039", "0000000000", "12"])
def test_an_nhs_number_that_cannot_be_one_is_left_out_and_the_row_is_read(number: str) -> None:
    said = hear_rows({"record_type": "tenant_person", "nhs_number": number, "full_name": "Ann Hall"})
    assert said.warned == ["nhs-number"]
    assert said.statements[0].subject.nhs_number is None
    assert said.entries
    assert number not in said.findings[0].text


def test_a_tracing_status_that_is_none_is_treated_as_not_traced() -> None:
    said = hear_rows({"record_type": "tenant_person", "nhs_number_status": "99"})
    assert said.warned == ["housing tenant_person.nhs_number_status"]
    assert said.statements[0].subject.tracing is Tracing.UNSTATED


def test_a_table_that_is_not_known_is_told_of_by_name() -> None:
    assert hear_tables(rent_account=[{}]).warned == ["housing rent_account"]


def test_a_table_whose_name_may_be_a_persons_is_told_of_without_it() -> None:
    assert hear_tables(**{"Mr Albert Hallam 1943": [{}]}).warned == ["housing one"]


def test_tables_that_we_chose_not_to_hold_are_passed_over() -> None:
    said = hear_sample("household.json")
    assert said.findings == []
    assert "C1942" not in " ".join(map(everything_in, said.entries))


def test_a_document_that_is_refused_does_not_take_the_next_with_it() -> None:
    said = hear(b'{"tenant_person": {"tenant_id": 1}}\n{"tenant_person": NaN}\n{"tenant_person": {"tenant_id": 3}}\n')
    assert said.refused == ["json-syntax"]
    assert [statement.line for statement in said.statements] == [1, 3]


def test_what_is_no_row_is_refused_by_itself() -> None:
    said = hear_tables(tenant_person=["Albert", TENANT])
    assert said.refused == ["housing tenant_person"]
    assert len(said.statements) == 1


def test_an_address_whose_number_is_no_number_is_not_mistaken_for_another() -> None:
    said = hear_tables(
        tenant_person=[TENANT],
        tenancy=[{**TENANCY, "address_id": ["x"]}, {**TENANCY, "tenancy_id": "T2"}],
        address=[{"address_id": None, "address_line": "1 Mill Lane"}, {"address_line": "2 Mill Lane"}],
    )
    assert [entry for entry in said.entries if entry.category == "address"] == []


def test_what_is_no_text_is_not_read_and_told_of() -> None:
    said = hear(b'{"tenant_person": [{"tenant_id": 17, "full_name": {"first": "Albert"}, "email": true}]}')
    assert said.warned == ["housing tenant_person.full_name", "housing tenant_person.email"]


def test_control_characters_are_left_out_and_told_of() -> None:
    said = hear(b'{"tenant_person": {"tenant_id": 17, "full_name": "Al\\u0000bert \\ud800Hallam"}}')
    assert said.entry("Patient/17").resource["name"] == [{"text": "Albert Hallam"}]
    assert said.warned == ["housing tenant_person.full_name"]


def test_nothing_said_shows_a_person_in_a_log() -> None:
    assert "Hallam" not in repr(hear_sample("household.json").utterances)
