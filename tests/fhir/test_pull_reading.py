"""Reading one resource and its versions."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.patient import Patient
from sqlalchemy import Engine

from app.database.transactions import transaction
from tests.fhir.conftest import Door, matched
from tests.scenarios.test_asking import events, since

Doors = Callable[..., Door]


def versioned(door: Door) -> dict[str, Any]:
    """An entry of the father's that was sent more than once."""
    told = door.get("Encounter/_history", patient=door.person()).json()["entry"]
    number = next(one["resource"]["id"] for one in told if one["request"]["method"] == "PUT")
    return next(one for one in door.matches("Encounter") if one["id"] == number)


def versions_of(door: Door, number: str) -> list[str]:
    """What its versions are called, the newest first."""
    history = door.get(f"Encounter/{number}/_history").json()
    return [one["resource"]["meta"]["versionId"] for one in history["entry"]]


def test_a_person_is_read_as_their_partners_tell_of_them(door: Doors) -> None:
    answer = door().get(f"Patient/{door().person()}")

    patient = Patient.model_validate_json(answer.content)
    assert patient.id == door().person()
    assert {one.family for one in patient.name or [] if one.family} == {"Tranter"}


def test_an_entry_is_read_by_its_number_alone(door: Doors) -> None:
    first = door().matches("Condition")[0]
    answer = door().get(f"Condition/{first['id']}")

    assert answer.json() == first
    assert answer.headers["etag"] == f'W/"{first["meta"]["versionId"]}"'
    assert answer.headers["last-modified"].endswith("GMT")
    assert answer.headers["cache-control"] == "no-store"


def test_an_entry_of_another_type_is_no_such_entry(door: Doors) -> None:
    first = door().matches("Condition")[0]

    assert door().get(f"Encounter/{first['id']}").status_code == 404
    assert door().get(f"Condition/0{first['id']}").status_code == 404


def test_who_has_that_version_is_told_so_and_the_trail_too(door: Doors, place: Engine) -> None:
    path = f"Condition/{door().matches('Condition')[0]['id']}"
    whole = door().get(path)
    before = len(events(place))
    again = door().get(path, {"if-none-match": whole.headers["etag"]})
    unchanged = door().get(path, {"if-modified-since": whole.headers["last-modified"]})
    other = door().get(path, {"if-none-match": 'W/"7"'})

    assert [answer.status_code for answer in (again, unchanged, other)] == [304, 304, 200]
    assert again.content == b""
    assert [event["kind"] for event in since(place, before)] == ["entry"] * 3


def test_each_version_is_read_by_itself_and_all_in_the_history(door: Doors) -> None:
    one = versioned(door("gp"))
    path = f"Encounter/{one['id']}"
    history = door("gp").get(f"{path}/_history")
    Bundle.model_validate_json(history.content)
    versions = [entry["resource"] for entry in history.json()["entry"]]

    newest, oldest = [version["meta"]["versionId"] for version in versions]
    assert versions[0] == one
    assert [entry["request"]["method"] for entry in history.json()["entry"]] == ["PUT", "POST"]
    for version in versions:
        number = version["meta"]["versionId"]
        assert door("gp").get(f"{path}/_history/{number}").json() == version
    assert door("gp").get(f"{path}/_history/3").status_code == 404
    pages = door("gp").get(f"{path}/_history", _count=1).json()
    assert [entry["response"]["etag"] for entry in pages["entry"]] == [f'W/"{newest}"']
    (following,) = [link["url"] for link in pages["link"] if link["relation"] == "next"]
    assert [entry["response"]["etag"] for entry in door("gp").follow(following).json()["entry"]] == [f'W/"{oldest}"']


def test_the_history_of_a_type_is_of_one_person(door: Doors) -> None:
    gp = door("gp")
    history = gp.get("Encounter/_history", patient=gp.person()).json()
    numbers = {entry["resource"]["id"] for entry in history["entry"]}

    assert numbers == {one["id"] for one in gp.matches("Encounter")}
    assert len(history["entry"]) > len(numbers)
    assert gp.get("Encounter/_history").status_code == 400


@pytest.mark.parametrize("sealed", [1, 2])
def test_a_version_that_was_sealed_is_shown_to_nobody_and_hides_those_before_it_where_it_stands(
    door: Doors, place: Engine, sealed: int
) -> None:
    gp = door("gp")
    number = int(versioned(gp)["id"])
    newest, oldest = versions_of(gp, str(number))
    table = "entry" if sealed == 2 else "entry_version"
    seal = f"UPDATE {table} SET label = %s WHERE id = %s RETURNING (SELECT label FROM {table} WHERE id = %s LIMIT 1)"
    with transaction(place) as connection:
        before = connection.exec_driver_sql(seal, (1, number, number)).scalar_one()
    try:
        history = gp.get(f"Encounter/{number}/_history")
        statuses = [gp.get(f"Encounter/{number}/_history/{version}").status_code for version in (oldest, newest)]
    finally:
        with transaction(place) as connection:
            connection.exec_driver_sql(seal, (before, number, number))

    if sealed == 2:
        assert (history.status_code, statuses) == (404, [404, 404])
        assert history.content == gp.get("Encounter/1/_history").content
    else:
        assert [entry["resource"]["meta"]["versionId"] for entry in history.json()["entry"]] == [newest]
        assert history.json()["entry"][0]["request"]["method"] == "POST"  # as though there had never been another
        assert statuses == [404, 200]


def test_what_was_entered_in_error_is_no_longer_there_in_any_version(door: Doors, place: Engine) -> None:
    gp = door("gp")
    number = int(versioned(gp)["id"])
    oldest = versions_of(gp, str(number))[-1]
    stand = "UPDATE entry SET standing = %s WHERE id = %s"
    with transaction(place) as connection:
        connection.exec_driver_sql(stand, ("entered-in-error", number))
    try:
        paths = [f"Encounter/{number}", f"Encounter/{number}/_history", f"Encounter/{number}/_history/{oldest}"]
        assert {gp.get(path).status_code for path in paths} == {404}
    finally:
        with transaction(place) as connection:
            connection.exec_driver_sql(stand, ("current", number))


def test_only_what_was_answered_is_told_to_the_trail(door: Doors, place: Engine) -> None:
    gp, before = door("gp"), 0
    person = gp.person()
    before = len(events(place))
    shown = matched(gp.get("Encounter", patient=person, _count=2).json())

    (event,) = since(place, before)
    assert (event["kind"], event["person"]) == ("export", person)
    assert sorted(map(str, event["entries"])) == sorted(one["id"] for one in shown)


def test_a_person_who_was_merged_is_read_as_who_stands_for_them(door: Doors, place: Engine) -> None:
    person, retired = door().person(), UUID(int=7)
    with transaction(place) as connection:
        connection.exec_driver_sql("INSERT INTO person SELECT (jsonb_populate_record(p, jsonb_build_object('id', %s::uuid, 'merged_into', %s::uuid))).* FROM person p WHERE id = %s", (retired, UUID(person), UUID(person)))  # fmt: skip  # noqa: E501
    try:
        assert door().get(f"Patient/{retired}").json()["id"] == person
        assert matched(door().get("Condition", patient=str(retired)).json()) == door().matches("Condition")
    finally:
        with transaction(place) as connection:
            connection.exec_driver_sql("DELETE FROM person WHERE id = %s", (retired,))
