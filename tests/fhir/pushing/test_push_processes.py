"""Pushes that are read and filed in a process beside the service: the same answers, and a death that loses nothing."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.audit.keys import CHAIN_KEY
from app.database.transactions import plain_address, transaction
from app.fhir.push import filers
from app.fhir.push.filers import Filers
from app.identity.systems.store import register
from app.main import create_app
from app.settings import Settings
from app.vocabulary.ods_code import OdsCode
from tests.fhir.pushing.sender import System, about, bundle, condition, patient, post, statuses
from tests.identity.systems import a_system, asking, claims, signed
from tests.intake.feed import column

PATIENCE = 60.0  # seconds


@pytest.fixture(scope="module")
def system(place: Engine, module_database_url: str, settings: Settings) -> Iterator[System]:
    """A system of a place that files pushes in one process beside it."""
    with transaction(place) as connection:
        register(connection, a_system("beside", "system/*.cruds", organisation=OdsCode("RL4")), at=datetime.now(UTC))
        register(connection, a_system("reader", "system/*.rs", organisation=OdsCode("RL4")), at=datetime.now(UTC))
    with TestClient(create_app(settings, module_database_url, push_processes=1), raise_server_exceptions=False) as one:
        yield signed_in(one, "beside", "system/*.cruds")


def signed_in(client: TestClient, name: str, scopes: str) -> System:
    form = asking(signed(claims(iss=name, sub=name)), scopes)
    return System(client, client.post("/oauth2/token", data=form).json()["access_token"])


def test_what_is_pushed_is_filed_at_once_and_the_same_again_changes_nothing(system: System, place: Engine) -> None:
    person = "urn:uuid:0b2cd5c2-6f0e-4bb0-8c55-7a5c2fd0a001"
    sent = (post(patient(20), fullUrl=person), post(condition(21, about(20))))

    assert statuses(system.bundle("transaction", *sent)) == ["201", "201"]
    assert column(place, "SELECT count(*) FROM entry WHERE key LIKE '%%|P21'") == [1]
    assert statuses(system.bundle("transaction", *sent)) == ["200", "200"]
    assert system.send("POST", "/Condition", condition(22, about(20))).status_code == 201


def test_health_tells_that_those_who_file_have_begun(system: System) -> None:
    assert system.bundle("transaction", post(patient(0))).status_code == 200
    assert system.client.get("/health/ready").json()["checks"]["filing"] == "ready"


def test_health_tells_that_those_who_file_cannot_begin(tmp_path: Path, module_database_url: str) -> None:
    place = Settings(var=tmp_path)
    place.secrets_folder.mkdir(parents=True, exist_ok=True)
    (place.secrets_folder / CHAIN_KEY).write_text("no key")
    without_keys = Filers(place, module_database_url, many=1)
    until = time.monotonic() + PATIENCE
    while "cannot begin" not in (told := without_keys.obstacle() or ""):
        assert told == "the processes that file what is pushed are beginning"
        assert time.monotonic() < until
        time.sleep(0.05)
    without_keys.stop()


@pytest.mark.parametrize(
    "sent",
    [
        b"{",
        b'{"resourceType":"Patient"}',
        bundle("transaction", post(condition(3, about(0), code=None))),
        bundle("batch", post(condition(4, about(0))), post({**condition(5, about(0)), "subject": {"display": "x"}})),
    ],
)
def test_every_refusal_and_rehearsal_is_that_of_the_services_own_threads(
    system: System, acute: System, sent: Any
) -> None:
    for address in ("", "/Bundle/$validate"):
        beside, within = (one.send("POST", address, sent) for one in (system, acute))
        if address or within.status_code != 200:
            assert (beside.status_code, beside.json()) == (within.status_code, within.json())


def test_a_system_does_there_too_only_what_its_token_permits(system: System) -> None:
    reader = signed_in(system.client, "reader", "system/*.rs")

    assert reader.bundle("transaction", post(patient(0))).status_code == 403


def test_a_process_that_dies_is_replaced_and_its_client_sends_the_same_again(system: System, place: Engine) -> None:
    for child in multiprocessing.active_children():
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
    sent, until = (post(patient(0)), post(condition(6, about(0)))), time.monotonic() + PATIENCE
    answers = [system.bundle("transaction", *sent)]
    while answers[-1].status_code == 503:
        assert time.monotonic() < until
        assert answers[-1].json()["resourceType"] == "OperationOutcome"
        answers.append(system.bundle("transaction", *sent))

    assert statuses(answers[-1])[0] in ("200", "201")
    assert column(place, "SELECT count(*) FROM entry WHERE key LIKE '%%|P6'") == [1]


def test_a_push_whose_tables_are_held_is_told_so_and_holds_up_no_process(
    place: Engine, module_database_url: str, settings: Settings, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filers, "PATIENCE", "200ms")
    application = create_app(settings, module_database_url, push_processes=1)
    with TestClient(application, raise_server_exceptions=False) as client:
        hasty = System(client, system.headers["authorization"].removeprefix("Bearer "))
        with psycopg.connect(plain_address(module_database_url)) as administrator:
            administrator.execute("LOCK TABLE entry IN ACCESS EXCLUSIVE MODE")
            told = hasty.bundle("transaction", post(patient(7)))
            administrator.rollback()
        assert told.status_code == 503
        assert told.json()["issue"][0]["diagnostics"].startswith("this is being changed just now")
        assert column(place, "SELECT count(*) FROM inbox_message WHERE state = 'received'") == [0]
        assert statuses(hasty.bundle("transaction", post(patient(7)))) == ["201"]
