"""Resources that partners push one at a time."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import Engine

from tests.fhir.pushing.sender import CONDITIONS, LOCAL, System, about, bundle, condition, issues, patient, post, put
from tests.intake.feed import column, rows


@pytest.fixture(scope="module", autouse=True)
def someone(acute: System) -> Any:
    """The partner has sent somebody before."""
    answer = acute.send("POST", "/Patient", patient(0))
    assert answer.status_code == 201, answer.text
    return answer


def address(answer: Any) -> str:
    """Where the answer says the resource is, within the door."""
    location: str = answer.headers["location"]
    return location.removeprefix("http://testserver/fhir/R4").split("/_history")[0]


def identified(number: int) -> str:
    return f"?identifier={quote(f'{CONDITIONS}|P{number}', safe='')}"


def test_a_resource_is_created_and_told_where(acute: System) -> None:
    answer = acute.send("POST", "/Condition", condition(1))
    assert answer.status_code == 201
    version = answer.json()["meta"]["versionId"]
    assert answer.headers["etag"] == f'W/"{version}"'
    assert answer.headers["location"].endswith(f"/_history/{version}")
    assert answer.headers["content-type"] == "application/fhir+json"
    assert answer.headers["last-modified"].endswith("GMT")
    assert address(answer).split("/")[1:] == ["Condition", answer.json()["id"]]
    again = acute.send("POST", "/Condition", condition(1))
    assert (again.status_code, again.headers["etag"], address(again)) == (200, f'W/"{version}"', address(answer))
    assert "last-modified" not in again.headers


@pytest.mark.parametrize(
    ("prefer", "told"),
    [
        ("return=minimal", None),
        ("return=representation", "Condition"),
        ("return=OperationOutcome", "OperationOutcome"),
        ("handling=strict; return=minimal", None),
        ("return=nonsense", "Condition"),
    ],
)
def test_a_client_is_told_as_much_as_it_prefers(acute: System, prefer: str, told: str | None) -> None:
    answer = acute.send("POST", "/Condition", condition(2), prefer=prefer)
    assert answer.status_code in (200, 201)
    assert (json.loads(answer.content)["resourceType"] if answer.content else None) == told


def test_a_bundle_tells_as_much_as_is_preferred(acute: System) -> None:
    asked = bundle("transaction", put(condition(3)))
    minimal = acute.send("POST", content=asked, prefer="return=minimal").json()["entry"][0]
    assert set(minimal) == {"response"}
    assert "outcome" not in minimal["response"]
    whole = acute.send("POST", content=asked, prefer="return=representation").json()["entry"][0]
    assert minimal["response"]["etag"] == f'W/"{whole["resource"]["meta"]["versionId"]}"'
    outcome = acute.send("POST", content=asked, prefer="return=OperationOutcome").json()["entry"][0]
    assert outcome["response"]["outcome"]["resourceType"] == "OperationOutcome"


def test_put_by_business_identifier_creates_then_updates(acute: System) -> None:
    first = acute.send("PUT", f"/Condition{identified(4)}", condition(4))
    second = acute.send("PUT", f"/Condition{identified(4)}", condition(4, code={"text": "B"}))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.headers["etag"] != second.headers["etag"]
    assert address(first) == address(second)


def test_put_by_id_updates_what_was_given_that_id(acute: System) -> None:
    created = acute.send("POST", "/Condition", condition(5))
    changed = {**created.json(), "code": {"text": "B"}}
    first = created.headers["etag"]
    answer = acute.send("PUT", address(created), changed, if_match=first)
    assert (answer.status_code, answer.headers["etag"] == first) == (200, False)
    stale = acute.send("PUT", address(created), {**changed, "code": {"text": "C"}}, if_match=first)
    assert (stale.status_code, issues(stale)) == (412, [("conflict", "if-match")])
    assert acute.send("PUT", address(created), changed).headers["etag"] == answer.headers["etag"]


def test_ids_are_given_here_and_an_unknown_one_is_as_anothers(acute: System, sending: Callable[..., System]) -> None:
    created = acute.send("POST", "/Condition", condition(6))
    theirs = sending("RRE").send("PUT", address(created), created.json())
    unknown = acute.send("PUT", "/Condition/123", {**condition(6), "id": "123"})
    own = acute.send("PUT", "/Condition/my-id", {**condition(6), "id": "my-id"})
    assert [one.status_code for one in (theirs, unknown, own)] == [404] * 3
    assert theirs.json()["issue"] == unknown.json()["issue"] == own.json()["issue"]


def test_an_id_and_a_content_of_another_resource_are_refused(acute: System) -> None:
    created = acute.send("POST", "/Condition", condition(7))
    answer = acute.send("PUT", address(created), {**condition(8), "id": created.json()["id"]})
    assert (answer.status_code, issues(answer)) == (422, [("business-rule", "two-people")])
    assert acute.send("PUT", address(created), condition(7)).status_code == 422  # without its id


def test_if_none_exist_creates_once(acute: System) -> None:
    asked = {"if_none_exist": f"identifier={CONDITIONS}|P9"}
    first = acute.send("POST", "/Condition", condition(9), **asked)
    assert first.status_code == 201
    again = acute.send("POST", "/Condition", condition(9, code={"text": "B"}), **asked)
    assert (again.status_code, again.headers["etag"]) == (200, first.headers["etag"])


def test_delete_enters_in_error_by_id_and_by_identifier(acute: System, place: Engine) -> None:
    created = acute.send("POST", "/Condition", condition(10))
    assert acute.send("DELETE", address(created), if_match='W/"7"').status_code == 412
    answer = acute.send("DELETE", address(created))
    assert (answer.status_code, answer.headers["etag"] == created.headers["etag"]) == (200, False)
    assert "entered in error" in answer.json()["issue"][0]["diagnostics"]
    assert acute.send("DELETE", address(created)).headers["etag"] == answer.headers["etag"]
    acute.send("POST", "/Condition", condition(11))
    assert acute.send("DELETE", f"/Condition{identified(11)}").status_code == 200
    assert acute.send("DELETE", f"/Condition{identified(999)}").status_code == 200
    standing = "SELECT DISTINCT standing FROM entry WHERE key LIKE ANY(%s)"
    assert column(place, standing, ["%P10", "%P11"]) == ["entered-in-error"]


def test_a_patient_account_is_taken_back_by_its_id_with_all_its_parts(acute: System, place: Engine) -> None:
    created = acute.send("POST", "/Patient", patient(1))
    assert acute.send("DELETE", f"/Patient?identifier={LOCAL}|H1").status_code == 422
    assert acute.send("DELETE", address(created)).status_code == 200
    number = int(created.json()["id"])
    parts = "SELECT DISTINCT e.standing FROM entry e JOIN entry p USING (person_id) WHERE p.id = %s"
    assert column(place, parts, number) == ["entered-in-error"]


def test_what_nobody_is_known_by_waits(acute: System) -> None:
    answer = acute.send("POST", "/Condition", condition(12, about(77)))
    assert answer.status_code == 202
    assert answer.json()["issue"][-1]["code"] == "incomplete"
    assert "location" not in answer.headers


def test_warnings_are_told_and_kept(acute: System, place: Engine) -> None:
    bare = condition(13, code={"coding": [{"system": "http://snomed.info/sct", "code": "1"}]})
    answer = acute.send("POST", "/Condition", bare, prefer="return=OperationOutcome")
    assert answer.status_code == 201
    assert [one["severity"] for one in answer.json()["issue"]] == ["warning"]
    [last] = column(place, "SELECT max(id) FROM inbox_message")
    assert [tuple(row) for row in rows(place, "SELECT rule, severity FROM finding WHERE message = %s", last)] == [
        ("pisano-words", "warning")
    ]


@pytest.mark.parametrize("before", ["Condition?", "http://testserver/fhir/R4/Condition?", "?"])
def test_a_condition_of_creation_may_name_the_type_as_generic_clients_write_it(acute: System, before: str) -> None:
    searched = f"{before}identifier={CONDITIONS}%7CP19"
    first = acute.send("POST", "/Condition", condition(19), if_none_exist=searched)
    again = acute.send("POST", "/Condition", condition(19, onsetDateTime="2020-01-01"), if_none_exist=searched)
    assert (first.status_code, again.status_code) in ((201, 200), (200, 200))
    assert again.headers["etag"] == first.headers["etag"]
    for other in ("Observation?", "Observation/?", "Condition/"):
        wrong = acute.send("POST", "/Condition", condition(19), if_none_exist=f"{other}identifier={CONDITIONS}|P19")
        assert wrong.status_code == 422


def test_what_is_to_be_judged_may_come_as_parameters(acute: System) -> None:
    """As generic clients send it to `$validate`."""
    for address, asked in (("Condition", condition(14)), ("Bundle", bundle("transaction", put(condition(14))))):
        given = [{"name": "resource", "resource": asked}, {"name": "mode", "valueCode": "create"}]
        told = acute.send("POST", f"/{address}/$validate", {"resourceType": "Parameters", "parameter": given})
        assert told.status_code == 200
        assert told.content == acute.send("POST", f"/{address}/$validate", asked).content
        for wrong in (
            [*given, {"name": "profile", "valueUri": "https://x.example/p"}],
            given[1:],
            [{"name": "resource"}],
        ):
            refused = acute.send("POST", f"/{address}/$validate", {"resourceType": "Parameters", "parameter": wrong})
            assert (refused.status_code, refused.json()["issue"][0]["code"]) == (422, "not-supported")


def test_validate_says_what_would_be_and_stores_nothing(acute: System, place: Engine) -> None:
    before = rows(place, "SELECT count(*), max(id) FROM inbox_message")
    answer = acute.send("POST", "/Condition/$validate", condition(14))
    assert (answer.status_code, answer.json()["issue"][-1]["diagnostics"]) == (200, "this would be: created")
    wrong = acute.send("POST", "/Condition/$validate", condition(14, clinicalStatus={"coding": [{"code": "x"}]}))
    assert wrong.json()["issue"][0]["details"]["text"] == "Condition.clinicalStatus"
    assert rows(place, "SELECT count(*), max(id) FROM inbox_message") == before


@pytest.mark.parametrize(
    ("scopes", "method", "path", "status"),
    [
        ("system/*.rs", "POST", "/Condition", 403),
        ("system/Observation.cruds", "POST", "/Condition", 403),
        ("system/Condition.c", "POST", "/Condition", 202),
        ("system/Condition.c", "PUT", f"/Condition{identified(15)}", 403),
        ("system/Condition.u", "PUT", f"/Condition{identified(15)}", 202),
        ("system/Condition.cu", "DELETE", f"/Condition{identified(15)}", 403),
        ("system/Condition.d", "DELETE", f"/Condition{identified(15)}", 200),
        ("system/Observation.cud", "POST", "", 403),
        ("system/Condition.u", "POST", "", 202),
    ],
)
def test_a_system_does_what_its_scopes_permit(
    sending: Callable[..., System], scopes: str, method: str, path: str, status: int
) -> None:
    sent = bundle("transaction", put(condition(15, about(88)))) if not path else condition(15, about(88))
    content = None if method == "DELETE" else sent
    assert sending("WH100", scopes).send(method, path, content).status_code == status


def test_what_is_wrong_with_one_resource_is_told_by_its_own_elements(acute: System) -> None:
    wrong = condition(9, clinicalStatus={"coding": [{"system": "http://snomed.info/sct", "code": "bad"}]})
    alone, in_bundle = acute.send("POST", "/Condition", wrong), acute.bundle("transaction", post(wrong))
    expressions = [one["expression"] for one in alone.json()["issue"]]
    assert expressions
    assert all(path.startswith("Condition.") for [path] in expressions)
    assert [[f"Bundle.entry[0].resource{path.removeprefix('Condition')}"] for [path] in expressions] == [
        one["expression"] for one in in_bundle.json()["issue"]
    ]
    [misnamed] = acute.send("PUT", "/Condition/1", condition(9, id="2")).json()["issue"]
    assert misnamed["expression"] == ["id"]
