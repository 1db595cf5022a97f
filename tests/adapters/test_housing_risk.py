"""Tenancies at risk and homelessness: what care must know, and no amount of money."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.housing import codes
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Standing
from tests.adapters.housing_feed import everything_in, hear_rows, hear_sample, samples


def risk(**fields: Any) -> Entry:
    [entry] = hear_rows({"record_type": "tenancy_risk", "tenancy_id": "T1", **fields}).entries
    return entry


@pytest.mark.parametrize(
    ("fields", "title", "detail"),
    [
        (
            {"risk_type": "Arrears", "stage": "Second letter", "start_date": "2026-01-20"},
            "Tenancy at risk: rent arrears",
            "Second letter; since 20 January 2026",
        ),
        (
            {"risk_type": "notice", "notice_type": "Section 21", "effective_date": "2026-02-06"},
            "Tenancy at risk: notice served",
            "Section 21; takes effect on 6 February 2026",
        ),
        ({"risk_type": "possession"}, "Tenancy at risk: possession proceedings", ""),
        (
            {"risk_type": "eviction", "effective_date": "2026-05-18"},
            "Tenancy at risk: eviction date set",
            "takes effect on 18 May 2026",
        ),
    ],
)
def test_a_tenancy_at_risk_is_a_flag(fields: dict[str, str], title: str, detail: str) -> None:
    said = risk(**fields)
    assert (said.category, said.title, said.detail) == ("tenancy-risk", title, detail)
    assert said.resource["status"] == "active"
    assert said.sensitivity is Sensitivity.NORMAL


def test_a_risk_that_is_over_is_inactive() -> None:
    said = risk(risk_type="arrears", is_active="no")
    assert (said.resource["status"], said.standing) == ("inactive", Standing.ENDED)


def test_a_risk_lasts_until_its_end_date() -> None:
    said = risk(risk_type="notice", start_date="2026-01-20", end_date="2026-03-31")
    assert said.started == datetime(2026, 1, 20, tzinfo=UTC)
    assert said.ended == datetime(2026, 3, 30, 23, tzinfo=UTC)  # midnight in London
    assert said.resource["period"] == {"start": "2026-01-20", "end": "2026-03-31"}
    assert risk(risk_type="arrears").ended is None


@pytest.mark.parametrize("fields", [{"notice_type": "Section 21"}, {"start_date": "2026-01-20"},
                                    {"effective_date": "2026-01-20"}])  # fmt: skip
def test_a_notice_of_which_anything_is_told_is_one(fields: dict[str, str]) -> None:
    assert risk(risk_type="notice", **fields).title == "Tenancy at risk: notice served"


def test_a_risk_whose_kind_was_left_out_says_so_and_is_not_shared_by_default() -> None:
    for kind, title in (("owes £900", "kind not told"), ("nuisance", "nuisance")):
        said = risk(risk_type=kind, start_date="2026-01-20")
        assert (said.title, said.sensitivity) == (f"Tenancy at risk: {title}", Sensitivity.RESTRICTED)


@pytest.mark.parametrize("kind", ["nuisance", "owes £900"])
def test_a_risk_not_met_before_is_not_shared_by_default(kind: str) -> None:
    said = hear_rows({"record_type": "tenancy_risk", "risk_type": kind})
    assert said.entries[0].sensitivity is Sensitivity.RESTRICTED
    assert "900" not in everything_in(said.entries[0])
    assert "housing tenancy_risk.risk_type" in said.warned


def test_a_notice_that_says_nothing_is_none() -> None:
    assert hear_rows({"record_type": "tenancy_risk", "risk_type": "notice", "start_date": "0001-01-01"}).entries == []


def test_an_eviction_in_month_13_is_refused() -> None:
    said = hear_rows({"record_type": "tenancy_risk", "risk_type": "eviction", "effective_date": "2026-13-01"})
    assert said.refused == ["housing tenancy_risk.effective_date"]


def test_two_notices_of_one_tenancy_stand_side_by_side() -> None:
    keys = {risk(risk_type="notice", start_date=day).key for day in ("2026-01-09", "2026-03-09")}
    assert len(keys) == 2


def test_a_risk_has_the_sources_own_key_where_it_has_one() -> None:
    assert risk(tenancy_risk_id="R1", risk_type="arrears").key == "Flag/tenancy-risk/R1/P1"


@pytest.mark.parametrize("stage", ["£1,312.55 owed", "owes 1312 pounds", "850 over limit", "balance high", "1.312,55"])
def test_a_stage_that_may_hold_an_amount_is_left_out(stage: str) -> None:
    said = hear_rows({"record_type": "tenancy_risk", "risk_type": "arrears", "stage": stage})
    assert said.entries[0].detail == ""
    assert said.warned == ["housing tenancy_risk.stage"]


@given(pounds=st.integers(100, 99_999), pence=st.integers(0, 99))
def test_no_amount_in_any_column_is_ever_told(pounds: int, pence: int) -> None:
    amount = f"{pounds}.{pence:02}"
    columns = ("balance", "arrears_amount", "currentBalance", "rent", "estimated_cost", "grant_amount", "stage")
    said = hear_rows({"record_type": "tenancy_risk", "risk_type": "arrears", **dict.fromkeys(columns, amount)})
    assert amount not in "".join(map(everything_in, said.entries))
    assert amount not in repr(said.findings)


@pytest.mark.parametrize("sample", samples())
def test_no_sample_tells_an_amount(sample: str) -> None:
    said = " ".join(map(everything_in, hear_sample(sample).entries))
    for amount in ("2218.46", "104.17", "11.93", "1312.55", "7654.32", "431.77", "1900442105"):
        assert amount not in said


def duty(name: str, **fields: str) -> Entry:
    [entry] = hear_rows(
        {"record_type": "homelessness_duty", "homelessness_case_id": "H1", "duty": name, **fields}
    ).entries
    return entry


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("relief", "Homelessness: Relief duty, 56-day target 15 May 2026"),
        ("Prevention duty", "Homelessness: Prevention duty, 56-day target 15 May 2026"),
        ("189B(2)", "Homelessness: Relief duty, 56-day target 15 May 2026"),
        ("Main", "Homelessness: Main housing duty"),
    ],
)
def test_a_homelessness_duty_tells_its_target(name: str, title: str) -> None:
    said = duty(name, start_date="2026-03-20")
    assert (said.title, said.category, said.resource["status"]) == (title, "homelessness", "active")


def test_a_duty_without_a_start_has_no_target() -> None:
    assert duty("relief").title == "Homelessness: Relief duty"


def test_a_duty_that_ended_tells_how() -> None:
    said = duty("relief", start_date="2026-03-20", end_date="2026-04-02", outcome="Secured accommodation")
    assert said.resource["status"] == "finished"
    assert said.detail == "since 20 March 2026; until 2 April 2026; outcome: Secured accommodation"


def test_a_duty_not_met_before_is_kept_as_given() -> None:
    said = hear_rows({"homelessness_case_id": "H1", "duty": "Reapplication duty", "start_date": "2026-03-20"})
    assert said.entries[0].title == "Homelessness: Reapplication duty"
    assert said.warned == ["housing homelessness_duty.duty"]


def test_the_authority_may_ask_while_it_owes_a_duty() -> None:
    row = {"record_type": "homelessness_duty", "homelessness_case_id": "H1", "duty": "relief"}
    said = hear_rows({**row, "start_date": "2026-03-20", "end_date": "2026-04-02"})
    [relationship] = said.relationships.values()
    assert relationship.kind == "caseload"
    assert relationship.ended == datetime(2026, 4, 2, 23, tzinfo=UTC)
    assert hear_rows(row).relationships == {}


def placement(**fields: str) -> list[Entry]:
    row = {"record_type": "temporary_accommodation", "homelessness_case_id": "H1", "start_date": "2026-03-21"}
    return hear_rows({**row, **fields}).entries


def test_temporary_accommodation_is_told_apart_from_where_it_is() -> None:
    fact, place = placement(placement_type="Hostel", address_line="The Lodge, Park Road")
    assert (fact.title, fact.sensitivity) == ("Temporary accommodation, since 21 March 2026", Sensitivity.NORMAL)
    assert (place.title, place.sensitivity) == (
        "Temporary accommodation: The Lodge, Park Road",
        Sensitivity.LOCATING,
    )
    for word in ("Hostel", "Lodge"):
        assert word not in everything_in(fact)
    assert place.resource["address"][0]["use"] == "temp"


def test_a_placement_without_an_address_still_locates() -> None:
    _, place = placement(placement_type="Hostel")
    assert (place.title, place.detail, place.sensitivity) == (
        "Temporary accommodation",
        "Hostel",
        Sensitivity.LOCATING,
    )


def test_a_placement_of_which_nothing_is_told_says_nothing_of_where() -> None:
    assert len(placement()) == 1


def test_a_placement_that_ended_is_an_old_address() -> None:
    fact, place = placement(address_line="Park Road", end_date="2026-04-01")
    assert fact.resource["status"] == "finished"
    assert place.resource["address"][0]["use"] == "old"


def test_a_placement_in_a_refuge_is_never_shown_by_default() -> None:
    fact, place = placement(placement_type="Refuge", address_line="Park Road")
    assert place.sensitivity is Sensitivity.DOMESTIC_ABUSE
    assert "efuge" not in everything_in(fact)


@pytest.mark.parametrize(
    ("need", "sensitivity"),
    [
        ("Old age", Sensitivity.NORMAL),
        ("at risk of or has experienced domestic abuse", Sensitivity.DOMESTIC_ABUSE),
        ("Former asylum seeker", Sensitivity.RESTRICTED),
        ("Something else", Sensitivity.RESTRICTED),
    ],
)
def test_a_support_need_asks_for_the_care_it_needs(need: str, sensitivity: Sensitivity) -> None:
    said = hear_rows({"homelessness_case_id": "H1", "support_need": need})
    assert said.entries[0].sensitivity is sensitivity
    assert bool(said.warned) is (codes.support_need(need) is None)


def test_offending_is_not_imported() -> None:
    assert hear_rows({"homelessness_case_id": "H1", "support_need": "Offending history"}).utterances == []
