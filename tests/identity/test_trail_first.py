"""Where the trail cannot be written, nobody gets in, and whoever wants out gets out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.database.transactions import transaction
from app.identity.systems.store import register

from .people import Browser, put_person
from .systems import a_system, asking, claims, signed


@contextmanager
def without_a_trail(engine: Engine) -> Iterator[None]:
    with transaction(engine) as connection:
        connection.exec_driver_sql("ALTER TABLE audit_event RENAME TO audit_event_gone")
    try:
        yield
    finally:
        with transaction(engine) as connection:
            connection.exec_driver_sql("ALTER TABLE audit_event_gone RENAME TO audit_event")


@pytest.fixture
def browser(client: TestClient, place: Engine) -> Iterator[Browser]:
    put_person(place, "chair", "mdt-chair", "community-nurse")
    yield Browser(client)
    client.cookies.clear()


def kept(engine: Engine, table: str) -> int:
    with transaction(engine) as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_where_the_trail_cannot_be_written_nobody_gets_in(browser: Browser, place: Engine) -> None:
    with transaction(place) as connection:
        register(connection, a_system(), at=datetime.now(UTC))
    browser.sign_in("chair")
    before, held, ours = kept(place, "session"), browser.cookie, {"csrf": browser.csrf()}
    with without_a_trail(place):
        chosen = browser.post("/sign-in/role", {**ours, "position": "0"})
        again = browser.sign_in("chair")
        wrong = browser.sign_in("chair", "wrong")
        token = browser.client.post("/oauth2/token", data=asking(signed(claims())))
    assert [answer.status_code for answer in (chosen, again, wrong, token)] == [503, 503, 503, 503]
    assert "access_token" not in token.text
    assert (kept(place, "session"), browser.cookie) == (before, held)
    assert browser.session().json()["chosen"] is None


def test_where_the_trail_cannot_be_written_somebody_gets_out_all_the_same(browser: Browser, place: Engine) -> None:
    browser.sign_in("chair")
    held, ours = browser.cookie, {"csrf": browser.csrf()}
    with without_a_trail(place):
        assert browser.post("/sign-out", ours).status_code == 503
    assert browser.opened_with(held) == 401
