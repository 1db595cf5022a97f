"""Finding people through the FHIR door."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.database.transactions import transaction
from app.record.read.everything import ETHNIC_CATEGORY
from tests.fhir.conftest import FATHER, Door, matched
from tests.scenarios.test_asking import events, since

Doors = Callable[..., Door]
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"


def found(door: Door, **asked: Any) -> list[str]:
    answer = door.search("Patient", asked)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in matched(answer.json())]


def test_a_person_is_found_by_number_with_what_finding_permits(door: Doors, place: Engine) -> None:
    before = len(events(place))
    (patient,) = matched(door().search("Patient", {"identifier": f"{NHS_NUMBER}|{FATHER}"}).json())
    (event,) = since(place, before)

    assert patient["birthDate"]
    assert {one["value"] for one in patient["identifier"]} >= {FATHER.replace(" ", "")}
    assert (event["kind"], event["person"], event["action"]) == ("find", patient["id"], "find")
    assert event["entries"]
    assert event["criteria"]
    assert door().person() == patient["id"]


def test_a_number_finds_nothing_that_mental_health_states(door: Doors) -> None:
    (patient,) = matched(door().search("Patient", {"identifier": FATHER}).json())
    whole = door().get(f"Patient/{patient['id']}").json()

    local = {one["system"] for one in patient["identifier"]}
    assert not any("/RRE/" in system for system in local)
    assert any("/RRE/" in one["system"] for one in whole["identifier"])


def test_ethnicity_is_told_to_those_who_treat_or_assess_and_at_no_door_to_others(door: Doors, place: Engine) -> None:
    person = door().person()
    with transaction(place) as connection:
        told = connection.exec_driver_sql(
            "SELECT convert_from(summary, 'UTF8')::json->>'title' FROM entry WHERE category = 'ethnicity'"
            " AND person_id = %s AND partner = 'LA508'",
            (person,),
        ).scalar_one()
        beside = "SELECT count(*) FROM entry WHERE category <> 'ethnicity' AND position(%s::bytea IN resource) > 0"
        assert connection.exec_driver_sql(beside, (ETHNIC_CATEGORY.encode(),)).scalar_one() == 0

    def answers(username: str) -> list[Any]:
        who = door(username)
        paths = (f"Patient/{person}", f"Patient/{person}/$everything")
        return [*(who.get(path) for path in paths), who.who.get(f"/api/persons/{person}")]

    (patient, copied, view), nurses = answers("social-worker"), answers("nurse")
    assert [one["url"] for one in patient.json()["extension"]] == [ETHNIC_CATEGORY]
    assert told in patient.text
    assert told in view.text
    assert (copied.status_code, told in copied.text) == (200, False)  # a copy to keep, which has it of nobody
    assert {one.status_code for one in nurses} == {200}
    assert not any(told in one.text or "Ethnic" in one.json().get("extension", "") for one in nurses)
    found = door("social-worker").search("Patient", {"identifier": f"{NHS_NUMBER}|{FATHER}"})
    assert ETHNIC_CATEGORY not in found.text  # nobody looks for people by it, or among whom they find


def test_unknown_and_not_yours_to_find_are_one_answer(door: Doors) -> None:
    answers = [
        door().search("Patient", {"identifier": "999 999 9980"}),
        door("lapsed-nurse").search("Patient", {"identifier": FATHER}),
        door("ig-lead").search("Patient", {"family": "Tranter", "birthdate": "1945-05-14"}),
    ]

    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert matched(answers[0].json()) == []


def test_a_person_is_found_by_name_and_birth_date_the_spelling_forgiven(door: Doors) -> None:
    person = door().get(f"Patient/{door().person()}").json()
    born = person["birthDate"]

    for asked in ({"family": "trantor"}, {"name": "Walter Tranter"}, {"family": "Tranter", "given": "W"}):
        assert found(door(), birthdate=born, **asked) == [person["id"]]
    assert found(door(), birthdate=born, name=["Walter", "Tranter"]) == [person["id"]]
    assert found(door(), birthdate=born, name="Tranter Walter") == [person["id"]]
    assert found(door(), birthdate=born, name="Walter") == [person["id"]]
    assert found(door(), family="Tranter", birthdate=born, gender="male") == [person["id"]]
    assert found(door(), family="Tranter", birthdate=born, gender="female") == []
    assert found(door(), identifier=FATHER, birthdate="1900-01-01") == []
    assert found(door(), identifier=FATHER, name="trant") == [person["id"]]
    assert found(door(), identifier=FATHER, name="Tranter Walter") == [person["id"]]
    assert found(door(), identifier=FATHER, name="Tranter Wilma") == []
    assert found(door(), _id=person["id"]) == [person["id"]]


def test_a_person_is_found_by_each_number_of_a_partners_own_that_finding_shows_and_by_no_other(
    door: Doors, place: Engine
) -> None:
    whole = door().get(f"Patient/{door().person()}").json()
    own = {one["system"]: one["value"] for one in whole["identifier"] if one["system"] != NHS_NUMBER}
    of_all = {system: door().search("Patient", {"identifier": f"{system}|{own[system]}"}) for system in own}
    (shown,) = matched(door().search("Patient", {"identifier": FATHER}).json())
    may_find_by = {one["system"] for one in shown["identifier"]} - {NHS_NUMBER}
    nobodys = door().search("Patient", {"identifier": "https://nobody.example|12"})

    assert any("/RRE/" in system for system in own)
    assert may_find_by
    for system, answer in of_all.items():
        if system in may_find_by:
            assert [one["id"] for one in matched(answer.json())] == [whole["id"]], system
        else:
            assert (answer.status_code, answer.content) == (nobodys.status_code, nobodys.content)
    assert found(door(), identifier=f"https://other.example|{own[min(may_find_by)]}") == []
    assert found(door(), identifier=f"{min(may_find_by)}|{own[min(may_find_by)]}", birthdate="1900-01-01") == []
    assert found(door("lapsed-nurse"), identifier=f"{min(may_find_by)}|{own[min(may_find_by)]}") == []


@pytest.mark.parametrize(
    "asked",
    [
        {"family": "Tranter"},
        {"birthdate": "1945-05-14"},
        {"family": "Tranter", "birthdate": "1945"},
        {"identifier": "999 000 0019"},
        {"identifier": "http://example.org|"},
        {"identifier": "|12"},
        {"identifier": f"{FATHER},999 999 9980"},
        {},
    ],
)
def test_too_little_to_find_someone_by_is_told_without_being_repeated(door: Doors, asked: dict[str, str]) -> None:
    answer = door().search("Patient", asked)

    assert answer.status_code == 400
    assert not any(value in answer.text for value in asked.values())


def test_no_link_repeats_whom_was_looked_for(door: Doors, client: TestClient) -> None:
    answer = door().search("Patient", {"identifier": FATHER, "_summary": "false"})

    assert "0018" not in str(answer.json()["link"])
    assert "_summary=false" in str(answer.json()["link"])


def test_purpose_may_be_said_by_header(client: TestClient, door: Doors) -> None:
    path = f"/fhir/R4/Patient/{door().person()}"
    said = {**door().who.headers, "purpose-of-use": "direct-care"}

    assert client.get(path, headers=said).status_code == 200
    assert client.get(path, headers=door().who.headers).status_code == 400
    assert client.get(path, headers={**said, "purpose-of-use": "tenancy-support"}).status_code == 404


def test_a_form_that_cannot_be_read_is_refused(door: Doors, client: TestClient) -> None:
    def send(content: bytes, kind: str = "application/x-www-form-urlencoded") -> int:
        headers = {**door().who.headers, "content-type": kind}
        asked = client.post("/fhir/R4/Patient/_search?purpose=direct-care", content=content, headers=headers)
        assert asked.json()["resourceType"] == "OperationOutcome"
        return asked.status_code

    assert send(b"\xff=1") == 400
    assert send(b"a=%FF") == 400
    assert send(b"a=1&" * 1000) == 400
    assert send(b"a" * 100_000) == 413
    assert send(b"{}", "application/json") == 415
