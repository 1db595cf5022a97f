"""Case finding in a filled place: a purpose of its own, always with reasons, each name told to the trail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import Engine

from app.adapters.risk_scores import FIELDS
from app.audit.keys import chain_key
from app.database.transactions import transaction
from app.intake.arriving.inbox import receive
from app.intake.process import process_next
from app.settings import Settings
from app.vocabulary.ods_code import OdsCode

Asking = Callable[..., Any]
PATH = "/api/mdt/case-finding"
FATHER, WOMAN = "999 000 0018", "999 000 0034"


def ask(asker: Any, **query: str) -> Any:
    return asker.client.get(PATH, params={"purpose": asker.purpose, **query}, headers=asker.headers)


def found(asker: Any, **query: str) -> dict[str, Any]:
    answer = ask(asker, **query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def reasons(told: dict[str, Any], person: str) -> dict[str, list[str]]:
    """Why someone is listed, each with the partners that say so."""
    return {
        reason["code"]: sorted({source["partner"] for source in reason["sources"]})
        for case in told["cases"]
        if case["id"] == person
        for reason in case["reasons"]
    }


def person_id(asking: Asking, number: str) -> str:
    one: str = asking("nurse").lookup(number).json()["id"]
    return one


def events(engine: Engine) -> list[dict[str, Any]]:
    with transaction(engine) as connection:
        rows = connection.exec_driver_sql("SELECT event::text FROM audit_event")
        return [orjson.loads(row[0]) for row in rows]


@contextmanager
def objecting(engine: Engine, person: str) -> Iterator[None]:
    with transaction(engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO objection (person_id, scope, upheld, started) VALUES (%s, 'all', true, %s)",
            (person, datetime(2026, 1, 1, tzinfo=UTC)),
        )
    try:
        yield
    finally:
        with transaction(engine) as connection:
            connection.exec_driver_sql("DELETE FROM objection WHERE person_id = %s", (person,))


def test_a_nurse_learns_who_might_be_helped_and_which_partners_say_so(asking: Asking) -> None:
    told = found(asking("nurse", "case-finding"))

    assert reasons(told, person_id(asking, FATHER)) == {"safeguarding": ["LA508"], "tenancy-at-risk": ["WH100"]}
    assert reasons(told, person_id(asking, WOMAN))["waiting-for-discharge"] == ["RL4"]
    assert told["listed"] == len(told["cases"]) <= told["considered"]
    assert all(case["reasons"] for case in told["cases"])


def test_a_practice_looks_among_its_own_patients_alone(asking: Asking, place: Engine) -> None:
    told = found(asking("gp", "case-finding"))

    with transaction(place) as connection:
        registered = {
            str(row[0])
            for row in connection.exec_driver_sql(
                "SELECT person_id FROM relationship WHERE kind = 'registration' AND organisation = 'M92001'"
            )
        }
    assert told["cases"]
    assert {case["id"] for case in told["cases"]} <= registered
    assert told["considered"] == len(registered)


def test_whoever_lacks_the_purpose_is_named_no_one(asking: Asking) -> None:
    refused = [
        asking(username, purpose).get(PATH)
        for username, purpose in (
            ("nurse", "direct-care"),
            ("coordinator", "case-finding"),
            ("social-worker", "case-finding"),
            ("housing-officer", "case-finding"),
            ("mental-health", "case-finding"),
            ("ig-lead", "case-finding"),
            ("lapsed-nurse", "case-finding"),
        )
    ]
    refused.append(asking("nurse").get(f"/api/persons/{uuid4()}"))

    assert {(answer.status_code, answer.content, answer.headers["content-type"]) for answer in refused} == {
        (404, refused[0].content, "application/json")
    }


def test_each_name_is_told_to_the_trail_with_what_it_disclosed_and_no_other(asking: Asking, place: Engine) -> None:
    before = {event["id"] for event in events(place)}
    told = found(asking("nurse", "case-finding"), most="1")
    new = [event for event in events(place) if event["id"] not in before]

    assert len(told["cases"]) == 1 < told["listed"]
    assert {event["person"] for event in new} == {case["id"] for case in told["cases"]}
    for event in new:
        assert (event["kind"], event["purpose"], event["role"]) == ("find", "case-finding", "community-nurse")
        (case,) = [case for case in told["cases"] if case["id"] == event["person"]]
        shown = {
            source["id"]
            for part in ("reasons", "scores", "segments")
            for one in case[part]
            for source in one["sources"]
        }
        assert shown <= {str(entry) for entry in event["entries"]}
        assert event["permitted"]


def test_a_refusal_is_told_to_the_trail(asking: Asking, place: Engine) -> None:
    before = {event["id"] for event in events(place)}
    asking("coordinator", "case-finding").get(PATH)
    (new,) = [event for event in events(place) if event["id"] not in before]

    assert (new["kind"], "person" in new) == ("denied", False)


def test_an_objection_takes_someone_off_every_list(asking: Asking, place: Engine) -> None:
    father = person_id(asking, FATHER)
    with objecting(place, father):
        assert not reasons(found(asking("nurse", "case-finding")), father)
    assert reasons(found(asking("nurse", "case-finding")), father)


def test_nothing_is_read_that_the_purpose_does_not_open(asking: Asking) -> None:
    told = str(found(asking("nurse", "case-finding"))).lower()

    assert "'category': 'problems'" in told
    for category in ("documents", "medications", "allergies", "results", "contingency", "encounters", "home", "alerts"):
        assert f"'category': '{category}'" not in told


def test_a_list_of_one_reason_or_segment_holds_no_other(asking: Asking) -> None:
    nurse = asking("nurse", "case-finding")

    assert all("safeguarding" in str(case["reasons"]) for case in found(nurse, reason="safeguarding")["cases"])
    complex_lives = found(nurse, segment="complex-lives")["cases"]
    assert person_id(asking, FATHER) in [case["id"] for case in complex_lives]
    assert found(nurse, segment="no-such-segment")["cases"] == []


def test_a_list_of_one_locality_holds_those_who_belong_there_and_tells_how_many(asking: Asking) -> None:
    nurse = asking("nurse", "case-finding")
    everyone = found(nurse)

    for locality, count in everyone["by_locality"].items():
        if locality:
            told = found(nurse, locality=locality)
            assert (told["listed"], {case["locality"] for case in told["cases"]}) == (count, {locality})
    assert sum(everyone["by_locality"].values()) == everyone["listed"]
    assert "northgate" in everyone["by_locality"]
    assert found(nurse, locality="no-such-place")["cases"] == []


def test_a_score_that_a_practice_sends_lists_its_patient_with_its_version_and_its_caveat(
    asking: Asking, place: Engine, settings: Settings
) -> None:
    before = found(asking("gp", "case-finding"), reason="clinical-frailty-scale")
    assert before["cases"] == []
    with transaction(place) as connection:
        patient, resource = connection.exec_driver_sql(
            """
            SELECT e.person_id, convert_from(e.resource, 'utf8')::json FROM entry e
            JOIN relationship r ON r.person_id = e.person_id AND r.organisation = 'M92001'
            WHERE e.partner = 'RL4' AND e.category = 'demographics' AND e.person_id <> %s
              AND convert_from(e.resource, 'utf8') LIKE '%%nhs-number%%'
              AND convert_from(e.resource, 'utf8')::json->>'birthDate' < '1960'
              AND NOT EXISTS (SELECT FROM person_flag f WHERE f.person_id = e.person_id AND raised)
            ORDER BY e.key LIMIT 1
            """,
            (UUID(person_id(asking, FATHER)),),
        ).one()
    number = next(one["value"] for one in resource["identifier"] if one["system"].endswith("nhs-number"))
    name, on = resource["name"][0], f"{datetime.now(UTC):%Y-%m-%d}"
    row = f"S1,{number},01,{name['family']},{name['given'][0]},{resource['birthDate']},,Rockwood,2.0,7,{on},Dr Par,GP,,"
    content = BytesIO("\n".join((",".join(FIELDS.values()), row, "")).encode())
    receive(place, content, partner=OdsCode("M92001"), adapter="risk-scores-csv", at=datetime.now(UTC))
    while process_next(place, clock=lambda: datetime.now(UTC), new_id=uuid4, key=chain_key(settings)):
        pass

    (listed,) = found(asking("gp", "case-finding"), reason="clinical-frailty-scale")["cases"]
    (score,) = [one for one in listed["scores"] if one["algorithm"] == "clinical-frailty-scale"]
    assert listed["id"] == str(patient)
    assert (score["value"], score["version"], score["on"], score["computed"]) == (7.0, "2.0", on, False)
    assert score["over_time"]
    assert score["sources"][0]["partner"] == "M92001"


@pytest.mark.parametrize("query", [{"most": "0"}, {"most": "101"}, {"reason": "Ivy Ashe"}, {"segment": ""}])
def test_what_cannot_be_asked_is_told_without_being_repeated(asking: Asking, query: dict[str, str]) -> None:
    answer = ask(asking("nurse", "case-finding"), **query)

    assert answer.status_code == 422
    assert "Ivy" not in answer.text


def test_where_the_trail_cannot_be_written_nobody_is_named(asking: Asking, place: Engine) -> None:
    with transaction(place) as connection:
        connection.exec_driver_sql("ALTER TABLE audit_event RENAME TO audit_event_away")
    try:
        answer = asking("nurse", "case-finding").get(PATH)
    finally:
        with transaction(place) as connection:
            connection.exec_driver_sql("ALTER TABLE audit_event_away RENAME TO audit_event")

    assert answer.status_code == 503
    assert set(answer.json()) == {"error"}
