"""Alerts and weekly reports over HTTP: for whom the agreement lets read the trail, and nobody else."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from app.database.transactions import open_engine, transaction
from app.demonstration.loading import furnish
from app.identity.store import accounts, put_accounts
from app.main import create_app
from app.settings import Settings
from app.vocabulary.nhs_number import NHSNumber
from tests.scenarios.conftest import As

PLACE_WIDE, OF_HOUSING = "ig-lead", "housing-lead"
"""The IG lead of a party that reads the trail for the whole place, and one who reads of their own staff alone."""


@pytest.fixture(scope="module")
def place(module_database_url: str) -> Iterator[Engine]:
    engine = open_engine(module_database_url)
    furnish(engine, datetime.now(UTC).date())
    with transaction(engine) as connection:
        known = {account.username: account for account in accounts(connection)}
        roles, at_housing = known["ig-lead"].roles, known["housing-officer"].organisation
        put_accounts(connection, [replace(known["ig-lead"], username=OF_HOUSING, organisation=at_housing, roles=roles)])
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def asking(
    place: Engine, module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., As]]:
    settings = Settings(var=Path(tmp_path_factory.mktemp("var")), demonstration=True)
    with TestClient(create_app(settings, module_database_url), raise_server_exceptions=False) as client:
        yield lambda username, purpose="access-review": As(client, settings, username, purpose, None)


@pytest.fixture
def alert(place: Engine) -> Iterator[Callable[..., UUID]]:
    def raised(subject: str = "nurse", organisation: str = "RL4C", days: int = 0) -> UUID:
        id, at = uuid4(), datetime.now(UTC) - timedelta(days=days)
        with transaction(place) as connection:
            connection.execute(
                text(
                    "INSERT INTO privacy_alert (id, kind, fact, issuer, subject, organisation, raised, review_due,"
                    " evidence) VALUES (:id, 'volume', 'watch/volume', 'local', :subject, :organisation, :at, :due,"
                    " CAST(:said AS jsonb))"
                ),
                {
                    "id": id, "subject": subject, "organisation": organisation, "at": at, "due": at + timedelta(days=5),
                    "said": '{"events": ["0/1"], "figures": {"people": 90, "peers": 12, "own": 11}}',
                },
            )  # fmt: skip
        return id

    yield raised
    with transaction(place) as connection:
        connection.execute(text("DELETE FROM privacy_alert"))


def listed(requester: As) -> list[str]:
    return [one["id"] for one in requester.get("/api/alerts").json()["alerts"]]


def report_of(requester: As, week: str, **asked: str) -> Any:
    given = {"purpose": requester.purpose, "week": week, **asked}
    return requester.client.get("/api/watch/report", params=given, headers=requester.headers)


def step(requester: As, number: UUID, what: str, note: str = "") -> Any:
    said = {"step": what, "note": note}
    return requester.client.post(
        f"/api/alerts/{number}/step", params={"purpose": requester.purpose}, headers=requester.headers, json=said
    )


def test_an_alert_is_listed_with_what_was_seen_why_it_is_odd_and_what_may_be_innocent(
    asking: Callable[..., As], alert: Callable[..., UUID]
) -> None:
    number = alert()
    (one,) = asking(PLACE_WIDE).get("/api/alerts").json()["alerts"]
    assert (one["id"], one["account"], one["state"]) == (str(number), "nurse", "raised")
    assert "90 people" in one["seen"]
    assert one["odd"]
    assert one["innocent"]


def test_each_lead_is_told_of_their_own_staff_and_those_of_the_place_of_all(
    asking: Callable[..., As], alert: Callable[..., UUID]
) -> None:
    nurses, officers = alert(), alert("housing-officer", "WH100")
    assert listed(asking(OF_HOUSING)) == [str(officers)]
    assert sorted(listed(asking(PLACE_WIDE))) == sorted([str(nurses), str(officers)])


def test_an_alert_of_others_is_answered_as_one_that_is_not_there(
    asking: Callable[..., As], alert: Callable[..., UUID]
) -> None:
    answers = [
        step(asking(OF_HOUSING), alert(), "look-into"),
        step(asking(OF_HOUSING), uuid4(), "look-into"),
        step(asking("nurse"), alert(), "look-into"),
        step(asking(PLACE_WIDE, "direct-care"), alert(), "look-into"),
        asking("nurse").get("/api/alerts"),
        report_of(asking(PLACE_WIDE, "direct-care"), "2026-W24"),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}


def test_nobody_looks_into_an_alert_about_themselves(asking: Callable[..., As], alert: Callable[..., UUID]) -> None:
    own = alert("ig-lead", "RL4")
    assert listed(asking(PLACE_WIDE)) == []
    answer = step(asking(PLACE_WIDE), own, "justify")
    assert (answer.status_code, "about you" in answer.text) == (400, True)


def test_nobody_looks_into_who_looked_at_their_own_record(
    asking: Callable[..., As], alert: Callable[..., UUID], place: Engine
) -> None:
    """Whoever looked: the record is theirs, by the NHS number that their employer told."""
    number, herself, raised = NHSNumber("9990000018"), uuid4(), alert()
    with transaction(place) as connection:
        (lead,) = [one for one in accounts(connection) if one.username == PLACE_WIDE]
        put_accounts(connection, [replace(lead, username="herself", nhs_number=number)])
        connection.execute(text("INSERT INTO person (id, created_at) VALUES (:id, now())"), {"id": herself})
        connection.execute(
            text("INSERT INTO person_nhs_number (nhs_number, person_id, since) VALUES (:number, :id, now())"),
            {"number": number.digits, "id": herself},
        )
        connection.execute(text("UPDATE privacy_alert SET person_id = :id"), {"id": herself})
    assert listed(asking(PLACE_WIDE)) == [str(raised)]
    assert listed(asking("herself")) == []
    answer = step(asking("herself"), raised, "justify")
    assert (answer.status_code, "about you" in answer.text) == (400, True)


def test_what_came_of_it_is_kept_with_who_said_so_and_the_words_stay_out_of_the_trail(
    asking: Callable[..., As], alert: Callable[..., UUID], place: Engine
) -> None:
    number, lead = alert(), asking(PLACE_WIDE)
    assert step(lead, number, "find-misuse").status_code == 400
    assert step(lead, number, "look-into").json() == {"state": "looked-into"}
    assert step(lead, number, "find-misuse", "she said that she was curious").json() == {"state": "misuse"}
    assert step(lead, number, "reopen").status_code == 400
    assert listed(lead) == []
    with place.connect() as connection:
        steps = connection.execute(
            text("SELECT state, subject, note FROM privacy_alert_step WHERE alert = :id ORDER BY id"), {"id": number}
        ).all()
        events = connection.execute(
            text("SELECT event::text FROM audit_event WHERE event->>'kind' = 'alert-reviewed' AND other = :id"),
            {"id": number},
        ).scalars()
        trail = " ".join(events)
    assert [tuple(one) for one in steps] == [
        ("looked-into", "ig-lead", None), ("misuse", "ig-lead", "she said that she was curious"),
    ]  # fmt: skip
    assert "curious" not in trail
    assert '"misuse"' in trail


def test_the_weekly_report_is_of_the_askers_own_organisation_and_the_trail_tells_who_read_it(
    asking: Callable[..., As], alert: Callable[..., UUID], place: Engine
) -> None:
    alert("housing-officer", "WH100", days=7)
    alert(days=7)
    monday = datetime.now(UTC) - timedelta(days=7)
    week = f"{monday:%G-W%V}"
    report = report_of(asking(OF_HOUSING), week).json()
    assert (report["partner"], report["name"], report["raised"], report["overdue"]) == ("WH100", "Wulfrun Homes", 1, 1)
    with place.connect() as connection:
        told = connection.execute(
            text("SELECT event->>'request' FROM audit_event WHERE event->>'reason' = 'weekly-report/WH100'")
        ).scalars()
        assert told.all().count(week) == 1


def test_the_weekly_report_is_text_and_paper_too(asking: Callable[..., As]) -> None:
    lead = asking(OF_HOUSING)
    assert "Use of the shared record by Wulfrun Homes" in report_of(lead, "2026-W24", format="text").text
    paper = report_of(lead, "2026-W24", format="pdf")
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert report_of(lead, "soon").status_code == 400
