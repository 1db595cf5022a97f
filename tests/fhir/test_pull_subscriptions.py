"""Partners' systems are told of what is new: what, where, in which order, and what is never told."""

import hmac
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.database.transactions import transaction
from app.identity.systems.store import register
from app.record.kept.filing import file_entries
from app.record.kept.held import Filed, Source
from app.settings import Settings
from app.subscriptions.store import claim, delivered, failed, unsubscribe
from app.subscriptions.subscription import Status, again_after, signature
from app.vocabulary.category import Category
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry
from tests.conftest import PATIENCE
from tests.fhir.conftest import Door
from tests.fhir.receiver import Receiver, receiving
from tests.fhir.serving import environment
from tests.fhir.telling import focus_of, telling, told, until, waiting
from tests.identity.systems import a_system, asking, claims, signed
from tests.scenarios.test_asking import events, since

TOPIC = "https://pisano.example/fhir/SubscriptionTopic/new-entry"


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(var=tmp_path_factory.mktemp("var"), demonstration=True, loopback_http=True)


class System:
    """A system of the community services, which care for the father."""

    def __init__(self, client: TestClient, id: str) -> None:
        given = client.post("/oauth2/token", data=asking(signed(claims(iss=id, sub=id)), "system/*.cruds"))
        self.client, self.headers = client, {"authorization": f"Bearer {given.json()['access_token']}"}

    def subscribe(self, endpoint: str, **changed: Any) -> Any:
        channel = {"type": "rest-hook", "endpoint": endpoint, "payload": "application/fhir+json"}
        resource = {"resourceType": "Subscription", "status": "requested", "reason": "new entries", "criteria": TOPIC}
        return self.client.post(
            "/fhir/R4/Subscription",
            content=orjson.dumps({**resource, "channel": channel, **changed}),
            headers={**self.headers, "content-type": "application/fhir+json"},
        )

    def get(self, path: str) -> Any:
        return self.client.get(f"/fhir/R4/{path}", headers=self.headers)

    def status(self, id: str) -> str:
        return str(self.get(f"Subscription/{id}").json()["status"])


@pytest.fixture
def system(place: Engine, client: TestClient) -> Iterator[System]:
    with transaction(place) as connection:
        register(connection, a_system(scopes="system/*.cruds"), at=datetime.now(UTC))
        register(connection, a_system("another", scopes="system/*.cruds"), at=datetime.now(UTC))
    yield System(client, "rl4-integration")
    with transaction(place) as connection:
        for table in ("subscription", "delivery", "entry_change", "entry_watch"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        connection.exec_driver_sql("DELETE FROM entry WHERE adapter = 'test'")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def state(engine: Engine, person: str, *keys: str, partner: str = "RL4", category: str = "problems") -> None:
    """A partner states something new of a person, one message for each."""
    at = datetime.now(UTC)
    for key in keys:
        entry = Entry(
            key=f"Condition/{key}",
            category=Category(category),
            resource={"resourceType": "Condition", "code": {"text": f"Stroke {key}"}},
            title="Stroke",
            line=1,
            recorded=at,
        )
        source = Source(partner=OdsCode(partner), adapter="test", message=1, at=at)
        with transaction(engine) as connection:
            file_entries(connection, [Filed(UUID(person), UUID(person), entry)], source)


def numbers(engine: Engine, *keys: str) -> list[str]:
    """The references of entries by the keys under which they were stated."""
    with transaction(engine) as connection:
        rows = connection.exec_driver_sql("SELECT key, id FROM entry WHERE adapter = 'test'").all()
    found = {row.key.removeprefix("Condition/"): f"http://127.0.0.1:8000/fhir/R4/Condition/{row.id}" for row in rows}
    return [found[key] for key in keys]


def test_a_subscriber_is_told_of_a_new_entry_signed_and_without_any_person(
    system: System, receiver: Receiver, settings: Settings, module_database_url: str, place: Engine, door: Any
) -> None:
    gp: Door = door()
    person = gp.person()
    asked = system.subscribe(receiver.address)
    assert asked.status_code == 201
    assert asked.json()["status"] == "requested"
    id, secret = asked.json()["id"], asked.json()["extension"][0]["valueString"]

    with telling(settings, module_database_url, place):
        until(lambda: system.status(id) == "active")
        before = len(events(place))
        state(place, person, "new")
        until(lambda: told(receiver))
    headers, content = receiver.received[-1]

    assert told(receiver) == numbers(place, "new")
    Bundle.model_validate_json(content)
    assert person.encode() not in content
    assert b"Stroke" not in content
    expected = signature(secret, int(headers["pisano-timestamp"]), content)
    assert hmac.compare_digest(headers["pisano-signature"], f"sha256={expected}")
    (event,) = since(place, before)
    assert (event["kind"], event["person"], event["subject"]) == ("export", person, "rl4-integration")
    assert [str(entry) for entry in event["entries"]] == [told(receiver)[0].rpartition("/")[2]]
    read = system.get(told(receiver)[0].removeprefix("http://127.0.0.1:8000/fhir/R4/"))
    assert read.json()["code"]["text"] == "Stroke new"
    assert secret not in system.get(f"Subscription/{id}").text


def test_what_failed_is_told_again_and_a_persons_entries_stay_in_order(
    system: System, receiver: Receiver, settings: Settings, module_database_url: str, place: Engine, door: Any
) -> None:
    person = door().person()
    id = system.subscribe(receiver.address).json()["id"]
    with telling(settings, module_database_url, place):
        until(lambda: system.status(id) == "active")
        receiver.failing = 2
        state(place, person, "a", "b", "c")
        until(lambda: "503" in system.get(f"Subscription/{id}").json().get("error", ""))
        until(lambda: waiting(place) == 0)

    a, b, c = numbers(place, "a", "b", "c")
    assert told(receiver) == [a, a, a, b, c]
    assert len({headers["pisano-delivery"] for headers, _ in receiver.received}) == 4
    assert "error" not in system.get(f"Subscription/{id}").json()


def test_a_worker_that_is_killed_while_telling_leaves_it_to_be_told_again(
    system: System, receiver: Receiver, settings: Settings, module_database_url: str, place: Engine, door: Any
) -> None:
    person = door().person()
    id = system.subscribe(receiver.address).json()["id"]
    worker = subprocess.Popen(
        [sys.executable, "-c", "from app.cli import main; main()", "worker"],
        env=environment(settings, module_database_url, PISANO_LOOPBACK_HTTP="true"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: system.status(id) == "active")
        with receiver.lock:  # nobody is answered
            state(place, person, "first", "second")
            until(lambda: _claimed(place))
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait(PATIENCE)
    finally:
        worker.kill()
        worker.wait(PATIENCE)
    assert waiting(place) == 2

    with transaction(place) as connection:  # the minute passes for which it was the dead worker's
        connection.exec_driver_sql("UPDATE delivery SET due = now()")
    before = len(receiver.received)
    with telling(settings, module_database_url, place):
        until(lambda: waiting(place) == 0)
    assert [focus_of(content) for _, content in receiver.received[before:]][-2:] == numbers(place, "first", "second")


def _claimed(engine: Engine) -> bool:
    with transaction(engine) as connection:
        return bool(connection.exec_driver_sql("SELECT count(*) FROM delivery WHERE attempts > 0").scalar_one())


def test_nobody_is_told_of_what_they_may_not_read_or_stated_themselves_or_of_others_people(
    system: System, receiver: Receiver, settings: Settings, module_database_url: str, place: Engine, door: Any
) -> None:
    person = door().person()
    with transaction(place) as connection:
        stranger = connection.exec_driver_sql(
            "SELECT id FROM person WHERE id NOT IN"
            " (SELECT person_id FROM relationship WHERE organisation = 'RL4C') AND merged_into IS NULL"
            " ORDER BY id LIMIT 1"
        ).scalar_one()
    id = system.subscribe(receiver.address).json()["id"]
    with telling(settings, module_database_url, place):
        until(lambda: system.status(id) == "active")
        state(place, person, "result", category="results")
        state(place, person, "own", partner="RL4C")
        state(place, str(stranger), "stranger")
        state(place, person, "permitted")
        until(lambda: told(receiver))
        until(lambda: waiting(place) == 0)

    assert told(receiver) == numbers(place, "permitted")


def test_an_address_is_told_nothing_until_it_shows_that_it_wants_this(
    system: System, receiver: Receiver, settings: Settings, module_database_url: str, place: Engine, door: Any
) -> None:
    receiver.deaf = True
    id = system.subscribe(receiver.address).json()["id"]
    with receiving() as elsewhere:
        redirecting = system.subscribe(receiver.address + "/x").json()["id"]
        with telling(settings, module_database_url, place):
            until(lambda: len(receiver.received) >= 2)
            state(place, door().person(), "early")
            receiver.redirect = elsewhere.address
            until(lambda: "307" in system.get(f"Subscription/{redirecting}").json().get("error", ""))
    assert elsewhere.received == []
    assert (system.status(id), system.status(redirecting)) == ("requested", "requested")
    assert told(receiver) == []


def test_an_address_that_an_operator_allows_no_longer_is_told_nothing(
    system: System, receiver: Receiver, settings: Settings, module_database_url: str, place: Engine
) -> None:
    id = system.subscribe(receiver.address).json()["id"]
    narrower = settings.model_copy(update={"loopback_http": False, "subscription_hosts": frozenset({"other.example"})})
    with telling(narrower, module_database_url, place):
        until(lambda: "allowed no longer" in system.get(f"Subscription/{id}").json().get("error", ""))
    assert receiver.received == []


def test_one_who_answers_byte_by_byte_keeps_nobody_else_waiting(
    system: System,
    receiver: Receiver,
    settings: Settings,
    module_database_url: str,
    place: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.subscriptions.telling._SECONDS", 0.3)
    receiver.pause = 0.05
    id = system.subscribe(receiver.address).json()["id"]
    with telling(settings, module_database_url, place):
        until(lambda: "does not answer" in system.get(f"Subscription/{id}").json().get("error", ""))


def test_who_begins_to_be_told_while_another_ends_is_told_what_happens(
    system: System, receiver: Receiver, place: Engine
) -> None:
    ends = UUID(system.subscribe(receiver.address).json()["id"])
    _confirm(place)
    system.subscribe(receiver.address + "/x")
    with ThreadPoolExecutor(1) as pool:
        with transaction(place) as connection:
            begins = claim(connection, datetime.now(UTC))
            assert begins is not None
            delivered(connection, begins)
            ending = pool.submit(_end, place, ends)
            until(lambda: ending.done() or _somebody_waits(place))
        assert ending.result(60)

    with transaction(place) as connection:
        assert connection.exec_driver_sql("SELECT topic FROM entry_watch").scalars().all() == ["new-entry"]


def _confirm(engine: Engine) -> None:
    with transaction(engine) as connection:
        one = claim(connection, datetime.now(UTC))
        assert one is not None
        delivered(connection, one)


def _end(engine: Engine, id: UUID) -> bool:
    with transaction(engine) as connection:
        return unsubscribe(connection, id, "rl4-integration")


def _somebody_waits(engine: Engine) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with transaction(engine) as connection:
        return bool(connection.exec_driver_sql(waiting).scalar_one())


def test_an_address_that_is_not_allowed_is_not_taken(system: System) -> None:
    for endpoint in ("https://example.org/told", "http://169.254.169.254/latest", "file:///etc/passwd", "x"):
        refused = system.subscribe(endpoint)
        assert (refused.status_code, refused.json()["resourceType"]) == (400, "OperationOutcome")
        assert endpoint not in refused.text


@pytest.mark.parametrize(
    "changed",
    [
        {"criteria": "Condition?code=F03"},
        {"channel": {"type": "email", "endpoint": "http://127.0.0.1/x"}},
        {"channel": {"type": "rest-hook"}},
        {"channel": {"type": "rest-hook", "endpoint": "http://127.0.0.1/x", "header": ["Authorization: x"]}},
        {"channel": 3},
        {"resourceType": "Basic"},
    ],
)
def test_what_is_no_subscription_of_ours_is_refused(system: System, changed: dict[str, Any]) -> None:
    assert system.subscribe("http://127.0.0.1/x", **changed).status_code == 400


def test_a_subscription_is_its_systems_alone(system: System, client: TestClient, door: Any) -> None:
    id = system.subscribe("http://127.0.0.1:9/told").json()["id"]
    other = System(client, "another")

    assert other.get(f"Subscription/{id}").status_code == 404
    assert "entry" not in other.get("Subscription").json()
    assert client.delete(f"/fhir/R4/Subscription/{id}", headers=other.headers).status_code == 404
    assert client.get(f"/fhir/R4/Subscription/{id}", headers=door().who.headers).status_code == 403
    assert [one["resource"]["id"] for one in system.get("Subscription").json()["entry"]] == [id]
    assert client.delete(f"/fhir/R4/Subscription/{id}", headers=system.headers).status_code == 204
    assert system.status(id) == "off"


def test_an_address_that_fails_for_days_is_given_up_and_that_is_seen(system: System, place: Engine) -> None:
    id = system.subscribe("http://127.0.0.1:9/told").json()["id"]
    at, statuses = datetime.now(UTC), []
    for passed in (timedelta(0), timedelta(days=2, hours=23), timedelta(days=3)):
        with transaction(place) as connection:
            one = claim(connection, at + passed)
            assert one is not None
            statuses.append(failed(connection, one, "the address answered 503", at=at + passed))

    assert statuses == [Status.REQUESTED, Status.REQUESTED, Status.ERROR]
    seen = system.get(f"Subscription/{id}").json()
    assert (seen["status"], seen["error"]) == ("error", "the address answered 503")
    assert waiting(place) == 0


def test_waiting_doubles_up_to_an_hour() -> None:
    assert [again_after(attempt).total_seconds() for attempt in (1, 2, 3, 11, 12, 500)] == [2, 4, 8, 2048, 3600, 3600]


def test_nothing_is_noted_while_nobody_is_told(system: System, place: Engine, door: Any) -> None:
    state(place, door().person(), "unwatched")

    assert waiting(place) == 0
