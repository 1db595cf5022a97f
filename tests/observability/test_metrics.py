"""Requests are counted, timed and logged by their template; whom they were about is told nowhere."""

from collections.abc import Iterator
from uuid import UUID

import pytest
import structlog
from fastapi import FastAPI
from prometheus_client import REGISTRY, Metric
from prometheus_client.core import GaugeMetricFamily
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from structlog.testing import LogCapture

from app.observability.metrics import Measured, metrics_route


async def person_view(_request: Request) -> Response:
    structlog.get_logger().info("viewed")
    return PlainTextResponse("•••")


async def feeds_of_nobody() -> list[Metric]:
    return [GaugeMetricFamily("pisano_worklist", "What waits.", value=7)]


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI()

    @app.get("/api/persons/{person_id}")
    async def person(person_id: str) -> dict[str, int]:
        return {"length": len(person_id)}

    @app.get("/api/broken/{person_id}")
    async def broken(person_id: str) -> None:
        raise RuntimeError(person_id)

    app.router.routes += [Route("/view/{person_id}", person_view), metrics_route(feeds_of_nobody)]
    with TestClient(Measured(app), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def told() -> Iterator[LogCapture]:
    capture = LogCapture()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, capture])
    yield capture
    structlog.reset_defaults()


def answered(**labels: str) -> float:
    return REGISTRY.get_sample_value("pisano_request_seconds_count", labels) or 0


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/api/persons/9990000018?family=Fibonacci", "/api/persons/{person_id}", 200),
        ("/view/9990000018", "/view/{person_id}", 200),
        ("/api/broken/9990000018", "/api/broken/{person_id}", 500),
        ("/9990000018", "unmatched", 404),
    ],
)
def test_a_request_is_told_by_its_template(
    client: TestClient, told: LogCapture, path: str, route: str, status: int
) -> None:
    before = answered(method="GET", route=route, status=str(status))
    assert client.get(path).status_code == status
    assert answered(method="GET", route=route, status=str(status)) == before + 1
    line = told.entries[-1]
    assert (line["event"], line["route"], line["status"]) == ("request", route, status)
    assert line["milliseconds"] >= 0
    assert "9990000018" not in str(told.entries)
    assert "9990000018" not in client.get("/metrics").text


def test_a_made_up_method_makes_no_figure_of_its_own(client: TestClient) -> None:
    client.request("FIBONACCI", "/view/1")
    assert "FIBONACCI" not in client.get("/metrics").text
    assert answered(method="other", route="/view/{person_id}", status="405") >= 1


def test_all_lines_of_one_request_carry_its_id_as_does_its_answer(client: TestClient, told: LogCapture) -> None:
    answer = client.get("/view/1")
    assert {line["request"] for line in told.entries} == {answer.headers["x-request-id"]}
    assert len(told.entries) == 2


def test_a_callers_id_is_kept_where_it_can_hold_nobody(client: TestClient) -> None:
    offered = "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert client.get("/view/1", headers={"x-request-id": offered}).headers["x-request-id"] == offered
    given = client.get("/view/1", headers={"x-request-id": "9990000018"}).headers["x-request-id"]
    assert UUID(given).version == 4


def test_figures_of_the_process_stand_beside_those_that_are_gathered(client: TestClient) -> None:
    told = client.get("/metrics").text
    assert "pisano_worklist 7.0" in told
    assert "process_resident_memory_bytes" in told
