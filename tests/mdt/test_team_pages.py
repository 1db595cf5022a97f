"""The team's pages: who sees what on them, and what may be done from them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from re import findall, search
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from app.identity.tokens import issue, token_key
from app.main import create_app
from app.mdt.reading import lists
from app.settings import Settings
from app.vocabulary.london import london_date
from app.vocabulary.token import Role
from tests.mdt.conftest import FATHER, NEIGHBOUR, ON, SON, Wulfrun


@pytest.fixture(scope="module")
def client(place_url: str, settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings, place_url), raise_server_exceptions=False) as opened:
        yield opened


class Reader:
    """One of the staff with pages before them."""

    def __init__(self, client: TestClient, settings: Settings, username: str, role: str | None) -> None:
        token = issue(token_key(settings), username, role=Role(role) if role else None, at=datetime.now(UTC))
        self._client, self._headers = client, {"authorization": f"Bearer {token}", "accept": "text/html"}

    def get(self, path: str) -> Any:
        return self._client.get(path, headers=self._headers, follow_redirects=False)

    def post(self, path: str, **fields: Any) -> Any:
        headers = self._headers | {"content-type": "application/x-www-form-urlencoded"}
        content = urlencode({name.replace("__", "."): value for name, value in fields.items()}, doseq=True)
        return self._client.post(path, content=content, headers=headers, follow_redirects=False)


Reading = Callable[..., Reader]


@pytest.fixture
def reading(client: TestClient, settings: Settings, wulfrun: Wulfrun) -> Reading:
    """Staff who read pages today, whose training has not lapsed since the place's own day."""
    until = datetime.now(UTC).date() + timedelta(days=90)
    wulfrun.sql("UPDATE account SET training_until = %s WHERE training_until > %s", until, ON)
    return lambda username, role=None: Reader(client, settings, username, role)


def is_nothing(answer: Any) -> bool:
    return answer.status_code == 404 and "Nothing to show" in answer.text


@pytest.mark.parametrize("username", ["nurse", "housing-officer"])
def test_a_home_page_asks_of_no_team_but_the_viewers_so_that_nothing_is_denied(
    wulfrun: Wulfrun, reading: Reading, username: str
) -> None:
    refused = "SELECT count(*) FROM audit_event WHERE event->>'reason' = 'meeting' AND event->>'subject' = %s"
    before = wulfrun.sql(refused, username)
    assert reading(username).get("/home").status_code == 200
    assert wulfrun.sql(refused, username) == before


def test_the_caseload_says_who_why_since_when_and_what_is_late(wulfrun: Wulfrun, reading: Reading) -> None:
    wulfrun.on_caseload()

    told = reading("chair").get("/caseload?locality=northgate").text

    assert "Walter Tranter" in told
    assert "How can he stay at home safely?" in told
    assert "30 June 2026" in told
    assert "review overdue" in told
    assert "nobody yet" in told


def test_two_people_with_one_name_are_told_apart_where_a_team_lists_them(namesakes: Wulfrun, reading: Reading) -> None:
    for digits, username in ((FATHER, "nurse"), (SON, "social-worker")):
        namesakes.refer(digits, username)
    board = reading("chair").get("/referrals").text
    assert len(set(findall(r"Walter Tranter, born (\d+ \w+ \d{4})", board))) == 2


def test_a_caseload_is_nothing_to_whoever_is_not_of_its_team(wulfrun: Wulfrun, reading: Reading) -> None:
    entry = wulfrun.on_caseload()
    answers = [
        reading("acute-clinician").get("/caseload?locality=northgate"),
        reading("housing-officer").get(f"/caseload/{entry}"),
        reading("housing-officer").get("/caseload"),
        reading("chair").get("/caseload?locality=nowhere"),
    ]

    assert all(map(is_nothing, answers))


def test_lead_review_and_stepping_down_are_said_on_pages(wulfrun: Wulfrun, reading: Reading) -> None:
    entry = wulfrun.on_caseload()
    chair = reading("chair")
    of = {"lead__of": "local/nurse/RL4C", "coordinator__name": "Ann Bird", "coordinator__organisation": "LA508"}
    assert chair.post(f"/caseload/{entry}/assign", version=1, **of).status_code == 303
    day = {"on__day": 6, "on__month": 1, "on__year": 2099, "reason": "After the clinic"}
    assert chair.post(f"/caseload/{entry}/plan-review", version=2, **day).status_code == 303
    told = chair.get(f"/caseload/{entry}").text
    assert all(said in told for said in ("Nell Rushton", "Ann Bird", "6 January 2099: After the clinic"))

    left = {"reason": "goals-met", "holder__of": "local/gp/M92001"}
    refused = chair.post(f"/caseload/{entry}/step-down", version=3, **left, person_told="The nurse")
    assert refused.status_code == 422
    assert '<a href="#re_entry_trigger">Enter what would bring the person back to the team</a>' in refused.text
    assert "The nurse</textarea>" in refused.text
    left |= {"re_entry_trigger": "Another fall", "person_told": "The nurse"}
    assert chair.post(f"/caseload/{entry}/step-down", version=3, **left).status_code == 303
    assert is_nothing(chair.get(f"/caseload/{entry}"))


def test_no_form_is_shown_for_what_is_for_others_to_do(wulfrun: Wulfrun, reading: Reading) -> None:
    entry = wulfrun.on_caseload(FATHER)
    nurse = reading("nurse")

    assert "Step down" not in nurse.get(f"/caseload/{entry}").text
    assert is_nothing(nurse.get(f"/caseload/{entry}/step-down"))
    assert is_nothing(nurse.get(f"/caseload/{entry}/join-entry"))


def test_a_practice_is_told_who_might_be_helped_and_why(wulfrun: Wulfrun, reading: Reading) -> None:
    gp = reading("gp")
    assert "What this rests on" not in gp.get("/case-finding").text  # nobody is named before a list is asked for

    told = gp.get("/case-finding/list?locality=northgate").text

    assert "What this rests on" in told
    assert "<strong>Counted:</strong>" in told  # what each computed score rests on, by name and points
    assert "Refer to the team" in told
    assert "<article" not in gp.get("/case-finding/list?reason=homelessness&segment=disabilities").text


def test_case_finding_says_of_whom_the_team_looks_after_already(wulfrun: Wulfrun, reading: Reading) -> None:
    gp, address = reading("gp"), "/case-finding/list?locality=northgate"
    assert "On the caseload of Northgate" not in gp.get(address).text
    entry = wulfrun.on_caseload(FATHER)

    told = gp.get(address).text

    assert told.count("On the caseload of Northgate") == 1
    assert f'href="/caseload/{entry}"' in told


def test_whoever_lacks_the_purpose_of_case_finding_sees_no_names(wulfrun: Wulfrun, reading: Reading) -> None:
    for username in ("coordinator", "housing-officer", "social-worker"):
        reader = reading(username)
        assert is_nothing(reader.get("/case-finding"))
        assert is_nothing(reader.get("/case-finding/list"))
        assert "/case-finding" not in reader.get("/home").text


def test_each_name_of_a_list_is_a_disclosure(wulfrun: Wulfrun, reading: Reading) -> None:
    count = "SELECT count(*) FROM audit_event WHERE event->>'purpose' = 'case-finding' AND person IS NOT NULL"
    [[before]] = wulfrun.sql(count)
    named = reading("gp").get("/case-finding/list?locality=northgate").text.count("<article")

    assert named > 0
    assert wulfrun.sql(count) == [(before + named,)]


def offered(wulfrun: Wulfrun, *, owner: dict[str, str] | None = None, due: str = "2026-07-20") -> UUID:
    """An action for him, of the social worker where nobody else is named."""
    meeting = wulfrun.meeting("northgate")
    item = wulfrun.listed(meeting, wulfrun.on_caseload())
    wulfrun.began(meeting)
    wulfrun.does("chair", "items", "begin", item, version=1)
    form = {"item_id": str(item), "what": "Ask about day care", "due": due, "test": "A day is agreed"}
    named = owner or {"name": "Sam Oyelaran", "organisation": "LA508", "account": "social-worker"}
    return UUID(str(wulfrun.does("nurse", "actions", "new", **form, owner=named)["id"]))


def test_an_owner_does_an_action_from_its_page_and_what_is_missing_is_told(wulfrun: Wulfrun, reading: Reading) -> None:
    action = offered(wulfrun)
    owner = reading("social-worker")
    assert "Ask about day care" in owner.get("/actions").text
    missing = owner.post(f"/actions/{action}/decline", version=1)
    assert missing.status_code == 422
    assert '<a href="#reason">Enter what you say of it</a>' in missing.text
    assert owner.post(f"/actions/{action}/accept", version=1, said="").headers["location"] == "/actions"
    elsewhere = owner.post(f"/actions/{action}/complete", version=2, said="Tuesdays", then="https://example.org/")
    assert elsewhere.headers["location"] == "/home"
    assert wulfrun.state("action", action) == "done"


def test_what_was_typed_stands_where_somebody_else_was_first(wulfrun: Wulfrun, reading: Reading) -> None:
    action = offered(wulfrun)
    owner = reading("social-worker")
    owner.post(f"/actions/{action}/accept", version=1, said="I will")

    late = owner.post(f"/actions/{action}/decline", version=1, said="My words")

    assert late.status_code == 409
    assert "My words</textarea>" in late.text
    assert 'name="version" value="2"' in late.text


def test_an_action_goes_to_another_owner_or_day_from_forms_of_their_own(wulfrun: Wulfrun, reading: Reading) -> None:
    action = offered(wulfrun)
    owner = reading("social-worker")
    later = datetime.now(UTC).date() + timedelta(days=20)
    day = {"due__day": later.day, "due__month": later.month, "due__year": later.year}
    assert owner.post(f"/actions/{action}/re-date", version=1, **day, reason="Holidays").status_code == 303
    assert owner.post(f"/actions/{action}/hand-over", version=2, reason="Hers").status_code == 422
    to = {"owner__of": "local/nurse/RL4C", "reason": "Hers to do"}
    assert owner.post(f"/actions/{action}/hand-over", version=2, **to).status_code == 303
    assert "Hers to do" in reading("nurse").get(f"/actions/{action}").text


def test_colleagues_and_the_team_see_what_they_may_read_and_strangers_nothing(
    wulfrun: Wulfrun, reading: Reading
) -> None:
    action = offered(wulfrun, owner={"name": "Hal Okafor", "organisation": "WH100", "account": "housing-officer"})

    assert "Ask about day care" in reading("housing-officer").get(f"/actions/{action}").text
    assert "Ask about day care" in reading("chair").get("/actions?whose=northgate").text
    assert "Walter Tranter" in reading("chair").get("/actions?whose=northgate").text
    assert "Ask about day care" not in reading("chair").get("/actions?whose=organisation").text
    assert is_nothing(reading("acute-clinician").get(f"/actions/{action}"))
    assert is_nothing(reading("acute-clinician").get("/actions?whose=northgate"))


def test_many_owners_are_reminded_at_once_and_each_once_a_day(wulfrun: Wulfrun, reading: Reading) -> None:
    action = offered(wulfrun)
    chair = reading("chair")
    for _ in range(2):
        answer = chair.post("/actions/remind", whose="northgate", late=str(action), overdue="1")
        assert answer.headers["location"] == "/actions?whose=northgate&reminded=1"
    told = "SELECT recipient, link FROM mdt_outbox WHERE kind = 'action-chased'"
    assert wulfrun.sql(told) == [("sam.oyelaran@example.org", f"/actions/{action}")]
    assert "Reminded" in chair.get("/actions?whose=northgate&reminded=1").text
    assert wulfrun.version("action", action) == 1  # whoever is writing about it loses nothing

    assert is_nothing(reading("acute-clinician").post("/actions/remind", action=str(action)))
    assert reading("chair").post("/actions/remind", whose="northgate").headers["location"].endswith("reminded=0")


def test_measures_are_shown_with_their_intervals_and_what_they_do_not_say(wulfrun: Wulfrun, reading: Reading) -> None:
    told = reading("chair").get("/impact?locality=northgate").text

    assert "not whether it did anyone good" in told
    assert "nothing to count" in told
    assert "Cancelled meetings do not count." in told
    assert "Cannot be told from the feeds" in told  # rather than left out
    assert 'href="/api/mdt/measures?first=' in told
    wrong = reading("chair").get(
        "/impact?first.day=99&first.month=1&first.year=2026&last.day=1&last.month=2&last.year=2026"
    )
    assert wrong.status_code == 422
    assert 'value="99"' in wrong.text
    assert '<a href="#first">Enter a real date, such as 1 4 2026</a>' in wrong.text


def test_impact_is_told_to_whoever_may_evaluate_and_says_what_cannot_be_told(
    wulfrun: Wulfrun, reading: Reading
) -> None:
    wulfrun.on_caseload()

    told = reading("gp").get("/impact/hospital-use").text

    assert told.count("Not enough people to tell") >= 3
    assert "People are referred at their worst" in told
    assert "Walter" not in told
    assert is_nothing(reading("chair").get("/impact/hospital-use"))
    assert is_nothing(reading("housing-officer").get("/impact"))
    assert is_nothing(reading("chair").get("/impact?locality=nowhere"))


def stands(reader: Reader, plan: str) -> int:
    """At which version the plan is, as its form says."""
    told = search(r'name="based_on" value="(\d+)"', reader.get(f"{plan}/about_me?purpose=mdt").text)
    assert told is not None
    return int(told[1])


def test_a_plan_is_written_part_by_part_and_tells_what_it_said_before(wulfrun: Wulfrun, reading: Reading) -> None:
    wulfrun.on_caseload(NEIGHBOUR, username="social-worker")  # as plans stay in the place that all tests share
    chair, plan = reading("chair"), f"/people/{wulfrun.person(NEIGHBOUR)}/plan"
    first = stands(chair, plan)

    bed = {"what_matters": "My own bed", "based_on": first}
    assert chair.post(f"{plan}/about_me?purpose=mdt", **bed).status_code == 303
    more = {"summary": "Home, with help", "needs__0__says": "Cannot climb stairs", "agreed": "agreed"}
    assert chair.post(f"{plan}/support?purpose=mdt", **more, based_on=first + 1).status_code == 303
    told = chair.get(f"{plan}?purpose=mdt").text
    now = (f"Version {first + 2}", "My own bed", "Cannot climb stairs", "The person agrees")
    assert all(said in told for said in now)

    late = chair.post(f"{plan}/about_me?purpose=mdt", what_matters="My dog", based_on=first + 1)
    assert late.status_code == 409
    assert all(said in late.text for said in ("My dog</textarea>", "My own bed"))
    assert f'name="based_on" value="{first + 2}"' in late.text
    assert chair.post(f"{plan}/about_me?purpose=mdt", what_matters="My dog", based_on=first + 2).status_code == 303
    before = chair.get(f"{plan}/history?purpose=mdt").text
    assert f"About me, version {first + 3}" in before
    assert "Changed: what matters to me" in before
    assert chair.get(f"{plan}/plan.pdf?purpose=mdt").content.startswith(b"%PDF")


def test_nobody_is_shown_the_form_of_a_plan_that_they_may_not_write(wulfrun: Wulfrun, reading: Reading) -> None:
    wulfrun.on_caseload()
    plan = f"/people/{wulfrun.person(FATHER)}/plan"

    assert "/plan/support" not in reading("coordinator").get(f"{plan}?purpose=mdt").text
    assert is_nothing(reading("coordinator").get(f"{plan}/support?purpose=mdt"))
    assert is_nothing(reading("coordinator").post(f"{plan}/support?purpose=mdt", summary="x", based_on=0))
    assert is_nothing(reading("acute-clinician").get(f"{plan}?purpose=mdt"))
    assert is_nothing(reading("chair").get(f"{plan}/nothing?purpose=mdt"))
    wrong = reading("chair").post(f"{plan}/contingency?purpose=mdt", steps__1__sign="A fall", based_on=0)
    assert wrong.status_code == 422
    assert '<a href="#steps-1-do">Enter what to do then</a>' in wrong.text


def test_the_form_of_referral_says_whom_it_is_about(wulfrun: Wulfrun, reading: Reading) -> None:
    nurse, page = reading("nurse"), f"/people/{wulfrun.person(FATHER)}/refer"
    for told in (nurse.get(page), nurse.post(page)):
        assert '<span class="nhsuk-caption-l">Walter Tranter</span> Refer to the' in told.text
        assert "NHS number</dt><dd>999 000 0018</dd>" in told.text
        assert "Walter" not in told.text.partition("</title>")[0]


def test_to_which_partners_somebody_objects_is_said_on_the_form_of_referral(wulfrun: Wulfrun, reading: Reading) -> None:
    nurse, page = reading("nurse"), f"/people/{wulfrun.person(FATHER)}/refer"
    assert search(r'value="WH100"><label [^>]*>Wulfrun Homes</label>', nurse.get(page).text)
    parts = dict.fromkeys(("question", "situation", "background", "assessment", "recommendation", "what_matters"), "x")
    told = {"informed__was": "true", "informed__how": "telephone", "informed__on__day": "20",
            "informed__on__month": "7", "informed__on__year": "2026"}  # fmt: skip
    form = {**parts, **told, "segments": "complex-lives", "source": "professional", "urgency": "routine",
            "agreement__stance": "objects"}  # fmt: skip

    missing = nurse.post(page, **form)
    assert missing.status_code == 422
    assert '<a href="#agreement-stance">Select to whom the person objects; if they object' in missing.text
    wrong = nurse.post(page, **form, agreement__objects_to=["WH100", "ZZ999"])
    assert wrong.status_code == 422
    assert 'value="WH100" checked' in wrong.text
    assert nurse.post(page, **form, agreement__objects_to=["WH100", "LA508"]).status_code == 303

    [row] = wulfrun.asks("nurse", lists.own_referrals)
    shown = reading("chair").get(f"/referrals/{row['id']}").text
    assert ">Wulfrun Homes, Wulfrun Council adult social care<" in shown.partition("They object to<")[2][:200]
    assert "NHS number</dt><dd>999 000 0018" in shown
    assert is_nothing(reading("social-worker").get(f"/referrals/{row['id']}"))


def test_triage_shows_its_clock_and_what_waits_for_an_answer(wulfrun: Wulfrun, reading: Reading) -> None:
    received = wulfrun.refer()
    chair, nurse, page = reading("chair"), reading("nurse"), f"/referrals/{received.id}"
    home = chair.get("/home").text
    assert "1 referral waits for you" in home
    assert "1 late" in home
    assert "waits for you</a>" not in nurse.get("/home").text
    board = chair.get("/referrals").text
    assert "late by" in board
    assert "Walter Tranter" in board

    missing = chair.post(f"{page}/redirect", version=1, to="Falls clinic")
    assert missing.status_code == 422
    assert 'value="Falls clinic"' in missing.text
    assert '<a href="#reason">Enter why, or what you ask</a>' in missing.text
    assert chair.post(f"{page}/ask", version=1, reason="Since when?", to="").status_code == 303
    assert "clock stopped since" in chair.get("/referrals").text
    assert "Since when?" in nurse.get(page).text
    assert nurse.post(f"{page}/answer", version=2, reason="Since March").headers["location"] == "/home"
    assert chair.post(f"{page}/accept", version=3, reason="For the team").status_code == 303
    assert "Nothing waits for triage" in chair.get("/referrals").text


def test_triage_counts_working_days(wulfrun: Wulfrun) -> None:
    wulfrun.refer()  # on a Tuesday, for the Tuesday after
    [row] = wulfrun.asks("chair", lists.referrals, "northgate", state="received")
    assert (row["working_days_left"], row["working_days_late"]) == (5, 0)
    wulfrun.later(days=13)
    [row] = wulfrun.asks("chair", lists.referrals, "northgate", state="received")
    assert (row["working_days_left"], row["working_days_late"]) == (0, 4)


def test_what_was_triaged_in_time_is_never_late_however_long_ago_it_was(wulfrun: Wulfrun) -> None:
    wulfrun.on_caseload()
    wulfrun.later(days=200)
    [row] = wulfrun.asks("chair", lists.referrals, "northgate", state="accepted")

    assert (row["working_days_late"], row["days_overdue"]) == (0, 0)


def test_that_somebody_was_told_is_said_from_their_place_on_the_caseload(wulfrun: Wulfrun, reading: Reading) -> None:
    entry = wulfrun.on_caseload()
    nurse = reading("nurse")
    assert is_nothing(nurse.get(f"/caseload/{entry}/follow-up"))  # nobody discussed them yet
    meeting = wulfrun.meeting("northgate")
    item = wulfrun.listed(meeting, entry)
    wulfrun.began(meeting)
    wulfrun.does("chair", "items", "begin", item, version=1)
    outcome = {"outcome": "plan-agreed", "no_action_reason": "None needed", "review_on": "2027-01-01"}
    wulfrun.does("chair", "items", "conclude", item, version=2, read_back=[], **outcome)

    page, of = f"/caseload/{entry}/follow-up", {"discussion": str(item), "version": 3}
    on = wulfrun.at.date()
    day = {"told_on__day": on.day, "told_on__month": on.month, "told_on__year": on.year}
    assert nurse.post(page, **of, **day).status_code == 422
    assert nurse.post(page, **of, **day, told_how="By telephone").status_code == 303
    assert "By telephone" in nurse.get(f"/caseload/{entry}").text
    assert nurse.post(page, version=3, discussion="nothing", **day, told_how="x").status_code == 404


def test_a_case_study_is_written_permitted_and_approved_on_pages(wulfrun: Wulfrun, reading: Reading) -> None:
    entry = wulfrun.on_caseload()
    nurse, base = reading("nurse"), "/impact/case-studies"
    new = f"{base}/new?caseload={entry}"
    assert new in nurse.get(f"/caseload/{entry}").text
    assert "referred, by 1 partner" in nurse.get(new).text.lower()
    story = {"title": "One plan", "done": "One plan for both", "became": "He sleeps & eats"}
    refused = nurse.post(new, before="Then Walter fell", **story)
    assert refused.status_code == 422
    assert "<mark>Walter</mark>" in refused.text
    assert 'href="#before"' in refused.text
    assert "He sleeps &amp; eats</textarea>" in refused.text

    place = nurse.post(new, before="Then he fell", **story).headers["location"]
    day = {"asked_on__day": "1", "asked_on__month": "7", "asked_on__year": "2026"}
    given = {"basis": "person", "asked_by": "Nell", "how": "At home", "version": "1", **day}
    missing = nurse.post(f"{place}/permit", **given, until__day="1", until__month="7", until__year="2027")
    assert 'href="#uses"' in missing.text
    on = datetime.now(UTC)
    until = {"until__day": "1", "until__month": "7", "until__year": str(on.year + 1)}
    asked = {"asked_on__day": str(on.day), "asked_on__month": str(on.month), "asked_on__year": str(on.year)}
    permitted = nurse.post(f"{place}/permit", **given | asked | until, uses=["impact-report", "teaching"])
    assert permitted.status_code == 303
    assert "Approve</button>" not in nurse.get(place).text
    chair = reading("chair")
    assert "Approve</button>" in chair.get(place).text
    assert chair.post(f"{place}/approve", version="2").status_code == 303
    assert "in reports" in chair.get(base).text
    assert "He sleeps" in reading("gp").get("/impact/hospital-use").text
    assert reading("nurse").post(f"{place}/withdraw", version="3", reason="permission-withdrawn").status_code == 303
    assert "He sleeps" not in reading("gp").get("/impact/hospital-use").text
    assert "Told no more" in chair.get(base).text
    assert is_nothing(reading("housing-officer").get(place))
    assert is_nothing(reading("housing-officer").get(base))


def test_measures_are_shown_month_by_month_to_the_team_alone(wulfrun: Wulfrun, reading: Reading) -> None:
    assert "Nothing was measured yet" in reading("chair").get("/impact/over-time").text
    now = datetime.now(UTC)
    wulfrun.sql(
        "INSERT INTO mdt_meeting (id, locality, sitting, starts_at, ends_at, closed_at, state, version, content)"
        """ VALUES (gen_random_uuid(), 'northgate', %s, %s, %s, %s, 'closed', 1, '{"place": "Here"}')""",
        london_date(now), now, now, now,
    )  # fmt: skip
    page = reading("chair").get("/impact/over-time?locality=northgate")
    assert page.status_code == 200
    assert f'<th role="rowheader" scope="row" class="nhsuk-table__header">{london_date(now):%B %Y}</th>' in page.text
    assert "no limits yet" in page.text
    assert is_nothing(reading("housing-officer").get("/impact/over-time"))
    assert is_nothing(reading("chair").get("/impact/over-time?locality=no-such-place"))
