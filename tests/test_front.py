"""The hottest route is answered as any other would be, only sooner."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message

from app.front import bounded
from app.front.bounded import MOST, Bounded
from app.front.first_segment import ByFirstSegment
from app.front.hottest import Front
from app.front.problems import ERRORS


class Unforeseen(Exception):
    """Nobody tells of it."""


async def bed(request: Request) -> Response:
    number = request.path_params["number"]
    if number == 13:
        raise KeyError(number)
    if number == 404:
        raise HTTPException(404)
    if number > 999:
        raise Unforeseen
    return PlainTextResponse(f"bed {number} of {request.app.state.ward}")


async def beds(request: Request) -> Response:
    return PlainTextResponse((await request.body()).decode())


async def told(_request: Request, error: Exception) -> Response:
    return PlainTextResponse(type(error).__name__, 418)


@pytest.fixture
def client() -> Iterator[TestClient]:
    front = Front(
        [Route("/beds/{number:int}", bed), Route("/beds", beds, methods=["POST"])],
        exception_handlers={LookupError: told},
    )
    front.state.ward = "7"
    with TestClient(front, raise_server_exceptions=False) as opened:
        yield opened


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/beds/5", 200, "bed 5 of 7"),
        ("HEAD", "/beds/5", 200, ""),
        ("GET", "/beds/13", 418, "KeyError"),  # told as what it is a kind of
        ("GET", "/beds/404", 404, "Not Found"),
        ("GET", "/beds/1000", 500, "Internal Server Error"),
        ("POST", "/beds/5", 405, "Method Not Allowed"),
        ("POST", "/beds", 200, ""),
        ("GET", "/beds", 405, "Method Not Allowed"),
        ("GET", "/beds/5/linen", 404, "Not Found"),
        ("GET", "/beds/five", 404, "Not Found"),
    ],
)
def test_the_hottest_route_answers_as_any_other(
    client: TestClient, method: str, path: str, status: int, text: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.text) == (status, text)


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/", 200, '"home"'),
        ("GET", "/beds/5", 200, '"bed 5"'),
        ("POST", "/beds/5", 405, '{"detail":"Method Not Allowed"}'),
        ("GET", "/beds/5/", 307, ""),
        ("GET", "/beds/5/linen", 404, '{"detail":"Not Found"}'),
        ("GET", "/nobody", 200, '"ward nobody"'),
        ("GET", "/nobody/knows", 404, '{"detail":"Not Found"}'),
        ("GET", "//beds/5", 404, '{"detail":"Not Found"}'),
    ],
)
@pytest.mark.parametrize("sooner", [False, True])
def test_routes_by_the_first_part_of_their_address_answer_as_all_in_a_row(
    sooner: bool, method: str, path: str, status: int, text: str
) -> None:
    beds, wards, ward = APIRouter(), APIRouter(prefix="/beds"), FastAPI()
    beds.get("/{number}")(lambda number: f"bed {number}")
    wards.include_router(beds)
    ward.get("/")(lambda: "home")
    ward.include_router(wards)
    ward.get("/{name}")(lambda name: f"ward {name}")
    if sooner:
        ward.router.middleware_stack = ByFirstSegment(ward.router)
    with TestClient(ward) as opened:
        answer = opened.request(method, f"http://testserver{path}", follow_redirects=False)
        assert (answer.status_code, answer.text) == (status, text)


@pytest.fixture
def breaking() -> Iterator[TestClient]:
    async def breaks(_request: Request) -> Response:
        raise RuntimeError("Walter Tranter")

    inner = FastAPI(exception_handlers=ERRORS)
    for path in ("/home", "/api/beds", "/fhir/R4/Bed"):
        inner.add_route(path, breaks)
    front = Front([Route("/beds/{number:int}", breaks)], exception_handlers=ERRORS)
    front.mount("/", inner)
    with TestClient(front, raise_server_exceptions=False) as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "kind", "told"),
    [
        ("/home", "text/html; charset=utf-8", "There is a problem with this service"),
        ("/beds/5", "text/html; charset=utf-8", "There is a problem with this service"),
        ("/api/beds", "application/json", '{"error":"this went wrong here'),
        ("/fhir/R4/Bed", "application/fhir+json", '"code":"exception"'),
    ],
)
def test_what_nobody_foresaw_is_told_in_plain_words_and_tells_nothing_of_it(
    breaking: TestClient, path: str, kind: str, told: str
) -> None:
    answer = breaking.get(path, headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, kind)
    assert told in answer.text
    assert "Walter" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_whoever_serves_is_told_of_what_nobody_foresaw(breaking: TestClient) -> None:
    for path in ("/home", "/beds/5"):
        with TestClient(breaking.app) as told, pytest.raises(RuntimeError):
            told.get(path)


def test_a_slash_too_many_leads_on_by_the_path_whatever_this_host_is_called() -> None:
    ward = FastAPI()
    ward.get("/beds/{name}")(lambda name: f"bed {name}")
    ward.router.middleware_stack = ByFirstSegment(ward.router)
    with TestClient(ward) as opened:
        led = opened.get("http://elsewhere.example/beds/caf%C3%A9/?purpose=direct-care", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (307, "/beds/caf%C3%A9?purpose=direct-care")


def test_who_asks_by_another_method_is_told_all_those_that_are_taken() -> None:
    ward = FastAPI(exception_handlers=ERRORS)
    ward.get("/beds/{name}")(lambda name: f"bed {name}")
    ward.put("/beds/{name}")(lambda name: f"bed {name}")
    ward.router.middleware_stack = ByFirstSegment(ward.router)
    with TestClient(ward) as opened:
        for method in ("DELETE", "OPTIONS", "PURGE"):
            refused = opened.request(method, "/beds/5")
            assert (refused.status_code, refused.headers["allow"]) == (405, "GET, PUT")


@pytest.mark.parametrize("told", [True, False])
def test_nobody_makes_a_page_or_its_api_read_more_than_a_form_holds(told: bool) -> None:
    """Whether or not its length is told beforehand; the FHIR door has bounds of its own."""
    read: list[int] = []

    async def count(request: Request) -> Response:
        async for part in request.stream():
            read.append(len(part))
        return Response()

    def sent(length: int) -> Any:
        return b"x" * length if told else iter([b"x" * 1024] * (length // 1024))

    ward = FastAPI(exception_handlers=ERRORS)
    ward.add_middleware(Bounded)
    for path in ("/api/beds", "/fhir/R4/Bed"):
        ward.add_route(path, count, methods=["POST"])
    with TestClient(ward) as opened:
        assert opened.post("/api/beds", content=sent(MOST)).status_code == 200
        refused = opened.post("/api/beds", content=sent(MOST * 4))
        assert (refused.status_code, refused.json()) == (
            413,
            {"error": "what was sent is longer than 1048576 bytes; send less at once"},
        )
        assert sum(read) <= MOST * 2
        assert opened.post("/fhir/R4/Bed", content=sent(MOST * 4)).status_code == 200


@pytest.mark.anyio
async def test_nobody_is_waited_for_whose_form_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "_SOON", 0.01)
    told: list[Message] = []

    async def dripping() -> Message:
        await asyncio.sleep(0.001)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def tell(message: Message) -> None:
        told.append(message)

    async def take(request: Request) -> Response:
        await request.body()
        return Response()

    ward = FastAPI(exception_handlers=ERRORS)
    ward.add_middleware(Bounded)
    ward.add_route("/api/beds", take, methods=["POST"])
    asked = {"type": "http", "method": "POST", "path": "/api/beds", "headers": [], "query_string": b""}
    await ward(asked, dripping, tell)
    assert told[0]["status"] == 408


def test_a_body_that_is_no_text_is_refused_in_our_own_words() -> None:
    def place(bed: dict[str, str]) -> None:
        """Nowhere."""

    ward = FastAPI(exception_handlers=ERRORS)
    ward.post("/api/beds")(place)
    with TestClient(ward) as opened:
        for kind in ({}, {"content-type": "application/json", "content-encoding": "gzip"}):
            refused = opened.post("/api/beds", content=b"\x1f\x8b\x08\x00\xff", headers=kind)
            assert (refused.status_code, refused.json()["error"][:10]) in [(400, "what was s"), (422, "cannot be ")]
        assert refused.json() == {"error": "what was sent cannot be read; send it in UTF-8, and not compressed"}
