"""An action that a team gives to a partner's system, and its status coming back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from fhir.resources.R4B.task import Task
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.database.transactions import open_engine, transaction
from app.identity.systems.store import register
from app.main import create_app
from app.mdt.as_fhir.elements import SOURCE
from app.settings import Settings
from app.vocabulary.ods_code import OdsCode
from tests.fhir.receiver import receiving
from tests.fhir.telling import telling, told, until, waiting
from tests.identity.systems import a_system, asking, claims, signed
from tests.mdt.conftest import FATHER, Wulfrun, opened, place_url, wulfrun
from tests.mdt.test_action import NURSE, SOCIAL_WORKER, Discussed

__all__ = ["opened", "place_url", "wulfrun"]

SYSTEM = {"name": "Integration engine", "organisation": "RL4C", "issuer": "systems", "account": "rl4-integration"}


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(var=tmp_path_factory.mktemp("mdt"), demonstration=True, loopback_http=True)


@pytest.fixture
def action(wulfrun: Wulfrun) -> UUID:
    """An action for the father that was given to the system."""
    return Discussed(wulfrun).assign(owner=SYSTEM)


class Door:
    """The FHIR door, as systems open it."""

    def __init__(self, client: TestClient, id: str) -> None:
        given = client.post("/oauth2/token", data=asking(signed(claims(iss=id, sub=id)), "system/*.cruds"))
        self.client, self.headers = client, {"authorization": f"Bearer {given.json()['access_token']}"}

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/fhir/R4/{path}", headers={**self.headers, **headers})

    def of_team(self, kind: str, wulfrun: Wulfrun) -> list[dict[str, Any]]:
        """What of the team's work it finds of the father."""
        answer = self.get(f"{kind}?patient={wulfrun.person(FATHER)}&_source={SOURCE}")
        assert answer.status_code == 200, answer.text
        return [one["resource"] for one in answer.json().get("entry", ())]

    def put(self, id: UUID, status: str, words: str | None = "Done as agreed", **changes: Any) -> Any:
        version = changes.pop("version", None)
        held = {"resourceType": "Task", "id": str(id), "status": status, "intent": "order", **changes}
        told = held | ({"statusReason": {"text": words}} if words else {})
        headers = {**self.headers, "content-type": "application/fhir+json"}
        return self.client.put(
            f"/fhir/R4/Task/{id}",
            content=orjson.dumps(told),
            headers=headers | ({"if-match": f'W/"{version}"'} if version else {}),
        )


@pytest.fixture
def client(wulfrun: Wulfrun, place_url: str, settings: Settings) -> Iterator[TestClient]:
    engine = open_engine(place_url)
    with transaction(engine) as connection:
        for id, organisation in (("rl4-integration", "RL4C"), ("colleague", "RL4C"), ("another", "LA508")):
            one = a_system(id, scopes="system/*.cruds", organisation=OdsCode(organisation))
            register(connection, one, at=datetime.now(UTC))
    engine.dispose()
    with TestClient(create_app(settings, place_url), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def place(place_url: str) -> Iterator[Engine]:
    """Its database, in which nobody has asked to be told anything yet."""
    engine = open_engine(place_url)
    with transaction(engine) as connection:
        for table in ("subscription", "delivery", "entry_change", "entry_watch"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    yield engine
    engine.dispose()


@pytest.fixture
def system(client: TestClient) -> Door:
    return Door(client, "rl4-integration")


def test_an_action_is_a_task_to_the_system_that_owns_it_and_to_no_other_partner(
    system: Door, client: TestClient, wulfrun: Wulfrun, action: UUID
) -> None:
    listed = [entry["resource"] for entry in system.get("Task").json()["entry"]]
    one = system.get(f"Task/{action}")

    assert [task["id"] for task in listed] == [str(action)]
    assert one.json() == listed[0]
    Task.model_validate_json(one.content)
    assert (one.json()["status"], one.json()["description"]) == ("requested", "Mend the window")
    assert system.get(f"Task/{action}", **{"if-none-match": one.headers["etag"]}).status_code == 304
    assert "entry" not in system.get("Task?status=completed").json()
    other = Door(client, "another")
    assert "entry" not in other.get("Task").json()
    assert other.get(f"Task/{action}").content == other.get(f"Task/{uuid4()}").content
    assert other.put(action, "accepted", version=1).status_code == 404


def test_each_reading_is_told_to_the_trail(system: Door, wulfrun: Wulfrun, action: UUID) -> None:
    system.get("Task")
    system.get(f"Task/{action}")

    told = wulfrun.sql("SELECT event::text FROM audit_event WHERE event->>'reason' = 'action/read'")
    events = [orjson.loads(row[0]) for row in told]
    assert [event["request"] for event in events if event["request"] == str(action)] == [str(action)] * 2
    assert {event["subject"] for event in events if event["request"] == str(action)} == {"rl4-integration"}


def test_a_list_that_is_as_it_was_is_one_event_that_leads_to_whom_it_is_about(
    client: TestClient, wulfrun: Wulfrun
) -> None:
    discussed = Discussed(wulfrun)
    action, nurses = discussed.assign(owner=SYSTEM), discussed.assign(owner=NURSE)
    system = Door(client, "rl4-integration")
    read = system.get("Task")
    before = events(wulfrun)
    polled = system.get("Task", **{"if-none-match": read.headers["etag"]})

    assert (polled.status_code, polled.content, polled.headers["etag"]) == (304, b"", read.headers["etag"])
    (told,) = [one for one in events(wulfrun) if one not in before]
    assert (told["reason"], told["subject"]) == ("action/unchanged", "rl4-integration")
    under = [one for one in before if one.get("criteria") == told["criteria"]]
    assert {one["request"] for one in under} == {str(action), str(nurses)}
    assert {one["person"] for one in under} == {str(wulfrun.person(FATHER))}


def test_a_list_is_answered_anew_to_who_holds_another(client: TestClient, wulfrun: Wulfrun) -> None:
    discussed = Discussed(wulfrun)
    action, nurses = discussed.assign(owner=SYSTEM), discussed.assign(owner=NURSE)
    system, colleague = Door(client, "rl4-integration"), Door(client, "colleague")
    etag = system.get("Task").headers["etag"]

    assert system.get("Task?status=completed", **{"if-none-match": etag}).status_code == 200  # another search
    assert colleague.get("Task", **{"if-none-match": etag}).status_code == 200  # another system's
    assert system.get("Task", **{"if-none-match": "*"}).status_code == 200  # none that was answered
    assert system.put(action, "accepted", version=1).status_code == 200
    changed = system.get("Task", **{"if-none-match": etag})
    assert changed.status_code == 200
    assert {one["resource"]["id"] for one in changed.json()["entry"]} == {str(action), str(nurses)}
    wulfrun.objects(FATHER, organisation="RL4C")
    less = system.get("Task", **{"if-none-match": changed.headers["etag"]})
    assert [one["resource"]["id"] for one in less.json()["entry"]] == [str(action)]  # decided anew: but for its own


def events(wulfrun: Wulfrun) -> list[dict[str, Any]]:
    return [orjson.loads(row[0]) for row in wulfrun.sql("SELECT event::text FROM audit_event")]


def test_a_status_that_comes_back_is_a_step_of_the_action(system: Door, wulfrun: Wulfrun, action: UUID) -> None:
    accepted = system.put(action, "accepted", version=1)
    assert (accepted.status_code, accepted.headers["etag"]) == (200, 'W/"2"')
    held = accepted.json()
    done = system.put(action, "completed", None, meta=held["meta"], output=[
        {"type": {"text": "Result"}, "valueString": "It shuts"}])  # fmt: skip

    assert done.json()["output"][0]["valueString"] == "It shuts"
    assert wulfrun.state("action", action) == "done"


def test_a_status_that_cannot_be_is_refused_and_changes_nothing(system: Door, wulfrun: Wulfrun, action: UUID) -> None:
    for status, words, version, answered in (
        ("completed", "Done", 1, 409),  # it was not accepted yet
        ("accepted", "Yes", 9, 412),
        ("accepted", None, 1, 400),
        ("accepted", "Yes", None, 400),
        ("ready", "Yes", 1, 400),
        ("accepted", "x" * 5000, 1, 422),
    ):
        before = system.get(f"Task/{action}")
        refused = system.put(action, status, words, version=version)

        assert refused.status_code == answered, (status, version, refused.text)
        assert refused.json()["resourceType"] == "OperationOutcome"
        assert wulfrun.state("action", action) == "offered"
        assert system.get(f"Task/{action}").content == before.content


def test_a_system_reads_its_organisations_open_actions_of_people_of_whom_it_may_read_actions(
    client: TestClient, wulfrun: Wulfrun
) -> None:
    discussed = Discussed(wulfrun)
    nurses, theirs = discussed.assign(owner=NURSE), discussed.assign(owner=SOCIAL_WORKER)
    system = Door(client, "rl4-integration")

    assert [one["resource"]["id"] for one in system.get("Task").json()["entry"]] == [str(nurses)]
    assert system.get(f"Task/{nurses}").json()["description"] == "Mend the window"
    assert system.get(f"Task/{theirs}").content == system.get(f"Task/{uuid4()}").content
    assert system.put(nurses, "accepted", version=1).status_code == 404  # hers to accept
    wulfrun.objects(FATHER, organisation="RL4C")
    assert "entry" not in system.get("Task").json()
    assert system.get(f"Task/{nurses}").content == system.get(f"Task/{uuid4()}").content


def test_an_outcome_is_read_by_the_systems_of_those_who_may_read_the_persons_plans(
    client: TestClient, wulfrun: Wulfrun
) -> None:
    discussed = Discussed(wulfrun)
    system = Door(client, "rl4-integration")
    unknown = system.get(f"Task/{uuid4()}").content
    assert system.get(f"Task/{discussed.item}").content == unknown  # nothing is decided yet
    discussed.assign(owner=SOCIAL_WORKER)
    concluded(discussed)

    read = system.get(f"Task/{discussed.item}").json()
    Task.model_validate(read)
    assert [list(one.values())[1] for one in read["output"]] == ["plan-agreed", "2026-09-01"]
    assert "entry" not in system.get("Task").json()
    assert Door(client, "another").get(f"Task/{discussed.item}").json() == read
    wulfrun.objects(FATHER, organisation="RL4C")
    assert system.get(f"Task/{discussed.item}").content == unknown


def test_an_outcome_is_kept_from_an_organisation_to_which_the_person_objects(
    client: TestClient, wulfrun: Wulfrun
) -> None:
    discussed = Discussed(wulfrun, agreement={"stance": "objects", "objects_to": ["LA508"]})
    discussed.assign(owner=NURSE)
    concluded(discussed)

    assert Door(client, "another").get(f"Task/{discussed.item}").status_code == 404


def test_a_system_reads_what_its_organisation_referred_and_what_became_of_it_and_nobody_elses(
    client: TestClient, wulfrun: Wulfrun
) -> None:
    made = wulfrun.refer(FATHER, situation="What the nurse saw")
    wulfrun.refer(FATHER, "social-worker", situation="What the social worker saw")
    wulfrun.does("chair", "referrals", "ask", made.id, version=2, reason="Is his son told?")
    ours, theirs = Door(client, "rl4-integration"), Door(client, "another")

    assert ours.of_team("ServiceRequest", wulfrun)[0]["note"][0]["text"] == "ask: Is his son told?"
    assert ours.of_team("ServiceRequest", wulfrun)[0]["status"] == "on-hold"
    for door, said in ((ours, "What the nurse saw"), (theirs, "What the social worker saw")):
        [form] = door.of_team("QuestionnaireResponse", wulfrun)
        assert said in str(form)
        assert door.get(f"QuestionnaireResponse/{form['id']}").json() == form
        assert [one["id"] for one in door.of_team("Task", wulfrun)] == [f"triage-{made.id}"]
    wulfrun.does("nurse", "referrals", "answer", made.id, version=3, reason="Yes")
    wulfrun.does("chair", "referrals", "redirect", made.id, version=4, reason="It is theirs", to="Falls clinic")
    [request] = ours.of_team("ServiceRequest", wulfrun)
    assert (request["status"], [one["text"] for one in request["note"]]) == ("revoked", ["redirect: It is theirs"])
    wulfrun.objects(FATHER, organisation="RL4C")
    assert ours.get(f"ServiceRequest/{made.id}").content == ours.get(f"ServiceRequest/{uuid4()}").content


def test_a_system_reads_that_a_team_looks_after_somebody_who_leads_and_what_was_decided(
    client: TestClient, wulfrun: Wulfrun
) -> None:
    discussed = Discussed(wulfrun)
    wulfrun.does("nurse", "items", "note", discussed.item, version=2, rationale="He fell", summary="Said of him")
    nurses, theirs = discussed.assign(owner=NURSE), discussed.assign(owner=SOCIAL_WORKER)
    concluded(discussed, version=3)
    system = Door(client, "rl4-integration")

    [episode], [team], [plan] = (system.of_team(kind, wulfrun) for kind in ("EpisodeOfCare", "CareTeam", "CarePlan"))
    assert (episode["status"], len(episode["referralRequest"])) == ("active", 1)
    assert team["managingOrganization"] == [{"reference": "Organization/northgate"}]
    assert (plan["title"], "description" in plan) == ("Plan agreed", False)
    assert [one["reference"]["reference"] for one in plan["activity"]] == [f"Task/{nurses}"]
    assert str(theirs) not in str(plan)
    assert system.get("HealthcareService/northgate").json()["name"] == "Multidisciplinary team of Northgate"
    unknown = system.get(f"EpisodeOfCare/{uuid4()}").content
    for kind, id in (
        ("Encounter", discussed.item), ("Composition", discussed.item), ("Composition", f"pack-{discussed.item}"),
        ("DocumentReference", discussed.item), ("Appointment", discussed.meeting["id"]),
        ("List", f"agenda-{discussed.meeting['id']}"), ("RequestGroup", f"{discussed.item}.1"),
        ("Flag", f"flag-{episode['id']}"), ("Provenance", f"{episode['id']}.1"),
        ("PractitionerRole", "northgate.chair"),
    ):  # fmt: skip
        assert system.get(f"{kind}/{id}").content == unknown, kind
    for kind in (
        "Encounter",
        "Composition",
        "RequestGroup",
        "Flag",
        "Provenance",
        "Communication",
        "DocumentReference",
    ):
        assert system.of_team(kind, wulfrun) == []
    wulfrun.objects(FATHER, organisation="RL4C")
    for kind, one in (("EpisodeOfCare", episode), ("CareTeam", team), ("CarePlan", plan)):
        assert system.get(f"{kind}/{one['id']}").content == unknown


def test_a_system_of_a_partner_that_the_agreement_lets_read_none_of_it_reads_none_of_it(
    client: TestClient, wulfrun: Wulfrun
) -> None:
    wulfrun.on_caseload(agreement={"stance": "objects", "objects_to": ["LA508"]})
    [episode] = Door(client, "rl4-integration").of_team("EpisodeOfCare", wulfrun)
    other = Door(client, "another")  # to which he objects
    assert other.of_team("EpisodeOfCare", wulfrun) == []
    refused = other.get(f"EpisodeOfCare/{episode['id']}")
    assert refused.content == other.get(f"EpisodeOfCare/{uuid4()}").content
    nobody = other.get(f"EpisodeOfCare?patient={uuid4()}&_source={SOURCE}")
    assert nobody.content == refused.content


def test_systems_are_told_of_actions_of_their_organisation_and_of_outcomes_about_its_people(
    client: TestClient, wulfrun: Wulfrun, place: Engine, place_url: str, settings: Settings
) -> None:
    with receiving() as actions, receiving() as outcomes, receiving() as others:
        door, other = Door(client, "rl4-integration"), Door(client, "another")
        asked = [
            subscribed(door, "action-assigned", actions.address),
            subscribed(door, "mdt-outcome", outcomes.address),
            subscribed(other, "action-assigned", others.address),
        ]
        with telling(settings, place_url, place):
            until(lambda: [status(*one) for one in asked] == ["active"] * 3)
            discussed = Discussed(wulfrun)
            nurses, theirs = discussed.assign(owner=NURSE), discussed.assign(owner=SOCIAL_WORKER)
            concluded(discussed)
            until(lambda: told(actions) and told(outcomes) and told(others) and not waiting(place))

    assert [one.rpartition("/R4/")[2] for one in told(actions)] == [f"Task/{nurses}"]
    assert [one.rpartition("/R4/")[2] for one in told(outcomes)] == [f"Task/{discussed.item}"]
    assert [one.rpartition("/R4/")[2] for one in told(others)] == [f"Task/{theirs}"]
    person = str(wulfrun.person(FATHER))
    assert not any(person.encode() in content for _, content in [*actions.received, *outcomes.received])
    events = [orjson.loads(row[0]) for row in wulfrun.sql("SELECT event::text FROM audit_event")]
    disclosed = {
        (one["reason"], one["person"], one["subject"]) for one in events if one.get("reason", "").endswith("/tell")
    }
    assert disclosed == {
        ("action/tell", person, "rl4-integration"),
        ("agenda-item/tell", person, "rl4-integration"),
        ("action/tell", person, "another"),
    }


def test_nobody_is_told_of_an_action_whose_person_objected_meanwhile(
    client: TestClient, wulfrun: Wulfrun, place: Engine, place_url: str, settings: Settings
) -> None:
    with receiving() as receiver:
        one = subscribed(Door(client, "rl4-integration"), "action-assigned", receiver.address)
        with telling(settings, place_url, place):
            until(lambda: status(*one) == "active")
        Discussed(wulfrun).assign(owner=NURSE)
        wulfrun.objects(FATHER, organisation="RL4C")
        with telling(settings, place_url, place):
            until(lambda: not waiting(place))
    assert told(receiver) == []


def concluded(discussed: Discussed, version: int = 2) -> None:
    discussed.wulfrun.does(
        "chair",
        "items",
        "conclude",
        discussed.item,
        version=version,
        outcome="plan-agreed",
        review_on="2026-09-01",
        read_back=discussed.wulfrun.heard(discussed.item),
    )


def subscribed(door: Door, topic: str, endpoint: str) -> tuple[Door, str]:
    """A subscription of a system's."""
    resource = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "to be told",
        "criteria": f"https://pisano.example/fhir/SubscriptionTopic/{topic}",
        "channel": {"type": "rest-hook", "endpoint": endpoint, "payload": "application/fhir+json"},
    }
    headers = {**door.headers, "content-type": "application/fhir+json"}
    answer = door.client.post("/fhir/R4/Subscription", content=orjson.dumps(resource), headers=headers)
    return door, str(answer.json()["id"])


def status(door: Door, id: str) -> str:
    return str(door.get(f"Subscription/{id}").json()["status"])
