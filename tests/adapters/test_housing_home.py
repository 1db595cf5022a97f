"""Hazards, investigations, repairs and adaptations."""

from typing import Any

import pytest

from app.adapters.housing import codes
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Standing
from tests.adapters.housing_feed import TENANCY, TENANT, everything_in, hear_rows, hear_sample, hear_tables


def said_of(record_type: str, **fields: Any) -> Entry:
    [entry] = hear_rows({"record_type": record_type, **fields}).entries
    return entry


def report(**fields: Any) -> Entry:
    return said_of("hazard_report", **{"hazard_report_id": "61", "date_reported": "2026-02-03", **fields})


def order(**fields: Any) -> Entry:
    return said_of("work_order", **{"work_order_id": "W1", "date_raised": "2026-02-13T09:30:00", **fields})


def adaptation(**fields: Any) -> Entry:
    given = {"adaptation_id": "A1", "works_type": "Stairlift", "application_date": "2026-01-05", **fields}
    return said_of("adaptation", **given)


def test_a_hazard_is_named_as_the_rating_system_names_it() -> None:
    said = report(hazard_type="DAMP AND MOULD GROWTH")
    assert said.title == "Hazard reported in the home: Damp and mould growth"
    assert said.resource["code"]["coding"][0]["code"] == "1"
    assert said.category == "home"


def test_a_hazard_of_another_name_is_kept_as_given() -> None:
    said = report(hazard_type="Spiral staircase")
    assert said.resource["code"] == {"text": "Spiral staircase"}


def test_there_are_29_hazards() -> None:
    assert codes.hazard("29") == codes.hazard("Structural collapse and falling elements")
    assert codes.hazard("30") is None


def test_a_hazard_report_tells_what_was_done() -> None:
    said = report(
        description="Boiler flue leaking",
        location_details="kitchen",
        emergency_action_taken="yes",
        made_safe_date="2026-02-04",
        further_work_required="Y",
        further_work_due_date="2026-02-20",
    )
    assert said.detail == (
        "Boiler flue leaking; kitchen; emergency action taken; made safe on 4 February 2026; further work required; "
        "further work due by 20 February 2026"
    )
    assert [part["code"]["text"] for part in said.resource["component"]] == [
        "Emergency action taken",
        "Further work required",
        "Made safe on",
    ]


@pytest.mark.parametrize(
    ("status", "made_safe", "standing", "dated"),
    [
        ("", "", Standing.CURRENT, False),
        ("", "2026-02-04", Standing.ENDED, True),
        ("Under Review", "2026-02-04", Standing.CURRENT, False),
        ("Made Safe", "2026-02-04", Standing.ENDED, True),
        ("Closed", "", Standing.ENDED, False),
        ("Passed to legal", "", Standing.CURRENT, False),
    ],
)
def test_a_hazard_lasts_until_it_is_closed_or_made_safe(
    status: str, made_safe: str, standing: Standing, dated: bool
) -> None:
    said = report(report_status=status, made_safe_date=made_safe)
    assert said.standing is standing
    assert (said.ended is not None) is dated


def test_a_report_status_not_met_before_is_kept_and_told_of() -> None:
    said = hear_rows({"hazard_report_id": "61", "date_reported": "2026-02-03", "report_status": "Passed to legal"})
    assert said.entries[0].detail == "status: Passed to legal"
    assert said.warned == ["housing hazard_report.report_status"]


def test_a_hazard_reported_in_month_13_is_refused() -> None:
    said = hear_rows({"hazard_report_id": "61", "date_reported": "2026-13-03"})
    assert said.refused == ["housing hazard_report.date_reported"]


def test_a_report_known_by_its_reference_alone_is_read() -> None:
    hazard = {"hazard_report_reference": "HR-61", "tenancy_id": "T1", "date_reported": "2026-02-03"}
    said = hear_tables(tenant_person=[TENANT], tenancy=[TENANCY], hazard_report=[hazard])
    assert "Observation/hazard-report/HR-61/17" in {entry.key for entry in said.entries}


def test_an_investigation_that_is_only_planned_has_found_nothing_yet() -> None:
    said = said_of(
        "investigation", investigation_id="71", investigation_scheduled_date="2026-02-10", hazard_confirmed="false"
    )
    assert said.title == "Hazard investigation planned"
    assert said.detail == "planned for 10 February 2026"
    assert (said.resource["status"], said.standing) == ("requested", Standing.PLANNED)
    assert "output" not in said.resource


@pytest.mark.parametrize(("confirmed", "found"), [("yes", ": hazard confirmed"), ("no", ": no hazard found"), ("", "")])
def test_an_investigation_that_is_done_tells_what_it_found(confirmed: str, found: str) -> None:
    said = said_of(
        "investigation",
        investigation_id="71",
        investigation_type="Emergency",
        investigation_completed_date="2026-02-12",
        hazard_confirmed=confirmed,
        sla_breach_flag="1",
        investigation_notes="Fan broken",
    )
    assert said.title == f"Hazard investigation done{found}"
    assert said.detail == "Emergency; Fan broken; outside the landlord's time limit"
    assert (said.resource["status"], said.standing) == ("completed", Standing.ENDED)


def test_hazards_investigations_and_repairs_find_the_tenant_through_each_other() -> None:
    said = hear_tables(
        tenant_person=[TENANT],
        tenancy=[TENANCY],
        hazard_report=[{"hazard_report_id": 61, "tenancy_id": "T1", "date_reported": "2026-02-03"}],
        investigation=[{"investigation_id": 71, "hazard_report_id": 61}],
        investigation_hazard=[{"investigation_id": 71, "hazard_type": "Lead", "hhsrs_category": 1, "notes": "pipes"}],
        work_order=[{"work_order_id": 1, "hazard_report_id": 61}],
    )
    assert said.refused == []
    found = said.entry("Observation/hazard/71/Lead/17")
    assert found.title == "Hazard found in the home: Lead"
    assert found.detail == "HHSRS category 1; pipes"


@pytest.mark.parametrize(("made_safe", "standing"), [(None, Standing.CURRENT), ("2026-02-20", Standing.ENDED)])
def test_a_hazard_that_was_found_lasts_as_long_as_the_report_that_led_to_it(
    made_safe: str | None, standing: Standing
) -> None:
    said = hear_tables(
        tenant_person=[TENANT],
        tenancy=[TENANCY],
        hazard_report=[
            {"hazard_report_id": 61, "tenancy_id": "T1", "date_reported": "2026-02-03", "made_safe_date": made_safe}
        ],
        investigation=[{"investigation_id": 71, "hazard_report_id": 61, "investigation_completed_date": "2026-02-12"}],
        investigation_hazard=[{"investigation_id": 71, "hazard_report_id": 61, "hazard_type": "Lead"}],
    )
    found = said.entry("Observation/hazard/71/Lead/17")
    assert found.resource["effectiveDateTime"] == "2026-02-12"
    assert found.standing is standing


def test_a_hazard_of_an_investigation_that_is_not_there_is_refused() -> None:
    said = hear_tables(investigation_hazard=[{"investigation_id": 5, "hazard_type": "Lead"}])
    assert said.refused == ["housing investigation_hazard.person_id"]


def test_an_investigation_is_planned_for_its_day_until_it_is_done() -> None:
    told = {"investigation_id": "I1", "investigation_scheduled_date": "2026-02-10"}
    planned = said_of("investigation", **told)
    assert planned.resource["executionPeriod"] == {"start": "2026-02-10"}
    assert (str(planned.started)[:10], planned.ended) == ("2026-02-10", None)
    done = said_of("investigation", **told, investigation_completed_date="2026-02-12")
    assert done.resource["executionPeriod"] == {"start": "2026-02-12", "end": "2026-02-12"}
    assert str(done.started)[:10] == "2026-02-12"


def test_a_repair_was_asked_for_when_it_was_raised_else_reported() -> None:
    for fields in ({"date_raised": "", "date_reported": "2026-02-13"}, {"date_raised": "2026-02-13"}):
        assert order(**fields, work_class="").resource["authoredOn"] == "2026-02-13"
    assert order(work_class="").title.startswith("Work on the home")


def test_a_repair_stands_with_the_home() -> None:
    said = order(
        work_class="ReactiveMaintenance",
        description_of_work="Renew extractor fan",
        location_of_repair="Bathroom",
        work_priority="Within 5 days",
        planned_start_date="2026-02-25T08:00:00",
        repair_sla_breach_flag="Y",
    )
    assert said.category == "home"
    assert said.title == "Reactive maintenance: asked for"
    assert said.detail == (
        "Renew extractor fan; Bathroom; priority: Within 5 days; planned to start on 25 February 2026; "
        "outside the landlord's time limit"
    )


@pytest.mark.parametrize(
    ("fields", "status", "standing"),
    [
        ({}, "requested", Standing.PLANNED),
        ({"actual_start_date_time": "2026-02-25T08:00:00"}, "in-progress", Standing.CURRENT),
        ({"actual_completion_date_time": "2026-02-26T08:00:00Z"}, "completed", Standing.ENDED),
        ({"actual_completion_date_time": "9999-12-31T00:00:00"}, "requested", Standing.PLANNED),
        ({"actual_completion_date_time": "2026-02-26", "job_status_update": "On hold"}, "on-hold", Standing.CURRENT),
        ({"job_status_update": "Cancelled"}, "cancelled", Standing.ENDED),
    ],
)
def test_a_repair_is_where_its_status_or_its_dates_say(fields: dict[str, str], status: str, standing: Standing) -> None:
    said = order(**fields)
    assert (said.resource["status"], said.standing) == (status, standing)


def test_a_work_status_not_met_before_is_kept_and_told_of() -> None:
    said = hear_rows({"work_order_id": "W1", "job_status_update": "With surveyor"})
    assert said.entries[0].resource["businessStatus"] == {"text": "With surveyor"}
    assert said.warned == ["housing work_order.status"]


def test_an_adaptation_ordered_as_a_repair_stands_with_equipment() -> None:
    said = order(work_class="Adaptations", description_of_work="Grab rails", actual_completion_date_time="2026-02-26")
    assert (said.category, said.title) == ("equipment", "Adaptation: in place")
    assert said.detail == "Grab rails"


def test_no_cost_and_no_key_safe_is_ever_told() -> None:
    said = " ".join(map(everything_in, hear_sample("household.json").entries))
    for secret in ("431.77", "7654.32", "1312.55", "C1942", "grant_amount", "estimated_cost", "key_safe"):
        assert secret not in said


def test_a_repair_whose_words_give_an_address_locates() -> None:
    assert order(description_of_work="Same as at 4 Mill Lane WV6 0ZZ").sensitivity is Sensitivity.LOCATING


@pytest.mark.parametrize(
    ("fields", "title", "standing"),
    [
        ({}, "Stairlift: asked for", Standing.PLANNED),
        ({"approval_date": "2026-02-02"}, "Stairlift: agreed, not yet begun", Standing.PLANNED),
        ({"works_start_date": "2026-03-02"}, "Stairlift: works in progress", Standing.CURRENT),
        ({"completion_date": "2026-03-05"}, "Stairlift: in place", Standing.CURRENT),
        ({"status": "Refused"}, "Stairlift: refused", Standing.ENDED),
        ({"status": "Awaiting OT recommendation"}, "Stairlift: asked for", Standing.PLANNED),
    ],
)
def test_an_adaptation_is_followed_from_application_to_completion(
    fields: dict[str, str], title: str, standing: Standing
) -> None:
    said = adaptation(**fields)
    assert (said.category, said.title, said.standing) == ("equipment", title, standing)


def test_an_adaptation_that_is_done_stays_in_the_home() -> None:
    said = adaptation(completion_date="2026-03-05")
    assert said.ended is None
    assert said.started is not None
    assert said.started.isoformat() == "2026-03-05T00:00:00+00:00"


def test_an_adaptation_tells_its_milestones() -> None:
    said = adaptation(
        ot_recommendation_date="2026-01-14", approval_date="2026-02-02", funding="Disabled Facilities Grant"
    )
    assert said.detail == (
        "applied for on 5 January 2026; recommended by an occupational therapist on 14 January 2026; "
        "approved on 2 February 2026; funded by: Disabled Facilities Grant"
    )
    assert [part["valueDate"] for part in said.resource["input"]] == ["2026-01-14", "2026-02-02"]


def test_a_grant_told_as_an_amount_is_left_out() -> None:
    said = hear_rows({"adaptation_id": "A1", "works_type": "Stairlift", "funding": "DFG £4,200"})
    assert said.entries[0].detail == ""
    assert said.warned == ["housing adaptation.funding"]


def test_an_adaptation_without_its_works_is_refused() -> None:
    assert hear_rows({"adaptation_id": "A1"}).refused == ["housing adaptation.works_type"]
