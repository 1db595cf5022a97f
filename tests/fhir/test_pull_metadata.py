"""What the server says of itself is true."""

from collections.abc import Callable
from typing import Any

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.adapters.fhir_bundle.labels import HEADINGS
from app.database.transactions import transaction
from app.fhir.capability import Route, interactions, operations
from app.fhir.read.kinds import INCLUDED, KINDS
from app.mdt.as_fhir.elements import SOURCE
from app.profiles.definitions import FOLDER, definitions
from app.profiles.strict_json import read_json
from tests.fhir.conftest import Door

Doors = Callable[..., Door]


@pytest.fixture(scope="module")
def statement(client: TestClient) -> dict[str, Any]:
    answer = client.get("/fhir/R4/metadata")
    assert answer.status_code == 200
    CapabilityStatement.model_validate_json(answer.content)
    told: dict[str, Any] = answer.json()
    return told


def of_type(statement: dict[str, Any], kind: str) -> dict[str, Any]:
    (told,) = [one for one in statement["rest"][0]["resource"] if one["type"] == kind]
    return dict(told)


def test_what_the_statement_lists_are_the_routes_and_nothing_else(
    client: TestClient, statement: dict[str, Any]
) -> None:
    described = [
        (method.upper(), path.removeprefix("/fhir/R4/"))
        for path, methods in client.get("/openapi.json").json()["paths"].items()
        for method in methods
        if path.startswith("/fhir/R4/")
    ]
    told = {
        (one["type"], each["code"]) for one in statement["rest"][0]["resource"] for each in one.get("interaction", [])
    } | {
        (one["type"], f"${each['name']}")
        for one in statement["rest"][0]["resource"]
        for each in one.get("operation", [])
    }
    general = {("GET", "{kind}"): "search-type", ("GET", "{kind}/{id}"): "read",
        ("GET", "{kind}/{id}/_history/{version}"): "vread", ("GET", "{kind}/{id}/_history"): "history-instance",
        ("GET", "{kind}/_history"): "history-type"}  # fmt: skip
    for route, code in general.items():
        assert route in described
        assert {kind for kind, each in told if each == code} >= set(KINDS)
    for _, path in described:
        if "$" in path:
            named = path.partition("/")[0]
            for kind in HEADINGS if named == "{kind}" else [named]:
                assert (kind, path[path.index("$") :]) in told
    assert {kind for kind, each in told if each == "create"} == {*HEADINGS, "Subscription"}


def test_the_statement_that_is_written_down_is_that_of_the_routes(statement: dict[str, Any]) -> None:
    """Where they differ, take what `/fhir/R4/metadata` answers, but for `implementation`, `id`, `kind` and `date`."""
    written = read_json((FOLDER / "CapabilityStatement-Pisano.json").read_bytes())
    of_a_server = statement | {"id": "Pisano", "kind": "capability", "date": written["date"]}
    del of_a_server["implementation"]

    assert written == of_a_server


def test_what_partners_send_is_told_with_its_profile_and_what_is_done_by_its_identifier(
    statement: dict[str, Any],
) -> None:
    profiles = {written.url for written in definitions().values()}
    assert {url for one in statement["rest"][0]["resource"] for url in one.get("supportedProfile", ())} == profiles
    for kind in HEADINGS:
        told = of_type(statement, kind)
        assert (told["conditionalCreate"], told["conditionalUpdate"]) == (True, True)
        assert told["conditionalDelete"] == "single"
    assert "conditionalCreate" not in of_type(statement, "Composition")


def test_what_stands_beside_the_general_routes_is_told_too(statement: dict[str, Any]) -> None:
    def told(kind: str) -> set[str]:
        return {each["code"] for each in of_type(statement, kind)["interaction"]}

    assert told("Subscription") == {"create", "read", "search-type", "delete"}
    assert told("Task") >= {"read", "search-type", "update"}
    assert told("Binary") == {"read"}
    assert told("Composition") == told("MeasureReport") == {"read", "search-type"}
    assert told("Measure") == {"read"}


def test_the_statement_says_how_a_teams_work_is_asked_for(statement: dict[str, Any]) -> None:
    for kind in ("ServiceRequest", "QuestionnaireResponse", "Consent", "EpisodeOfCare", "Encounter", "CarePlan"):
        told = of_type(statement, kind)
        assert {"name": "_source", "type": "uri"} in told["searchParam"]
        assert f"`_source={SOURCE}`" in told["documentation"]
    assert "name no patient" in of_type(statement, "Appointment")["documentation"]


def test_a_route_that_is_not_there_is_not_told_of() -> None:
    routes = [Route("GET", "{kind}/{id}"), Route("POST", "Patient/$match"), Route("GET", "Binary/{person}.{number}")]

    assert interactions("Condition", routes) == ["read"]
    assert interactions("Binary", routes) == ["read"]
    assert interactions("Condition", routes[1:]) == []
    assert (operations("Patient", routes), operations("Condition", routes)) == (["match"], [])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "Patient"])
def test_every_search_parameter_that_is_told_is_understood(door: Doors, statement: dict[str, Any], kind: str) -> None:
    told = of_type(statement, kind)
    values = {"token": "a|b", "date": "2026", "reference": door().person()}
    asked = {one["name"]: values[one["type"]] for one in told["searchParam"] if one["name"] != "_source"}
    include = {"_include": told["searchInclude"]}
    assert set(asked) == {*KINDS[kind], "patient"}

    answer = door().get(kind, {"prefer": "handling=strict"}, **asked, **include)
    assert answer.status_code == 200, answer.text
    assert len(include["_include"]) == len(INCLUDED) + 1


def test_every_type_that_feeds_state_is_answered(place: Engine) -> None:
    with transaction(place) as connection:
        stated = set(connection.exec_driver_sql("SELECT DISTINCT resource_type FROM entry").scalars())

    assert stated <= KINDS.keys()


def test_json_is_all_that_is_spoken_and_xml_is_told_so(client: TestClient, door: Doors) -> None:
    for asked in ({"_format": "xml"}, {"_format": "application/fhir+xml"}, {"_format": "text/turtle"}):
        refused = client.get("/fhir/R4/metadata", params=asked)
        assert (refused.status_code, refused.json()["resourceType"]) == (406, "OperationOutcome")
        assert "speaks JSON alone, no XML" in refused.json()["issue"][0]["diagnostics"]
    assert client.get("/fhir/R4/metadata", headers={"accept": "application/fhir+xml"}).status_code == 406
    assert door().get("Condition", patient=door().person(), _format="xml").status_code == 406
    for accepted in ("application/fhir+json", "application/json;q=0.9", "text/html, */*;q=0.1"):
        answer = client.get("/fhir/R4/metadata", headers={"accept": accepted})
        assert answer.headers["content-type"] == "application/fhir+json"
    for format in ("json", "application/json", "application/fhir+json"):
        assert client.get("/fhir/R4/metadata", params={"_format": format}).status_code == 200


def test_what_is_large_is_compressed_for_who_asks(door: Doors) -> None:
    whole = door().get(f"Patient/{door().person()}/$everything", {"accept-encoding": "gzip"})
    plain = door().get(f"Patient/{door().person()}/$everything", {"accept-encoding": "identity"})

    assert whole.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert whole.content == plain.content  # as the client reads it


def test_who_has_the_statement_is_told_that_it_is_unchanged(client: TestClient) -> None:
    etag = client.get("/fhir/R4/metadata").headers["etag"]

    assert client.get("/fhir/R4/metadata", headers={"if-none-match": etag}).status_code == 304
