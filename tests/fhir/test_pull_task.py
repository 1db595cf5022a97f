"""An action that a team gives to a partner's system, and its status coming back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from fhir.resources.R4B.task import Task
from starlette.testclient import TestClient

from app.database import open_engine, transaction
from app.identity.systems.store import register
from app.main import create_app
from app.settings import Settings
from tests.identity.systems import a_system, asking, claims, signed
from tests.mdt.conftest import Wulfrun, opened, place_url, settings, wulfrun
from tests.mdt.test_action import Discussed

__all__ = ["opened", "place_url", "settings", "wulfrun"]

SYSTEM = {"name": "Integration engine", "organisation": "RL4C", "issuer": "systems", "account": "rl4-integration"}


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
        for id in ("rl4-integration", "another"):
            register(connection, a_system(id, scopes="system/*.cruds"), at=datetime.now(UTC))
    engine.dispose()
    with TestClient(create_app(settings, place_url), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def system(client: TestClient) -> Door:
    return Door(client, "rl4-integration")


def test_an_action_is_a_task_to_the_system_that_owns_it_and_to_no_other(
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
    assert {event["subject"] for event in events} == {"rl4-integration"}


def test_a_status_that_comes_back_is_a_step_of_the_action(system: Door, wulfrun: Wulfrun, action: UUID) -> None:
    accepted = system.put(action, "accepted", version=1)
    assert (accepted.status_code, accepted.headers["etag"]) == (200, 'W/"2"')
    held = accepted.json()
    done = system.put(action, "completed", None, meta=held["meta"], output=[
        {"type": {"text": "Result"}, "valueString": "It shuts"}])  # fmt: skip

    assert done.json()["output"][0]["valueString"] == "It shuts"
    assert wulfrun.state("action", action) == "done"


@pytest.mark.parametrize(
    ("status", "words", "version", "answered"),
    [
        ("completed", "Done", 1, 409),  # it was not accepted yet
        ("accepted", "Yes", 9, 412),
        ("accepted", None, 1, 400),
        ("accepted", "Yes", None, 400),
        ("ready", "Yes", 1, 400),
        ("accepted", "x" * 5000, 1, 422),
    ],
)
def test_a_status_that_cannot_be_is_refused_and_changes_nothing(
    system: Door, wulfrun: Wulfrun, action: UUID, status: str, words: str | None, version: int | None, answered: int
) -> None:
    refused = system.put(action, status, words, version=version)

    assert refused.status_code == answered, refused.text
    assert refused.json()["resourceType"] == "OperationOutcome"
    assert wulfrun.state("action", action) == "offered"
