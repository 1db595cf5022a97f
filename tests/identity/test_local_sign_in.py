"""Signing in by a password of this place's own, and what whoever tries to get in learns: nothing."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.database.transactions import transaction
from app.identity.passwords.store import set_locked
from app.web.frame.onward import HOME
from app.web.sign_in.routes import REFUSED

from .people import CHOSEN, FIRST, PASSWORD, Browser, put_person, text_of
from .trail import told


@pytest.fixture
def browser(client: TestClient) -> Iterator[Browser]:
    yield Browser(client)
    client.cookies.clear()


def wait_is_over(engine: Engine, username: str) -> None:
    with transaction(engine) as connection:
        connection.exec_driver_sql("UPDATE account_password SET waits_until = now() WHERE username = %s", (username,))


def test_someone_signs_in_and_looks_in_their_one_role(browser: Browser, place: Engine) -> None:
    put_person(place, "nurse")
    answer = browser.sign_in("nurse")
    assert (answer.status_code, answer.headers["location"]) == (303, HOME)
    assert browser.looks() == 404
    signed_in, chosen, looked = told(place)[-3:]
    assert (signed_in["kind"], signed_in["subject"], signed_in["issuer"]) == ("signed-in", "nurse", "local")
    assert (chosen["kind"], chosen["role"], chosen["organisation"]) == ("role-chosen", "community-nurse", "RL4C")
    assert (looked["subject"], looked["role"]) == ("nurse", "community-nurse")


def test_a_name_is_the_same_in_capitals(browser: Browser, place: Engine) -> None:
    put_person(place, "nurse")
    assert browser.sign_in(" Nurse ").status_code == 303


def test_a_form_of_ours_needs_no_script(browser: Browser) -> None:
    page = browser.get("/sign-in", params={"then": "/help"})
    assert page.status_code == 200
    assert '<form action="/sign-in" method="post" novalidate>' in page.text
    assert 'name="then" value="/help"' in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_whoever_is_not_let_in_is_answered_alike(browser: Browser, place: Engine) -> None:
    put_person(place, "nurse")
    put_person(place, "locked")
    with transaction(place) as connection:
        set_locked(connection, "locked", True)
    answers = {
        name: browser.sign_in(username, password)
        for name, username, password in (
            ("wrong password", "nurse", "wrong"),
            ("unknown name", "nobod", PASSWORD),
            ("locked", "locked", PASSWORD),
            ("endless", "nurse", "x" * 5000),
        )
    }
    alike = {
        (answer.status_code, answer.text.replace("locked", "nurse").replace("nobod", "nurse"))
        for answer in answers.values()
    }
    assert len(alike) == 1
    assert REFUSED in text_of(answers["locked"])
    assert not browser.cookie


def test_what_was_left_empty_is_asked_for_alike_of_every_name_and_counts_as_no_guess(
    browser: Browser, place: Engine
) -> None:
    put_person(place, "nurse")
    answers = [browser.sign_in(name, "") for name in ("nurse", "nobod") * 6]
    assert {(one.status_code, one.text.replace("nobod", "nurse")) for one in answers} == {(400, answers[0].text)}
    assert '<a href="#password">Enter your password</a>' in answers[0].text
    assert 'value="nurse"' in answers[0].text
    asked = browser.post("/sign-in/password", {"username": "nurse"}).text
    assert all(f'href="#{field}"' in asked for field in ("current", "new", "again"))
    assert browser.sign_in("nurse").status_code == 303


def test_why_somebody_was_not_let_in_is_told_to_the_trail_without_what_they_typed(
    browser: Browser, place: Engine
) -> None:
    put_person(place, "nurse")
    browser.sign_in("nurse", "wrong")
    browser.sign_in("walter tranter 999 000 0018", "wrong")
    wrong, unknown = told(place)[-2:]
    assert (wrong["kind"], wrong["subject"], wrong["reason"]) == ("sign-in-refused", "nurse", "wrong-password")
    assert (unknown["subject"], unknown["reason"]) == ("nobody", "unknown")
    assert "tranter" not in str(told(place))


def test_the_work_is_the_same_for_a_name_that_nobody_has(
    browser: Browser, place: Engine, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_person(place, "nurse")
    application: Any = client.app
    passwords = application._app.state.place.local._passwords
    checked: list[bool] = []
    check = passwords._check

    def counted(password: str, kept: str | None) -> Any:
        checked.append(kept is None)
        return check(password, kept)

    monkeypatch.setattr(passwords, "_check", counted)
    browser.sign_in("nurse", "wrong")
    browser.sign_in("nobody-of-that-name", "wrong")
    assert checked == [False, True]


def test_five_wrong_passwords_make_an_account_wait_even_for_the_right_one(browser: Browser, place: Engine) -> None:
    put_person(place, "guessed")
    for _ in range(5):
        assert browser.sign_in("guessed", "wrong").status_code == 400
    assert browser.sign_in("guessed").status_code == 400
    assert told(place)[-1]["reason"] == "locked-or-waiting"
    wait_is_over(place, "guessed")
    assert browser.sign_in("guessed").status_code == 303


def test_the_right_password_forgets_the_wrong_ones(browser: Browser, place: Engine) -> None:
    put_person(place, "forgetful")
    for _ in range(3):
        for _ in range(4):
            browser.sign_in("forgetful", "wrong")
        assert browser.sign_in("forgetful").status_code == 303


def test_guesses_made_at_once_are_counted_as_those_made_in_turn(client: TestClient, place: Engine) -> None:
    put_person(place, "hurried")
    with ThreadPoolExecutor(8) as together:
        list(together.map(lambda _: Browser(client).sign_in("hurried", "wrong"), range(8)))
    reasons = [event["reason"] for event in told(place)[-8:]]
    assert sorted(reasons) == ["locked-or-waiting"] * 3 + ["wrong-password"] * 5


def test_the_password_that_one_was_given_opens_nothing_but_the_choice_of_another(
    browser: Browser, place: Engine
) -> None:
    put_person(place, "new", password=FIRST, must_change=True)
    asked = browser.sign_in("new", FIRST)
    assert asked.status_code == 200
    assert "Choose a password of your own" in asked.text
    assert not browser.cookie
    assert browser.looks() == 401
    changed = browser.post("/sign-in/password", {"username": "new", "current": FIRST, "new": CHOSEN, "again": CHOSEN})
    assert changed.status_code == 303
    assert browser.looks() == 404
    assert browser.sign_in("new", FIRST).status_code == 400
    assert browser.sign_in("new", CHOSEN).status_code == 303
    assert "password-changed" in {event["kind"] for event in told(place)}


@pytest.mark.parametrize(
    ("new", "again", "because"),
    [
        (CHOSEN, "another", "not the same"),
        ("short", "short", "fewer than 12"),
        ("password1234", "password1234", "tried first"),
        (PASSWORD, PASSWORD, "the one that you have"),
        ("rushton-rushton", "rushton-rushton", "tried first"),
    ],
)
def test_a_new_password_that_is_not_allowed_is_told_why(
    browser: Browser, place: Engine, new: str, again: str, because: str
) -> None:
    put_person(place, "choosing")
    answer = browser.post(
        "/sign-in/password", {"username": "choosing", "current": PASSWORD, "new": new, "again": again}
    )
    assert answer.status_code == 400
    assert because in text_of(answer)


def test_a_change_of_password_tells_no_more_of_names_than_signing_in(browser: Browser, place: Engine) -> None:
    put_person(place, "nurse")
    fields = {"current": "wrong", "new": CHOSEN, "again": CHOSEN}
    wrong = browser.post("/sign-in/password", {"username": "nurse", **fields})
    unknown = browser.post("/sign-in/password", {"username": "nobod", **fields})
    assert wrong.text == unknown.text.replace("nobod", "nurse")
    assert REFUSED in text_of(wrong)


def test_a_change_of_password_ends_every_session(browser: Browser, place: Engine) -> None:
    put_person(place, "thorough")
    browser.sign_in("thorough")
    stolen = browser.cookie
    browser.post("/sign-in/password", {"username": "thorough", "current": PASSWORD, "new": CHOSEN, "again": CHOSEN})
    assert browser.cookie != stolen
    assert browser.opened_with(stolen) == 401


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}])
def test_another_site_can_sign_nobody_in(browser: Browser, place: Engine, headers: dict[str, str]) -> None:
    put_person(place, "nurse")
    answer = browser.post("/sign-in", {"username": "nurse", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert not browser.cookie


@pytest.mark.parametrize(
    "then",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "find",
        "/find\r\nset-cookie: x=y",
        " /find",
    ],
)
def test_signing_in_leads_to_pages_of_ours_only(browser: Browser, place: Engine, then: str) -> None:
    put_person(place, "nurse")
    assert browser.sign_in("nurse", then=then).headers["location"] == HOME


def test_signing_in_leads_to_where_somebody_wanted_to_go(browser: Browser, place: Engine) -> None:
    put_person(place, "nurse")
    led = browser.get("/find?purpose=mdt", headers={"accept": "text/html"})
    assert (led.status_code, led.headers["location"]) == (303, "/sign-in?then=%2Ffind%3Fpurpose%3Dmdt")
    assert browser.sign_in("nurse", then="/find?purpose=mdt").headers["location"] == "/find?purpose=mdt"


def test_a_password_never_prints(place: Engine, browser: Browser, capfd: pytest.CaptureFixture[str]) -> None:
    put_person(place, "nurse")
    browser.sign_in("nurse", "my own secret words")
    browser.sign_in("nurse")
    said = "".join(capfd.readouterr()) + json.dumps(told(place))
    assert "my own secret words" not in said
    assert PASSWORD not in said
    assert browser.cookie not in said
