"""Searching one person's record: what each parameter means, and that only what is permitted answers to it."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle
from sqlalchemy import Engine

from app.database.transactions import transaction
from app.fhir.read.cursor import Cursors, Place, StaleCursor
from app.identity.requester import Requester
from app.record.label_numbers import label_number
from app.sharing.compile import compile_agreements
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Purpose, Role
from tests.fhir.conftest import Door, matched

Doors = Callable[..., Door]
SEXUAL_HEALTH = Label(OdsCode("RL4"), Category("problems"), Sensitivity.SEXUAL_HEALTH)


def test_a_search_answers_what_everything_holds_of_a_type(door: Doors) -> None:
    whole = door().get(f"Patient/{door().person()}/$everything").json()
    encounters = {one["id"] for one in matched(whole) if one["resourceType"] == "Encounter"}

    assert encounters
    assert {one["id"] for one in door().matches("Encounter")} == encounters


@pytest.mark.parametrize("sort", ["", "date", "-date", "status,-_lastUpdated"])
def test_pages_together_are_the_whole_without_repeats(door: Doors, sort: str) -> None:
    gp, seen = door("gp"), list[str]()
    answer = gp.get("Encounter", patient=gp.person(), _count=2, _sort=sort)
    while True:
        bundle = answer.json()
        Bundle.model_validate_json(answer.content)
        seen += [one["id"] for one in matched(bundle)]
        assert len(matched(bundle)) <= 2
        assert "total" not in bundle
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        if "next" not in links:
            break
        answer = gp.follow(links["next"])
        assert answer.status_code == 200, answer.text

    assert len(seen) > 2
    assert seen == [one["id"] for one in gp.matches("Encounter", _sort=sort)]
    assert len(set(seen)) == len(seen)


def test_a_cursor_tells_nothing_and_is_its_askers_alone(door: Doors) -> None:
    gp = door("gp")
    bundle = gp.search("Encounter", {"patient": gp.person(), "date": "ge1990", "_count": 1}).json()
    (following,) = [link["url"] for link in bundle["link"] if link["relation"] == "next"]

    assert set(parse_qs(urlsplit(following).query)) == {"_cursor", "purpose"}
    assert gp.person() not in following
    assert gp.follow(following).status_code == 200
    assert door("nurse").follow(following).status_code == 410
    changed = following.replace("_cursor=", "_cursor=AAAA")
    assert gp.follow(changed).status_code == 410
    assert gp.follow(following.replace("/Encounter", "/Condition")).status_code == 410


@pytest.mark.parametrize(
    "other",
    [
        {"subject": "another"},
        {"issuer": "https://elsewhere.example"},
        {"organisation": OdsCode("LA508")},
        {"role": Role("social-worker")},
    ],
)
def test_a_cursor_leads_on_for_one_account_in_one_role_at_one_organisation_alone(other: dict[str, Any]) -> None:
    cursors = Cursors(b"k" * 32)
    asker = Requester(subject="gp", issuer="local", name="", organisation=OdsCode("M92001"), role=Role("gp"))
    place = Place("Condition", (), ("1",), "")
    sealed = cursors.seal(place, asker, Purpose("direct-care"))
    assert cursors.open(sealed, asker, Purpose("direct-care")) == place
    with pytest.raises(StaleCursor):
        cursors.open(sealed, replace(asker, **other), Purpose("direct-care"))
    with pytest.raises(StaleCursor):
        cursors.open(sealed, asker, Purpose("safeguarding"))


def test_a_cursor_ends_with_the_agreements_that_decided_when_its_search_began(door: Doors) -> None:
    gp = door("gp")
    bundle = gp.search("Encounter", {"patient": gp.person(), "date": "ge1990", "_count": 1}).json()
    (following,) = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
    of_place: Any = gp.who.client.app
    record = of_place._app.state.place.record
    before = record.agreements
    (held,) = before.documents
    record.rule_by(compile_agreements([held.model_copy(update={"version": "99.0.0"})]))
    try:
        assert gp.follow(following).status_code == 410
    finally:
        record.rule_by(before)
    assert gp.follow(following).status_code == 200


@pytest.mark.parametrize(
    ("kind", "parameters", "holds"),
    [
        ("Condition", {"code": "http://hl7.org/fhir/sid/icd-10|F03"}, lambda one: _code(one) == "F03"),
        ("Condition", {"code": "F03,I10"}, lambda one: _code(one) in ("F03", "I10")),
        ("Condition", {"code:not": "F03"}, lambda one: _code(one) != "F03"),
        ("Condition", {"recorded-date": "lt2021-06-01"}, lambda one: one["recordedDate"] < "2021-06-01"),
        ("Condition", {"onset-date:missing": "true"}, lambda one: "onsetDateTime" not in one),
        ("Encounter", {"status": "finished"}, lambda one: one["status"] == "finished"),
        ("Encounter", {"class": "EMER"}, lambda one: one["class"]["code"] == "EMER"),
        ("Encounter", {"date": "sa2026-03-01"}, lambda one: one["period"].get("start", "") > "2026-03-02"),
        ("Encounter", {"date": ["sa2026-01-01", "eb2026-06-01"]}, lambda one: _within(one["period"])),
        ("Observation", {"category:missing": "true"}, lambda one: "category" not in one),
    ],
)  # fmt: skip
def test_a_parameter_leaves_what_answers_to_it(
    door: Doors, place: Engine, kind: str, parameters: dict[str, Any], holds: Callable[[dict[str, Any]], bool]
) -> None:
    with transaction(place) as connection:
        registered = "SELECT DISTINCT person_id FROM relationship WHERE kind = 'registration' LIMIT 12"
        everyone = [str(person) for person in connection.exec_driver_sql(registered).scalars()]
    every = [one for person in everyone for one in door("gp").matches(kind, patient=person)]
    found = [one for person in everyone for one in door("gp").matches(kind, patient=person, **parameters)]

    assert found
    assert found == [one for one in every if holds(one)]


def _within(period: dict[str, str]) -> bool:
    return period.get("start", "") > "2026-01-02" and period.get("end", "9") < "2026-06-01"


def _code(condition: dict[str, Any]) -> str:
    return str(condition["code"].get("coding", [{}])[0].get("code"))


def test_a_search_by_form_is_the_same_as_by_address(door: Doors) -> None:
    nurse = door()
    asked = {"patient": f"Patient/{nurse.person()}", "status": "finished"}

    by_form = nurse.search("Encounter", asked)
    assert by_form.status_code == 200
    assert by_form.json()["entry"] == nurse.get("Encounter", **asked).json()["entry"]


def test_a_search_without_a_person_is_told_what_to_add(door: Doors) -> None:
    answer = door().get("Condition", code="F03")

    assert answer.status_code == 400
    assert "patient" in answer.json()["issue"][0]["diagnostics"]


def test_whose_record_may_not_be_read_is_refused_like_whom_nobody_knows(door: Doors) -> None:
    person = door().person()
    refused = [
        door("lapsed-nurse").get("Condition", patient=person),
        door("ig-lead").get("Condition", patient=person),
        door().get("Condition", patient=str(uuid4())),
        door().get(f"Condition/{1}"),
        door().get("Condition/not-a-number"),
        door().get(f"Patient/{uuid4()}"),
        door("lapsed-nurse").get(f"Patient/{person}"),
        door("lapsed-nurse").get(f"Patient/{person}/_history"),
    ]

    assert {(answer.status_code, answer.content) for answer in refused} == {(404, refused[0].content)}


def test_an_unknown_parameter_has_no_effect_and_is_told_or_is_refused_where_strict(door: Doors) -> None:
    nurse = door()
    lenient = nurse.get("Condition", patient=nurse.person(), colour="blue")
    strict = nurse.get("Condition", {"prefer": "handling=strict"}, patient=nurse.person(), colour="blue")

    assert matched(lenient.json()) == nurse.matches("Condition")
    issues = [issue["code"] for one in matched(lenient.json(), "outcome") for issue in one["issue"]]
    assert "not-supported" in issues
    assert "colour" not in str(lenient.json()["link"])
    assert strict.status_code == 400


@pytest.mark.parametrize(
    "parameters",
    [
        {"encounter.status": "finished"},
        {"subject:Patient.name": "Tranter"},
        {"_has:Observation:patient:code": "8867-4"},
        {"date": "yesterday"},
        {"date": "zz2026"},
        {"date:exact": "2026"},
        {"_count": "-1"},
        {"_sort": "colour"},
        {"_summary": "perhaps"},
        {"code:below": "F03"},
        {"status:missing": "perhaps"},
        {"_summary": "true", "_elements": "code"},
        {"patient": "Patient/9990000018"},
    ],
)  # fmt: skip
def test_a_value_that_makes_no_sense_is_refused_without_being_repeated(door: Doors, parameters: dict[str, Any]) -> None:
    answer = door().get("Encounter", **{"patient": door().person(), **parameters})

    assert answer.status_code == 400, answer.text
    assert answer.json()["issue"][0]["code"] == "invalid"
    assert not any(value in answer.text for value in parameters.values() if value not in ("-1", "true", "code"))


def test_a_type_that_is_not_answered_is_told(door: Doors) -> None:
    assert door().get("Basic", patient=door().person()).status_code == 404
    assert "metadata" in door().get("Basic").json()["issue"][0]["diagnostics"]


def test_counting_counts_what_is_permitted(door: Doors) -> None:
    nurse = door()
    counted = nurse.get("Encounter", patient=nurse.person(), _summary="count").json()
    told = nurse.get("Encounter", patient=nurse.person(), _count=1, _total="accurate").json()

    assert counted["total"] == told["total"] == len(nurse.matches("Encounter"))
    assert "entry" not in counted


def test_every_entry_of_a_bundle_has_an_address_of_its_own_what_is_told_beside_it_too(door: Doors) -> None:
    gp = door("gp")
    for asked in (f"Patient/{gp.person()}/$everything", f"Condition?patient={gp.person()}&colour=blue"):
        entries = gp.follow(f"/fhir/R4/{asked}{'&' if '?' in asked else '?'}purpose=direct-care").json()["entry"]
        assert entries[-1]["search"]["mode"] == "outcome"
        assert re.fullmatch("urn:uuid:[0-9a-f-]{36}", entries[-1]["fullUrl"])
        assert len({one["fullUrl"] for one in entries}) == len(entries)


def test_elements_and_summary_are_marked_as_a_part(door: Doors) -> None:
    nurse = door()
    for asked in ({"_elements": "period"}, {"_summary": "true"}, {"_summary": "data"}):
        (first, *_) = nurse.matches("Encounter", **asked)
        assert first["meta"]["tag"][-1]["code"] == "SUBSETTED"
        assert {"id", "status", "class"} <= first.keys()  # what an Encounter cannot be without
    (first, *_) = nurse.matches("Encounter", _elements="period")
    assert first.keys() <= {"resourceType", "id", "meta", "status", "class", "period"}


def test_what_is_included_is_permitted_too(door: Doors) -> None:
    gp = door("gp")
    bundle = gp.get("DiagnosticReport", patient=gp.person(), _include="DiagnosticReport:result").json()
    results = matched(bundle, "include")
    named = {one["identifier"]["value"] for report in matched(bundle) for one in report["result"]}

    assert results
    assert {one["identifier"][0]["value"] for one in results} <= named
    patient = gp.get("DiagnosticReport", patient=gp.person(), _include="DiagnosticReport:patient").json()
    assert [one["id"] for one in matched(patient, "include")] == [gp.person()]


def _hidden(place: Engine, person: str, *, add: bool) -> None:
    """A problem that no agreement lets anyone see, beside one that everyone sees."""
    with transaction(place) as connection:
        connection.exec_driver_sql("DELETE FROM entry WHERE key = 'hidden'")
        if add:
            connection.exec_driver_sql(
                "INSERT INTO entry SELECT (jsonb_populate_record(e, %s::jsonb)).* FROM entry e"
                " WHERE person_id = %s AND resource_type = 'Condition' ORDER BY id LIMIT 1",
                (
                    orjson.dumps(
                        {
                            "id": 77,
                            "key": "hidden",
                            "label": label_number(SEXUAL_HEALTH),
                            "category": SEXUAL_HEALTH.category,
                            "sensitivity": SEXUAL_HEALTH.sensitivity,
                        }
                    ).decode(),
                    UUID(person),
                ),
            )


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"_count": 1},
        {"_sort": "-_lastUpdated"},
        {"_summary": "count"},
        {"_total": "accurate"},
        {"_id": "77"},
        {"code": "F03"},
        {"_include": "*"},
    ],
)  # fmt: skip
def test_what_is_hidden_changes_no_byte_of_a_search(door: Doors, place: Engine, asked: dict[str, Any]) -> None:
    gp = door("gp")
    person = gp.person()
    answers = []
    for add in (False, True):
        _hidden(place, person, add=add)
        try:
            answer = gp.get("Condition", patient=person, **asked)
            everything = gp.get(f"Patient/{person}/$everything")
            read = gp.get("Condition/77")
        finally:
            _hidden(place, person, add=False)
        sealed = re.sub(rb"_cursor=[^&\"]+", b"", answer.content)  # sealed anew each time, of one length
        answers.append((answer.status_code, sealed, len(answer.content), everything.content, read.content))

    assert answers[0] == answers[1]
