"""`pisano bench fhir`: bundles that partners' systems push, against the same place's own intake of files."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice
from secrets import token_urlsafe
from typing import Any, Final

import orjson
import psycopg
from sqlalchemy import Engine

from app.bench.clients import load
from app.bench.processor import postmaster, seconds_of_all
from app.bench.view import Server, server
from app.database.transactions import plain_address, transaction
from app.demonstration.people.resident import nhs_numbers
from app.demonstration.place import ACUTE, COMMUNITY, MENTAL_HEALTH, SOCIAL_CARE
from app.identity.systems.bearer import PREFIX
from app.identity.systems.scopes import Scopes
from app.identity.systems.store import put_token, register
from app.identity.systems.system import System
from app.profiles.rules import VERIFICATION_STATUS
from app.settings import Settings
from app.vocabulary.fhir_systems import NHS_NUMBER
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Purpose, Role

ENTRIES: Final = 50
CLIENTS: Final = 8
_PARTNERS: Final = (ACUTE, SOCIAL_CARE, MENTAL_HEALTH, COMMUNITY)
_MOST_A_SECOND: Final = 150  # bundles that are made beforehand, so that none is sent twice
_QUIET: Final = 0.05  # seconds of processor time in one
_WARMING: Final = 1.0  # seconds, before anything is measured
_STATUSES: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
_OURS: Final = "https://bench.example"


@dataclass(frozen=True, slots=True)
class Pushing:
    """What was measured: entries of bundles a second, and seconds to the answer of one bundle.

    `processor` is seconds of processor time an entry: the service's, its filers' and PostgreSQL's.
    """

    rate: float
    median: float
    p99: float
    processor: float


def measure_pushing(settings: Settings, url: str, engine: Engine, *, people: int, duration: float) -> Pushing:
    """Push bundles about people who are new here, each once; `people` is how many there were before."""
    tokens = {partner: asyncio.run(_sign_in(engine, url, partner)) for partner in _PARTNERS}
    warming, most = int(_WARMING * _MOST_A_SECOND), int((_WARMING + duration) * _MOST_A_SECOND)
    made = [
        _request(partner, tokens[partner], number)
        for partner, number in zip(cycle(_PARTNERS), islice(nhs_numbers(), people, people + most), strict=False)
    ]
    warm, measured = made[:warming], made[warming:]
    with server("service", settings, url) as service:
        _await_quiet(service)
        load(service.port, warm, clients=CLIENTS, duration=_WARMING)
        _await_quiet(service)
        began = _taken(settings, service)
        pushed = load(service.port, measured, clients=CLIENTS, duration=duration)
        taken = _taken(settings, service) - began
    if pushed.answers > len(measured):
        raise RuntimeError("bundles were sent twice; make more of them beforehand")
    return Pushing(pushed.rate * ENTRIES, pushed.median, pushed.p99, taken / (pushed.answers * ENTRIES))


def _await_quiet(service: Server) -> None:
    """Return when the processes that file have begun, and nothing is done any more."""
    before = -1.0
    while (now := seconds_of_all(service.process)) - before > _QUIET:
        before = now
        time.sleep(1)


def _taken(settings: Settings, service: Server) -> float:
    return seconds_of_all(service.process) + seconds_of_all(postmaster(settings))


async def _sign_in(engine: Engine, url: str, partner: OdsCode) -> str:
    now, name = datetime.now(UTC), f"bench-{partner.lower()}"
    scopes = Scopes.parse("system/*.cruds")
    one = System(
        id=name,
        name="Benchmark",
        organisation=partner,
        role=Role("partner-system"),
        purpose=Purpose("direct-care"),
        scopes=scopes,
        keys={"keys": []},
    )
    with transaction(engine) as connection:
        register(connection, one, at=now)
    token = PREFIX + token_urlsafe(32)
    plain = plain_address(url)
    async with await psycopg.AsyncConnection.connect(plain) as opened:
        await put_token(opened, token, name, scopes, ends=now + timedelta(hours=1), at=now)
    return token


def _request(partner: OdsCode, token: str, number: NHSNumber) -> bytes:
    body = orjson.dumps(_bundle(partner, number))
    head = (
        "POST /fhir/R4 HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/fhir+json\r\nprefer: return=minimal\r\n"
        f"authorization: Bearer {token}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _bundle(partner: OdsCode, number: NHSNumber) -> dict[str, Any]:
    """A person, their problems, and what was measured of them: fifty resources."""
    about = {"reference": "urn:uuid:6a2f3f5e-2f3b-4d0c-9a55-0b8d6e1f0001"}
    entries = [_entry(_patient(partner, number), fullUrl=about["reference"])]
    entries += [_entry(_condition(number, n, about)) for n in range(10)]
    entries += [_entry(_measurement(number, n, about)) for n in range(ENTRIES - len(entries))]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _entry(resource: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}, **more}


def _patient(partner: OdsCode, number: NHSNumber) -> dict[str, Any]:
    verified = {"coding": [{"system": _STATUSES, "code": "01"}]}
    return {
        "resourceType": "Patient",
        "identifier": [
            {
                "extension": [{"url": VERIFICATION_STATUS, "valueCodeableConcept": verified}],
                "system": NHS_NUMBER,
                "value": number.digits,
            },
            {"system": f"{_OURS}/{partner}", "value": f"B{number.digits}"},
        ],
        "name": [{"use": "official", "family": "Bench", "given": ["Mark"]}],
        "gender": "male",
        "birthDate": "1950-01-01",
        "address": [{"use": "home", "line": ["1 Bench Street"], "postalCode": "ZX1 1AA"}],
    }


def _condition(number: NHSNumber, n: int, about: dict[str, str]) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "identifier": [{"system": f"{_OURS}/problem", "value": f"{number.digits}-{n}"}],
        "clinicalStatus": _coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "Active"),
        "code": _coded("http://snomed.info/sct", f"2306900{n:02}", "Stroke"),
        "subject": about,
        "onsetDateTime": str(date(2020, 1, 1) + timedelta(days=n)),
    }


def _measurement(number: NHSNumber, n: int, about: dict[str, str]) -> dict[str, Any]:
    kinds = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "resourceType": "Observation",
        "identifier": [{"system": f"{_OURS}/measurement", "value": f"{number.digits}-{n}"}],
        "status": "final",
        "category": [_coded(kinds, "vital-signs", "Vital Signs")],
        "code": _coded("http://snomed.info/sct", "27113001", "Body weight"),
        "subject": about,
        "effectiveDateTime": f"2026-01-{n % 28 + 1:02}T10:00:00Z",
        "valueQuantity": {"value": 70.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    }


def _coded(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}]}
