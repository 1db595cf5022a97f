"""Somebody holds a table for long, such as an administrator who repairs it: whoever asks is told so, and soon."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

import psycopg
import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app import place as places
from app.database.transactions import plain_address
from app.main import create_app
from app.settings import Settings
from tests.scenarios.conftest import As

HELD = 4.0  # seconds, in which who waits without an end would be answered after all
LONGEST = "200ms"


@pytest.fixture
def hasty(
    place: Engine, module_database_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], As]]:
    """The same place, which waits for less long."""
    monkeypatch.setattr(places, "PATIENCE", LONGEST)
    for told in (places.READING, places.SESSION):
        monkeypatch.setitem(told, "options", told["options"].replace("=10s", f"={LONGEST}"))
    with TestClient(create_app(settings, module_database_url), raise_server_exceptions=False) as opened:
        yield lambda username: As(opened, settings, username, "direct-care", None)


@contextmanager
def held(url: str, table: str) -> Iterator[None]:
    with psycopg.connect(plain_address(url)) as connection:
        connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        release = Timer(HELD, connection.rollback)
        release.start()
        try:
            yield
        finally:
            release.cancel()
            release.join()


def test_who_searches_in_a_table_that_is_held_is_told_so_and_searches_again(
    hasty: Callable[[str], As], module_database_url: str
) -> None:
    nurse = hasty("nurse")
    with held(module_database_url, "person"):
        told = nurse.search(family_name="Tranter", birth_date="1945-05-14")
    assert (told.status_code, told.json()["error"][:30]) == (503, "the records cannot be reached ")
    assert nurse.search(family_name="Tranter", birth_date="1945-05-14").status_code == 200


def test_who_waits_for_a_team_whose_table_is_held_is_told_so_and_asks_again(
    hasty: Callable[[str], As], module_database_url: str
) -> None:
    nurse = hasty("nurse")
    with held(module_database_url, "mdt_referral"):
        told = nurse.get("/api/mdt/referrals/own")
    assert (told.status_code, told.json()["error"][:22]) == (503, "this is being changed ")
    assert nurse.get("/api/mdt/referrals/own").status_code == 200
