"""Care that a pushed resource says its sender gives: a relationship, or none."""

from datetime import datetime
from typing import Any

import pytest

from app.adapters.fhir_bundle.bundle import read_bundle
from app.adapters.fhir_bundle.labels import CATEGORIES_SYSTEM
from app.adapters.fhir_bundle.reading import read
from app.record.kept.json_text import dumps
from app.vocabulary.fhir_systems import ACT_CODE, ODS_ORGANISATION
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Relationship, Statement
from tests.fhir.pushing.sender import about, bundle, patient, post, put

US, THEM = ({"identifier": {"system": ODS_ORGANISATION, "value": code}} for code in ("RL4", "RRE"))
BEGAN, OVER = "2026-01-05T10:00:00Z", "2026-01-09T10:00:00Z"
STAY = {
    "resourceType": "Encounter", "status": "in-progress", "class": {"system": ACT_CODE, "code": "IMP"},
    "serviceProvider": US, "period": {"start": BEGAN},
}  # fmt: skip
EPISODE = {
    "resourceType": "EpisodeOfCare", "status": "active", "type": [{"text": "Home care"}], "managingOrganization": US,
    "period": {"start": BEGAN},
}  # fmt: skip
TEAM = {
    "resourceType": "CareTeam", "status": "active", "name": "Heart failure nurses", "managingOrganization": [US],
    "period": {"start": BEGAN},
}  # fmt: skip
REFERRAL = {
    "resourceType": "ServiceRequest", "status": "active", "intent": "order", "code": {"text": "Falls clinic"},
    "performer": [THEM, US], "authoredOn": BEGAN,
}  # fmt: skip


def of_person(resource: dict[str, Any]) -> dict[str, Any]:
    subject = "patient" if resource["resourceType"] == "EpisodeOfCare" else "subject"
    return {"identifier": [{"system": "https://trust.example/id", "value": "1"}], subject: about(0), **resource}


def told(*sent: Any, partner: str | None = "RL4") -> list[Relationship]:
    content = dumps(bundle("transaction", *sent))
    whole = content if isinstance(content, bytes) else content.encode()
    reading = read(read_bundle(whole), OdsCode(partner) if partner else None)
    assert not reading.refused
    return [each for one in reading.statements() if isinstance(one, Statement) for each in one.relationships]


def related(resource: dict[str, Any], **changes: Any) -> list[Relationship]:
    return told(put(of_person({**resource, **changes})))


@pytest.mark.parametrize(
    ("resource", "kind", "team"),
    [
        (STAY, "admission", None),
        (EPISODE, "care-package", None),
        (TEAM, "caseload", "Heart failure nurses"),
        (REFERRAL, "referral", None),
    ],
)
def test_care_that_the_sender_says_it_gives_relates_it_to_the_person(
    resource: dict[str, Any], kind: str, team: str | None
) -> None:
    [one] = related(resource)
    assert (one.kind, one.team, one.organisation) == (kind, team, None)
    assert (one.started, one.ended) == (datetime.fromisoformat(BEGAN), None)
    assert one.key == f"fhir-bundle/{resource['resourceType']}/https:%2F%2Ftrust.example%2Fid|1"


@pytest.mark.parametrize(
    ("category", "kind"), [("tenancy", "tenancy"), ("homelessness", "caseload"), ("care-packages", "care-package")]
)
def test_an_episode_is_what_its_heading_says(category: str, kind: str) -> None:
    heading = {"coding": [{"system": CATEGORIES_SYSTEM, "code": category}], "text": "An episode"}
    assert [one.kind for one in related(EPISODE, type=[heading])] == [kind]


@pytest.mark.parametrize(
    ("resource", "changes"),
    [
        (STAY, {"serviceProvider": THEM}),
        (STAY, {"serviceProvider": {"display": "RL4"}}),
        (STAY, {"serviceProvider": {"identifier": {"system": "https://elsewhere.example", "value": "RL4"}}}),
        (STAY, {"class": {"system": ACT_CODE, "code": "AMB"}}),
        (STAY, {"class": {"system": ACT_CODE, "code": "EMER"}}),
        (STAY, {"status": "planned"}),
        (STAY, {"status": "unknown"}),
        (STAY, {"period": {"start": "2026"}}),
        (STAY, {"period": {"end": OVER}}),
        (EPISODE, {"managingOrganization": THEM}),
        (EPISODE, {"status": "waitlist"}),
        (TEAM, {"managingOrganization": [THEM]}),
        (TEAM, {"status": "proposed"}),
        (TEAM, {"managingOrganization": [], "participant": [{"onBehalfOf": US, "member": US}]}),
        (REFERRAL, {"performer": [THEM], "requester": US}),
        (REFERRAL, {"intent": "proposal"}),
        (REFERRAL, {"status": "draft"}),
        (REFERRAL, {"authoredOn": None, "occurrencePeriod": {"start": BEGAN}}),
    ],
)
def test_nothing_else_relates_anybody(resource: dict[str, Any], changes: dict[str, Any]) -> None:
    whole = {name: one for name, one in {**resource, **changes}.items() if one not in (None, [])}
    assert related(whole) == []


@pytest.mark.parametrize(
    ("resource", "changes", "ended"),
    [
        (STAY, {"status": "finished", "period": {"start": BEGAN, "end": OVER}}, OVER),
        (STAY, {"status": "finished"}, BEGAN),
        (STAY, {"status": "cancelled", "period": {"start": BEGAN, "end": OVER}}, BEGAN),
        (STAY, {"status": "entered-in-error"}, BEGAN),
        (STAY, {"period": {"start": BEGAN, "end": OVER}}, OVER),
        (EPISODE, {"status": "finished", "period": {"start": BEGAN, "end": OVER}}, OVER),
        (TEAM, {"status": "inactive"}, BEGAN),
        (REFERRAL, {"status": "completed"}, BEGAN),
        (REFERRAL, {"status": "revoked"}, BEGAN),
    ],
)
def test_it_ends_when_the_sender_says_and_where_nobody_says_when_it_gives_sight_of_nothing(
    resource: dict[str, Any], changes: dict[str, Any], ended: str
) -> None:
    [one] = related(resource, **changes)
    assert one.ended == datetime.fromisoformat(ended)


def test_the_sender_may_be_named_by_an_organization_of_the_bundle() -> None:
    ours = {"resourceType": "Organization", "identifier": [{"system": ODS_ORGANISATION, "value": "RL4"}]}
    trust = "urn:uuid:0b2cd5c2-6f0e-4bb0-8c55-7a5c2fd0a009"
    stay = of_person({**STAY, "serviceProvider": {"reference": trust}})
    [one] = told(post(patient(0)), post(ours, fullUrl=trust), put(stay))
    assert one.kind == "admission"


def test_nobody_is_related_by_a_bundle_whose_sender_is_not_known_or_that_is_only_to_be_stated_if_it_is_new() -> None:
    assert told(put(of_person(STAY)), partner=None) == []
    entry = post(of_person(STAY))
    entry["request"]["ifNoneExist"] = "identifier=https://trust.example/id|1"
    assert told(entry) == []
