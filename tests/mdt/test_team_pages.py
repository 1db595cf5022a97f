"""The team's pages: who sees what on them, and what may be done from them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from app.identity.tokens import issue, token_key
from app.main import create_app
from app.settings import Settings
from app.vocabulary.token import Role
from tests.mdt.conftest import FATHER, ON, Wulfrun


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


def test_the_caseload_says_who_why_since_when_and_what_is_late(wulfrun: Wulfrun, reading: Reading) -> None:
    wulfrun.on_caseload()

    told = reading("chair").get("/caseload?locality=northgate").text

    assert "Walter Tranter" in told
    assert "How can he stay at home safely?" in told
    assert "30 June 2026" in told
    assert "review overdue" in told
    assert "nobody yet" in told


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
    assert '<a href="#re_entry_trigger">Say what would bring the person back to the team</a>' in refused.text
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
    assert "Refer to the team" in told
    assert "<article" not in gp.get("/case-finding/list?reason=homelessness&segment=disabilities").text


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
