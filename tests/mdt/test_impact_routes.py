"""`/api/mdt/measures`: as JSON or as a file, to the team alone."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.identity.tokens import issue, token_key
from app.main import create_app
from app.settings import Settings
from tests.mdt.conftest import Wulfrun


@pytest.fixture(scope="module")
def client(place_url: str, settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings, place_url), raise_server_exceptions=False) as opened:
        yield opened


def asked(client: TestClient, settings: Settings, username: str, **query: str) -> Any:
    token = issue(token_key(settings), username, role=None, at=datetime.now(UTC))
    period = {"first": "2026-01-01", "last": "2026-12-31"}
    return client.get("/api/mdt/measures", params=period | query, headers={"authorization": f"Bearer {token}"})


def test_a_chair_reads_each_measure_with_its_definition(
    client: TestClient, settings: Settings, wulfrun: Wulfrun
) -> None:
    told = asked(client, settings, "chair").json()["measures"]

    assert len({one["code"] for one in told}) == len(told) > 10
    assert all(one["definition"] for one in told)


def test_the_same_leaves_as_a_file_for_a_spreadsheet(client: TestClient, settings: Settings, wulfrun: Wulfrun) -> None:
    answer = asked(client, settings, "chair", csv="true")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert {row["measure"] for row in csv.DictReader(io.StringIO(answer.text))} >= {"quorate", "actions-on-time"}


def test_whoever_is_no_member_is_refused_as_for_a_team_that_does_not_exist(
    client: TestClient, settings: Settings, wulfrun: Wulfrun
) -> None:
    answers = [
        asked(client, settings, "housing-officer"),
        asked(client, settings, "housing-officer", locality="northgate"),
        asked(client, settings, "chair", locality="no-such-place"),
    ]

    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}


def test_a_period_that_is_none_is_told(client: TestClient, settings: Settings, wulfrun: Wulfrun) -> None:
    assert asked(client, settings, "chair", first="2026-12-31", last="2026-01-01").status_code == 422
    assert asked(client, settings, "chair", first="Tuesday").status_code == 422
