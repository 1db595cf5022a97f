"""What a partner's own staff were shown, for its own audit system: as IHE's Basic Audit Log Patterns have it."""

from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from app.audit.event import Event, Kind
from app.audit.keys import chain_key
from app.audit.trail import record
from app.database.transactions import transaction
from app.fhir.audit_event import PROFILES, audit_event
from app.identity.systems.store import register
from app.settings import Settings
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from tests.fhir.conftest import FATHER, Door
from tests.identity.systems import a_system, asking, claims, signed

BASE = "https://record.example/fhir/R4"
EVENT: dict[str, Any] = {
    "kind": "view",
    "id": "0a0cbe0b-9b6c-4f6e-8f1e-0d6b6a0d7c11",
    "at": "2026-06-01T09:30:00.000000+00:00",
    "issuer": "local",
    "subject": "nurse",
    "organisation": "RL4C",
    "role": "community-nurse",
    "purpose": "direct-care",
    "person": "8a95146b-064f-4a7e-b74d-7b2019d5f5e0",
    "permitted": {"wulfrun/G-NURSE": ["RL4/medications/normal"]},
    "relied_on": ["relationship/7"],
    "agreements": ["wulfrun@1.0.0#" + "a" * 64],
    "request": "b3c7",
}


def told(**changes: Any) -> dict[str, Any]:
    event = audit_event({name: value for name, value in {**EVENT, **changes}.items() if value is not None}, BASE)
    AuditEvent.model_validate(event)
    return event


def agent(event: dict[str, Any], code: str) -> Any:
    return next((one for one in event["agent"] if one["type"]["coding"][0]["code"] == code), None)


def test_a_view_is_a_read_of_a_patient() -> None:
    event = told()
    assert event["meta"]["profile"] == [f"{PROFILES}.PatientRead"]
    assert (event["action"], event["outcome"], event["subtype"][0]["code"]) == ("R", "0", "read")
    client, server, user = agent(event, "110152"), agent(event, "110153"), agent(event, "IRCP")
    assert client["network"]["extension"][0]["valueCode"] == "unknown"
    assert (server["network"], server["requestor"]) == ({"address": BASE, "type": "5"}, False)
    assert (user["requestor"], "network" in user, user["who"]["identifier"]["value"]) == (True, False, "nurse")
    assert [one["type"]["code"] for one in event["entity"]] == ["1", "2", "XrequestId"]
    assert event["entity"][0]["what"]["reference"] == f"{BASE}/Patient/{EVENT['person']}"
    assert event["entity"][1]["detail"] == [{"type": "RL4/medications/normal", "valueString": "wulfrun/G-NURSE"}]
    assert [one["code"] for one in event["purposeOfEvent"][0]["coding"]] == ["direct-care", "TREAT"]


def test_a_search_is_a_query_that_tells_no_more_than_its_hash() -> None:
    event = told(kind="find", criteria="abc", permitted=None)
    assert event["meta"]["profile"] == [f"{PROFILES}.PatientQuery"]
    assert (event["action"], event["subtype"][0]["code"]) == ("E", "search")
    assert agent(event, "110152")["who"] == event["source"]["observer"]  # in a query the server is the destination
    query = next(one for one in event["entity"] if "query" in one)
    assert (b64decode(query["query"]), "what" in query, "detail" in query) == (b"criteria=abc", False, False)
    assert told(kind="find", person=None)["meta"]["profile"] == [f"{PROFILES}.Query"]


def test_a_copy_that_left_is_a_disclosure_by_its_source() -> None:
    event = told(kind="export")
    assert event["meta"]["profile"] == [f"{PROFILES}.PrivacyDisclosure.Source"]
    assert (event["type"]["code"], event["subtype"][0]["code"]) == ("110106", "disclose")
    assert agent(event, "110153")["who"] == event["source"]["observer"]


def test_a_refusal_is_a_failure_and_claims_no_profile_of_a_success() -> None:
    event = told(kind="denied", permitted=None)
    assert (event["outcome"], "meta" in event) == ("4", False)


def test_a_refusal_names_nobody_as_nobody_was_told_whether_anybody_is_known() -> None:
    for kind in ("denied", "indeterminate-alarm"):
        assert told(kind=kind, permitted=None) == told(kind=kind, permitted=None, person=None)


def test_emergency_access_says_so() -> None:
    assert told(kind="emergency-opened")["subtype"][0]["code"] == "110127"
    assert told(relied_on=["opening/3"])["purposeOfEvent"][1]["coding"][0]["code"] == "BTG"


def test_a_system_is_the_client_that_asked_and_no_user() -> None:
    event = told(issuer="systems", subject="rl4-integration")
    client = agent(event, "110152")
    assert (client["requestor"], client["who"]["identifier"]["value"]) == (True, "rl4-integration")
    assert agent(event, "IRCP") is None


class System:
    def __init__(self, client: TestClient, id: str) -> None:
        given = client.post("/oauth2/token", data=asking(signed(claims(iss=id, sub=id)), "system/*.rs"))
        self.client, self.headers = client, {"authorization": f"Bearer {given.json().get('access_token')}"}

    def get(self, url: str, **parameters: Any) -> Any:
        return self.client.get(url, params=parameters or None, headers=self.headers)

    def events(self, **parameters: Any) -> list[Any]:
        answer = self.get("/fhir/R4/AuditEvent", **parameters)
        assert answer.status_code == 200, answer.text
        return [entry["resource"] for entry in answer.json().get("entry", []) if entry["search"]["mode"] == "match"]


@pytest.fixture(scope="module")
def father(door: Callable[..., Door]) -> str:
    nurse = door()
    person = nurse.person(FATHER)
    assert nurse.get(f"Patient/{person}").status_code == 200
    assert door("gp").get(f"Patient/{person}").status_code == 200
    return person


@pytest.fixture(scope="module")
def system(place: Engine, client: TestClient) -> Callable[[str], System]:
    with transaction(place) as connection:
        for id, scopes in (("auditor", "system/AuditEvent.s"), ("clinical", "system/Condition.rs")):
            register(connection, a_system(id, scopes=scopes), at=datetime.now(UTC))
    return lambda id: System(client, id)


def test_a_partner_is_told_what_its_own_staff_saw_and_nothing_of_others(
    system: Callable[[str], System], father: str
) -> None:
    events = system("auditor").events(patient=father)
    for event in events:
        AuditEvent.model_validate(event)
    assert {agent(one, "PROV")["who"]["identifier"]["value"] for one in events} == {"RL4C"}
    assert "nurse" in {one["agent"][2]["who"]["identifier"]["value"] for one in events}
    assert f"{PROFILES}.PatientQuery" in {one["meta"]["profile"][0] for one in events}


def test_nobody_asks_without_the_scope_and_no_person_at_all(
    system: Callable[[str], System], door: Callable[..., Door], father: str
) -> None:
    assert system("clinical").get("/fhir/R4/AuditEvent", patient=father).status_code == 403
    assert door("ig-lead", "access-review").get("AuditEvent", patient=father).status_code == 403


def test_somebody_unknown_and_somebody_whom_nobody_saw_are_one_answer(
    system: Callable[[str], System], place: Engine
) -> None:
    unseen = "SELECT id FROM person p WHERE NOT EXISTS (SELECT FROM audit_event e WHERE e.person = p.id) LIMIT 1"
    with place.connect() as connection:
        person = connection.execute(text(unseen)).scalar_one()
    assert system("auditor").events(patient=str(person)) == system("auditor").events(patient=str(uuid4())) == []


def test_asking_is_told_to_the_trail_first(system: Callable[[str], System], father: str, place: Engine) -> None:
    system("auditor").events(patient=father)
    told = "SELECT event FROM audit_event WHERE event->>'reason' = 'own-audit' ORDER BY at DESC LIMIT 1"
    with place.connect() as connection:
        event = connection.execute(text(told)).scalar_one()
    assert (event["kind"], event["subject"], event["person"]) == ("audit-read", "auditor", father)


def test_what_one_request_is_told_of_twice_is_two_events(
    system: Callable[[str], System], place: Engine, settings: Settings
) -> None:
    """They share an id in the trail: whoever keeps events by their id would keep the last, and lose the disclosure."""
    at, person, request = datetime.now(UTC) + timedelta(days=2), uuid4(), uuid4()
    look = partial(
        Event, kind=Kind.VIEW, id=request, at=at, actor=Account("local", "nurse"), organisation=OdsCode("RL4C"),
        person=person,
    )  # fmt: skip
    with transaction(place) as connection:
        shown = {"wulfrun/G-NURSE": ("RL4/medications/normal",)}
        record(connection, [look(), look(permitted=shown), look()], key=chain_key(settings))
    events = system("auditor").events(patient=str(person))
    assert len({event["id"] for event in events}) == len(events) == 3
    assert sum("detail" in event["entity"][1] for event in events) == 1
    assert system("auditor").events(patient=str(person)) == events  # the same at each reading


def test_a_days_events_come_in_pages_each_once(system: Callable[[str], System], father: str) -> None:
    auditor, seen = system("auditor"), []
    today = datetime.now(UTC)
    answer = auditor.get("/fhir/R4/AuditEvent", date=f"ge{today - timedelta(days=1):%Y-%m-%d}", _count=1)
    while True:
        bundle = answer.json()
        seen += [entry["resource"]["id"] for entry in bundle.get("entry", []) if entry["search"]["mode"] == "match"]
        onward = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        if not onward:
            break
        answer = auditor.get(onward[0])
        assert answer.status_code == 200, answer.text
    assert len(seen) == len(set(seen)) >= 2
    assert auditor.events(date=f"lt{today - timedelta(days=1):%Y-%m-%d}", patient=father) == []


@pytest.mark.parametrize("asked", [{}, {"date": "soon"}, {"date": "ne2026"}, {"patient": "x"}, {"_count": "0"}])
def test_what_makes_no_sense_is_told(system: Callable[[str], System], asked: dict[str, str]) -> None:
    answer = system("auditor").get("/fhir/R4/AuditEvent", **asked)
    assert (answer.status_code, answer.json()["resourceType"]) == (400, "OperationOutcome")
