"""`pisano bench fhir`: what partners' systems pull, against the floor of a view."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote
from urllib.request import Request, urlopen
from uuid import UUID

import psycopg

from app.bench.floor import keep_answers
from app.bench.view import Beside, Server, measure_pairs, server
from app.database.transactions import plain_address
from app.identity.tokens import issue, token_key
from app.settings import Settings
from app.vocabulary.fhir_systems import NHS_NUMBER

_PEOPLE: Final = 300
_OF_THE_PRACTICE: Final = """
    SELECT person_nhs_number.person_id, nhs_number FROM person_nhs_number
    JOIN relationship r ON r.person_id = person_nhs_number.person_id AND r.kind = 'registration'
    ORDER BY nhs_number LIMIT %s
"""


def measure_pulling(settings: Settings, url: str, *, rounds: int, duration: float) -> dict[str, Beside]:
    """Measure a search by identifier and `$everything`, each in pairs with its floors."""
    token = issue(token_key(settings), "gp", role=None, at=datetime.now(UTC))
    with (
        server("service", settings, url) as service,
        server("floor", settings, url) as floor,
        server("floors", settings, url) as floors,
    ):
        return {
            asked: _measure(settings, url, service, (floor, floors), requests, rounds=rounds, duration=duration)
            for asked, requests in _asked(url, token).items()
        }


def _asked(url: str, token: str) -> dict[str, dict[UUID, bytes]]:
    with psycopg.connect(plain_address(url)) as connection:
        people = connection.execute(_OF_THE_PRACTICE, (_PEOPLE,)).fetchall()
    return {
        "search by identifier": {
            person: _form("Patient/_search", f"identifier={quote(f'{NHS_NUMBER}|{number}')}", token)
            for person, number in people
        },
        "$everything": {person: _get(f"Patient/{person}/$everything", token) for person, _ in people},
    }


def _measure(
    settings: Settings,
    url: str,
    service: Server,
    floors: tuple[Server, Server],
    requests: Mapping[UUID, bytes],
    *,
    rounds: int,
    duration: float,
) -> Beside:
    keep_answers(url, [(person, _answer(service.port, request)) for person, request in requests.items()])
    asked = list(requests.values())
    bare = [f"GET /{person} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode() for person in requests]
    pairs = [
        measure_pairs(settings, (service, asked), (floor, bare), rounds=rounds, duration=duration) for floor in floors
    ]
    return Beside(*pairs)


def _answer(port: int, request: bytes) -> bytes:
    """What the service answers to a request, as the clients send it."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    method, path, _ = line.split(" ")
    told = dict(header.split(": ", 1) for header in headers)
    address = f"http://127.0.0.1:{port}{path}"
    with urlopen(Request(address, data=body or None, headers=told, method=method)) as answer:
        content: bytes = answer.read()
        return content


def _get(path: str, token: str) -> bytes:
    return f"GET /fhir/R4/{path}?purpose=direct-care HTTP/1.1\r\n{_headers(token)}\r\n".encode()


def _form(path: str, form: str, token: str) -> bytes:
    kind = f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(form)}\r\n"
    return f"POST /fhir/R4/{path}?purpose=direct-care HTTP/1.1\r\n{_headers(token)}{kind}\r\n{form}".encode()


def _headers(token: str) -> str:
    return f"host: 127.0.0.1\r\nauthorization: Bearer {token}\r\n"
