"""A place that several processes serve is one place: whoever of them answers, whatever becomes of any of them."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.database.transactions import open_engine, transaction
from app.identity.tokens import issue, token_key
from app.settings import ROOT, Settings
from tests.conftest import PATIENCE
from tests.fhir.serving import serving
from tests.identity.people import Browser, put_person

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are found as Linux tells them")


class Served:
    """A place that two processes serve, and which they are just now."""

    def __init__(self, address: str, process: "subprocess.Popen[bytes]") -> None:
        self.address, self.process = address, process

    def those_who_answer(self) -> list[int]:
        return begun_by(self.process.pid)

    def both(self) -> list[int]:
        until(lambda: len(self.those_who_answer()) == 2)
        return self.those_who_answer()

    @contextmanager
    def answered_by(self, one: int) -> Iterator[httpx.Client]:
        """Somebody who asks while all but one of the processes are asleep."""
        others = [each for each in self.both() if each != one]
        for each in others:
            os.kill(each, signal.SIGSTOP)
        try:
            with httpx.Client(base_url=self.address, timeout=PATIENCE) as client:
                yield client
        finally:
            for each in others:
                os.kill(each, signal.SIGCONT)


def begun_by(process: int) -> list[int]:
    return [int(one) for told in Path(f"/proc/{process}/task").glob("*/children") for one in told.read_text().split()]


def all_begun_by(process: int) -> list[int]:
    return [one for child in begun_by(process) for one in (child, *all_begun_by(child))]


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(var=tmp_path_factory.mktemp("var"), demonstration=True)


@pytest.fixture(scope="module")
def place(module_database_url: str) -> Iterator[Engine]:
    engine = open_engine(module_database_url)
    put_person(engine, "nurse")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def served(place: Engine, module_database_url: str, settings: Settings) -> Iterator[Served]:
    with serving(settings, module_database_url, PISANO_SERVICE_PROCESSES="2") as (address, process):
        opened = Served(address, process)
        for one in opened.both():  # each may still be beginning
            with opened.answered_by(one) as client:
                assert client.get("/health/ready").json()["ready"]
        yield opened


def browser(client: httpx.Client) -> Browser:
    return Browser(cast(TestClient, client))


def test_whoever_signs_in_with_one_is_known_to_the_other_and_signed_out_of_both(served: Served) -> None:
    first, second = served.both()
    with served.answered_by(first) as client:
        browser(client).sign_in("nurse")
        held = dict(client.cookies)
    with served.answered_by(second) as client:
        client.cookies.update(held)
        said = client.get("/session").json()
        assert said["name"] == "Nell Rushton"
        ended = client.post("/sign-out", data={"csrf": said["csrf"]}, headers={"sec-fetch-site": "same-origin"})
        assert ended.status_code == 303
    with served.answered_by(first) as client:
        client.cookies.update(held)
        assert client.get("/session").status_code == 401


def test_wrong_passwords_are_counted_whichever_is_told_them(served: Served, place: Engine) -> None:
    put_person(place, "forgetful")
    for one in served.both():
        with served.answered_by(one) as client:
            browser(client).sign_in("forgetful", "a guess of somebody")
    with transaction(place) as connection:
        query = "SELECT wrong FROM account_password WHERE username = 'forgetful'"
        assert connection.exec_driver_sql(query).scalar_one() == 2


def answered(client: httpx.Client) -> float:
    told = client.get("/metrics").text.splitlines()
    counted = 'pisano_request_seconds_count{method="GET",route="/health/live",status="200"}'
    return sum(float(line.rpartition(" ")[2]) for line in told if line.startswith(counted))


def test_figures_are_those_of_all_who_answer(served: Served) -> None:
    first, second = served.both()
    with served.answered_by(first) as client:
        before = answered(client)
        for _ in range(3):
            client.get("/health/live")
        until(lambda: answered(client) == before + 3)  # an answer is counted once it has left
    with served.answered_by(second) as client:
        for _ in range(2):
            client.get("/health/live")
        until(lambda: answered(client) == before + 5)
        assert "pisano_database_up 1.0" in client.get("/metrics").text


def test_one_that_dies_is_begun_anew_and_nothing_that_was_answered_is_forgotten(
    served: Served, place: Engine, settings: Settings
) -> None:
    """A refusal is told to the trail before it is answered: whoever asks goes on all the while."""
    first, _ = before = served.both()
    with served.answered_by(first) as client:
        counted = answered(client)
    told: list[UUID] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            with suppress(httpx.TransportError), httpx.Client(base_url=served.address, timeout=PATIENCE) as client:
                while not over.is_set():
                    person = uuid4()
                    path = f"/api/persons/{person}?purpose=direct-care"
                    answer = client.get(path, headers={"authorization": f"Bearer {token}"})
                    assert answer.status_code == 404
                    told.append(person)

    token = issue(token_key(settings), "nurse", role=None, at=datetime.now(UTC))
    asking = [threading.Thread(target=ask) for _ in range(4)]
    for one in asking:
        one.start()
    until(lambda: len(told) > 50)
    os.kill(first, signal.SIGKILL)
    until(lambda: first not in served.those_who_answer() and len(served.those_who_answer()) == 2)
    at_its_death = len(told)
    until(lambda: len(told) > at_its_death + 50)
    over.set()
    for one in asking:
        one.join()
    (anew,) = set(served.both()) - set(before)
    with served.answered_by(anew) as client:
        assert answered(client) >= counted
        assert client.get("/health/ready").json()["ready"]
    with transaction(place) as connection:
        known = set(connection.exec_driver_sql("SELECT person FROM audit_event WHERE person IS NOT NULL").scalars())
    assert set(told) <= known


def test_all_end_where_whoever_began_them_is_killed_and_those_who_file_for_them(
    place: Engine, module_database_url: str, settings: Settings, tmp_path: Path
) -> None:
    more = {"PISANO_SERVICE_PROCESSES": "2", "PISANO_PUSH_PROCESSES": "2", "TMPDIR": str(tmp_path)}
    with serving(settings, module_database_url, **more) as (address, process):
        until(lambda: httpx.get(f"{address}/health/ready", timeout=PATIENCE).status_code == 200)
        until(lambda: len(all_begun_by(process.pid)) >= 2 + 2 * 3)  # each with one who files, and what begins those
        begun = all_begun_by(process.pid)
        process.kill()
        until(lambda: not any(Path(f"/proc/{one}").exists() for one in begun))


def test_all_end_when_whoever_began_them_is_told_to_stop(served: Served) -> None:
    """The last of those who need the place."""
    both = served.both()
    served.process.terminate()
    assert served.process.wait(PATIENCE) == 0
    assert not any(Path(f"/proc/{one}").exists() for one in both)


def beside(act: str) -> int:
    """How a process ends that has something done in two others."""
    program = (
        f"import os, sys, time\nfrom app.processes import side_by_side\n{act}\nside_by_side(act, 2) or sys.exit(9)"
    )
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, timeout=PATIENCE).returncode


def test_what_cannot_begin_is_not_begun_again_and_again() -> None:
    assert beside("def act(number): time.sleep(600 * number) or sys.exit(3)") == 9


def test_what_dies_as_soon_as_it_began_is_begun_ever_more_seldom(tmp_path: Path) -> None:
    """Number 1 dies each time, and its fourth asks that all end."""
    begun = tmp_path / "begun"
    act = f"""
def act(number):
    if number == 0:
        time.sleep(600)
    with open({str(begun)!r}, "a+") as file:
        file.write(f"{{time.monotonic()}}\\n")
        file.seek(0)
        if len(file.readlines()) == 4:
            os.kill(os.getppid(), 15)
    sys.exit(1)"""
    assert beside(act) == 0
    at = [float(line) for line in begun.read_text().split()]
    assert all(then - before >= least for before, then, least in zip(at, at[1:], (0.5, 1, 2), strict=False))
