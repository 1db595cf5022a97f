"""Emergency access and objections, as staff ask for them and the privacy officer hears of them."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from app.audit.keys import chain_key
from app.cli import app
from app.database import transaction
from app.governance.exceptions.opening import Asking as AskingToOpen
from app.governance.exceptions.opening import Reason, open_record
from app.governance.signing.agreeing import lawful
from app.settings import ROOT, Settings
from app.settings import settings as current_settings
from app.sharing.agreement import read_agreements
from app.vocabulary.token import Purpose
from tests.scenarios.conftest import As
from tests.sharing.worlds import someone

Asking = Callable[..., As]
WHY = {"reason": "unconscious", "details": "brought in by ambulance, nobody with them"}
FLAGGED = {"reason": "care-of-flagged-person", "details": "visiting today, on my caseload"}
AGREEMENTS = read_agreements(ROOT / "isa")


def post(asker: As, path: str, body: dict[str, Any]) -> Any:
    return asker.client.post(path, params={"purpose": asker.purpose}, headers=asker.headers, json=body)


def column(engine: Engine, query: str, **parameters: object) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(query), parameters).scalars())


@pytest.fixture
def stranger(place: Engine) -> Iterator[str]:
    """Somebody whom the hospital has nothing to do with, and the practice knows."""
    (person,) = column(
        place,
        "SELECT r.person_id FROM relationship r WHERE r.organisation = 'M92001' AND NOT EXISTS"
        " (SELECT FROM relationship h WHERE h.person_id = r.person_id AND h.organisation = 'RL4' AND h.ended IS NULL)"
        " AND NOT EXISTS (SELECT FROM person_flag f WHERE f.person_id = r.person_id AND f.raised)"
        " ORDER BY r.id LIMIT 1",
    )
    yield str(person)
    with transaction(place) as connection:
        for table in ("emergency_opening", "privacy_alert", "objection"):
            connection.execute(text(f"DELETE FROM {table}"))


@pytest.fixture
def patient(place: Engine) -> Iterator[str]:
    """Somebody on the community nurses' caseload, and registered with the practice."""
    (person,) = column(
        place,
        "SELECT r.person_id FROM relationship r JOIN relationship g ON g.person_id = r.person_id"
        " WHERE r.organisation = 'RL4C' AND r.kind = 'caseload' AND r.ended IS NULL"
        " AND g.kind = 'registration' AND g.organisation = 'M92001' AND g.ended IS NULL"
        " AND NOT EXISTS (SELECT FROM person_flag f WHERE f.person_id = r.person_id AND f.raised)"
        " ORDER BY r.id LIMIT 1",
    )
    yield str(person)
    with transaction(place) as connection:
        for table in ("emergency_opening", "privacy_alert", "objection"):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text("DELETE FROM person_flag WHERE kind = 'staff-or-vip'"))


def categories(asker: As, person: str) -> set[str]:
    seen = asker.get(f"/api/persons/{person}")
    return {heading["category"] for heading in seen.json()["headings"]} if seen.status_code == 200 else set()


# ── Emergency access ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_in_an_emergency_a_doctor_sees_what_the_agreement_gives_and_nothing_more(asking: Asking, stranger: str) -> None:
    doctor = asking("acute-clinician")
    assert doctor.get(f"/api/persons/{stranger}").status_code == 404
    opened = post(doctor, f"/api/persons/{stranger}/emergency-access", WHY)
    assert opened.status_code == 201
    until = datetime.fromisoformat(opened.json()["until"])
    assert timedelta(minutes=58) < until - datetime.now(UTC) <= timedelta(minutes=60)
    emergency = AGREEMENTS.documents[0].emergency_access
    assert emergency is not None
    assert set() < categories(doctor, stranger) <= set(emergency.categories)


def test_an_opening_is_for_one_person_alone(asking: Asking, place: Engine, stranger: str) -> None:
    doctor = asking("acute-clinician")
    people = [str(person) for person in column(place, "SELECT id FROM person")]
    seen = {person for person in people if doctor.get(f"/api/persons/{person}").status_code == 200}
    post(doctor, f"/api/persons/{stranger}/emergency-access", WHY)
    assert {p for p in people if doctor.get(f"/api/persons/{p}").status_code == 200} == seen | {stranger}


@pytest.mark.parametrize(
    "said", [{"reason": "unconscious", "details": " "}, {"reason": "curious", "details": "I want to look"}, {}]
)
def test_no_reason_no_opening(asking: Asking, place: Engine, stranger: str, said: dict[str, str]) -> None:
    answer = post(asking("acute-clinician"), f"/api/persons/{stranger}/emergency-access", said)
    assert answer.status_code in (400, 422)
    assert column(place, "SELECT id FROM emergency_opening") == []
    assert column(place, "SELECT id FROM privacy_alert") == []


def test_the_opening_the_alert_and_the_trail_stand_together(asking: Asking, place: Engine, stranger: str) -> None:
    post(asking("acute-clinician"), f"/api/persons/{stranger}/emergency-access", WHY)
    (number,) = column(place, "SELECT id FROM emergency_opening WHERE reason LIKE 'unconscious: brought in%'")
    assert column(place, "SELECT fact FROM privacy_alert WHERE reviewed IS NULL") == [f"opening/{number}"]
    assert column(place, "SELECT review_due - raised FROM privacy_alert") == [timedelta(days=5)]
    query = "SELECT event::text FROM audit_event WHERE event->>'kind' = 'flag-changed' ORDER BY event->>'at'"
    events = column(place, query)
    assert "sealed/raise" in events[-1]
    assert WHY_FLAGGED not in "".join(events)


def test_nobody_is_flagged_without_words(asking: Asking, place: Engine, flagged: str) -> None:
    assert flags(lead(asking), flagged, "raise", why="  so  ").status_code == 400
    assert column(place, "SELECT 1 FROM person_flag WHERE kind = 'sealed' AND raised") == []


def test_a_claim_of_one_lead_waits_for_the_other(asking: Asking, place: Engine, flagged: str) -> None:
    [number] = column(place, "SELECT min(nhs_number) FROM person_nhs_number WHERE person_id = :id", id=flagged)
    claim = {"nhs_number": number, "kind": "access-request", "evidence": "Their letter of Monday, known by sight"}
    assert post(lead(asking), "/api/persons/relationships", claim).status_code == 201
    waits = {
        username: [each["kind"] for each in lead(asking, username).get("/api/alerts").json()["alerts"]]
        for username in ("ig-lead", "caldicott")
    }
    assert waits == {"ig-lead": [], "caldicott": ["claim"]}
    (alert,) = lead(asking, "caldicott").get("/api/alerts").json()["alerts"]
    step = {"step": "justify", "note": "seen the letter"}
    decided = post(lead(asking, "caldicott"), f"/api/alerts/{alert['id']}/step", step)
    assert decided.status_code == 200, decided.text
