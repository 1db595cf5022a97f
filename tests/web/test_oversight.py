"""The pages of an information governance lead, as they and others ask for them."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine, text

from app.database.transactions import transaction
from app.identity.account import LocalAccount
from app.identity.store import put_accounts
from app.settings import Settings
from app.vocabulary.london import london_date
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role
from app.web.oversight.agreements import near_review
from tests.scenarios.conftest import As, asking, client, filled, keys, module_template, place, settings
from tests.sharing.worlds import LAW

__all__ = ["asking", "client", "filled", "keys", "module_template", "place", "settings"]

Asking = Callable[..., As]
FATHER, NOBODY = "999 000 0018", "999 009 9901"
TODAY = london_date(datetime.now(UTC))
EVIDENCE = {"kind": "access-request", "evidence": "letter of 3 June, passport seen"}
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


def post(requester: As, path: str, **form: str) -> Any:
    headers = {**requester.headers, "accept": "text/html"}
    return requester.client.post(path, data={**ON, **form}, headers=headers, follow_redirects=False)


def found(requester: As, **form: str) -> str:
    answer = post(requester, "/oversight/trail", **form)
    assert answer.status_code == 200, answer.text
    return str(answer.text.partition("What the trail says")[2])


def test_the_trail_is_searched_by_user_person_purpose_organisation_and_outcome(asking: Asking) -> None:
    lead = asking("ig-lead")
    assert "Looked at the record" in found(lead, user="nurse", nhs_number=FATHER, purpose="direct-care")
    assert "refused" in found(lead, organisation="WH100", outcome="refused")
    assert "Nothing of that" in found(lead, organisation="WH100", user="nurse")
    assert "Nothing of that" in found(lead, user="nurse", outcome="refused", purpose="evaluation")
    assert "Nothing of that" in found(lead, nhs_number=NOBODY)


def test_a_row_of_the_trail_says_of_whom_it_is_unless_somebody_was_refused(asking: Asking, asked: str) -> None:
    lead, of_whom = asking("ig-lead"), f"Person {asked[:8]}"
    assert of_whom in found(lead, user="nurse", nhs_number=FATHER)
    refused = found(lead, user="housing-officer", nhs_number=FATHER, outcome="refused")
    assert ("refused" in refused, of_whom in refused) == (True, False)


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
    assert (event["kind"], event["subject"], event["purpose"]) == ("audit-read", "ig-lead", "access-review")
    assert event["criteria"]
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


def test_what_was_decided_alike_is_explained_once(asking: Asking) -> None:
    for _ in range(3):
        asking("nurse").record(FATHER)
    asked = {"user": "nurse", "nhs_number": FATHER, "purpose": "direct-care"}
    told = post(asking("ig-lead"), "/oversight/why", category="problems", **asked).text
    assert re.search(r"nurse asked to read \d+ times, first on", told)
    told_once = [re.sub(r"asked-\d+|<p>.*?(?= as Community nurse)", "", one) for one in told.split("<article")[1:]]
    assert len(set(told_once)) == len(told_once)


def test_where_nobody_asked_it_is_said_what_would_have_been(asking: Asking) -> None:
    asking("nurse", "safeguarding").lookup("999 000 0026")
    asked = {"user": "acute-clinician", "category": "problems"}
    told = post(asking("ig-lead"), "/oversight/why", nhs_number=FATHER, **asked).text
    assert "The trail tells of no such user" in told
    asking("acute-clinician").lookup(FATHER)
    earlier = post(asking("ig-lead"), "/oversight/why", nhs_number="999 000 0026", **asked).text
    assert "did not ask that day" in earlier


def test_why_is_told_of_ones_own_staff_alone(asking: Asking) -> None:
    told = post(asking("housing-lead"), "/oversight/why", user="nurse", nhs_number=FATHER, category="problems").text
    assert "The trail tells of no such user" in told
    assert "G-NURSE" not in told


def test_what_would_have_been_is_told_only_of_somebody_of_whom_their_own_staff_ever_asked(asking: Asking) -> None:
    """Or a lead could learn of anybody that they object, are sealed, or are known at all."""
    lead, officer = asking("housing-lead"), asking("housing-officer")
    asked = {"user": "housing-officer", "category": "tenancy"}
    known, nobody = (post(lead, "/oversight/why", nhs_number=one, **asked).text for one in ("999 000 0034", NOBODY))
    assert known.replace("999 000 0034", NOBODY) == nobody
    officer.lookup("999 000 0034")
    assert "could not be seen" in post(lead, "/oversight/why", nhs_number="999 000 0034", **asked).text


@pytest.mark.parametrize("path", ["", "/trail", "/why"])
def test_nobody_else_oversees(asking: Asking, path: str) -> None:
    nurse = asking("nurse")
    read = nurse.client.get(f"/oversight{path}", headers={**nurse.headers, "accept": "text/html"})
    assert read.status_code == 404
    assert 'href="/oversight"' not in read.text
    assert "It may be for another role" in read.text
    assert "NHS number" not in read.text  # nobody was looked for
    if path:
        form = {"nhs_number": FATHER, "user": "gp", "category": "problems"}
        assert post(nurse, f"/oversight{path}", **form).content == read.content
    lead = asking("ig-lead")
    assert 'href="/oversight"' in lead.client.get("/oversight", headers={**lead.headers, "accept": "text/html"}).text


def claim(requester: As, number: str) -> None:
    said = {"nhs_number": number, "kind": "complaint", "evidence": "telephoned on Monday, asked about a neighbour"}
    made = requester.client.post(
        "/api/persons/relationships", params={"purpose": "access-review"}, headers=requester.headers, json=said
    )
    assert made.status_code == 201, made.text


def shown(requester: As, path: str) -> Any:
    return requester.client.get(path, headers={**requester.headers, "accept": "text/html"})


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
    assert "No alerts to look into" in shown(other, "/home").text


def test_an_alert_leads_to_whoever_else_looked_at_that_person(asking: Asking, asked: str) -> None:
    claim(asking("housing-lead"), FATHER)
    lead = asking("ig-lead")
    [alert] = [each for each in shown(lead, "/oversight/alerts").text.split("<article")[1:] if asked in each]
    [form] = [each for each in alert.split("<form")[1:] if 'name="person"' in each]
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert "Who looked at this person" in form

    of_them = found(lead, **fields)
    assert f"Of person {asked[:8]} alone" in of_them
    assert "Looked at the record" in of_them
    assert "nurse" in of_them
    assert "Looked at the record" not in found(lead, **fields | {"user": "somebody-else"})
    for nobody in (str(uuid4()), "nobody"):
        assert "Nothing of that" in found(lead, **fields | {"person": nobody})
    assert f"Of person {asked[:8]} alone" not in found(lead, **fields | {"nhs_number": NOBODY})
    take = re.search(r'action="(/oversight/alerts/[0-9a-f-]+)/look-into"', alert)
    assert take is not None
    for step in ("look-into", "justify"):
        assert post(lead, f"{take[1]}/{step}").status_code == 303


def test_the_report_of_last_week_is_a_link_away(asking: Asking) -> None:
    lead = asking("ig-lead")
    link = re.search(r'href="(/api/watch/report[^"]*)"', shown(lead, "/oversight").text)
    assert link is not None
    assert shown(lead, unescape(link[1])).headers["content-type"] == "application/pdf"


def test_the_week_is_a_page_that_reads_as_the_report_does(asking: Asking) -> None:
    lead = asking("ig-lead")
    told = shown(lead, "/oversight/week")
    assert told.status_code == 200
    assert "Use of the shared record by Wulfrun Hospitals" in told.text
    link = re.search(r'href="(/api/watch/report[^"]*)"', told.text)
    assert link is not None
    said = shown(lead, unescape(link[1]).replace("format=pdf", "format=text")).text
    for line in (line[2:] for line in said.splitlines() if line.startswith("- ")):
        assert line in unescape(told.text), line
    week = re.search(r"selected>(From Monday [^<]*)<", told.text)
    assert week is not None
    assert f"{week[1]} to Sunday" in told.text
    assert shown(lead, "/oversight/week?week=last").status_code == 400
    assert shown(asking("nurse"), "/oversight/week").status_code == 404


def test_stories_that_are_told_are_listed_for_whoever_oversees_and_nobody_else(asking: Asking, place: Engine) -> None:
    assert "Stories that are told" in shown(asking("ig-lead"), "/oversight/case-studies").text
    assert shown(asking("nurse"), "/oversight/case-studies").status_code == 404
    read = "SELECT event->>'kind' FROM audit_event WHERE event->>'reason' = 'case-studies' ORDER BY event->>'at'"
    assert rows(place, read)[-2:] == ["audit-read", "denied"]


def test_nobody_else_triages(asking: Asking) -> None:
    nurse = asking("nurse")
    refused = shown(nurse, "/oversight/alerts")
    assert (refused.status_code, "What you oversee" in shown(nurse, "/home").text) == (404, False)
    assert post(nurse, f"/oversight/alerts/{uuid4()}/justify").content == refused.content
    assert post(asking("ig-lead"), f"/oversight/alerts/{uuid4()}/justify").status_code == 404


@pytest.mark.parametrize(("days", "note"), [(61, ""), (60, "within 60"), (14, "within 14"), (-1, "review is overdue")])
def test_a_review_is_warned_of_when_the_agreement_says(days: int, note: str) -> None:
    one = LAW.model_copy(update={"review_by": TODAY + timedelta(days=days)})
    told = near_review([one], TODAY)
    assert [note in said for _, said in told] == ([True] if note else [])
    assert LAW.review is not None
    sooner = one.model_copy(update={"review": LAW.review.model_copy(update={"warned": (timedelta(days=90),)})})
    assert [said for _, said in near_review([sooner], TODAY)] == [note if days < 0 else "review is due within 90 days"]


# ── Who saw this person ──────────────────────────────────────────────────────────────────────────────────────────────


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


def page(requester: As, path: str, **query: Any) -> Any:
    asked = {"purpose": requester.purpose, **query}
    return requester.client.get(path, params=asked, headers={**requester.headers, "accept": "text/html"})


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

    monkeypatch.setattr("app.governance.handling.record", broken)
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
    requester = asking("gp")
    lodged = requester.client.post(f"/api/persons/{father}/objections", params={"purpose": "direct-care"},
                               headers=requester.headers, json={"scope": "all"})  # fmt: skip
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
