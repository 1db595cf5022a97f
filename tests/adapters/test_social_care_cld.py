"""Adult social care's Client Level Data: what a council's nightly extract says, and what it never tells."""

import io
import tracemalloc
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.delimited import spelling
from app.adapters.registry import adapter
from app.adapters.social_care_cld import ADAPTER
from app.adapters.social_care_cld.events import read_event
from app.adapters.social_care_cld.headings import HEADINGS, EventRow
from app.adapters.social_care_cld.values import LISTS, value
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.london import london_midnight
from app.vocabulary.statement import (
    Complete,
    Finding,
    Relationship,
    Sender,
    Severity,
    Standing,
    Statement,
    Tracing,
    UnreadableMessage,
)
from tests.adapters.social_care_extract import (
    ASSESSMENT,
    CARER,
    COUNCIL,
    REQUEST,
    REVIEW,
    ROW,
    SAMPLES,
    check_fhir,
    completes,
    entries,
    entry,
    everything,
    extract,
    findings,
    read,
    relationships,
    said,
    statements,
)

RELEASE_1 = (SAMPLES / "release_1.csv").read_bytes()
RELEASE_2 = (SAMPLES / "release_2.csv").read_bytes()
JUNE_23 = datetime(2025, 6, 22, 23, tzinfo=UTC)  # midnight in British Summer Time


def test_it_is_found_by_its_name() -> None:
    assert adapter("social-care-cld") is ADAPTER


def test_it_covers_what_it_states() -> None:
    assert ADAPTER.covers == {one.category for one in entries(read(RELEASE_1) + read(RELEASE_2))}


# The two releases


def test_the_samples_are_read_without_a_refusal() -> None:
    for sample in (RELEASE_1, RELEASE_2):
        assert findings(read(sample), Severity.REFUSED) == []


def test_everything_in_the_samples_is_fhir() -> None:
    found = entries(read(RELEASE_1) + read(RELEASE_2))
    assert {one.resource["resourceType"] for one in found} == {
        "Patient",
        "Observation",
        "ServiceRequest",
        "Encounter",
        "EpisodeOfCare",
        "RelatedPerson",
    }
    for one in found:
        check_fhir(one)


def test_release_1_headings_in_the_published_order_tell_a_persons_name() -> None:
    arthur = statements(read(RELEASE_1))[0].subject
    assert (arthur.family_name, arthur.given_names, arthur.birth_date) == ("Penn", ("Arthur",), date(1941, 3, 14))
    assert (arthur.gender, arthur.postcode, arthur.local_id) == ("male", "WV1 1AA", "10001")


def test_release_2_fields_in_any_order_are_the_same_fields() -> None:
    ruth = statements(read(RELEASE_2))[0].subject
    assert (ruth.family_name, ruth.local_id, ruth.birth_date) == (None, "20001", date(1988, 7, 19))
    assert entry(read(extract({})), "care-packages").title == "Home support or domiciliary care"


def test_where_release_2_is_silent_on_a_name_the_name_that_was_known_stays() -> None:
    assert "name" in entries(read(RELEASE_2), "demographics")[0].keeps
    assert "name" not in entries(read(RELEASE_1), "demographics")[0].keeps


@pytest.mark.parametrize(
    ("field", "release_1", "release_2"),
    [
        ("outcome", "NFA - Deceased", "NFA: Deceased"),
        ("client_type", "Carer", "Unpaid carer"),
        ("service_type", "CARER SUPPORT – DIRECT TO CARER", "Unpaid carer support: Direct to unpaid carer"),
        ("outcome", "Progress to Support Planning / Services", "Progress to support planning or services"),
        ("accommodation", "Tenant - private landlord", "Tenant: Private landlord"),
    ],
)
def test_a_release_1_wording_means_its_release_2_value(field: str, release_1: str, release_2: str) -> None:
    assert value(field, release_1).code == value(field, release_2).code == release_2


def test_no_wording_stands_for_two_values_of_a_list() -> None:
    for wordings in LISTS.values():
        spelt = [spelling(wording) for release_2, others in wordings.items() for wording in (release_2, *others)]
        assert len(spelt) == len(set(spelt))


def test_changing_from_release_1_to_release_2_makes_no_second_event() -> None:
    old = said({"Service Type": "LONG TERM SUPPORT - COMMUNITY", "Client Type": "Service User"})
    assert entry(old, "care-packages").key == entry(said({}), "care-packages").key


def test_the_words_that_were_sent_are_kept_beside_the_code() -> None:
    (concept, *_) = entry(said({"Service Type": "LONG TERM SUPPORT - COMMUNITY"}), "care-packages").resource["type"]
    assert concept["text"] == "LONG TERM SUPPORT - COMMUNITY"
    assert concept["coding"][0]["code"] == "Long term support: Community"


def test_a_value_outside_its_list_is_kept_as_written_and_told() -> None:
    found = said({"Service Type": "Moon support"})
    assert findings(found) == ["CLD-R1 Service Type"]
    assert entry(found, "care-packages").resource["type"][0] == {"text": "Moon support"}


# Whose it is


def test_an_nhs_number_has_no_tracing_status_in_this_format() -> None:
    (who, *_) = statements(said({"NHS Number": "999 003 7000"}))
    assert who.subject.nhs_number is not None
    assert (who.subject.nhs_number.digits, who.subject.tracing) == ("9990037000", Tracing.UNSTATED)


@pytest.mark.parametrize("number", ["9.99E+09", "9990037001", "9999999999"])
def test_a_bad_nhs_number_is_a_warning_and_the_row_goes_in_without_it(number: str) -> None:
    found = said({"NHS Number": number})
    assert findings(found, Severity.WARNING) == ["nhs-number"]
    assert {statement.subject.nhs_number for statement in statements(found)} == {None}
    assert entries(found, "care-packages")


def test_a_row_without_an_nhs_number_is_never_dropped_although_another_row_has_it() -> None:
    found = said({}, {"NHS Number": "", "Event Start Date": "2025-07-01"})
    assert findings(found) == ["CLD-R1 NHS Number"]
    assert len(entries(found, "care-packages")) == 2
    assert statements(found)[-1].subject.nhs_number is None
    assert statements(found)[-1].subject.local_id == "10001"


@pytest.mark.parametrize("reference", ["", "1.23E+11"])
def test_a_row_whose_person_cannot_be_told_from_another_is_refused(reference: str) -> None:
    found = said({"LA Person Unique Identifier": reference})
    assert set(findings(found, Severity.REFUSED)) == {"CLD-R1 LA Person Unique Identifier"}
    assert statements(found) == []


def test_a_birth_date_in_month_13_is_a_warning_and_the_person_is_read_without_it() -> None:
    found = said({"Date of Birth": "1965-13-12"})
    assert findings(found) == ["CLD-R1 Date of Birth"]
    assert statements(found)[0].subject.birth_date is None
    assert "birthDate" not in entry(found, "demographics").resource


def test_a_date_of_death_is_told_its_absence_mends_one_told_by_mistake_and_no_date_leaves_what_was_known() -> None:
    for died, raised in (("2025-08-01", True), ("", False), ("32/01/2025", None)):
        flags = {flag.kind: flag.raised for flag in statements(said({"Date of Death": died}))[0].flags}
        assert flags.get(FlagKind.DECEASED) is raised
        keeps = entry(said({"Date of Death": died}), "demographics").keeps
        assert ("deceasedDateTime" in keeps) is (raised is None)
    assert entry(said({"Date of Death": "2025-08-01"}), "demographics").resource["deceasedDateTime"] == "2025-08-01"


# The person


def test_what_is_said_of_a_person_on_every_row_is_told_once() -> None:
    found = said({}, {"Event Start Date": "2025-07-01"}, {"Event Start Date": "2025-07-02"})
    assert len(entries(found, "demographics")) == len(entries(found, "support-reason")) == 1
    assert len(entries(found, "care-packages")) == 3


def test_what_changes_within_a_file_is_told_again() -> None:
    found = said({}, {"Event Start Date": "2025-07-01", "Postcode": "WV2 2BB"}, {"Event Start Date": "2025-07-02"})
    assert [one.resource["address"][0]["postalCode"] for one in entries(found, "address")] == [
        "WV1 1AA",
        "WV2 2BB",
        "WV1 1AA",
    ]


def test_identity_address_and_practice_stand_apart() -> None:
    found = said({"GP Practice Code": "m92001", "GP Practice Name": "The Green Surgery"})
    assert "address" not in entry(found, "demographics").resource
    assert entry(found, "demographics").sensitivity is Sensitivity.NORMAL
    assert entry(found, "address").sensitivity is Sensitivity.LOCATING
    practice = entry(found, "gp-practice")
    assert practice.sensitivity is Sensitivity.LOCATING
    assert practice.resource["generalPractitioner"] == [
        {
            "identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "M92001"},
            "display": "The Green Surgery",
        }
    ]


def test_a_practice_code_of_no_ods_shape_is_shown_as_written() -> None:
    assert entry(said({"GP Practice Code": "not known"}), "gp-practice").resource["generalPractitioner"] == [
        {"display": "not known"}
    ]


def test_an_empty_postcode_or_practice_tells_nothing() -> None:
    found = said({"Postcode": ""})
    assert entries(found, "address") == entries(found, "gp-practice") == []


def test_ethnicity_has_its_nhs_code_only_where_the_lists_mean_the_same() -> None:
    def codes(written: str) -> list[str]:
        (told,) = entry(said({"Ethnicity": written}), "ethnicity").resource["extension"]
        return [coding["code"] for coding in told["valueCodeableConcept"].get("coding", ())]

    assert codes("White: Irish") == ["B", "White: Irish"]
    assert codes("White: Roma") == ["White: Roma"]
    assert codes("Elvish") == []
    assert entry(said({"Ethnicity": "White: Irish"}), "ethnicity").title == "White: Irish"
    assert "extension" not in entry(said({"Ethnicity": "White: Irish"}), "demographics").resource


def test_an_unlisted_gender_is_not_guessed() -> None:
    found = said({"Gender": "M"})
    assert findings(found) == ["CLD-R1 Gender"]
    assert statements(found)[0].subject.gender is None


def test_conditions_and_senses_are_told_under_different_headings() -> None:
    found = said({"Dementia": "Yes", "Autism Spectrum Disorder (ASD)": "No", "Hearing Impairment": "Yes"})
    assert entry(found, "problems").title == "Autism: No; Dementia: Yes"
    assert entry(found, "requirements").title == "Hearing impairment: Yes"


def test_accommodation_tells_where_someone_lives() -> None:
    (home,) = (one for one in entries(said({}), "social-context") if "Accommodation" in one.title)
    assert home.sensitivity is Sensitivity.LOCATING


@pytest.mark.parametrize(
    ("accommodation", "sensitivity"),
    [
        ("Refuge", Sensitivity.DOMESTIC_ABUSE),
        ("Prison / Young offenders institution / detention centre", Sensitivity.RESTRICTED),
        ("Approved premises for offenders released from prison or under probation supervision", Sensitivity.RESTRICTED),
    ],
)
def test_a_refuge_or_a_prison_hides_the_postcode_beside_it_as_well(
    accommodation: str, sensitivity: Sensitivity
) -> None:
    found = said({"Accommodation Status": accommodation, "GP Practice Code": "M92001"})
    telling = [one for one in entries(found) if one.sensitivity is sensitivity]
    assert {one.category for one in telling} == {"social-context", "address", "gp-practice"}
    assert not [one for one in entries(found) if "WV1 1AA" in everything(one) and one not in telling]


def test_a_person_supported_for_two_reasons_has_both_and_no_event_repeats_them() -> None:
    reasons = ("Mental Health Support", "Social Support: Substance misuse support")
    found = said(*({"Primary Support Reason": reason, "Service Component": reason} for reason in reasons))
    assert len({one.key for one in entries(found, "support-reason")}) == 2
    found = said({"Primary Support Reason": "Mental Health Support"})
    assert not [one for one in entries(found) if "Mental" in everything(one) and one.category != "support-reason"]


# Restricted records


@pytest.mark.parametrize(
    ("marker", "raised"), [("Y", True), ("Yes", True), ("1", True), ("N", False), ("", False), ("0", False)]
)
def test_a_restricted_marker_hides_where_the_person_is_in_every_feed(marker: str, raised: bool) -> None:
    found = said({"RESTRICTED_IND": marker}, restricted="RESTRICTED_IND")
    flags = {flag.kind: flag.raised for flag in statements(found)[0].flags}
    assert flags[FlagKind.LOCATION_RESTRICTED] is raised
    assert findings(found) == []


def test_without_a_restricted_marker_nothing_is_said_of_restriction() -> None:
    assert {flag.kind for flag in statements(said({}))[0].flags} == {FlagKind.DECEASED}


@pytest.mark.parametrize("marker", ["see manager", "***"])
def test_a_restricted_marker_that_is_not_understood_restricts(marker: str) -> None:
    found = said({"RESTRICTED_IND": marker}, restricted="RESTRICTED_IND")
    assert findings(found) == ["restricted"]
    assert any(flag.raised for flag in statements(found)[0].flags if flag.kind is FlagKind.LOCATION_RESTRICTED)


def test_a_mapped_column_that_is_missing_refuses_the_file_lest_nobody_be_restricted() -> None:
    with pytest.raises(UnreadableMessage, match="RESTRICTED_IND"):
        said({}, restricted="RESTRICTED_IND")


# Events


def test_a_request_is_a_referral() -> None:
    request = entry(said(REQUEST), "referrals")
    assert request.resource["resourceType"] == "ServiceRequest"
    assert request.title == "Request for adult social care support: Discharge from Hospital"
    assert request.detail == "Outcome: Progress to assessment, review or reassessment"
    assert (request.started, request.ended) == (JUNE_23, london_midnight(date(2025, 6, 25)))


def test_an_assessment_tells_of_eligible_needs_apart() -> None:
    found = said(ASSESSMENT | {"Eligible Needs Identified": "Yes", "Method of Assessment": "Service user and carer"})
    encounter, needs = entries(found, "assessments")
    assert encounter.resource["resourceType"] == "Encounter"
    assert encounter.title == "Social care assessment: Long term assessment"
    assert encounter.detail.endswith("Involved: Service user and carer")
    assert needs.title == "Eligible needs identified: Yes"


def test_an_assessment_that_says_nothing_of_needs_tells_none() -> None:
    assert len(entries(said(ASSESSMENT), "assessments")) == 1


def test_a_review_is_told_with_what_it_achieved() -> None:
    review = entry(said(REVIEW | {"Review Outcomes Achieved": "Partially"}), "care-plans")
    assert review.title == "Review of care and support: Planned"
    assert "Outcomes achieved: Partially" in review.detail


def test_a_review_because_of_a_safeguarding_concern_is_restricted() -> None:
    review = entry(said(REVIEW | {"Review Reason": "Unplanned - Safeguarding concern"}), "care-plans")
    assert review.sensitivity is Sensitivity.RESTRICTED


def test_what_tells_of_a_prison_is_restricted() -> None:
    assert entry(said({"Service Type": "Long term support: Prison"}), "care-packages").sensitivity == "restricted"
    assert entry(said(REQUEST | {"Request: Route of Access": "Prison"}), "referrals").sensitivity == "restricted"


def test_no_further_action_is_said_in_words() -> None:
    assert entry(said(REQUEST | {"Event Outcome": "NFA - Deceased"}), "referrals").detail == (
        "Outcome: No further action - Deceased"
    )


def test_an_open_service_is_a_package_of_care_that_goes_on() -> None:
    package = entry(said({"Planned units per week": "14", "Cost Frequency (Unit Type)": "Hourly"}), "care-packages")
    assert (package.started, package.ended, package.standing) == (JUNE_23, None, Standing.CURRENT)
    assert package.resource["status"] == "active"
    assert package.detail.startswith("14 hours a week planned; Type: ")


@pytest.mark.parametrize(
    ("units", "unit", "told"),
    [
        ("14.0", "Per hour", "14 hours a week planned"),
        ("1", "HOURLY", "1 hour a week planned"),
        ("2.5", "Hourly", "2.5 hours a week planned"),
        ("1", "Weekly", "Planned units a week: 1 (Weekly)"),
        ("7", "", "Planned units a week: 7"),
    ],
)
def test_planned_hours_are_told_as_hours_and_no_other_unit_is_guessed(units: str, unit: str, told: str) -> None:
    package = entry(said({"Planned units per week": units, "Cost Frequency (Unit Type)": unit}), "care-packages")
    assert package.detail.startswith(f"{told}; ")


@pytest.mark.parametrize(
    ("started", "ended", "status", "standing"),
    [
        ("2025-06-23", "2025-09-30", "finished", Standing.ENDED),
        ("2025-06-23", "2025-10-31", "active", Standing.CURRENT),
        ("2025-10-01", "", "planned", Standing.CURRENT),
    ],
)
def test_a_service_stands_as_at_the_end_of_the_files_period(
    started: str, ended: str, status: str, standing: Standing
) -> None:
    package = entry(said({"Event Start Date": started, "Event End Date": ended}), "care-packages")
    assert (package.resource["status"], package.standing) == (status, standing)


def test_a_service_type_without_a_component_is_shown_by_its_type() -> None:
    found = said({"Service Component": ""})
    assert findings(found) == ["CLD-R1 Service Component"]
    assert entry(found, "care-packages").title == "Long term support: Community"


def test_residential_care_is_seen_while_its_home_is_told_apart() -> None:
    found = said(
        {
            "Service Type": "Long term support: Residential care",
            "Service Component": "Residential care",
            "Provider CQC Location Name": "Elm House",
            "Provider CQC Location ID": "1-2345678901",
            "Event Description": "Room 4 at Elm House",
        }
    )
    package, provider = entries(found, "care-packages")
    assert package.sensitivity is Sensitivity.NORMAL
    assert "Elm House" not in everything(package)
    assert "2345678901" not in everything(package)
    assert provider.sensitivity is Sensitivity.LOCATING
    assert (provider.title, provider.detail) == ("Provided by Elm House", "Room 4 at Elm House")
    assert provider.key.startswith(package.key)


def test_a_provider_may_be_known_by_its_location_or_by_a_description_alone() -> None:
    assert entries(said({"Provider CQC Location ID": "1-23"}), "care-packages")[1].title == "Provided by 1-23"
    assert entries(said({"Event Description": "Sitting service"}), "care-packages")[1].detail == "Sitting service"


def test_a_location_that_a_spreadsheet_made_a_month_of_is_told() -> None:
    assert findings(said({"Provider CQC Location ID": "Jan-34"})) == ["CLD-R1 Provider CQC Location ID"]


@pytest.mark.parametrize("kind", [REQUEST, ASSESSMENT, REVIEW])
def test_descriptions_of_other_events_are_not_read_as_they_may_name_a_place(kind: dict[str, str]) -> None:
    found = said(kind | {"Event Description": "Seen at Elm House"})
    assert not [one for one in entries(found) if "Elm House" in everything(one)]


def test_no_cost_and_no_funding_reaches_an_entry() -> None:
    found = said(
        {
            "Unit Cost": "812.34",
            "Client Funding Status": "Fully client funded",
            "Cost Frequency (Unit Type)": "Weekly",
            "Planned units per week": "2",
        }
    )
    assert not [one for one in entries(found) if "812" in everything(one) or "funded" in everything(one).lower()]


# What makes an event one event


def test_a_later_file_closes_a_service_as_its_end_is_no_part_of_its_key() -> None:
    later = said({"Event End Date": "2025-09-01", "Reporting Period End Date": "2025-10-01"})
    assert entry(later, "care-packages").key == entry(said({}), "care-packages").key


@pytest.mark.parametrize(
    "other",
    [
        {"LA Person Unique Identifier": "10009"},
        {"Event Start Date": "2025-06-24"},
        {"Client Type": "Unpaid carer"},
        {"Service Type": "Long term support: Nursing care"},
        {"Service Component": "Shared Lives"},
    ],
)
def test_services_that_differ_in_a_published_part_are_two(other: dict[str, str]) -> None:
    found = said({}, other)
    assert len({one.key for one in entries(found, "care-packages")}) == 2
    assert "cld-duplicate-event" not in findings(found)


@pytest.mark.parametrize(
    ("event", "other"),
    [
        (REQUEST, {"Request: Route of Access": "Self-Funder"}),
        (REQUEST, {"Event End Date": "2025-06-26"}),
        (ASSESSMENT, {"Assessment Type": "Short term assessment"}),
        (ASSESSMENT, {"Event End Date": "2025-06-26"}),
        (REVIEW, {"Event End Date": "2025-06-26"}),
    ],
)
def test_other_events_differ_by_their_end_and_their_own_part(event: dict[str, str], other: dict[str, str]) -> None:
    assert "cld-duplicate-event" not in findings(said(event, event | other))


def test_an_event_reference_makes_no_difference() -> None:
    assert findings(said({"Event Reference": "S1"}, {"Event Reference": "S2"})) == ["cld-duplicate-event"]


@pytest.mark.parametrize(
    ("first", "second", "stands"),
    [
        ({"Event End Date": "2025-07-01"}, {"Event End Date": ""}, 1),
        ({"Event End Date": ""}, {"Event End Date": "2025-07-01"}, 0),
        ({"Event End Date": "2025-07-01"}, {"Event End Date": "2025-07-02"}, 1),
        ({"Event End Date": "2025-07-02"}, {"Event End Date": "2025-07-01"}, 0),
        ({"Event Outcome": "NFA: Other"}, {"Event Outcome": "Progress to reablement/ST-Max"}, 1),
        ({"Event Outcome": "Progress to reablement/ST-Max"}, {"Event Outcome": "NFA: Other"}, 0),
        ({"Event Outcome": "NFA: Other"}, {"Event Outcome": "no such outcome"}, 0),
        ({}, {}, 1),
    ],
)
def test_of_two_rows_about_one_event_the_published_precedence_chooses(
    first: dict[str, str], second: dict[str, str], stands: int
) -> None:
    found = said(first, second)
    assert "cld-duplicate-event" in findings(found, Severity.WARNING)
    assert entries(found, "care-packages")[-1].line == stands + 2


def test_what_is_not_told_of_a_person_is_no_entry() -> None:
    silent = said({"Ethnicity": "", "Postcode": ""})
    assert not {"ethnicity", "address", "gp-practice"} & {one.category for one in entries(silent)}
    assert statements(silent)[0].subject.postcode is None


def test_after_a_death_a_service_has_ended_with_it() -> None:
    found = said({"Date of Death": "2025-08-01"})
    assert findings(found) == ["CLD-R1 Event End Date"]
    assert entry(found, "care-packages").ended == london_midnight(date(2025, 8, 1))
    before = said({"Date of Death": "2025-08-01", "Event End Date": "2025-07-01"})
    assert entry(before, "care-packages").ended == london_midnight(date(2025, 7, 1))
    after = said({"Date of Death": "2025-08-01", "Event End Date": "2025-09-01"})
    assert entry(after, "care-packages").ended == london_midnight(date(2025, 8, 1))
    same_day = said({"Date of Death": "2025-06-23"})  # as the service began
    assert entry(same_day, "care-packages").ended == london_midnight(date(2025, 6, 23))
    mistaken = said({"Date of Death": "2025-01-01", "Event End Date": "2025-07-01"})
    assert entry(mistaken, "care-packages").ended == london_midnight(date(2025, 7, 1))


# Cropping


def test_services_missing_from_the_next_file_can_be_closed() -> None:
    assert completes(read(RELEASE_1)) == [
        Complete(prefix="EpisodeOfCare/service/503/", as_at=date(2025, 9, 30)),
        Complete(prefix="Observation/support-reason/503/", as_at=date(2025, 9, 30)),
    ]
    services = [one for one in entries(read(RELEASE_1)) if one.resource["resourceType"] == "EpisodeOfCare"]
    assert services
    assert all(one.key.startswith("EpisodeOfCare/service/503/") for one in services)


@pytest.mark.parametrize("spoilt", [{"Event Start Date": "2025-13-01"}, {"Event Type": "Sevrice"}])
def test_a_service_that_could_not_be_read_is_not_taken_to_have_ended(spoilt: dict[str, str]) -> None:
    found = said({}, spoilt | {"LA Person Unique Identifier": "10009"}, spoilt)
    assert completes(found) == []
    (told,) = [one for one in found if isinstance(one, Finding) and one.rule == "cld-cropping"]
    assert (told.line, told.severity) == (3, Severity.WARNING)


def test_a_row_that_does_not_fit_its_headings_closes_nothing_either() -> None:
    assert completes(read(extract({}) + b"503,2025-09-30\n")) == []


def test_a_request_that_could_not_be_read_does_not_keep_services_open() -> None:
    assert completes(said({}, REQUEST | {"Event End Date": ""}))


def test_a_file_without_services_says_nothing_of_them() -> None:
    assert completes(said(REQUEST)) == []


def test_an_empty_extract_closes_nothing() -> None:
    assert read(extract()) == []


# Relationships


def test_a_service_is_a_reason_to_ask_while_it_lasts() -> None:
    key = entry(said({}), "care-packages").key
    assert relationships(said({})) == [Relationship(key=key, kind="care-package", started=JUNE_23)]
    (ended,) = relationships(said({"Event End Date": "2025-09-01"}))
    assert (ended.key, ended.ended) == (key, london_midnight(date(2025, 9, 1)))


def test_a_request_that_went_further_is_a_reason_to_ask_for_a_year() -> None:
    (referral,) = relationships(said(REQUEST))
    assert (referral.kind, referral.started) == ("referral", JUNE_23)
    assert referral.ended == london_midnight(date(2026, 6, 25))


@pytest.mark.parametrize("event", [REQUEST | {"Event Outcome": "NFA: Support declined"}, ASSESSMENT, REVIEW])
def test_nothing_else_is_a_reason_to_ask(event: dict[str, str]) -> None:
    assert relationships(said(event)) == []


# Carers


def test_a_carers_record_tells_that_they_care_and_nothing_of_whom() -> None:
    found = said(CARER | {"Total Hrs Caring per week": "35-49", "No. of adults being cared for": "1"})
    caring = next(one for one in entries(found) if one.key == "Observation/caring/503/10002")
    assert caring.title == "Caring role: Unpaid carer; Adults cared for: 1; Hours of caring a week: 35-49"
    assert caring.resource["focus"] == [
        {
            "type": "Patient",
            "identifier": {
                "system": "https://pisano.example/fhir/Id/adult-social-care-person/503",
                "value": "10001",
            },
        }
    ]


def test_the_cared_for_persons_record_tells_the_carers_name_and_number_and_nothing_else() -> None:
    found = said(CARER)
    (of_father,) = [one for one in statements(found) if one.subject.local_id == "10001"]
    assert (of_father.subject.nhs_number, of_father.subject.birth_date, of_father.flags) == (None, None, ())
    assert of_father.relationships == ()
    (carer,) = of_father.entries
    assert (carer.category, carer.title, carer.detail) == ("contacts", "Unpaid carer", "Daniel Penn")
    assert set(carer.resource) == {"resourceType", "identifier", "relationship", "name"}
    for private in ("9990037744", "1969", "WV1 2BB", "caring"):
        assert private not in everything(carer)


def test_release_2_gives_a_carer_no_name() -> None:
    carer = next(one for one in entries(read(RELEASE_2)) if one.resource["resourceType"] == "RelatedPerson")
    assert "name" not in carer.resource
    assert carer.detail == ""


def test_a_restricted_carer_is_not_named_in_anothers_record() -> None:
    found = said(CARER | {"Restricted": "Yes"})
    (carer,) = [one for one in entries(found) if one.resource["resourceType"] == "RelatedPerson"]
    assert "Penn" not in everything(carer)


def test_a_carer_of_three_adults_stands_in_each_of_their_records() -> None:
    found = said(CARER | {"Adult 2 Linked Person_ID": "10003", "Adult 3 Linked Person_ID": "10004"})
    linked = [one.key for one in entries(found) if one.resource["resourceType"] == "RelatedPerson"]
    assert linked == ["RelatedPerson/503/10001/10002", "RelatedPerson/503/10003/10002", "RelatedPerson/503/10004/10002"]


def test_a_carer_known_by_association_needs_no_event() -> None:
    found = said(
        CARER
        | {"Client Type": "Carer known by association", "Event Type": "", "Event Start Date": "", "Event Outcome": ""}
    )
    assert findings(found) == []
    assert relationships(found) == []
    assert entries(found, "contacts")
    assert entries(found, "care-packages") == []


def test_a_carer_known_by_association_may_have_one_all_the_same() -> None:
    assert entries(said(CARER | {"Client Type": "Carer known by association"}), "care-packages")


@pytest.mark.parametrize("linked", ["1.23E+11", "10002"])
def test_a_link_that_cannot_be_right_is_not_made(linked: str) -> None:
    found = said(CARER | {"Adult 1 Linked Person_ID": linked})
    assert findings(found) == ["CLD-R1 Adult 1 Linked Person_ID"]
    assert {one.subject.local_id for one in statements(found)} == {"10002"}


def test_adults_linked_to_someone_who_is_no_carer_are_not_followed() -> None:
    found = said({"Adult 1 Linked Person_ID": "10003"})
    assert findings(found) == ["CLD-R1 Adult 1 Linked Person_ID"]
    assert {one.subject.local_id for one in statements(found)} == {"10001"}


# The rules


def test_the_plain_row_breaks_no_rule() -> None:
    for event in ({}, REQUEST, ASSESSMENT, REVIEW, CARER):
        assert findings(said(event)) == []


@pytest.mark.parametrize(
    ("heading", "written"),
    [
        ("LA Code", ""),
        ("Reporting Period End Date", ""),
        ("Reporting Period End Date", "2025-09-31"),
        ("Client Type", "Somebody"),
        ("Client Type", ""),
        ("Event Type", ""),
        ("Event Type", "Safeguarding"),
        ("Event Start Date", ""),
        ("Event Start Date", "45748"),
        ("Event End Date", "31/12/9999"),
        ("Event End Date", "2025-06-22"),
    ],
)
def test_a_row_that_cannot_be_placed_is_refused_by_the_sources_rule(heading: str, written: str) -> None:
    spoilt, sound = {heading: written}, {"LA Person Unique Identifier": "10009"}
    found = said(spoilt, sound)
    assert findings(found, Severity.REFUSED) == [f"CLD-R1 {heading}"]
    assert {one.subject.local_id for one in statements(found)} == {"10009"}


@pytest.mark.parametrize("event", [REQUEST, ASSESSMENT, REVIEW])
def test_all_but_services_arrive_only_once_they_have_ended(event: dict[str, str]) -> None:
    assert findings(said(event | {"Event End Date": ""}), Severity.REFUSED) == ["CLD-R1 Event End Date"]


@pytest.mark.parametrize(
    "heading",
    ["NHS Number", "Gender", "Ethnicity", "Date of Birth", "Postcode", "Accommodation Status", "Has Unpaid Carer"],
)
def test_a_mandatory_fact_about_a_person_that_is_missing_is_told_once_a_person(heading: str) -> None:
    found = said({heading: ""}, {heading: "", "Event Start Date": "2025-07-01"})
    assert findings(found) == [f"CLD-R1 {heading}"]
    assert len(entries(found, "care-packages")) == 2


@pytest.mark.parametrize(
    ("event", "heading"),
    [
        ({}, "Primary Support Reason"),
        ({}, "Service Type"),
        ({}, "Service Component"),
        ({}, "Event Outcome"),
        (REQUEST, "Request: Route of Access"),
        (ASSESSMENT, "Assessment Type"),
        (REVIEW, "Review Reason"),
        (REVIEW, "Method of Review"),
    ],
)
def test_a_mandatory_fact_about_an_event_that_is_missing_is_told(event: dict[str, str], heading: str) -> None:
    found = said(event | {heading: ""})
    assert findings(found) == [f"CLD-R1 {heading}"]
    assert len(statements(found)) >= 2
    for one in entries(found):
        check_fhir(one)


def test_a_service_of_which_nothing_is_said_is_still_a_service() -> None:
    package = entry(said({"Service Type": "", "Service Component": "", "Event Outcome": ""}), "care-packages")
    assert package.title == "Adult social care service"
    check_fhir(package)


def test_a_request_needs_no_support_reason_and_a_financial_assessment_no_outcome() -> None:
    assert findings(said(REQUEST | {"Primary Support Reason": ""})) == []
    assert findings(said(ASSESSMENT | {"Assessment Type": "Financial Assessment", "Event Outcome": ""})) == []


@pytest.mark.parametrize("other", [{"LA Code": "504"}, {"Reporting Period End Date": "2025-06-30"}])
def test_one_file_is_of_one_council_and_one_period(other: dict[str, str]) -> None:
    found = said({}, other | {"LA Person Unique Identifier": "10009"})
    assert findings(found, Severity.REFUSED) == ["cld-one-file"]
    assert completes(found) == []


def test_findings_repeat_nothing_of_a_person() -> None:
    spoilt = {heading: "Penn" for heading in ROW if heading not in ("LA Code", "Reporting Period End Date")}
    found = said(spoilt)
    assert findings(found)
    assert not [one for one in found if isinstance(one, Finding) and "Penn" in one.text + one.rule]


def test_an_event_without_a_start_is_a_broken_invariant() -> None:
    row = EventRow(2, *repeat("", len(EventRow._fields) - 1))
    with pytest.raises(ValueError, match="check the rules first"):
        read_event(row._replace(event_type="Service"))


# The file


def test_a_missing_heading_refuses_the_file() -> None:
    with pytest.raises(UnreadableMessage, match="headings are missing: Event Start Date"):
        read(extract({}).replace(b"Event Start Date", b"Start"))


def test_a_council_may_map_its_own_headings() -> None:
    file = extract({}).replace(b"LA Person Unique Identifier", b"MOSAIC_ID")
    assert statements(read(file, person_id="MOSAIC_ID"))[0].subject.local_id == "10001"


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_a_wrong_encoding_refuses_the_file(encoding: str) -> None:
    file = extract(CARER | {"First Name": "Zoë"}).decode().encode(encoding)
    with pytest.raises(UnreadableMessage, match="UTF-8"):
        read(file)


def test_a_declared_encoding_is_read() -> None:
    file = extract(CARER | {"First Name": "Zoë"}).decode().encode("cp1252")
    found = ADAPTER.read(io.BytesIO(file), Sender(partner=COUNCIL, encoding="cp1252"))
    assert statements(found)[0].subject.given_names == ("Zoë",)


def test_a_truncated_file_is_refused_lest_its_missing_services_be_closed() -> None:
    with pytest.raises(UnreadableMessage, match="cut off"):
        read(RELEASE_1[: len(RELEASE_1) // 2])


def test_the_line_is_the_one_that_the_sender_counts() -> None:
    found = said({"Event Description": "two\nlines"}, {"Event Start Date": "2025-13-01"})
    assert [one.line for one in found if isinstance(one, Finding) and one.severity is Severity.REFUSED] == [4]


@pytest.mark.unmeasured  # the same lines thousands of times over, which other tests measure
def test_a_file_of_any_size_is_read_in_the_same_memory() -> None:
    """What is remembered of a row is two numbers, however much it holds."""
    headings, row = extract({"Service Component": "######"}).splitlines(keepends=True)
    lines = chain([headings], (row.replace(b"######", b"%06d" % number) for number in range(12_000)))

    class Lines(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            line = next(lines, b"")
            buffer[: len(line)] = line
            return len(line)

    said = ADAPTER.read(io.BufferedReader(Lines()), Sender(partner=COUNCIL))
    for _ in zip(said, range(2_000), strict=False):
        pass  # until what is kept once for all is there
    tracemalloc.start()
    services = sum(isinstance(one, Statement) for one in said)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert services > 9_000
    assert peak < services * 200


@given(st.binary(max_size=300), st.integers(0, len(RELEASE_1)), st.integers(0, 40))
def test_no_bytes_do_worse_than_be_refused(noise: bytes, at: int, lost: int) -> None:
    for file in (noise, RELEASE_1[:at] + noise + RELEASE_1[at + lost :]):
        with suppress(UnreadableMessage):
            read(file)


@given(
    st.dictionaries(
        st.sampled_from(sorted(HEADINGS.values())),
        st.one_of(
            st.text(max_size=20),
            st.sampled_from([w for wordings in LISTS.values() for w in wordings]),
            st.dates().map(str),
            st.sampled_from(["9990037000", "9.99E+09", "10001"]),
        ),
        max_size=8,
    )
)
def test_whatever_a_row_holds_it_is_refused_or_becomes_fhir(changed: dict[str, str]) -> None:
    with suppress(UnreadableMessage):
        found = said(changed)
        assert statements(found) or findings(found, Severity.REFUSED)
        for one in entries(found):
            check_fhir(one)
