"""A session is short, renewed by use, changes with what it may do, and cannot be used by another site."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from psycopg import AsyncConnection
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.database.transactions import plain_address, transaction
from app.identity.requester import Requester
from app.identity.sessions.session import Cookie, Position, Session, SignedIn
from app.identity.sessions.store import KeptForm, Limits, end_sessions_of, keep_form, kept_form, put_session
from app.identity.tokens import issue, token_key
from app.main import create_app
from app.settings import Settings
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role
from app.web.frame.onward import HOME

from .people import PASSWORD, Browser, let_time_pass, put_person
from .trail import told


@pytest.fixture
def browser(client: TestClient, place: Engine) -> Iterator[Browser]:
    put_person(place, "nurse")
    put_person(place, "chair", "mdt-chair", "community-nurse")
    opened = Browser(client)
    yield opened
    client.cookies.clear()


def test_a_session_says_who_is_signed_in(browser: Browser) -> None:
    browser.sign_in("nurse")
    said = browser.session().json()
    assert said["name"] == "Nell Rushton"
    assert said["positions"] == [{"role": "community-nurse", "organisation": "RL4C"}]
    assert (said["chosen"], said["idle_seconds"]) == (0, 900)
    assert browser.session().headers["cache-control"] == "no-store"


def test_whoever_has_no_session_is_told_to_sign_in(browser: Browser) -> None:
    assert browser.session().status_code == 401
    browser.client.cookies.set("pisano", "guessed")
    assert browser.session().status_code == 401
    browser.client.cookies.set("pisano", "x" * 4000)
    assert browser.session().status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Browser) -> None:
    given = browser.sign_in("nurse").headers["set-cookie"].lower()
    assert "httponly" in given
    assert "samesite=lax" in given
    assert "path=/" in given
    assert "domain" not in given
    assert "expires" not in given


def test_where_there_is_https_the_cookie_is_kept_to_it_and_to_this_host(
    place: Engine, module_database_url: str, settings: Settings
) -> None:
    put_person(place, "nurse")
    secure = settings.model_copy(update={"public_url": "https://testserver"})
    with TestClient(create_app(secure, module_database_url), base_url="https://testserver") as client:
        given = Browser(client).sign_in("nurse").headers["set-cookie"]
    assert given.startswith("__Host-pisano=")
    assert "Secure" in given


def test_only_the_hash_of_a_session_is_kept(browser: Browser, place: Engine) -> None:
    browser.sign_in("nurse")
    with transaction(place) as connection:
        assert browser.cookie not in str(connection.exec_driver_sql("SELECT * FROM session").all())


def test_a_session_ends_when_it_is_not_used(browser: Browser, place: Engine) -> None:
    browser.sign_in("nurse")
    let_time_pass(place, seen="14 minutes")
    assert browser.looks() == 404
    let_time_pass(place, seen="14 minutes")
    assert browser.looks() == 404
    let_time_pass(place, seen="15 minutes")
    assert browser.looks() == 401


def test_a_clock_that_is_put_back_makes_no_session_last_longer(browser: Browser, place: Engine) -> None:
    browser.sign_in("nurse")
    let_time_pass(place, seen="-14 minutes")
    assert browser.looks() == 404
    let_time_pass(place, seen="-1 hour")
    assert browser.looks() == 401


def test_looking_at_a_session_is_no_use_of_it(browser: Browser, place: Engine) -> None:
    browser.sign_in("nurse")
    service: Any = browser.client.app
    find = partial(service._app.state.place.sessions.find, Cookie(browser.cookie), is_use=False)
    let_time_pass(place, seen="14 minutes")
    assert browser.client.portal
    assert browser.client.portal.call(partial(find, at=datetime.now(UTC)))
    let_time_pass(place, seen="1 minute")
    assert browser.looks() == 401


def test_a_session_ends_however_much_it_is_used(browser: Browser, place: Engine) -> None:
    browser.sign_in("nurse")
    let_time_pass(place, started="9 hours 59 minutes")
    assert browser.looks() == 404
    let_time_pass(place, started="1 minute")
    assert browser.looks() == 401


@pytest.mark.parametrize("passed", [{"seen": "12 hours 16 minutes"}, {"started": "22 hours 1 minute"}])
def test_what_ended_long_ago_is_forgotten_as_somebody_signs_in_and_what_ended_lately_is_not(
    browser: Browser, place: Engine, passed: dict[str, str]
) -> None:
    def is_held(secret: str) -> bool:
        with transaction(place) as connection:
            found = connection.exec_driver_sql("SELECT FROM session WHERE sha256 = %s", (Cookie(secret).key,))
            return found.first() is not None

    browser.sign_in("nurse")
    long_ago = browser.cookie
    let_time_pass(place, **passed)
    browser.client.cookies.clear()
    browser.sign_in("nurse")
    lately = browser.cookie
    let_time_pass(place, seen="16 minutes")
    browser.client.cookies.clear()
    browser.sign_in("nurse")
    assert (is_held(long_ago), is_held(lately)) == (False, True)


def test_what_was_typed_is_kept_half_a_day_for_whoever_typed_it_and_nobody_else(place: Engine) -> None:
    nurse, at, later = ("local", "nurse"), datetime(2026, 6, 30, 9, tzinfo=UTC), timedelta(hours=12)
    typed = KeptForm(uuid4(), *nurse, "/people", "/people/refer", [("question", "Why does he fall?")])

    async def ask() -> list[KeptForm | None]:
        async with await AsyncConnection.connect(plain_address(place.url), autocommit=True) as connection:
            await keep_form(connection, typed, at=at)
            found = partial(kept_form, connection)
            told = [
                await found(typed.id, owner=nurse, at=at + later),
                await found(typed.id, owner=nurse, at=at + later + timedelta(seconds=1)),
                await found(typed.id, owner=("local", "doctor"), at=at),
                await found(typed.id, owner=("elsewhere", "nurse"), at=at),
                await found(uuid4(), owner=nurse, at=at),
            ]
            await keep_form(connection, typed._replace(id=uuid4()), at=at + later + timedelta(seconds=1))
            return [*told, await found(typed.id, owner=nurse, at=at)]

    assert asyncio.run(ask()) == [typed, None, None, None, None, None]


NURSE = SignedIn(
    issuer="https://provider.example", subject="nurse", name="Nia Bevan", provider_session="s1",
    positions=(Position(Role("community-nurse"), OdsCode("RL4C")), Position(Role("mdt-chair"), OdsCode("RL4"))),
    teams=frozenset({"north", "south"}), nhs_number=NHSNumber("9990000018"), training_until=date(2027, 1, 1),
)  # fmt: skip


def test_a_session_keeps_all_of_whoever_signed_in_that_decides_what_they_see() -> None:
    """Their own NHS number and training too: nobody looks themselves up, or looks untrained, for having a browser."""
    for one in (NURSE, replace(NURSE, nhs_number=None, training_until=None, for_themselves=True)):
        kept = json.loads(json.dumps(one.as_json()))
        assert SignedIn.from_json(one.issuer, one.subject, one.provider_session, kept) == one
    began = datetime(2026, 6, 30, 9, tzinfo=UTC)
    assert Session(b"\x01" * 32, NURSE, 1, began, began).asking() == Requester(
        subject="nurse", issuer="https://provider.example", name="Nia Bevan", organisation=OdsCode("RL4"),
        role=Role("mdt-chair"), teams=NURSE.teams, nhs_number=NURSE.nhs_number, training_until=NURSE.training_until,
        session="01" * 8,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "session", "ended"),
    [
        (None, None, []),
        ("nurse", None, ["nurse", "nurse"]),
        (None, "s1", ["nurse"]),
        ("nurse", "s2", ["nurse"]),
        ("doctor", "s1", []),
    ],
)
def test_a_provider_ends_what_it_names_and_nothing_else(
    place: Engine, subject: str | None, session: str | None, ended: list[str]
) -> None:
    at, limits = datetime(2026, 6, 30, 9, tzinfo=UTC), Limits(timedelta(minutes=15), timedelta(hours=10))
    theirs = [("nurse", "s1"), ("nurse", "s2"), ("doctor", "s3")]

    async def end() -> list[str]:
        async with await AsyncConnection.connect(plain_address(place.url)) as connection:
            for number, (whose, which) in enumerate(theirs):
                one = replace(NURSE, subject=whose, provider_session=which)
                await put_session(connection, Session(bytes([number]), one, None, at, at), limits=limits, at=at)
            issuer = NURSE.issuer
            assert not await end_sessions_of(connection, "elsewhere", subject=subject, provider_session=session)
            told = await end_sessions_of(connection, issuer, subject=subject, provider_session=session)
            await connection.rollback()
            return told

    assert asyncio.run(end()) == ended


def test_what_a_browser_held_before_signing_in_opens_nothing_after(browser: Browser) -> None:
    browser.client.cookies.set("pisano", "fixed-by-another", domain="testserver.local", path="/")
    browser.sign_in("nurse")
    first = browser.cookie
    assert first != "fixed-by-another"
    browser.sign_in("chair")
    held = browser.cookie
    assert held != first
    assert browser.opened_with(first) == 401
    assert browser.opened_with("fixed-by-another") == 401


def test_signing_out_ends_the_session_on_the_server(browser: Browser, place: Engine) -> None:
    browser.sign_in("nurse")
    held = browser.cookie
    answer = browser.post("/sign-out", {"csrf": browser.csrf()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert browser.opened_with(held) == 401
    assert (told(place)[-1]["kind"], told(place)[-1]["subject"]) == ("signed-out", "nurse")


def test_whoever_holds_several_roles_chooses_before_they_look(browser: Browser, place: Engine) -> None:
    answer = browser.sign_in("chair", then=HOME)
    assert answer.headers["location"] == "/sign-in/role"
    assert browser.looks() == 403
    led = browser.get(HOME, headers={"accept": "text/html"})
    assert led.headers["location"] == "/sign-in/role"
    assert "Chair of the multidisciplinary team, Wulfrun Community Services" in browser.get("/sign-in/role").text
    chosen = browser.post("/sign-in/role", {"csrf": browser.csrf(), "position": "1", "then": "/help"})
    assert chosen.headers["location"] == "/help"
    assert browser.looks() == 404
    assert told(place)[-1]["role"] == "community-nurse"


def test_a_change_of_role_changes_what_the_browser_holds_and_not_when_it_ends(browser: Browser, place: Engine) -> None:
    browser.sign_in("chair")
    browser.client.post("/session/role", json={"position": 0}, headers=from_ours(browser))
    before, ends = browser.cookie, browser.session().json()["ends"]
    changed = browser.client.post("/session/role", json={"position": 1}, headers=from_ours(browser))
    assert changed.json()["chosen"] == 1
    assert changed.json()["ends"] == ends
    assert (told(place)[-1]["kind"], told(place)[-1]["role"]) == ("role-chosen", "community-nurse")
    assert browser.looks() == 404
    assert browser.opened_with(before) == 401


def from_ours(browser: Browser) -> dict[str, str]:
    return {"sec-fetch-site": "same-origin", "x-csrf-token": browser.csrf()}


@pytest.mark.parametrize("position", [-1, 2, 10**9])
def test_nobody_takes_a_role_that_is_not_theirs(browser: Browser, position: int) -> None:
    browser.sign_in("chair")
    refused = browser.client.post("/session/role", json={"position": position}, headers=from_ours(browser))
    assert refused.status_code == 400
    for said in (str(position), "x", "", "²", "1" * 4000):
        if said != "1":
            form = {"csrf": browser.csrf(), "position": said}
            assert browser.post("/sign-in/role", form).status_code == 400
    assert browser.session().json()["chosen"] is None


def test_whoever_holds_no_role_is_signed_in_and_looks_at_nothing(browser: Browser, place: Engine) -> None:
    put_person(place, "waiting", "community-nurse")
    with transaction(place) as connection:
        connection.exec_driver_sql("UPDATE account SET roles = '{}' WHERE username = 'waiting'")
    browser.sign_in("waiting")
    assert browser.session().json()["positions"] == []
    assert browser.looks() == 403
    assert "hold no role" in browser.get("/sign-in/role").text


def test_what_changes_anything_needs_the_token_of_the_session(browser: Browser) -> None:
    browser.sign_in("nurse")
    for form in ({}, {"csrf": ""}, {"csrf": "x"}, {"csrf": Cookie().form_token}, {"csrf": "00" * 64}):
        assert browser.post("/sign-out", form).status_code == 403
    assert browser.session().status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
def test_another_site_changes_nothing_even_with_the_token(browser: Browser, headers: dict[str, str]) -> None:
    browser.sign_in("nurse")
    token = {"x-csrf-token": browser.csrf()}
    refused = browser.client.post("/session/end", headers=headers | token)
    assert refused.status_code == 403
    assert browser.session().status_code == 200


def test_a_browser_that_says_only_its_origin_is_believed(browser: Browser) -> None:
    browser.sign_in("nurse")
    ours = {"origin": "http://testserver", "x-csrf-token": browser.csrf()}
    assert browser.client.post("/session/end", headers=ours).status_code == 204


def test_every_route_that_changes_anything_is_guarded_where_a_session_asks(browser: Browser) -> None:
    browser.sign_in("nurse")
    lookup = browser.client.post("/api/persons/lookup", params={"purpose": "direct-care"}, json={"nhs_number": "1"})
    assert lookup.status_code == 403
    asked = browser.client.post(
        "/api/persons/lookup", params={"purpose": "direct-care"}, json={"nhs_number": "1"}, headers=from_ours(browser)
    )
    assert asked.status_code == 400  # it is no NHS number


def test_a_form_token_is_written_otherwise_each_time(browser: Browser) -> None:
    browser.sign_in("nurse")
    assert browser.csrf() != browser.csrf()


def test_a_session_and_a_token_ask_as_the_same_person(browser: Browser, place: Engine, settings: Settings) -> None:
    browser.sign_in("nurse")
    browser.looks()
    by_session = told(place)[-1]
    browser.client.cookies.clear()
    held = issue(token_key(settings), "nurse", role=None, at=datetime.now(UTC))
    browser.get(
        "/api/persons/01234567-89ab-4def-8123-456789abcdef",
        params={"purpose": "direct-care"},
        headers={"authorization": f"Bearer {held}"},
    )
    by_token = told(place)[-1]
    varying = {"at", "id", "request"}
    assert {name: said for name, said in by_session.items() if name not in varying} == {
        name: said for name, said in by_token.items() if name not in varying
    }


def test_a_wrong_token_is_not_saved_by_a_cookie(browser: Browser) -> None:
    browser.sign_in("nurse", PASSWORD)
    headers = {"authorization": "Bearer forged"}
    asked = browser.get(f"/api/persons/{'0' * 8}-89ab-4def-8123-456789abcdef", headers=headers)
    assert asked.status_code == 401
