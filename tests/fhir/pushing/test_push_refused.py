"""What is refused, each with an OperationOutcome of the right status and issue, and never a crash."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.database.transactions import open_engine
from app.profiles.strict_json import Limits
from app.settings import Settings
from tests.fhir.pushing.sender import System, bundle, condition, issues, patient, put
from tests.intake.feed import rows
from tests.person.people import NUMBERS

MINIMAL = {"resourceType": "Bundle", "type": "transaction"}


def deep(levels: int) -> bytes:
    note = b'{"extension":[' * levels + b'{"url":"x","valueInteger":1}' + b"]}" * levels
    return (
        b'{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Basic","code":' + note + b"}}]}"
    )


@pytest.mark.parametrize(
    ("content", "status", "issue"),
    [
        (b"", 400, ("structure", "json")),
        (b"null", 400, ("structure", "null")),
        (b"7", 400, ("structure", "bundle")),
        (b"[]", 400, ("structure", "empty-list")),
        (b"{", 400, ("structure", "json")),
        (b"\xef\xbb\xbf" + json.dumps(MINIMAL).encode(), 400, ("structure", "byte-order-mark")),
        (json.dumps(MINIMAL).encode("utf-16"), 400, ("structure", "utf-8")),
        (b'{"resourceType":"Bundle","type":"transaction","type":"batch"}', 400, ("structure", "duplicate-key")),
        (b'{"resourceType":"Bundle","type":"batch","__proto__":{"a":1}}', 400, ("structure", "member-name")),
        (b'{"resourceType":"Bundle","type":"batch","total":NaN}', 400, ("structure", "json")),
        (b'{"resourceType":"Bundle","type":"batch","total":1e999}', 422, ("value", "number")),
        (b'{"resourceType":"Bundle","type":"batch","total":' + b"9" * 9000 + b"}", 422, ("value", "number")),
        (b'{"resourceType":"Bundle","type":"batch","id":"\\ud800"}', 422, ("value", "character")),
        (
            b'{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{}}]}',
            400,
            ("structure", "empty-object"),
        ),
        (b'{"resourceType":"Bundle","type":"history"}', 422, ("not-supported", "bundle-type")),
        (b'{"resourceType":"Patient"}', 400, ("structure", "bundle")),
        (deep(40), 413, ("too-costly", "depth")),
        (b"[" * 1_000_000, 413, ("too-costly", "depth")),
    ],
    ids=lambda value: repr(value[:50]) if isinstance(value, bytes) else "",
)
def test_what_cannot_be_read_is_told(acute: System, content: bytes, status: int, issue: tuple[str, str]) -> None:
    answer = acute.send("POST", content=content)
    assert (answer.status_code, issues(answer)) == (status, [issue]), answer.text
    assert answer.headers["content-type"] == "application/fhir+json"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/fhir+xml", 415),
        ("application/xml", 415),
        ("text/plain", 415),
        ("", 415),
        ("application/fhir+json; charset=utf-8; fhirVersion=4.0", 200),
        ("application/json", 200),
    ],
)
def test_only_json_is_taken_and_xml_is_told_plainly(acute: System, kind: str, status: int) -> None:
    answer = acute.send("POST", content=MINIMAL, content_type=kind)
    assert answer.status_code == status
    if status == 415:
        assert "XML is not taken" in answer.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize("accept", ["application/fhir+xml", "application/xml, text/xml", "image/png"])
def test_only_json_is_answered(acute: System, accept: str) -> None:
    answer = acute.send("POST", content=MINIMAL, accept=accept)
    assert (answer.status_code, answer.json()["resourceType"]) == (406, "OperationOutcome")
    assert acute.send("POST", "?_format=xml", MINIMAL).status_code == 406
    assert acute.send("POST", "?_format=json", MINIMAL, accept=accept).status_code == 200


def test_a_compressed_body_is_told(acute: System) -> None:
    assert acute.send("POST", content=b"\x1f\x8b", content_encoding="gzip").status_code == 415


@pytest.fixture
def narrow(acute: System) -> Iterator[System]:
    """The same place, whose operator set small limits."""
    with changed(acute, push_limits=Limits(bytes=3000, entries=2, depth=6, string=80)):
        yield acute


@contextmanager
def changed(system: System, **what: Any) -> Iterator[None]:
    """The place with something of it changed, as long as the block lasts."""
    state = system.client.app._app.state  # type: ignore[attr-defined]  # within what measures it
    opened = state.place
    state.place = replace(opened, **what)
    try:
        yield
    finally:
        state.place = opened


@pytest.mark.parametrize(
    ("content", "issue"),
    [
        (b" " * 3001, ("too-long", "size")),
        (bundle("batch", *[put(condition(n, {"display": "x"})) for n in range(3)]), ("too-costly", "entries")),
        (bundle("batch", put(condition(1, code={"text": "x" * 81}))), ("too-long", "string")),
        (deep(9), ("too-costly", "depth")),
    ],
    ids=["size", "entries", "string", "depth"],
)
def test_an_operators_limits_hold(narrow: System, content: Any, issue: tuple[str, str]) -> None:
    answer = narrow.send("POST", content=content)
    assert (answer.status_code, issues(answer)) == (413, [issue]), answer.text


@pytest.mark.parametrize(
    ("resource", "status", "issue"),
    [
        ({"resourceType": "Substance", "code": {"text": "x"}}, 422, ("not-supported", "resource-type")),
        ({"resourceType": "Nope"}, 422, ("not-supported", "resource-type")),
        (condition(1, encounter={"reference": "urn:uuid:nowhere"}), 422, ("not-found", "reference")),
        (
            condition(
                1, text={"status": "generated", "div": "<div xmlns='http://www.w3.org/1999/xhtml'><script/></div>"}
            ),
            422,
            ("invariant", "pisano-narrative"),
        ),
        (condition(1, meta={"security": "R"}), 422, ("value", "fhir-r4")),
        (condition(1, meta={"security": [{"code": "R"}]}), 422, ("required", "Condition.meta.security.system")),
        (condition(1, contained=[{"resourceType": "Nope"}]), 400, ("structure", "fhir-r4")),
        (condition(1, contained="x"), 422, ("value", "fhir-r4")),
        (condition(1, extra="x"), 400, ("structure", "fhir-r4")),
        (condition(1, identifier=None), 422, ("invariant", "pisano-key")),
    ],
    ids=lambda value: "",
)
def test_a_resource_that_breaks_a_rule_is_told(
    acute: System, resource: dict[str, Any], status: int, issue: tuple[str, str]
) -> None:
    request = {"method": "POST", "url": resource["resourceType"]}
    answer = acute.bundle("transaction", {"resource": resource, "request": request})
    assert answer.status_code == status, answer.text
    assert issues(answer)[0] == issue


def test_a_type_that_is_not_taken_is_told_at_its_own_address(acute: System) -> None:
    answer = acute.send("POST", "/Substance", {"resourceType": "Substance"})
    assert (answer.status_code, issues(answer)) == (404, [("not-supported", "resource-type")])
    mismatch = acute.send("POST", "/Condition", {"resourceType": "Patient"})
    assert (mismatch.status_code, issues(mismatch)) == (422, [("value", "resource-type")])


def test_a_number_that_fails_its_check_is_told_and_never_printed(
    acute: System, place: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = NUMBERS[0].digits[:-1] + str((int(NUMBERS[0].digits[-1]) + 1) % 10)
    person = patient(0)
    person["identifier"][0]["value"] = wrong
    answer = acute.send("POST", "/Patient", person)
    assert (answer.status_code, issues(answer)) == (422, [("invariant", "pisano-nhs-check")])
    assert "check digit" in answer.json()["issue"][0]["diagnostics"]
    assert wrong not in answer.text
    assert wrong not in "".join(capsys.readouterr())
    assert not [row for row in rows(place, "SELECT text FROM finding") if wrong in row.text]


def test_nobody_sends_without_a_system_token(client: TestClient) -> None:
    for headers in ({}, {"authorization": "Bearer nonsense"}):
        answer = client.post("/fhir/R4", content=b"{}", headers=headers)
        assert (answer.status_code, answer.json()["resourceType"]) == (401, "OperationOutcome")


def test_a_database_that_is_gone_is_told_as_such(acute: System) -> None:
    nowhere = open_engine("postgresql://nobody@127.0.0.1:1/none")
    with changed(acute, filing=nowhere):
        answer = acute.bundle("transaction", put(condition(1)))
    nowhere.dispose()
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (503, "transient")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=30)
@given(st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_is_sent_is_answered_as_fhir(acute: System, content: bytes) -> None:
    for path in ("", "/Condition", "/Bundle/$validate", "/Condition/$validate"):
        answer = acute.send("POST", path, content)
        assert answer.status_code in (400, 413, 422), answer.text
        assert issues(answer)


def test_limits_are_set_by_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"BYTES": 3, "ENTRIES": 4, "DEPTH": 5, "STRING": 6}.items():
        monkeypatch.setenv(f"PISANO_PUSH_{name}", str(value))
    configured = Settings()
    assert (configured.push_bytes, configured.push_entries, configured.push_depth, configured.push_string) == (
        3,
        4,
        5,
        6,
    )


@settings(max_examples=30)
@given(
    st.lists(st.dictionaries(st.sampled_from(["resource", "request", "fullUrl"]), JSON, max_size=3), max_size=3),
    st.sampled_from(["transaction", "batch", "collection", "message"]),
)
def test_whatever_a_bundle_holds_is_answered_as_fhir(acute: System, entries: list[Any], kind: str) -> None:
    answer = acute.bundle(kind, *entries)
    assert answer.status_code in (200, 400, 413, 422), answer.text
    assert answer.json()["resourceType"] in ("Bundle", "OperationOutcome")
