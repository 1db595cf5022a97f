"""The pages of an information governance lead, as they and others ask for them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from app.database import transaction
from app.identity.account import LocalAccount
from app.identity.store import put_accounts
from app.vocabulary.london import london_date
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role
from app.web.agreements import near_review
from tests.scenarios.conftest import As, asking, client, place, place_engine, settings
from tests.sharing.worlds import LAW

__all__ = ["asking", "client", "place", "place_engine", "settings"]

Asking = Callable[..., As]
FATHER, NOBODY = "999 000 0018", "999 009 9901"
TODAY = london_date(datetime.now(UTC))
ON = {"day": str(TODAY.day), "month": str(TODAY.month), "year": str(TODAY.year)}


@pytest.fixture(scope="module", autouse=True)
def asked(place: Engine, asking: Asking) -> str:
    """A nurse saw the father, a housing officer was refused; there are leads of two parties."""
    with transaction(place) as connection:
        lead = LocalAccount(username="housing-lead", name="Hanna Lead", organisation=OdsCode("WH100"),
                            roles=(Role("ig-lead"),), training_until=TODAY)  # fmt: skip
        put_accounts(connection, [lead])
    nurse = asking("nurse")
    person = str(nurse.lookup(FATHER).json()["id"])
    assert nurse.get(f"/api/persons/{person}").status_code == 200
    assert asking("housing-officer", "direct-care").get(f"/api/persons/{person}").status_code == 404
    return person


def post(asker: As, path: str, **form: str) -> Any:
    headers = {**asker.headers, "accept": "text/html"}
    return asker.client.post(path, data={**ON, **form}, headers=headers, follow_redirects=False)


def found(asker: As, **form: str) -> str:
    answer = post(asker, "/oversight/trail", **form)
    assert answer.status_code == 200, answer.text
    return str(answer.text.partition("What the trail says")[2])


def test_the_trail_is_searched_by_user_person_purpose_organisation_and_outcome(asking: Asking) -> None:
    lead = asking("ig-lead")
    assert "Looked at the record" in found(lead, user="nurse", nhs_number=FATHER, purpose="direct-care")
    assert "refused" in found(lead, organisation="WH100", outcome="refused")
    assert "Nothing of that" in found(lead, organisation="WH100", user="nurse")
    assert "Nothing of that" in found(lead, user="nurse", outcome="refused", purpose="safeguarding")
    assert "Nothing of that" in found(lead, nhs_number=NOBODY)


def test_a_lead_reads_of_their_own_staff_unless_the_agreement_says_of_all(asking: Asking) -> None:
    theirs = found(asking("housing-lead"))
    assert "housing-officer" in theirs
    assert "nurse" not in theirs
    assert "Nothing of that" in found(asking("housing-lead"), organisation="RL4C")
    assert "nurse" in found(asking("ig-lead"))


def test_each_search_of_the_trail_is_in_it_and_says_not_what_for(asking: Asking, place: Engine) -> None:
    found(asking("ig-lead"), nhs_number=FATHER)
    with place.connect() as connection:
        told = "SELECT event FROM audit_event WHERE event->>'reason' = 'search' ORDER BY at DESC LIMIT 1"
        event = connection.execute(text(told)).scalar_one()
    assert (event["kind"], event["subject"], bool(event["criteria"])) == ("audit-read", "ig-lead", True)
    assert "9990000018" not in str(event)


def test_a_long_answer_comes_in_pages_that_tell_each_event_once(asking: Asking, asked: str) -> None:
    nurse = asking("nurse")
    for _ in range(60):
        nurse.get(f"/api/persons/{asked}")
    pages, after = [], ""
    while True:
        told = found(asking("ig-lead"), user="nurse", outcome="shown", after=after)
        pages.append(told.count("<tr"))
        more = re.search(r'name="after" value="([^"]*)"', told)
        if more is None:
            break
        after = more[1]
    assert pages[0] == 51
    assert sum(pages) - len(pages) >= 62


def test_what_was_mistyped_is_told_and_kept(asking: Asking) -> None:
    wrong = post(asking("ig-lead"), "/oversight/trail", nhs_number="12", user="someone", day="45")
    assert (wrong.status_code, wrong.text.count('href="#nhs_number"'), wrong.text.count('href="#on-day"')) == (
        422,
        1,
        1,
    )
    assert 'value="someone"' in wrong.text
    assert post(asking("ig-lead"), "/oversight/why", nhs_number=FATHER).status_code == 422


def test_why_somebody_could_see_something_is_answered_by_clause_and_fact(asking: Asking) -> None:
    lead = asking("ig-lead")
    asked = {"user": "nurse", "nhs_number": FATHER, "purpose": "direct-care"}
    could = post(lead, "/oversight/why", category="problems", **asked).text
    assert "/agreements/wulfrun#G-NURSE" in could
    assert "On the caseload of a team" in could
    could_not = post(lead, "/oversight/why", category="formulation", **asked).text
    assert "could not be seen" in could_not
    assert "No clause" in could_not
    refused = post(lead, "/oversight/why", user="housing-officer", nhs_number=FATHER, category="problems").text
    assert "could not be seen" in refused


def test_where_nobody_asked_it_is_said_what_would_have_been(asking: Asking) -> None:
    asking("nurse", "safeguarding").lookup("999 000 0026")
    told = post(asking("ig-lead"), "/oversight/why", user="gp", nhs_number=FATHER, category="problems").text
    assert "The trail tells of no such user" in told
    asking("gp").lookup(FATHER)
    earlier = post(asking("ig-lead"), "/oversight/why", user="gp", nhs_number="999 000 0026", category="problems").text
    assert "did not ask that day" in earlier


def test_why_is_told_of_ones_own_staff_alone(asking: Asking) -> None:
    told = post(asking("housing-lead"), "/oversight/why", user="nurse", nhs_number=FATHER, category="problems").text
    assert "The trail tells of no such user" in told
    assert "G-NURSE" not in told


@pytest.mark.parametrize("path", ["", "/trail", "/why"])
def test_nobody_else_oversees(asking: Asking, path: str) -> None:
    nurse = asking("nurse")
    read = nurse.client.get(f"/oversight{path}", headers={**nurse.headers, "accept": "text/html"})
    assert read.status_code == 404
    assert 'href="/oversight"' not in read.text
    if path:
        form = {"nhs_number": FATHER, "user": "gp", "category": "problems"}
        assert post(nurse, f"/oversight{path}", **form).content == read.content
    lead = asking("ig-lead")
    assert 'href="/oversight"' in lead.client.get("/oversight", headers={**lead.headers, "accept": "text/html"}).text


def claim(asker: As, number: str) -> None:
    said = {"nhs_number": number, "kind": "complaint", "evidence": "telephoned on Monday, asked about a neighbour"}
    made = asker.client.post(
        "/api/persons/relationships", params={"purpose": "access-review"}, headers=asker.headers, json=said
    )
    assert made.status_code == 201, made.text


def shown(asker: As, path: str) -> Any:
    return asker.client.get(path, headers={**asker.headers, "accept": "text/html"})


def test_an_alert_waits_for_somebody_else_who_looks_into_it(asking: Asking) -> None:
    claim(asking("housing-lead"), FATHER)
    own, other = asking("housing-lead"), asking("ig-lead")
    assert "Nothing waits" in shown(own, "/oversight/alerts").text
    told = shown(other, "/oversight/alerts").text
    assert "telephoned on Monday" in told
    (number,) = re.findall(r'id="alert-([0-9a-f-]+)"', told)
    assert "1 alert to look into" in shown(other, "/home").text

    assert post(own, f"/oversight/alerts/{number}/justify").status_code == 409
    assert post(other, f"/oversight/alerts/{number}/find-misuse").status_code == 409
    assert post(other, f"/oversight/alerts/{number}/look-into", note="asked their manager").status_code == 303
    assert post(other, f"/oversight/alerts/{number}/justify").status_code == 303
    assert "Nothing waits" in shown(other, "/oversight/alerts").text
    assert "telephoned on Monday" in shown(other, "/oversight/alerts?closed=true").text
    assert "0 alerts to look into" in shown(other, "/home").text


def test_nobody_else_triages(asking: Asking) -> None:
    nurse = asking("nurse")
    refused = shown(nurse, "/oversight/alerts")
    assert (refused.status_code, "What you oversee" in shown(nurse, "/home").text) == (404, False)
    assert post(nurse, f"/oversight/alerts/{uuid4()}/justify").content == refused.content
    assert post(asking("ig-lead"), f"/oversight/alerts/{uuid4()}/justify").status_code == 404


@pytest.mark.parametrize(("days", "note"), [(61, ""), (60, "within 60"), (14, "within 14"), (-1, "overdue")])
def test_a_review_is_warned_of_at_sixty_and_fourteen_days(days: int, note: str) -> None:
    (one,) = [LAW.model_copy(update={"review_by": TODAY + timedelta(days=days)})]
    told = near_review([one], TODAY)
    assert [note in said for _, said in told] == ([True] if note else [])
