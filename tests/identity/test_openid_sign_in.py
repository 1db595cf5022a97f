"""Somebody signs in with a certified provider, in the one role that they selected there, and out again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.audit.keys import make_keys
from app.main import create_app
from app.settings import Settings
from app.web.frame.onward import HOME
from app.web.sign_in.providers import NOT_SIGNED_IN

from .openid_provider import ADDRESS, KEY, AtProvider, a_council, a_provider, free_port, provider_running, put_providers
from .people import Browser, text_of
from .publisher import Publisher, publishing
from .systems import unsigned
from .trail import told


@pytest.fixture(scope="module")
def logouts() -> Iterator[tuple[str, list[bytes]]]:
    """Where the provider tells that somebody signed out, and what it told."""
    heard: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # as the library calls it
            heard.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/ended", heard
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def issuer(logouts: tuple[str, list[bytes]]) -> Iterator[str]:
    with provider_running(free_port(), told_of_logout=logouts[0]) as running:
        yield running


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var")


@contextmanager
def a_place(var: Path, url: str, *providers: dict[str, Any]) -> Iterator[TestClient]:
    """A real place, whose people sign in with these providers."""
    path = put_providers(var / providers[0]["id"], *providers)
    settings = Settings(var=var, sign_in_providers=path, loopback_http=True, public_url=ADDRESS)
    make_keys(settings.secrets_folder)
    with TestClient(create_app(settings, url), base_url=ADDRESS) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(issuer: str, module_database_url: str, var: Path) -> Iterator[TestClient]:
    with a_place(var, module_database_url, a_provider(issuer)) as opened:
        yield opened


@pytest.fixture
def browser(client: TestClient) -> Iterator[Browser]:
    yield Browser(client)
    client.cookies.clear()


@pytest.fixture
def at_provider() -> Iterator[AtProvider]:
    with AtProvider() as opened:
        yield opened


@pytest.fixture(scope="module")
def forging(module_database_url: str, var: Path) -> Iterator[tuple[Publisher, TestClient]]:
    """Two providers whose every answer is made up here, and a place that knows them."""
    with publishing() as publisher:
        named = [a_provider(publisher.host, id="crooked"), a_provider(f"{publisher.host}/two", id="two")]
        with a_place(var, module_database_url, *named) as client:
            yield publisher, client


def begun(browser: Browser, then: str = HOME, provider: str = "cis2") -> str:
    answer = browser.get(f"/sign-in/with/{provider}", params={"then": then})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def signed_in(browser: Browser, at_provider: AtProvider, whom: str) -> Any:
    return browser.get(at_provider.sign_in(begun(browser), whom))


def test_the_first_page_leads_to_the_provider_and_asks_no_password(browser: Browser) -> None:
    page = browser.get("/sign-in", params={"then": "/help"}).text
    assert 'href="/sign-in/with/cis2?then=%2Fhelp"' in page
    assert "NHS Care Identity" in page
    assert 'type="password"' not in page
    assert browser.sign_in("nurse").status_code == 200  # the first page, whatever is sent
    assert browser.session().status_code == 401


def test_the_provider_is_asked_for_a_code_with_pkce_state_and_nonce(browser: Browser) -> None:
    asked = parse_qs(urlsplit(begun(browser)).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{ADDRESS}/sign-in/back/cis2"]
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    again = parse_qs(urlsplit(begun(browser)).query)
    assert all(again[name] != asked[name] for name in ("state", "nonce", "code_challenge"))


def test_somebody_signs_in_in_the_one_role_that_they_selected(
    browser: Browser, at_provider: AtProvider, place: Engine
) -> None:
    answer = signed_in(browser, at_provider, "nurse-1")
    assert (answer.status_code, answer.headers["location"]) == (303, HOME)
    said = browser.session().json()
    assert said["name"] == "Nell Rushton"
    assert said["positions"] == [{"role": "community-nurse", "organisation": "RL4C"}]
    assert browser.looks() == 404
    signed, chosen, looked = told(place)[-3:]
    assert (signed["kind"], signed["subject"]) == ("signed-in", "nurse-1")
    assert (chosen["kind"], chosen["role"]) == ("role-chosen", "community-nurse")
    assert (looked["subject"], looked["issuer"]) == ("nurse-1", signed["issuer"])


def test_somebody_without_roles_is_signed_in_and_looks_at_nothing(browser: Browser, at_provider: AtProvider) -> None:
    answer = signed_in(browser, at_provider, "nobody-2")
    assert answer.headers["location"] == "/sign-in/role"
    assert browser.session().json()["positions"] == []
    assert browser.looks() == 403


def test_an_answer_is_good_once(browser: Browser, at_provider: AtProvider) -> None:
    address = begun(browser)
    kept = dict(browser.client.cookies)
    back = at_provider.sign_in(address, "nurse-1")
    assert browser.get(back).status_code == 303
    browser.client.cookies.clear()
    browser.client.cookies.update(kept)  # as one who copied the cookie would
    refused = browser.get(back)
    assert NOT_SIGNED_IN in text_of(refused)
    assert browser.session().status_code == 401


@pytest.mark.parametrize("wrong", ["state", "code", "iss"])
def test_an_answer_that_was_tampered_with_signs_nobody_in(
    browser: Browser, at_provider: AtProvider, place: Engine, wrong: str
) -> None:
    back = at_provider.sign_in(begun(browser), "nurse-1")
    said = {name: value[0] for name, value in parse_qs(urlsplit(back).query).items()}
    refused = browser.get("/sign-in/back/cis2", params={**said, wrong: "another"})
    assert (refused.status_code, NOT_SIGNED_IN in text_of(refused)) == (400, True)
    assert browser.session().status_code == 401
    assert (told(place)[-1]["kind"], told(place)[-1]["reason"]) == ("sign-in-refused", "no-proof")


def test_an_answer_meant_for_another_browser_signs_nobody_in(browser: Browser, at_provider: AtProvider) -> None:
    back = at_provider.sign_in(begun(browser), "nurse-1")
    browser.client.cookies.clear()
    assert NOT_SIGNED_IN in text_of(browser.get(back))
    begun(browser)
    assert NOT_SIGNED_IN in text_of(browser.get(back))
    assert browser.session().status_code == 401


def test_whatever_is_wrong_reads_alike(browser: Browser) -> None:
    begun(browser, HOME)
    answers = []
    for params in ({}, {"error": "access_denied"}, {"state": "x"}, {"code": "x"}, {"code": "x", "state": "y"}):
        begun(browser)
        answers.append(browser.get("/sign-in/back/cis2", params=params))
    assert {(answer.status_code, answer.text) for answer in answers} == {(400, answers[0].text)}
    assert browser.get("/sign-in/with/nobody").status_code == 400
    assert browser.get("/sign-in/back/nobody").status_code == 400


def test_what_a_provider_and_a_browser_were_told_is_not_told_again(
    browser: Browser, at_provider: AtProvider, capfd: pytest.CaptureFixture[str]
) -> None:
    address = begun(browser)
    secrets = [value[0] for value in parse_qs(urlsplit(address).query).values() if len(value[0]) >= 43]
    back = at_provider.sign_in(address, "nurse-1")
    secrets.append(parse_qs(urlsplit(back).query)["code"][0])
    browser.get(back)
    said = "".join(capfd.readouterr())
    assert "/sign-in/back/{provider_id}" in said
    assert not [one for one in secrets if one in said and not one.startswith("http")]


def test_signing_out_at_the_provider_signs_out_here(
    browser: Browser, at_provider: AtProvider, place: Engine, issuer: str, logouts: tuple[str, list[bytes]]
) -> None:
    signed_in(browser, at_provider, "nurse-1")
    assert browser.looks() == 404
    at_provider.sign_out(f"{issuer}/session/end")
    told_us = logouts[1][-1]
    form = {"content-type": "application/x-www-form-urlencoded"}
    ended = browser.client.post("/sign-in/ended/cis2", content=told_us, headers=form)
    assert (ended.status_code, ended.headers["cache-control"]) == (200, "no-store")
    assert browser.looks() == 401
    out = told(place)[-1]
    assert (out["kind"], out["subject"], out["reason"]) == ("signed-out", "nurse-1", "by-provider")

    again = browser.client.post("/sign-in/ended/cis2", content=told_us, headers=form)
    assert (again.status_code, again.content) == (400, b'{"error":"invalid_request"}')


def test_whoever_signs_out_here_is_shown_the_way_out_of_the_provider(browser: Browser, at_provider: AtProvider) -> None:
    signed_in(browser, at_provider, "nurse-1")
    out = browser.post("/sign-out", {"csrf": browser.csrf()}).headers["location"]
    page = browser.get(out)
    assert "sign out of NHS Care Identity too" in page.text
    assert "sign out of" not in browser.get("/sign-in", params={"out": "nobody"}).text
    there = browser.get("/sign-in/out/cis2").headers["location"]
    assert at_provider.sign_out(there) == "/sign-in"
    answer = at_provider.browser.get(begun(browser), follow_redirects=True)
    assert 'name="login"' in answer.text  # it asks who they are again
    assert browser.get("/sign-in/out/nobody").headers["location"] == "/sign-in"


def test_what_is_no_logout_token_ends_nothing(browser: Browser, at_provider: AtProvider) -> None:
    signed_in(browser, at_provider, "nurse-1")
    for content in ({"logout_token": "x"}, {"logout_token": ""}, {}):
        refused = browser.client.post("/sign-in/ended/cis2", data=content)
        assert (refused.status_code, refused.content) == (400, b'{"error":"invalid_request"}')
    assert browser.client.post("/sign-in/ended/nobody", data={"logout_token": "x"}).status_code == 400
    assert browser.looks() == 404


def test_a_council_says_groups_and_knows_us_by_our_key(
    issuer: str, module_database_url: str, var: Path, at_provider: AtProvider
) -> None:
    with a_place(var, module_database_url, a_council(issuer)) as client:
        browser = Browser(client)
        answer = browser.get(at_provider.sign_in(begun(browser, provider="council"), "officer-3"))
        assert answer.headers["location"] == "/sign-in/role"
        said = browser.session().json()
        assert said["name"] == "Hal Okafor"
        assert [one["role"] for one in said["positions"]] == ["housing-officer", "ig-lead"]
        assert browser.looks() == 403
        browser.post("/sign-in/role", {"csrf": browser.csrf(), "position": "0"})
        assert browser.looks() == 404


@pytest.mark.parametrize(
    ("changed", "believed"),
    [
        ({}, True),
        ({"nonce": "another"}, False),
        ({"iss": "https://elsewhere.example"}, False),
        ({"aud": "another"}, False),
        ({"exp": 1}, False),
        ({"iat": 1}, False),
        ({"alg": "PS256"}, False),
        ({"alg": "none"}, False),
        ({"key": "another"}, False),
        ({"userinfo": "of somebody else"}, False),
    ],
)
def test_a_whole_sign_in_with_a_token_that_is_wrong_signs_nobody_in(
    forging: tuple[Publisher, TestClient], changed: dict[str, Any], believed: bool
) -> None:
    publisher, client = forging
    crooked(publisher)
    client.cookies.clear()
    browser = Browser(client)
    asked = parse_qs(urlsplit(begun(browser, provider="crooked")).query)
    publisher.paths["/token"] = orjson.dumps(
        {"access_token": "a", "id_token": forged(publisher.host, asked["nonce"][0], dict(changed))}
    )
    if "userinfo" in changed:
        publisher.paths["/me"] = orjson.dumps({"sub": "somebody-else"})
    back = browser.get("/sign-in/back/crooked", params={"code": "c", "state": asked["state"][0]})
    assert (back.status_code == 303) is believed
    assert (browser.session().status_code == 200) is believed
    if not believed:
        assert NOT_SIGNED_IN in text_of(back)


@pytest.mark.parametrize(("begun_with", "signed_in"), [("two", True), ("crooked", False)])
def test_an_answer_of_one_provider_is_not_taken_for_anothers(
    forging: tuple[Publisher, TestClient], begun_with: str, signed_in: bool
) -> None:
    """Else one of them, or who holds it, could answer in the name of whoever was asked."""
    publisher, client = forging
    crooked(publisher)
    crooked(publisher, "/two")
    client.cookies.clear()
    browser = Browser(client)
    asked = parse_qs(urlsplit(begun(browser, provider=begun_with)).query)
    token = forged(f"{publisher.host}/two", asked["nonce"][0], {})
    publisher.paths["/two/token"] = orjson.dumps({"access_token": "a", "id_token": token})
    back = browser.get("/sign-in/back/two", params={"code": "c", "state": asked["state"][0]})
    assert (back.status_code == 303) is signed_in
    assert (browser.session().status_code == 200) is signed_in


def crooked(publisher: Publisher, under: str = "") -> None:
    """A provider whose every answer is made up here."""
    named = {
        "authorization_endpoint": "/auth",
        "token_endpoint": "/token",
        "jwks_uri": "/jwks",
        "userinfo_endpoint": "/me",
    }
    issuer = publisher.host + under
    said = {name: issuer + path for name, path in named.items()}
    publisher.paths |= {
        f"{under}/.well-known/openid-configuration": orjson.dumps({"issuer": issuer, **said}),
        f"{under}/jwks": orjson.dumps({"keys": [KEY.as_dict(private=False)]}),
        f"{under}/me": orjson.dumps({"sub": "nurse-1"}),
    }


def forged(issuer: str, nonce: str, changed: dict[str, Any]) -> str:
    algorithm, now = changed.pop("alg", "RS256"), int(datetime.now(UTC).timestamp())
    key = RSAKey.generate_key(2048, {"kid": "op"}) if changed.pop("key", None) else KEY
    changed.pop("userinfo", None)
    said = {"iss": issuer, "sub": "nurse-1", "aud": "pisano", "iat": now, "exp": now + 300, "nonce": nonce, **changed}
    if algorithm == "none":
        return unsigned(said, kid="op")
    return jwt.encode({"alg": algorithm, "kid": "op"}, said, key, algorithms=[algorithm])


def test_a_provider_that_says_it_is_another_is_not_asked(module_database_url: str, var: Path) -> None:
    with (
        publishing() as publisher,
        a_place(var, module_database_url, a_provider(publisher.host, id="crooked")) as client,
    ):
        crooked(publisher)
        publisher.paths["/.well-known/openid-configuration"] = orjson.dumps({"issuer": "https://elsewhere.example"})
        refused = Browser(client).get("/sign-in/with/crooked")
        assert (refused.status_code, NOT_SIGNED_IN in text_of(refused)) == (400, True)
