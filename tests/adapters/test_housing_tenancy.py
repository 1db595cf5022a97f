"""Tenancies: open or over, of whom, where, and whether they are a reason to ask."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Standing
from tests.adapters.heard import Heard
from tests.adapters.housing_feed import SON, TENANCY, TENANT, everything_in, hear, hear_sample, hear_tables

EPISODE = "EpisodeOfCare/tenancy/T1/17"
ADDRESS = {
    "address_id": 5,
    "uprn": "010000000042",
    "building_number": "12",
    "street_name": "Canal Street",
    "floor": 1,
    "city_name": "Wolverhampton",
    "post_code": "WV1 1AA",
}


def heard(**fields: Any) -> Heard:
    return hear_tables(tenant_person=[TENANT], tenancy=[{**TENANCY, **fields}], address=[ADDRESS])


def test_a_tenancy_is_an_episode_with_the_landlord() -> None:
    said = heard(tenancy_type="AssuredShorthold", tenancy_status="Active").entry(EPISODE)
    assert said.title == "Tenancy: Assured shorthold, since 20 February 2006"
    assert said.detail == ""
    assert said.category == "tenancy"
    assert said.sensitivity is Sensitivity.NORMAL
    assert said.resource["status"] == "active"
    assert said.resource["managingOrganization"]["identifier"]["value"] == "HSG01"


def test_a_type_that_says_tenancy_is_not_told_twice() -> None:
    assert heard(tenancy_type="Introductory tenancy").entry(EPISODE).title.startswith("Introductory tenancy, since")
    assert heard().entry(EPISODE).title == "Tenancy: type not told, since 20 February 2006"


def test_the_home_stands_apart_from_the_tenancy_and_locates() -> None:
    said = heard(address_id=5)
    home = said.entry("Patient/17/address/T1")
    assert (home.category, home.sensitivity) == ("address", Sensitivity.LOCATING)
    assert home.title == "12 Canal Street, Floor 1, Wolverhampton, WV1 1AA"
    [address] = home.resource["address"]
    assert address["line"] == ["12 Canal Street", "Floor 1"]
    assert address["extension"][0]["extension"][1] == {"url": "value", "valueString": "10000000042"}
    for word in ("Canal", "WV1", "10000000042"):
        assert word not in everything_in(said.entry(EPISODE))


def test_the_home_and_the_name_are_evidence_of_who_it_is() -> None:
    [said] = heard(address_id=5).statements
    assert said.subject.local_id == "17"
    assert (said.subject.family_name, said.subject.given_names) == ("Hallam", ("Albert",))
    assert said.subject.birth_date == date(1943, 5, 14)
    assert (said.subject.postcode, said.subject.uprn) == ("WV1 1AA", "10000000042")
    assert said.subject.nhs_number is None


def test_identifiers_are_the_same_as_numbers_and_as_text() -> None:
    as_numbers = hear(b'{"tenant_person": {"tenant_id": 17}, "tenancy": {"tenancy_id": 4, "tenant_id": "17"}}')
    as_text = hear(b'{"tenant_person": {"tenant_id": "17"}, "tenancy": {"tenancy_id": "4", "tenant_id": 17}}')
    assert as_numbers == as_text
    assert [said.subject.local_id for said in as_numbers.statements] == ["17"]


@pytest.mark.parametrize("never", ["9999-12-31", "2099-12-31", "2079-06-06T00:00:00", "1900-01-01", "31/12/9999", None])
def test_an_end_date_that_only_fills_a_column_leaves_the_tenancy_open(never: str | None) -> None:
    said = heard(end_date=never)
    assert said.entry(EPISODE).ended is None
    assert said.entry(EPISODE).standing is Standing.CURRENT
    assert [relationship.ended for relationship in said.relationships.values()] == [None]


def test_an_end_date_that_is_known_ends_the_relationship_after_its_last_day() -> None:
    said = heard(end_date="2026-06-30", tenancy_status="Active")
    assert said.entry(EPISODE).ended == datetime(2026, 6, 29, 23, tzinfo=UTC)
    [relationship] = said.relationships.values()
    assert (relationship.kind, relationship.key) == ("tenancy", "tenancy/T1/17")
    assert relationship.ended == datetime(2026, 6, 30, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "fhir", "standing"),
    [
        ("Active", "active", Standing.CURRENT),
        ("paused", "onhold", Standing.CURRENT),
        ("TERMINATED", "finished", Standing.ENDED),
        ("Cancelled", "cancelled", Standing.ENDED),
        ("Pending", "planned", Standing.PLANNED),
    ],
)
def test_the_landlords_status_is_told(status: str, fhir: str, standing: Standing) -> None:
    said = heard(tenancy_status=status).entry(EPISODE)
    assert said.resource["status"] == fhir
    assert said.standing is standing


def test_a_tenancy_over_without_a_date_closes_the_relationship() -> None:
    [relationship] = heard(tenancy_status="Ended").relationships.values()
    assert relationship.ended == relationship.started


def test_a_tenancy_of_a_status_not_met_before_is_shown_but_is_no_reason_to_ask() -> None:
    said = heard(tenancy_status="Void - keys back")
    [relationship] = said.relationships.values()
    assert relationship.ended == relationship.started
    assert said.entry(EPISODE).detail == "the landlord's word for it: Void - keys back"
    assert said.warned == ["housing tenancy.tenancy_status"]


def test_a_tenancy_that_is_only_planned_is_no_reason_to_ask() -> None:
    assert heard(tenancy_status="Pending").relationships == {}


def test_a_tenancy_without_a_start_is_shown_but_is_no_reason_to_ask() -> None:
    said = heard(start_date=None)
    assert said.entry(EPISODE).started is None
    assert said.relationships == {}
    assert said.warned == ["housing tenancy.start_date"]


def test_a_tenancy_whose_date_is_in_month_13_is_refused_and_the_person_stays() -> None:
    said = heard(start_date="2006-13-20")
    assert said.refused == ["housing tenancy.start_date"]
    assert [entry.key for entry in said.entries] == ["Patient/17"]


def test_a_tenancy_that_ends_before_it_starts_is_refused() -> None:
    assert heard(end_date="2001-01-01").refused == ["housing tenancy.end_date"]


def test_a_tenancy_without_an_identifier_is_refused() -> None:
    assert heard(tenancy_id=" ").refused == ["housing tenancy.tenancy_id"]


def test_joint_tenants_hold_the_tenancy_each_on_their_own_record() -> None:
    said = hear_tables(
        tenant_person=[TENANT], tenancy=[TENANCY], household_member_person=[{**SON, "is_contract_holder": True}]
    )
    held = {entry.key for entry in said.entries if entry.category == "tenancy"}
    assert held == {EPISODE, "EpisodeOfCare/tenancy/T1/household-member:18"}
    assert len(said.relationships) == 2


def test_a_refuge_is_never_shown_by_default() -> None:
    said = heard(tenancy_type="Refuge licence", address_id=5)
    assert said.entry(EPISODE).sensitivity is Sensitivity.DOMESTIC_ABUSE
    assert said.entry("Patient/17/address/T1").sensitivity is Sensitivity.DOMESTIC_ABUSE


def test_the_current_home_is_the_evidence_where_there_was_another_before() -> None:
    said = hear_tables(
        tenant_person=[TENANT],
        tenancy=[
            {
                **TENANCY,
                "tenancy_id": "T0",
                "end_date": "2006-02-19",
                "start_date": "1990-01-01",
                "post_code": "WV9 9ZZ",
            },
            {**TENANCY, "tenancy_id": "T2", "tenancy_status": "Ended", "post_code": "WV8 8ZZ"},
            {**TENANCY, "post_code": "WV1 1AA"},
        ],
    )
    assert [statement.subject.postcode for statement in said.statements] == ["WV1 1AA"]


def test_a_uprn_that_a_spreadsheet_rounded_is_left_out() -> None:
    said = heard(address_line="1 Mill Lane", uprn="1.00E+11")
    assert said.warned == ["housing tenancy.uprn"]
    assert said.statements[0].subject.uprn is None


def test_a_home_known_by_its_uprn_alone_is_told_as_such() -> None:
    assert (
        heard(uprn="100071400003").entry("Patient/17/address/T1").title == "Home known by its property reference alone"
    )


def test_a_tenure_of_a_councils_api_says_the_same_things() -> None:
    said = hear_sample("tenures.ndjson")
    assert said.findings == []
    joint = [relationship.key.rpartition("/")[2] for relationship in said.relationships.values()]
    assert sorted(joint) == ["p-1", "p-2", "p-4"]
    secure = said.entry("EpisodeOfCare/tenancy/5f0c0a1e-1111-4a6e-9f5e-000000000001/p-1")
    assert secure.title == "Tenancy: Secure, since 7 June 2011"  # 23:00 in UTC is the next day in London
    over = said.entry("EpisodeOfCare/tenancy/5f0c0a1e-1111-4a6e-9f5e-000000000002/p-4")
    assert over.standing is Standing.ENDED
    assert said.of("p-4")[1].detail == "temporary accommodation; License Temp Ac"


def test_a_birth_date_that_only_fills_a_column_is_no_evidence() -> None:
    [born] = [said.subject for said in hear_sample("tenures.ndjson").statements if said.subject.local_id == "p-4"]
    assert born.birth_date is None


def test_a_tenure_that_is_still_temporary_accommodation_gives_a_temporary_address() -> None:
    tenure = {
        "id": 9,
        "householdMembers": [{"id": 1, "fullName": "Ade Bright", "isResponsible": True}],
        "tenuredAsset": {"fullAddress": "Room 4, Park Road", "isTemporaryAccommodation": True},
        "startOfTenureDate": "2025-11-03",
    }
    [home] = [entry for entry in hear(json.dumps(tenure).encode()).entries if entry.category == "address"]
    assert home.resource["address"][0]["use"] == "temp"


def test_an_organisation_in_a_household_is_refused_and_is_nobody() -> None:
    tenure = {
        "id": 9,
        "tenuredAsset": {},
        "householdMembers": [{"id": 1, "type": "Organisation", "isResponsible": True}],
    }
    said = hear(json.dumps(tenure).encode())
    assert said.statements == []
    assert "housing household_member_person" in said.refused


@pytest.mark.parametrize("given", ["n/a", "WV1", "12 Mill Lane WV1 1AA"])
def test_what_is_no_postcode_is_no_evidence(given: str) -> None:
    said = heard(address_line="1 Mill Lane", post_code=given)
    assert said.warned == ["housing tenancy.post_code"]
    assert said.statements[0].subject.postcode is None
    assert said.entry("Patient/17/address/T1").resource["address"][0]["postalCode"] == given


@pytest.mark.parametrize(
    "shape",
    [
        {"householdMembers": ["nobody", None, 3]},
        {"householdMembers": "nobody", "tenuredAsset": 5, "notices": [None, "x"], "terminated": []},
        {"tenuredAsset": {}, "tenureType": "SEC", "notices": {"type": "x"}},
    ],
)
def test_a_tenure_of_a_strange_shape_is_refused_row_by_row(shape: dict[str, Any]) -> None:
    said = hear(json.dumps({"id": "x", **shape}).encode())
    assert said.statements == []
    assert said.refused
