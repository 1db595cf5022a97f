"""`/api/mdt/measures`: as JSON or as a file, to the team alone."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.identity.tokens import issue, token_key
from app.main import create_app
from app.mdt.impact.control import Chart, Month, xmr_chart
from app.mdt.impact.export import charts_csv
from app.settings import Settings
from tests.mdt.conftest import Wulfrun


@pytest.fixture(scope="module")
def client(place_url: str, settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings, place_url), raise_server_exceptions=False) as opened:
        yield opened


def asked(client: TestClient, settings: Settings, username: str, path: str = "", /, **query: str) -> Any:
    token = issue(token_key(settings), username, role=None, at=datetime.now(UTC))
    period = {} if path else {"first": "2026-01-01", "last": "2026-12-31"}
    headers = {"authorization": f"Bearer {token}"}
    return client.get(f"/api/mdt/measures{path}", params=period | query, headers=headers)


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


def test_the_months_leave_as_a_file_too_and_say_what_is_more_than_chance() -> None:
    points = xmr_chart(
        [Month(date(2025, month, 1), float(9 if month == 7 else month % 2), 4) for month in range(1, 13)]
    )
    chart = Chart(code="overdue", title="Overdue", definition="days", is_share=False, mean=1.0, points=tuple(points))
    rows = list(csv.DictReader(io.StringIO(charts_csv([chart]))))

    assert [row["month"] for row in rows] == [f"2025-{month:02}" for month in range(1, 13)]
    assert (rows[6]["value"], rows[6]["of"], rows[6]["more_than_chance"]) == ("9.0", "4", "outside the limits")
    assert (rows[0]["mean"], rows[0]["low"], rows[0]["definition"]) == ("1.0", "0.0", "days")


def test_the_months_are_a_file_at_the_door(client: TestClient, settings: Settings, wulfrun: Wulfrun) -> None:
    answer = asked(client, settings, "chair", "/over-time", csv="true", locality="northgate")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="measures-over-time.csv"' in answer.headers["content-disposition"]
    assert answer.text.startswith("measure,title,month,value,of,mean,low,high,more_than_chance,definition")
    assert asked(client, settings, "housing-officer", "/over-time", csv="true").status_code == 404


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
