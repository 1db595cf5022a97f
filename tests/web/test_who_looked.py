"""Answering a person who asks who saw their record, as whoever may answer them does it."""

import io
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine, text

from app.database import transaction
from app.settings import Settings
from app.vocabulary.nhs_number import NHSNumber
from tests.scenarios.conftest import As, asking, client, place, place_engine, settings

__all__ = ["asking", "client", "place", "place_engine", "settings"]

Asking = Callable[..., As]
FATHER = "999 000 0018"
EVIDENCE = {"kind": "access-request", "evidence": "letter of 3 June, passport seen"}


def rows(engine: Engine, query: str, **parameters: object) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(query), parameters).scalars())


@pytest.fixture(scope="module")
def father(place: Engine, asking: Asking) -> str:
    """Seen by a nurse, a GP protecting him, and asked for by a housing officer in vain."""
    nurse = asking("nurse")
    person = str(nurse.lookup(FATHER).json()["id"])
    nurse.get(f"/api/persons/{person}")
    assert asking("social-worker", "safeguarding").get(f"/api/persons/{person}").status_code == 200
    assert asking("housing-officer", "direct-care").get(f"/api/persons/{person}").status_code == 404
    return person


@pytest.fixture(scope="module")
def lead(asking: Asking, father: str) -> As:
    """The information governance lead, who was asked."""
    reader = asking("ig-lead", "access-review")
    claim = {"nhs_number": FATHER, **EVIDENCE}
    made = reader.client.post(
        "/api/persons/relationships", params={"purpose": reader.purpose}, headers=reader.headers, json=claim
    )
    assert made.status_code == 201, made.text
    return reader


def page(asker: As, path: str, **query: Any) -> Any:
    asked = {"purpose": asker.purpose, **query}
    return asker.client.get(path, params=asked, headers={**asker.headers, "accept": "text/html"})


def test_the_person_is_told_who_saw_them_in_plain_words(lead: As, father: str) -> None:
    told = lead.get(f"/api/persons/{father}/looks").json()
    by_nurse = next(one for one in told["looks"] if one["role"] == "community-nurse")
    assert by_nurse["text"]["who"] == "Community nurse, Wulfrun Community Services"
    assert by_nurse["text"]["why"] == "Individual care"
    assert "looked at the record" in by_nurse["text"]["did"].lower()
    assert {"demographics", "problems"} <= set(by_nurse["categories"])
    assert by_nurse["text"]["relationship"] == ["On the caseload of a team"]
    assert "accounts" not in by_nurse


def test_what_was_for_protecting_somebody_is_held_back_to_be_weighed(lead: As, father: str) -> None:
    told = lead.get(f"/api/persons/{father}/looks").json()
    assert "safeguarding" in {one["purpose"] for one in told["held_back"]}
    assert "safeguarding" not in {one["purpose"] for one in told["looks"]}


def test_who_was_refused_is_not_told(lead: As, father: str) -> None:
    told = lead.get(f"/api/persons/{father}/looks")
    assert told.json()["refused"] >= 1
    assert "housing" not in told.text


def test_asking_who_saw_somebody_is_in_the_trail_and_in_the_next_answer(lead: As, father: str, place: Engine) -> None:
    def told() -> list[Any]:
        return rows(place, "SELECT event FROM audit_event WHERE event->>'kind' = 'audit-read'")

    before = len(told())
    lead.get(f"/api/persons/{father}/looks")
    (*_, last) = told()
    assert (len(told()), last["person"], last["reason"]) == (before + 1, father, "who-saw")
    assert "audit-read" in str(lead.get(f"/api/persons/{father}/looks").json()["looks"])


def test_where_the_trail_cannot_be_written_nobody_is_told_who_saw_them(
    lead: As, father: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the trail is gone")

    monkeypatch.setattr("app.governance.answering.record", broken)
    refused = lead.get(f"/api/persons/{father}/looks")
    assert (refused.status_code, "nurse" in refused.text) == (500, False)


@pytest.mark.parametrize(
    ("username", "purpose"),
    [("nurse", "direct-care"), ("nurse", "access-review"), ("ig-lead", "direct-care"), ("gp", "access-review")],
)
def test_nobody_else_learns_who_saw_a_person(
    asking: Asking, lead: As, father: str, username: str, purpose: str
) -> None:
    other = asking(username, purpose)
    answers = [other.get(f"/api/persons/{each}/looks") for each in (father, uuid4())]
    assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}
    nobody = str(uuid4())
    asked = {
        each: page(other, f"/people/{each}/who-looked").text.replace(each, "as asked") for each in (father, nobody)
    }
    assert asked[father] == asked[nobody]
    assert page(other, f"/people/{father}/who-looked.pdf").status_code == 404


def test_who_did_not_write_the_request_down_is_told_nothing(asking: Asking, lead: As, place: Engine) -> None:
    (other,) = rows(place, "SELECT id FROM person WHERE merged_into IS NULL AND id <> :father ORDER BY id LIMIT 1",
                    father=rows(place, "SELECT person_id FROM person_nhs_number WHERE nhs_number = :number",
                                number=NHSNumber.parse(FATHER).digits)[0])  # fmt: skip
    assert lead.get(f"/api/persons/{other}/looks").status_code == 404


def test_what_was_seen_before_a_merge_is_counted_in(lead: As, father: str, place: Engine, asking: Asking) -> None:
    former = str(UUID(int=7))
    retired = "INSERT INTO person (id, merged_into, created_at) VALUES (:former, :father, now())"
    with transaction(place) as connection:
        connection.execute(text(retired), {"former": former, "father": father})
    before = lead.get(f"/api/persons/{father}/looks").json()["refused"]
    assert asking("mental-health", "evaluation").get(f"/api/persons/{former}").status_code == 404
    assert lead.get(f"/api/persons/{former}/looks").json()["refused"] == before + 1


@pytest.fixture
def objected(place: Engine, father: str, asking: Asking) -> Iterator[None]:
    asker = asking("gp")
    lodged = asker.client.post(f"/api/persons/{father}/objections", params={"purpose": "direct-care"},
                               headers=asker.headers, json={"scope": "all"})  # fmt: skip
    assert lodged.status_code == 201, lodged.text
    yield
    with transaction(place) as connection:
        connection.execute(text("DELETE FROM objection"))


def test_who_objects_to_all_sharing_is_still_answered(lead: As, father: str, objected: None) -> None:
    assert lead.get(f"/api/persons/{father}/looks").status_code == 200


def test_the_letter_says_the_same_and_nothing_of_what_is_held_back(lead: As, father: str) -> None:
    letter, weighed = (words(page(lead, f"/people/{father}/who-looked.pdf", weighed=each)) for each in (False, True))
    assert "Community nurse, Wulfrun Community Services" in letter
    assert "Tranter" in letter
    assert "Protecting an adult" not in letter
    assert "Protecting an adult" in weighed


def words(answer: Any) -> str:
    assert answer.headers["content-type"] == "application/pdf"
    return " ".join(" ".join(one.extract_text() for one in PdfReader(io.BytesIO(answer.content)).pages).split())


def test_a_request_is_written_down_before_anybody_is_answered(
    asking: Asking, place: Engine, settings: Settings
) -> None:
    reader = asking("ig-lead")
    (number,) = rows(place, "SELECT nhs_number FROM person_nhs_number WHERE nhs_number <> :father ORDER BY 1 LIMIT 1",
                     father=NHSNumber.parse(FATHER).digits)  # fmt: skip

    def send(**said: str) -> Any:
        return reader.client.post("/access-requests", data=said, follow_redirects=False,
                                  headers={**reader.headers, "accept": "text/html"})  # fmt: skip

    assert page(reader, "/access-requests").status_code == 200
    wrong = send(nhs_number="123", **EVIDENCE)
    assert (wrong.status_code, EVIDENCE["evidence"] in wrong.text) == (422, True)
    assert send(nhs_number=number, kind="access-request", evidence="x").status_code == 422
    taken = send(nhs_number=number, **EVIDENCE)
    assert taken.status_code == 303
    assert number not in taken.headers["location"]
    answered = reader.client.get(taken.headers["location"], headers={**reader.headers, "accept": "text/html"})
    assert "Who saw the record of" in answered.text
    assert rows(place, "SELECT kind FROM privacy_alert WHERE fact LIKE 'relationship/%' AND subject = 'ig-lead'")
    assert page(asking("nurse"), "/access-requests").status_code == 404
