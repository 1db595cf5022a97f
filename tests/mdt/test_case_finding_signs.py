"""Need that scores miss lists people, by what partners state and never by a guess."""

from typing import Any

import pytest

from app.mdt.case_finding.signs import SIGNS
from app.record.sifted import Sifted
from app.vocabulary.label import Sensitivity
from tests.mdt.known_people import COUNCIL, HOUSING, MENTAL_HEALTH, TRUST, case, flag, reasons, stated, stay

_WHY = "https://www.datadictionary.nhs.uk/data_elements/primary_reason_for_referral__mental_health_.html"


def referral(*, reason: str = "18", team: str = "", status: str = "active", **when: Any) -> Sifted:
    told = {
        "resourceType": "ServiceRequest",
        "status": status,
        "reasonCode": [{"coding": [{"system": _WHY, "code": reason}]}],
        "performer": [{"display": team}],
    }
    return stated(MENTAL_HEALTH, "referrals", told, **when)


def caring(hours: str) -> Sifted:
    part = {"code": {"text": "Hours of caring a week"}, "valueCodeableConcept": {"text": hours}}
    return stated(COUNCIL, "social-context", {"resourceType": "Observation", "component": [part]})


def missed(on: str) -> Sifted:
    told = {"resourceType": "Appointment", "status": "noshow"}
    return stated(TRUST, "appointments", told, started=on, ended=on, standing="ended")


def ready(on: str, *, visit: str | None = "V1") -> Sifted:
    told: dict[str, Any] = {"resourceType": "Observation", "code": {"text": "Ready for discharge"}}
    if visit:
        told["encounter"] = {"identifier": {"value": visit}}
    return stated(TRUST, "admissions", told, started=on, ended=on if visit else None)


def homeless(**when: Any) -> Sifted:
    return stated(HOUSING, "homelessness", {"resourceType": "EpisodeOfCare"}, **when)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([referral(started="2026-06-01")], ["mental-health-crisis"]),
        ([referral(reason="04", team="Crisis House Service", started="2026-06-01")], ["mental-health-crisis"]),
        ([referral(started="2026-05-01", ended="2026-05-20")], ["mental-health-crisis"]),
        ([referral(started="2026-01-01", ended="2026-01-20")], []),
        ([referral(started="2026-06-01", status="revoked", ended="2026-06-02")], []),
        ([referral(reason="04", started="2026-06-01")], []),
        ([flag(COUNCIL, "safeguarding", sensitivity=Sensitivity.RESTRICTED)], ["safeguarding"]),
        ([flag(COUNCIL, "safeguarding", status="inactive", sensitivity=Sensitivity.RESTRICTED)], []),
        ([flag(COUNCIL, "safeguarding", ended="2026-05-09", sensitivity=Sensitivity.RESTRICTED)], []),
        ([flag(HOUSING, "tenancy-risk")], ["tenancy-at-risk"]),
        ([flag(HOUSING, "tenancy-risk", standing="ended")], []),
        ([homeless(started="2026-06-01")], ["homelessness"]),
        ([homeless(started="2026-01-01", ended="2026-03-01")], []),
        ([caring("50-99")], ["carer-strain"]),
        ([caring("100 or more")], ["carer-strain"]),
        ([caring("35-49")], []),
        ([caring("Unknown")], []),
        ([missed("2026-02-01"), missed("2026-04-01"), missed("2026-06-01")], ["missed-contacts"]),
        ([missed("2026-04-01"), missed("2026-06-01")], []),
        ([missed("2025-02-01"), missed("2026-04-01"), missed("2026-06-01")], []),
        ([stay("V1", "2026-06-10", None), ready("2026-06-20")], ["waiting-for-discharge"]),
        ([stay("V1", "2026-06-10", "2026-06-25"), ready("2026-06-20")], []),
        ([stay("V2", "2026-06-10", None), ready("2026-06-20")], []),
        ([stay("V1", "2026-06-10", None), ready("2026-06-30")], []),
        ([ready("2026-06-20", visit=None)], ["waiting-for-discharge"]),
    ],
)
def test_each_need_and_what_is_not_yet_or_no_longer_one(entries: list[Sifted], expected: list[str]) -> None:
    assert reasons(*entries) == expected


@pytest.mark.parametrize(
    ("title", "detail", "expected"),
    [
        ("Tenancy at risk: rent arrears", "", []),
        ("Tenancy at risk: rent arrears", "Second letter sent; since 20 January 2026", []),
        ("Tenancy at risk: rent arrears", "Notice of seeking possession; since 9 January 2026", ["tenancy-at-risk"]),
        ("Tenancy at risk: rent arrears", "Suspended possession order", ["tenancy-at-risk"]),
        ("Tenancy at risk: rent arrears", "Eviction booked", ["tenancy-at-risk"]),
        ("Tenancy at risk: notice served", "", ["tenancy-at-risk"]),
        ("Tenancy at risk: possession proceedings", "", ["tenancy-at-risk"]),
        ("Tenancy at risk: eviction date set", "takes effect on 18 May 2026", ["tenancy-at-risk"]),
        ("Tenancy at risk: abandonment", "", ["tenancy-at-risk"]),
    ],
)
def test_arrears_alone_are_no_risk_of_losing_a_home_until_a_landlord_begins_to_take_it_back(
    title: str, detail: str, expected: list[str]
) -> None:
    assert reasons(flag(HOUSING, "tenancy-risk", title=title, detail=detail)) == expected


def test_of_arrears_and_a_notice_the_notice_is_why() -> None:
    arrears = flag(HOUSING, "tenancy-risk", title="Tenancy at risk: rent arrears")
    notice = flag(HOUSING, "tenancy-risk", title="Tenancy at risk: notice served")
    found = case(arrears, notice)

    assert found is not None
    assert [reason.sources for reason in found.reasons] == [(notice,)]


def test_why_someone_is_listed_is_shown_with_the_entries_that_say_so() -> None:
    risk, concern = flag(HOUSING, "tenancy-risk"), flag(COUNCIL, "safeguarding", sensitivity=Sensitivity.RESTRICTED)
    found = case(risk, concern)

    assert found is not None
    assert [(reason.title, reason.sources) for reason in found.reasons] == [
        ("A safeguarding concern or enquiry is open", (concern,)),
        ("May lose their tenancy", (risk,)),
    ]
    assert set(found.shown) == {risk, concern}


def test_every_need_that_scores_miss_has_a_sign() -> None:
    assert {sign.code for sign in SIGNS} == {
        "mental-health-crisis", "safeguarding", "carer-strain", "tenancy-at-risk", "homelessness", "missed-contacts",
        "waiting-for-discharge",
    }  # fmt: skip
