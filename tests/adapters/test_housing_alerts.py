"""Person alerts: what they mean, where they stand, and how much care they ask for."""

from typing import Any

import pytest

from app.adapters.discretion import asked_by, postcode_at_end
from app.adapters.housing import codes
from app.adapters.housing.documents.code_tables import MOST_CODES
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Standing, UnreadableMessage
from tests.adapters.heard import Heard
from tests.adapters.housing_feed import everything_in, hear, hear_rows, hear_tables


def alert(**fields: Any) -> Entry:
    said = heard(**fields)
    [entry] = said.entries
    return entry


def heard(**fields: Any) -> Heard:
    return hear_rows({"record_type": "person_alert", "person_alert_id": "A1", "start_date": "2024-03-01", **fields})


@pytest.mark.parametrize(
    ("code", "category", "sensitivity"),
    [
        ("MED1.02", "alerts", Sensitivity.NORMAL),
        ("MED4.01", "alerts", Sensitivity.SEXUAL_HEALTH),
        ("PREG1.02", "pregnancy", Sensitivity.NORMAL),
        ("COMM1.09", "requirements", Sensitivity.NORMAL),
        ("RISK1.03", "alerts", Sensitivity.NORMAL),
        ("RISK2.01", "staff-safety", Sensitivity.NORMAL),
        ("RISK3.03", "staff-safety", Sensitivity.NORMAL),
        ("RISK4.01", "risks", Sensitivity.NORMAL),
        ("RISK5.04", "alerts", Sensitivity.NORMAL),
        ("SAF1.01", "safeguarding", Sensitivity.DOMESTIC_ABUSE),
        ("SAF1.02", "safeguarding", Sensitivity.DOMESTIC_ABUSE),
        ("SAF3.01", "safeguarding", Sensitivity.NORMAL),
        ("WheelchairUser", "requirements", Sensitivity.NORMAL),
        ("DoNotVisitAlone", "staff-safety", Sensitivity.NORMAL),
        ("donotvisitaloneasb", "staff-safety", Sensitivity.NORMAL),
        ("DomesticAbuseConcern", "safeguarding", Sensitivity.DOMESTIC_ABUSE),
        ("Other", "alerts", Sensitivity.RESTRICTED),
    ],
)
def test_care_needs_and_the_safety_of_staff_stand_apart(code: str, category: str, sensitivity: Sensitivity) -> None:
    said = alert(alert_code=code)
    assert (said.category, said.sensitivity) == (category, sensitivity)


def test_what_staff_are_to_do_is_told_as_the_landlord_says_it() -> None:
    assert alert(alert_code="DoNotVisitAlone", support_required="Visit in pairs").detail == (
        "what staff are to do: Visit in pairs"
    )


def test_a_code_is_told_in_words_and_kept_with_its_system() -> None:
    said = alert(alert_code="RISK1.03")
    assert said.title == "Environmental Risk: Hoarding Severe"
    assert said.detail == "critical"
    [coding] = said.resource["code"]["coding"]
    assert coding["code"] == "RISK1.03"
    assert coding["system"].endswith("/ukhds-person-alert")


@pytest.mark.parametrize("code", ["RISK1.04", "MED99.01", "Frail", ""])
def test_an_unknown_code_is_kept_as_given_and_not_shared_by_default(code: str) -> None:
    said = heard(alert_code=code, alert_description="Ask for Ann")
    [entry] = said.entries
    assert entry.title == (code or "Alert without a code")
    assert entry.sensitivity is Sensitivity.RESTRICTED
    assert entry.detail == "Ask for Ann"
    assert said.warned == ["housing person_alert.alert_subcode"]


@pytest.mark.parametrize(
    ("level", "sensitivity"),
    [
        ("", Sensitivity.NORMAL),
        ("Public", Sensitivity.NORMAL),
        ("Private", Sensitivity.RESTRICTED),
        ("Restricted", Sensitivity.RESTRICTED),
        ("CONFIDENTIAL", Sensitivity.RESTRICTED),
    ],
)
def test_the_sources_confidentiality_is_honoured(level: str, sensitivity: Sensitivity) -> None:
    assert alert(alert_code="MED1.02", confidentiality_level=level).sensitivity is sensitivity


def test_a_confidentiality_not_met_before_is_restricted() -> None:
    said = heard(alert_code="MED1.02", confidentiality_level="Secret")
    assert said.entries[0].sensitivity is Sensitivity.RESTRICTED
    assert said.warned == ["housing person_alert.confidentiality_level"]


def test_public_does_not_make_marac_less_sensitive() -> None:
    assert alert(alert_code="SAF1.02", confidentiality_level="Public").sensitivity is Sensitivity.DOMESTIC_ABUSE


@pytest.mark.parametrize(
    ("fields", "standing", "status"),
    [
        ({}, Standing.CURRENT, "active"),
        ({"is_active": "true", "alert_status": "Open"}, Standing.CURRENT, "active"),
        ({"is_active": "false"}, Standing.ENDED, "inactive"),
        ({"alert_status": "Closed"}, Standing.ENDED, "inactive"),
        ({"alert_status": "Archived"}, Standing.ENDED, "inactive"),
        ({"alert_status": "Pending"}, Standing.CURRENT, "active"),
    ],
)
def test_an_alert_that_is_over_is_not_active(fields: dict[str, str], standing: Standing, status: str) -> None:
    said = alert(alert_code="MED1.02", **fields)
    assert (said.standing, said.resource["status"]) == (standing, status)


def test_an_alert_tells_when_it_ends_and_when_it_is_reviewed() -> None:
    said = alert(alert_code="MED1.02", end_date="2026-04-30", review_date="2026-04-01")
    assert said.ended is not None
    assert said.resource["period"] == {"start": "2024-03-01", "end": "2026-04-30"}
    assert said.detail == "critical; for review on 1 April 2026"


def test_an_alert_tells_how_sure_it_is_and_who_told() -> None:
    said = alert(
        alert_code="COMM1.05",
        alert_status="Pending",
        alert_progress="Improving",
        source_type="Social Worker",
        informed_resident="no",
    )
    assert said.detail == (
        "awaiting confirmation; improving; told by: Social Worker; the resident has not been told of this alert"
    )


def test_an_alert_whose_start_is_in_month_13_is_refused() -> None:
    assert heard(alert_code="MED1.02", start_date="01/13/2024").refused == ["housing person_alert.start_date"]


def test_a_review_that_is_no_date_is_told_of_and_the_alert_is_read() -> None:
    said = heard(alert_code="MED1.02", review_date="soon")
    assert said.warned == ["housing person_alert.review_date"]
    assert len(said.entries) == 1


def test_an_older_version_of_an_alert_is_known_as_older() -> None:
    said = alert(alert_code="MED1.02", last_updated="2025-07-01T10:30:00+01:00")
    assert said.recorded is not None
    assert said.recorded.isoformat() == "2025-07-01T09:30:00+00:00"


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2025-07-01", "2025-06-30T23:00:00+00:00"),
        ("01/07/2025 10:30", "2025-07-01T09:30:00+00:00"),
        ("2025-10-26T01:30:00", "2025-10-26T00:30:00+00:00"),
        ("9999-12-31T00:00:00", None),
        ("", None),
    ],
)
def test_an_instant_without_a_zone_is_told_by_londons_clock(written: str, instant: str | None) -> None:
    said = alert(alert_code="MED1.02", last_updated=written)
    assert (said.recorded and said.recorded.isoformat()) == instant


def test_an_instant_that_is_none_is_told_of_and_the_alert_is_read() -> None:
    said = heard(alert_code="MED1.02", last_updated="2025-07-01T25:00")
    assert said.warned == ["housing person_alert.last_updated"]
    assert said.entries[0].recorded is None


def test_numbers_mean_what_the_messages_own_tables_say() -> None:
    tables = b'{"person_alert_codes": [{"person_alert_code_id": 7, "alert_subcode": "MED1.02"}]}\n'
    alerts = b'{"tenant_person": {"tenant_id": 1}, "person_alert": {"person_id": 1, "person_alert_code_id": 7}}\n'
    said = hear(tables + alerts)
    assert said.findings == []
    assert said.of("1")[0].title == "Respiratory Condition: COPD/Chronic Lung Disease"


def test_a_number_that_no_table_explains_is_kept_as_given() -> None:
    said = hear_tables(
        tenant_person={"tenant_id": 1}, person_alert={"person_id": 1, "person_alert_code_id": 7, "start_date": None}
    )
    assert said.of("1")[0].title == "7"
    assert said.of("1")[0].sensitivity is Sensitivity.RESTRICTED
    assert said.warned == ["housing person_alert.person_alert_code_id", "housing person_alert.alert_subcode"]


def test_a_lookup_row_without_meaning_explains_nothing() -> None:
    said = hear_tables(
        person_alert_codes=[{"person_alert_code_id": 7}, {"alert_subcode": "MED1.02"}],
        tenant_person={"tenant_id": 1},
        person_alert={"person_id": 1, "person_alert_code_id": 7},
    )
    assert "housing person_alert.person_alert_code_id" in said.warned


def test_code_tables_without_end_are_refused() -> None:
    rows = [{"severity_id": number, "severity": "High"} for number in range(MOST_CODES + 1)]
    with pytest.raises(UnreadableMessage, match="ten thousand"):
        hear_tables(severity=rows)


def test_a_word_in_place_of_a_number_is_the_code_itself() -> None:
    said = hear_tables(
        tenant_person={"tenant_id": 1, "person_alert_type_id": "WheelchairUser"},
    )
    assert [entry.title for entry in said.of("1")][1:] == ["Wheelchair user"]


@pytest.mark.parametrize(
    ("words", "sensitivity"),
    [
        ("Discussed at MARAC in May", Sensitivity.DOMESTIC_ABUSE),
        ("moved from a women’s aid refuge", Sensitivity.DOMESTIC_ABUSE),
        ("domestic violence marker", Sensitivity.DOMESTIC_ABUSE),
        ("family are refugees", Sensitivity.NORMAL),
        ("domestic appliances", Sensitivity.NORMAL),
        ("stays at 4 Mill Lane wv6 0zz on weekdays", Sensitivity.LOCATING),
        ("the 3rd and the 5th", Sensitivity.NORMAL),
        ("", Sensitivity.NORMAL),
    ],
)
def test_words_in_free_text_ask_for_care(words: str, sensitivity: Sensitivity) -> None:
    assert asked_by(words) is sensitivity
    assert alert(alert_code="MED1.02", alert_description=words).sensitivity is sensitivity


@pytest.mark.parametrize(
    ("address", "postcode"),
    [
        ("1 Mill Lane, WV6 0ZZ", "WV6 0ZZ"),
        ("wv60zz ", "wv60zz"),
        ("WV6 0ZZ, England", ""),
        ("", ""),
        ("İ WV6 0ZZ", "WV6 0ZZ"),
    ],
)
def test_a_postcode_is_found_where_an_address_ends_with_it(address: str, postcode: str) -> None:
    assert postcode_at_end(address) == postcode


@pytest.mark.parametrize(
    ("code", "words"),
    [("PlannedMaintenance", "Planned maintenance"), ("ASB", "ASB"), ("Day to day", "Day to day"), ("", "")],
)
def test_a_code_of_one_word_is_told_as_people_write_it(code: str, words: str) -> None:
    assert codes.in_words(code) == words


def test_no_alert_that_is_known_is_without_a_category() -> None:
    assert len(codes.ALERTS) == 126 + 31
    assert {alert.category for alert in codes.ALERTS.values()} == {
        "alerts",
        "child-protection",
        "staff-safety",
        "safeguarding",
        "requirements",
        "risks",
        "pregnancy",
        "social-context",
    }


def test_only_codes_of_danger_to_staff_and_contractors_are_about_the_safety_of_staff() -> None:
    about_staff = {
        alert.concept["coding"][0]["code"] for alert in codes.ALERTS.values() if alert.category == "staff-safety"
    }
    assert {code.partition(".")[0] for code in about_staff} == {
        "RISK2",
        "RISK3",
        "DoNotVisitAlone",
        "DoNotVisitAloneASB",
    }


def test_the_key_does_not_hold_the_words_of_the_alert() -> None:
    assert "Ask" not in alert(alert_code="MED1.02", alert_description="Ask for Ann").key
    assert "Ask for Ann" in everything_in(alert(alert_code="MED1.02", alert_description="Ask for Ann"))
