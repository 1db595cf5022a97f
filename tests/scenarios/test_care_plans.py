"""One plan for each person, an entry of the record like any other: versions, conflicts, labels and the trail."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class
from sqlalchemy import Engine

from app.database.transactions import transaction

Asking = Callable[..., Any]
FATHER, WOMAN, SON = "999 000 0018", "999 000 0034", "999 000 0026"
SUPPORT = {
    "needs": [{"id": "stairs", "says": "Cannot climb stairs"}],
    "goals": [{"id": "upstairs", "says": "Sleep upstairs", "needs": ["stairs"]}],
    "actions": [{"id": "lift", "says": "Fit a lift", "goals": ["upstairs"], "owner": "Hal", "organisation": "WH100"}],
    "agreed": "agreed",
}
WHOLE = {
    "about_me": {"what_matters": "To sleep upstairs again"},
    "support": SUPPORT,
    "contingency": {"steps": [{"sign": "A fall", "do": "Call the falls team"}]},
    "wishes": {"documents": [{"kind": "respect", "kept_at": "In the hall"}]},
}


def person_id(asking: Asking, number: str) -> str:
    found: str = asking("nurse").lookup(number).json()["id"]
    return found


def put(asker: Any, person: str, parts: dict[str, Any], based_on: int) -> Any:
    return asker.client.put(
        f"/api/care-plans/{person}",
        params={"purpose": asker.purpose},
        headers=asker.headers,
        json={"based_on": based_on, "parts": parts},
    )


def plan(asker: Any, person: str) -> dict[str, Any]:
    answer = asker.get(f"/api/care-plans/{person}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def version(asker: Any, person: str) -> int:
    found: int = plan(asker, person)["version"]
    return found


def events(engine: Engine, kind: str, person: str) -> list[dict[str, Any]]:
    with transaction(engine) as connection:
        rows = connection.exec_driver_sql("SELECT event::text FROM audit_event")
        told = [orjson.loads(row[0]) for row in rows]
    return [event for event in told if event["kind"] == kind and event.get("person") == person]


def test_a_plan_is_written_read_and_seen_in_the_record(asking: Asking) -> None:
    person, nurse = person_id(asking, WOMAN), asking("nurse")
    before = version(nurse, person)

    assert put(nurse, person, WHOLE, before).json() == {"version": before + 1}
    told = plan(nurse, person)
    assert (told["version"], told["closed"]) == (before + 1, [])
    assert told["parts"]["about_me"] == WHOLE["about_me"]
    assert told["parts"]["support"]["goals"][0]["needs"] == ["stairs"]
    record = nurse.record(WOMAN)
    assert "Personalised care and support plan" in record.titles("care-plans")
    assert "What matters to the person" in record.titles("about-me")
    page = nurse.get(f"/people/{person}").text
    assert "To sleep upstairs again" in page.partition("What matters to me")[2].partition("</section>")[0]
    assert "Contingency plan" in record.titles("contingency")
    assert "Where the person's wishes are kept" in record.titles("end-of-life")


def test_the_next_version_keeps_what_it_does_not_give_and_who_wrote_each_is_known(asking: Asking) -> None:
    person, nurse = person_id(asking, WOMAN), asking("nurse")
    before = version(nurse, person)
    assert put(nurse, person, WHOLE, before).status_code == 200
    changed = put(nurse, person, {"about_me": {"what_matters": "The garden"}}, before + 1)

    assert changed.json() == {"version": before + 2}
    told = plan(nurse, person)
    assert told["parts"]["about_me"]["what_matters"] == "The garden"
    assert told["parts"]["support"]["needs"] == SUPPORT["needs"]
    history = nurse.get(f"/api/care-plans/{person}/history").json()["versions"]
    matters = [one["content"]["what_matters"] for one in history if one["part"] == "about_me"]
    assert matters[:2] == ["The garden", "To sleep upstairs again"]
    assert {one["author"] for one in history} == {"Nell Rushton"}


def test_two_who_write_on_one_version_do_not_lose_either(asking: Asking) -> None:
    person, nurse = person_id(asking, FATHER), asking("nurse")
    before = version(nurse, person)
    assert put(nurse, person, WHOLE, before).status_code == 200

    late = put(asking("social-worker"), person, {"about_me": {"what_matters": "Something else"}}, before)
    assert (late.status_code, late.json()["version"]) == (409, before + 1)
    assert plan(nurse, person)["parts"]["about_me"] == WHOLE["about_me"]


def test_another_partner_writes_the_same_plan_and_its_controller_stays(asking: Asking, place: Engine) -> None:
    person, nurse, social_worker = person_id(asking, FATHER), asking("nurse"), asking("social-worker")
    put(nurse, person, WHOLE, version(nurse, person))
    written = put(social_worker, person, {"support": SUPPORT | {"summary": "Together"}}, version(nurse, person))

    assert written.status_code == 200
    told = plan(nurse, person)
    (whole,) = [one for one in told["written"] if one["part"] == "support"]
    assert (whole["author"], whole["controller"]) == ("Sam Oyelaran", "RL4C")
    with transaction(place) as connection:
        (count,) = connection.exec_driver_sql(
            "SELECT count(*) FROM entry WHERE person_id = %s AND key = 'CarePlan/support'", (person,)
        ).one()
    assert count == 1


@pytest.mark.parametrize(
    ("username", "purpose"),
    [
        ("lapsed-nurse", "direct-care"),
        ("housing-officer", "tenancy-support"),
        ("coordinator", "mdt"),
        ("nurse", "case-finding"),
        ("ig-lead", "access-review"),
    ],
)
def test_whoever_may_not_write_is_refused_as_for_nobody(
    asking: Asking, place: Engine, username: str, purpose: str
) -> None:
    person = person_id(asking, FATHER)
    before = version(asking("nurse"), person)
    answers = [put(asking(username, purpose), who, WHOLE, before) for who in (person, str(uuid4()))]

    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
    assert version(asking("nurse"), person) == before
    assert events(place, "denied", person)


def test_whoever_may_not_read_it_is_refused_as_for_nobody(asking: Asking) -> None:
    person = person_id(asking, FATHER)
    asker = asking("housing-officer", "tenancy-support")
    answers = [asker.get(f"/api/care-plans/{who}{more}") for who in (person, uuid4()) for more in ("", "/history")]

    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}


def test_writing_and_reading_are_told_to_the_trail_with_the_entries(asking: Asking, place: Engine) -> None:
    person, nurse = person_id(asking, WOMAN), asking("nurse")
    put(nurse, person, WHOLE, version(nurse, person))
    written = max(events(place, "plan-written", person), key=lambda event: event["at"])
    plan(nurse, person)
    read = max(events(place, "view", person), key=lambda event: event["at"])

    assert (written["action"], written["role"], len(written["entries"])) == ("plan", "community-nurse", 4)
    assert set(written["entries"]) == set(read["entries"])
    assert "stairs" not in str(written)


def test_a_plan_leaves_by_fhir_like_any_entry(asking: Asking) -> None:
    person, nurse = person_id(asking, WOMAN), asking("nurse")
    put(nurse, person, WHOLE, version(nurse, person))
    bundle = nurse.get(f"/fhir/R4/Patient/{person}/$everything").json()

    plans = [one["resource"] for one in bundle["entry"] if one["resource"].get("title", "").startswith("Personalised")]
    assert [one["resourceType"] for one in plans] == ["CarePlan"]
    assert plans[0]["subject"] == {"reference": f"Patient/{person}"}
    get_fhir_model_class("CarePlan").model_validate(plans[0])


@pytest.mark.parametrize("parts", [{"support": {"needs": [{"id": "n", "says": ""}]}}, {"secrets": "Ivy Ashe"}])
def test_a_plan_that_is_none_is_told_without_being_repeated(asking: Asking, parts: dict[str, Any]) -> None:
    answer = put(asking("nurse"), person_id(asking, WOMAN), parts, 0)

    assert answer.status_code == 422
    assert "Ivy" not in answer.text
