"""Pages of what is otherwise than usual, as browsers ask for them: who may do what, and that refusals read alike."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from app.database import transaction
from tests.scenarios.conftest import As
from tests.scenarios.test_exceptions import column, stranger, unknown

__all__ = ["stranger", "unknown"]

Asking = Callable[..., As]
WHY = {"reason": "unconscious", "details": "brought in by ambulance, nobody with them"}
SHIFT = {"evidence": "on the relief shift for the north team tonight"}


def get(asker: As, path: str) -> Any:
    headers = {**asker.headers, "accept": "text/html"}
    return asker.client.get(path, params={"purpose": asker.purpose}, headers=headers, follow_redirects=False)


def send(asker: As, path: str, fields: Mapping[str, str]) -> Any:
    headers = {**asker.headers, "accept": "text/html"}
    return asker.client.post(
        path, params={"purpose": asker.purpose}, headers=headers, data=fields, follow_redirects=False
    )


def number_of(engine: Engine, person: str) -> str:
    (number,) = column(engine, "SELECT nhs_number FROM person_nhs_number WHERE person_id = :id", id=person)
    return str(number)


# ── Emergency access ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_record_opens_with_a_reason_says_so_and_is_accounted_for(
    asking: Asking, place: Engine, stranger: str
) -> None:
    doctor = asking("acute-clinician")
    opened = send(doctor, "/emergency-access", {**WHY, "nhs_number": number_of(place, stranger)})
    assert (opened.status_code, opened.headers["location"]) == (303, f"/people/{stranger}?purpose=direct-care")
    for path in ("", "/timeline", "/sources"):
        page = get(doctor, f"/people/{stranger}{path}").text
        assert "Emergency access" in page
        assert "it closes at" in page
    assert "and have still to" in get(doctor, "/home").text

    (number,) = re.findall(r'action="/openings/(\d+)"', get(doctor, "/openings").text)
    assert send(doctor, f"/openings/{number}", {"said": "short"}).status_code == 422
    assert send(asking("gp"), f"/openings/{number}", {"said": "not mine to account for"}).status_code == 404
    assert send(doctor, f"/openings/{number}", {"said": "allergies before theatre; none known"}).status_code == 303
    assert send(doctor, f"/openings/{number}", {"said": "something else, said later"}).status_code == 404
    told = get(doctor, "/openings").text
    assert "allergies before theatre" in told
    assert "something else" not in told
    assert "and have still to" not in get(doctor, "/home").text
    (event,) = column(place, "SELECT event FROM audit_event WHERE event->>'kind' = 'emergency-accounted'")
    assert (event["person"], event["relied_on"]) == (stranger, [f"opening/{number}"])
    with transaction(place) as connection:
        connection.exec_driver_sql("DELETE FROM opening_afterwards")


def test_whoever_has_the_record_open_is_led_to_it(asking: Asking, place: Engine, stranger: str) -> None:
    doctor, fields = asking("acute-clinician"), {**WHY, "nhs_number": number_of(place, stranger)}
    assert send(doctor, "/emergency-access", fields).status_code == 303
    again = send(doctor, "/emergency-access", fields)
    assert (again.status_code, again.headers["location"]) == (303, f"/people/{stranger}?purpose=direct-care")
    assert len(column(place, "SELECT id FROM emergency_opening")) == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({**WHY, "nhs_number": ""}, "Enter an NHS number"),
        ({**WHY, "nhs_number": "9990000019"}, "fails its check digit"),
        ({**WHY, "nhs_number": "9990000018", "reason": ""}, "Choose why you must see this record now"),
        ({**WHY, "nhs_number": "9990000018", "details": "help"}, "Say in 10 characters or more"),
    ],
)
def test_no_mistake_in_the_form_opens_anything_or_costs_any_typing(
    asking: Asking, place: Engine, fields: Mapping[str, str], told: str
) -> None:
    answer = send(asking("acute-clinician"), "/emergency-access", fields)
    assert answer.status_code == 422
    assert told in answer.text
    assert fields["details"] in answer.text
    assert f'value="{fields["nhs_number"]}"' in answer.text or not fields["nhs_number"]
    assert column(place, "SELECT id FROM emergency_opening") == []


def test_a_role_to_which_the_agreement_offers_no_way_is_told_so_whoever_it_asks_about(
    asking: Asking, stranger: str
) -> None:
    officer, nurse = asking("housing-officer", "direct-care"), asking("nurse")
    for person in (stranger, str(uuid4())):
        for path in ("emergency-access", "relationship"):
            assert get(officer, f"/people/{person}/{path}").status_code == 403
            assert send(officer, f"/people/{person}/{path}", {**WHY, **SHIFT}).status_code == 403
        assert send(nurse, f"/people/{person}/emergency-access", WHY).status_code == 422  # hers is another reason


def test_what_is_offered_and_refused_is_the_same_for_nobody_and_for_somebody(
    asking: Asking, place: Engine, unknown: tuple[str, str]
) -> None:
    person, number = unknown
    nobody, nobodys = str(uuid4()), "9999999328"

    def told(answer: Any) -> tuple[int, str]:
        text = answer.text.replace(person, "PERSON").replace(nobody, "PERSON")
        return answer.status_code, text.replace(number, "NUMBER").replace(nobodys, "NUMBER")

    for asker in (asking("nurse"), asking("acute-clinician"), asking("housing-officer", "tenancy-support")):
        whom = [
            {
                "nhs_number": each,
                "purpose": asker.purpose,
                "reason": "care-of-flagged-person",
                "details": WHY["details"],
            }
            for each in (number, nobodys)
        ]
        assert told(get(asker, f"/people/{person}")) == told(get(asker, f"/people/{nobody}"))
        assert told(send(asker, "/find", whom[0])) == told(send(asker, "/find", whom[1]))
    asker = asking("nurse")  # she may open a flagged record of those whom she cares for, and no other
    assert told(send(asker, "/emergency-access", whom[0])) == told(send(asker, "/emergency-access", whom[1]))
    assert column(place, "SELECT id FROM emergency_opening") == []


# ── Relationships that one states ────────────────────────────────────────────────────────────────────────────────────


def test_a_relationship_that_one_states_opens_the_record_and_says_what_it_rests_on(
    asking: Asking, place: Engine, unknown: tuple[str, str]
) -> None:
    person, number = unknown
    nurse = asking("nurse")
    offered = send(nurse, "/find", {"nhs_number": number, "purpose": "direct-care"})
    assert (offered.status_code, f'value="{number}"' in offered.text) == (404, True)
    form = send(nurse, "/relationship/whom", {"nhs_number": number})
    assert (form.status_code, f'value="{number}"' in form.text) == (200, True)
    assert send(nurse, "/relationship", {"nhs_number": number, "evidence": "because"}).status_code == 422

    stated = send(nurse, "/relationship", {"nhs_number": number, **SHIFT})
    assert stated.headers["location"] == f"/people/{person}?purpose=direct-care"
    sources = get(nurse, f"/people/{person}/sources").text
    assert "Said by themselves to take part in the person&#39;s care" in sources
    assert "You stated it yourself. The privacy officer was told" in sources
    assert column(place, "SELECT kind FROM privacy_alert") == ["claim"]


# ── Home ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_home_names_whom_one_opened_and_nobody_who_was_only_listed(asking: Asking, place: Engine) -> None:
    nurse = asking("nurse")
    found = nurse.lookup("999 000 0018").json()["id"]
    assert f"/people/{found}" not in get(nurse, "/home").text
    nurse.get(f"/api/persons/{found}")
    for _ in range(2):  # that home itself names them does not count as opening them
        assert f'href="/people/{found}?purpose=direct-care">Walter Tranter' in get(nurse, "/home").text
    assert f"/people/{found}" not in get(asking("social-worker"), "/home").text


def test_home_tells_everybody_which_feeds_are_late(asking: Asking, place: Engine) -> None:
    assert "every partner has sent as it promised" in get(asking("housing-officer"), "/home").text
    with transaction(place) as connection:
        connection.exec_driver_sql("UPDATE feed SET last_message_at = last_message_at - interval '9 days'"
                                   " WHERE adapter = 'housing-json'")  # fmt: skip
    told = get(asking("housing-officer"), "/home").text
    assert re.search(r"Wulfrun Homes.*late", told)
    with transaction(place) as connection:
        connection.exec_driver_sql("UPDATE feed SET last_message_at = now() WHERE adapter = 'housing-json'")
