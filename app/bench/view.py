"""`pisano bench view`: a person's record, with sign-in, decision and committed audit, against its floor."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median
from typing import Final, NamedTuple
from urllib.request import Request, urlopen
from uuid import UUID

import psycopg

from app.bench.clients import Load, load
from app.bench.floor import keep_answers
from app.bench.processor import seconds_of_family, seconds_of_postgres
from app.database.transactions import plain_address
from app.identity.tokens import issue, token_key
from app.settings import Settings

CLIENTS: Final = 16
SMALLEST, LARGEST = 15_000, 25_000  # bytes: a view of about twenty kilobytes
_PATIENCE: Final = 60  # seconds for a server to start
_MOST_PEOPLE: Final = 500


@dataclass(frozen=True, slots=True)
class Pair:
    """The service and its floor, measured one right after the other."""

    service: Load
    floor: Load


class Server(NamedTuple):
    """A server under measurement, where it listens and which process it is, or began it."""

    port: int
    process: int


class Beside(NamedTuple):
    """The service beside its floor in one process, and in as many as serve the place: each in pairs."""

    of_floor: list[Pair]
    of_floors: list[Pair]


class Measured(NamedTuple):
    """A view beside its floors, and beside itself without the database's lock."""

    beside: Beside
    of_unlocked: list[Pair]


def measure(settings: Settings, url: str, *, rounds: int, duration: float) -> Measured:
    """Measure in pairs, so that a machine whose speed drifts slows both."""
    token = issue(token_key(settings), "gp", role=None, at=datetime.now(UTC))
    with (
        server("service", settings, url) as service,
        server("unlocked", settings, url) as unlocked,
        server("floor", settings, url) as floor,
        server("floors", settings, url) as floors,
    ):
        people = _people_of_size(url, service.port, token)
        asked = [_request(f"/api/persons/{person}?purpose=direct-care", token) for person in people]
        bare = [_request(f"/{person}", token) for person in people]
        return Measured(
            Beside(
                measure_pairs(settings, (service, asked), (floor, bare), rounds=rounds, duration=duration),
                measure_pairs(settings, (service, asked), (floors, bare), rounds=rounds, duration=duration),
            ),
            measure_pairs(settings, (service, asked), (unlocked, asked), rounds=rounds, duration=duration),
        )


def measure_pairs(
    settings: Settings,
    service: tuple[Server, Sequence[bytes]],
    floor: tuple[Server, Sequence[bytes]],
    *,
    rounds: int,
    duration: float,
) -> list[Pair]:
    """Ask each for its own requests, once to warm it, and then in turn."""
    for each, requests in (service, floor):
        load(each.port, requests, clients=CLIENTS, duration=min(duration, 2.0))
    return [
        Pair(_loaded(settings, *service, duration=duration), _loaded(settings, *floor, duration=duration))
        for _ in range(rounds)
    ]


def _loaded(settings: Settings, asked: Server, requests: Sequence[bytes], *, duration: float) -> Load:
    processor, database = seconds_of_family(asked.process), seconds_of_postgres(settings)
    measured = load(asked.port, requests, clients=CLIENTS, duration=duration)
    return replace(
        measured,
        processor=(seconds_of_family(asked.process) - processor) / measured.answers,
        database=(seconds_of_postgres(settings) - database) / measured.answers,
    )


def throughput_ratio(pairs: Sequence[Pair]) -> float:
    """The service's answers a second over the floor's, pair by pair: the median."""
    return median(pair.service.rate / pair.floor.rate for pair in pairs)


def tail_ratio(pairs: Sequence[Pair]) -> float:
    """The service's 99th percentile over the floor's, pair by pair: the median."""
    return median(pair.service.p99 / pair.floor.p99 for pair in pairs)


def processor_ratio(pairs: Sequence[Pair]) -> float:
    """The service's processor time an answer over the floor's, pair by pair: the median; 0 where nobody counts."""
    return median(pair.service.processor / (pair.floor.processor or 1) for pair in pairs)


def lock_ratio(pairs: Sequence[Pair]) -> float:
    """The processor time of an answer, PostgreSQL's too, over what it takes without the lock: the median of pairs."""
    return median(
        (pair.service.processor + pair.service.database) / (pair.floor.processor + pair.floor.database or 1)
        for pair in pairs
    )


def _people_of_size(url: str, port: int, token: str) -> list[UUID]:
    """People whose record is of the size that is promised; what they are answered is put where the floor reads it."""
    with psycopg.connect(plain_address(url)) as connection:
        likely = connection.execute(
            """
            SELECT e.person_id FROM entry e JOIN relationship r ON r.person_id = e.person_id AND r.kind = 'registration'
            GROUP BY e.person_id HAVING count(*) BETWEEN 15 AND 80 ORDER BY e.person_id LIMIT %s
            """,
            (_MOST_PEOPLE * 4,),
        ).fetchall()
    answers = [(person, _answer(port, person, token)) for (person,) in likely]
    sized = [(person, answer) for person, answer in answers if SMALLEST <= len(answer) <= LARGEST][:_MOST_PEOPLE]
    keep_answers(url, sized)
    return [person for person, _ in sized]


def _answer(port: int, person: UUID, token: str) -> bytes:
    address = f"http://127.0.0.1:{port}/api/persons/{person}?purpose=direct-care"
    with urlopen(Request(address, headers={"authorization": f"Bearer {token}"})) as answer:
        content: bytes = answer.read()
        return content


def _request(path: str, token: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\r\n".encode()


@contextmanager
def server(which: str, settings: Settings, url: str) -> Iterator[Server]:
    """One server: the service, its floor in one process or several, or the service without the database's lock."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "app.bench.server", which, str(settings.var), str(port)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # noqa: S603  # ours
    assert process.stdin is not None  # noqa: S101  # as asked for
    try:
        process.stdin.write(f"{url}\n")  # not among the arguments, which other users can read
        process.stdin.flush()
        _await(port)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _await(port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
