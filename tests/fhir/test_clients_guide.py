"""The guide for partners' engineers is true: every request in it is sent, in its order, and answered as it says."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
import requests
from sqlalchemy import Engine

from app.database.transactions import transaction
from app.identity.systems.store import register
from app.settings import ROOT, Settings
from app.subscriptions.subscription import signature
from tests.conftest import PATIENCE
from tests.fhir.serving import served
from tests.identity.systems import a_system, claims, signed

GUIDE = (ROOT / "docs/partners.md").read_text(encoding="utf-8")


class Example(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int


def examples() -> list[Example]:
    """The requests of the parts on pulling and on being told, in their order."""
    found = []
    for block in re.findall(r"```http\n(.*?)\n→ (\d{3})\n```", GUIDE[GUIDE.index("## Pull") :], re.DOTALL):
        head, _, body = block[0].partition("\n\n")
        line, *headers = head.split("\n")
        method, path = line.split(" ", 1)
        found.append(Example(method, path, dict(one.split(": ", 1) for one in headers), body, int(block[1])))
    return found


@pytest.fixture(scope="module")
def server(place: Engine, module_database_url: str, settings: Settings) -> Iterator[str]:
    with transaction(place) as connection:
        register(connection, a_system(scopes="system/*.cruds"), at=datetime.now(UTC))
    with served(settings, module_database_url, PISANO_LOOPBACK_HTTP="true") as address:
        yield address


def test_every_request_of_the_guide_is_answered_as_it_says(server: str) -> None:
    known = {
        "ASSERTION": signed(claims(aud=f"{server}/oauth2/token")),
        "ENDPOINT": "http://127.0.0.1:9/told",
    }
    met: list[str] = []
    for example in examples():
        answer = requests.request(
            example.method,
            server + _filled(example.path, known),
            headers={name: _filled(value, known) for name, value in example.headers.items()},
            data=_filled(example.body, known).encode() or None,
            timeout=PATIENCE,
        )
        assert answer.status_code == example.status, f"{example.method} {example.path}: {answer.text}"
        known |= _learnt(answer.json() if answer.content else {})
        met.append(f"{example.method} {example.path.partition('?')[0]}")

    assert {"TOKEN", "PERSON", "CONDITION", "SUBSCRIPTION"} <= known.keys()
    assert len(met) >= 15


def _filled(text: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(name, value)
    return text


def _learnt(answer: dict[str, Any]) -> dict[str, str]:
    """What later requests need of an answer."""
    held = [entry["resource"] for entry in answer.get("entry", []) if "resource" in entry]
    learnt = {one["resourceType"].upper(): one["id"] for one in reversed([answer, *held]) if "id" in one}
    if "PATIENT" in learnt:
        learnt["PERSON"] = learnt["PATIENT"]
    return learnt | ({"TOKEN": answer["access_token"]} if "access_token" in answer else {})


def test_the_guides_way_to_check_a_signature_accepts_ours_and_no_other() -> None:
    (code,) = [one for one in re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL) if "is_genuine" in one]
    told: dict[str, Any] = {}
    exec(compile(code, "partners.md", "exec"), told)
    now = int(datetime.now(UTC).timestamp())

    def said(at: int, content: bytes, secret: str = "s") -> dict[str, str]:
        return {"pisano-timestamp": str(at), "pisano-signature": f"sha256={signature(secret, at, content)}"}

    assert told["is_genuine"]("s", said(now, b"x"), b"x")
    assert not told["is_genuine"]("s", said(now, b"x"), b"y")
    assert not told["is_genuine"]("s", said(now, b"x", "other"), b"x")
    assert not told["is_genuine"]("s", said(now - 3600, b"x"), b"x")
