"""`/api/mdt`: every step has its route, every answer its status, and nothing is told to whoever is not signed in."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from app.identity.tokens import issue, token_key
from app.main import create_app
from app.mdt.steps.table import STEPS
from app.settings import Settings
from app.vocabulary.london import london_date
from tests.mdt.conftest import FATHER, Wulfrun, referral


@pytest.fixture(scope="module")
def client(place_url: str, settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings, place_url), raise_server_exceptions=False) as opened:
        yield opened


class As:
    def __init__(self, client: TestClient, settings: Settings, username: str) -> None:
        token = issue(token_key(settings), username, role=None, at=datetime.now(UTC))
        self._client, self._headers = client, {"authorization": f"Bearer {token}"}

    def post(self, path: str, *, purpose: str = "", **form: Any) -> Any:
        asked = {"purpose": purpose} if purpose else {}
        return self._client.post(f"/api/mdt/{path}", params=asked, headers=self._headers, json=form)

    def get(self, path: str) -> Any:
        return self._client.get(f"/api/mdt/{path}", headers=self._headers)


@pytest.fixture
def staff(client: TestClient, settings: Settings, wulfrun: Wulfrun) -> dict[str, As]:
    wulfrun.sql("UPDATE account SET training_until = CURRENT_DATE + 30 WHERE username <> 'lapsed-nurse'")
    names = ("nurse", "chair", "coordinator", "social-worker", "housing-officer", "acute-clinician")
    return {name: As(client, settings, name) for name in names}


def test_a_referral_becomes_a_plan_through_the_api(staff: dict[str, As], wulfrun: Wulfrun) -> None:
    form = referral(wulfrun.person(FATHER))
    made = staff["nurse"].post("referrals", purpose="direct-care", **form)
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "received"
    assert set(made.json()) == {"id", "state", "version"}
    accepted = staff["chair"].post(f"referrals/{made.json()['id']}/accept", version=1, reason="For the team")
    assert accepted.status_code == 200, accepted.text
    [row] = staff["coordinator"].get("caseload?locality=northgate").json()
    assert row["person"]["birthDate"]
    until = london_date(datetime.now(UTC)).replace(month=12, day=31)
    planned = staff["coordinator"].post("meetings", locality="northgate", until=str(until))
    assert planned.status_code == 201, planned.text
    [first, *_] = staff["coordinator"].get(f"meetings?locality=northgate&last={until}").json()
    filled = staff["coordinator"].post(f"meetings/{first['id']}/fill", version=first["version"])
    assert filled.status_code == 200, filled.text
    [item] = staff["chair"].get(f"meetings/{first['id']}").json()["agenda"]
    assert (item["cause"], item["question"]) == ("new-referral", form["question"])
    for form_of, kind in (("", "application/json"), (".html", "text/html"), (".pdf", "application/pdf")):
        told = staff["chair"].get(f"meetings/{first['id']}/pack{form_of}")
        assert told.status_code == 200, told.text
        assert told.headers["content-type"].startswith(kind)
        assert told.headers["cache-control"] == "no-store"
        assert staff["acute-clinician"].get(f"meetings/{first['id']}/pack{form_of}").status_code == 404
    note = staff["nurse"].post(f"items/{item['id']}/note", version=1, summary="He fell twice")
    assert note.status_code == 200, note.text
    clash = staff["chair"].post(f"items/{item['id']}/note", version=1, summary="He fell once")
    assert clash.status_code == 409
    assert clash.json()["clashes"] == {"summary": {"held": "He fell twice", "yours": "He fell once"}}
    history = staff["nurse"].get(f"items/{item['id']}/history").json()
    assert [one["event"] for one in history] == ["list", "note"]


def test_what_does_not_exist_and_what_is_not_theirs_are_one_answer(staff: dict[str, As], wulfrun: Wulfrun) -> None:
    made = staff["nurse"].post("referrals", purpose="direct-care", **referral(wulfrun.person(FATHER))).json()
    theirs, missing = (
        staff["acute-clinician"].post(f"referrals/{id}/accept", version=1, reason="?") for id in (made["id"], uuid4())
    )
    assert (theirs.status_code, theirs.content) == (missing.status_code, missing.content)
    assert theirs.status_code == 404
    for path in (
        "referrals/{}",
        "referrals/{}/history",
        "meetings/{}",
        "items/{}",
        "items/{}/screen",
        "things/{}/history",
    ):
        one, other = (staff["acute-clinician"].get(path.format(id)) for id in (made["id"], uuid4()))
        assert (one.status_code, one.content) == (other.status_code, other.content) == (404, theirs.content), path


def test_each_kind_of_refusal_has_its_status(staff: dict[str, As], wulfrun: Wulfrun) -> None:
    made = staff["nurse"].post("referrals", purpose="direct-care", **referral(wulfrun.person(FATHER))).json()
    path = f"referrals/{made['id']}"
    assert staff["nurse"].post(f"{path}/accept", version=1, reason="?").status_code == 403
    assert staff["chair"].post(f"{path}/accept", version=7, reason="?").status_code == 409
    assert staff["chair"].post(f"{path}/accept", version=10**30, reason="?").status_code == 422
    assert staff["nurse"].post(f"{path}/answer", version=1, reason="?").status_code == 409
    nul = staff["chair"].post(f"{path}/accept", version=1, reason="For\x00the team")
    assert (nul.status_code, nul.json()["problems"][0]["field"]) == (422, "reason")
    wrong = staff["chair"].post(f"{path}/accept", reason="")
    assert wrong.status_code == 422
    deep: Any = "\x00"
    for _ in range(300):
        deep = {"deeper": [deep]}
    assert staff["chair"].post(f"{path}/accept", version=1, reason=deep).json()["problems"][0]["field"] == "reason"
    assert wrong.json()["problems"] == [
        {"field": "reason", "problem": "is empty; fill it in"},
        {"field": "version", "problem": "is missing; fill it in"},
    ]


def test_nothing_is_told_to_whoever_is_not_signed_in(client: TestClient) -> None:
    for step in STEPS:
        path = f"/api/mdt/{step.things}" + ("" if step.makes else f"/{uuid4()}/{step.event}")
        assert client.post(path, json={}).status_code == 401, path
    for path in ("referrals?locality=northgate", "caseload?locality=northgate", "meetings?locality=northgate",
                 "localities", "invitations", "actions", "referrals/own", f"items/{uuid4()}/screen"):  # fmt: skip
        assert client.get(f"/api/mdt/{path}").status_code == 401, path


def test_no_answer_may_be_kept_by_a_cache(staff: dict[str, As]) -> None:
    for path in ("localities", "actions", "invitations", "referrals/own", "caseload?locality=nowhere"):
        assert staff["chair"].get(path).headers["cache-control"] == "no-store"


def test_every_step_is_described_with_its_form(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for step in STEPS:
        path = f"/api/mdt/{step.things}" + ("" if step.makes else f"/{{id}}/{step.event}")
        told = paths[path]["post"]
        assert told["summary"] == step.says
        assert told["requestBody"]["content"]["application/json"]["schema"]["properties"]


def test_a_place_has_the_localities_that_it_is_given_and_a_demonstration_its_own() -> None:
    assert Settings(demonstration=False).localities_folder is None
    assert Settings(demonstration=True).localities_folder is not None
