"""Live is the process; ready is everything that it needs."""

from functools import partial

import pytest
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.database.migrate import newest
from app.database.transactions import open_engine
from app.mdt.outbox import why_mail_waits
from app.observability.health import Obstacle, database_obstacle, health_routes
from app.settings import Settings


async def no_agreement() -> Obstacle | None:
    return "no agreement is in force"


async def none() -> Obstacle | None:
    return None


def test_a_process_lives_whatever_it_lacks() -> None:
    client = TestClient(Starlette(routes=health_routes({"agreements": no_agreement})))
    assert client.get("/health/live").status_code == 200


def test_a_process_is_ready_when_nothing_stands_in_its_way() -> None:
    answer = TestClient(Starlette(routes=health_routes({"agreements": none}))).get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "checks": {"agreements": "ready"}})


def test_what_is_not_configured_is_noted_and_keeps_nothing_from_serving() -> None:
    waits = why_mail_waits(Settings())
    answer = TestClient(Starlette(routes=health_routes({"agreements": none}, {"mail": waits}))).get("/health/ready")
    assert answer.status_code == 200
    assert "PISANO_SMTP_HOST" in answer.json()["notes"]["mail"]

    named = why_mail_waits(Settings(smtp_host="mail.example", smtp_sender="mdt@example.org"))
    answer = TestClient(Starlette(routes=health_routes({"agreements": none}, {"mail": named}))).get("/health/ready")
    assert answer.json() == {"ready": True, "checks": {"agreements": "ready"}}


def test_one_obstacle_is_enough_and_is_named() -> None:
    answer = TestClient(Starlette(routes=health_routes({"agreements": no_agreement, "keys": none}))).get(
        "/health/ready"
    )
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"agreements": "no agreement is in force", "keys": "ready"}


def readiness(database_url: str) -> tuple[int, str]:
    async def check() -> Obstacle | None:
        engine = open_engine(database_url)
        try:
            return await database_obstacle(engine)
        finally:
            engine.dispose()

    answer = TestClient(Starlette(routes=health_routes({"database": partial(check)}))).get("/health/ready")
    return answer.status_code, answer.json()["checks"]["database"]


def test_a_migrated_database_is_ready(database_url: str) -> None:
    assert readiness(database_url) == (200, "ready")


def test_a_database_that_is_behind_is_not(database_url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    status, told = readiness(database_url)
    assert status == 503
    assert told == f"the database is at migration 0001, this version needs {newest()}; run `pisano db upgrade`"


def test_a_database_that_is_gone_is_not(tmp_path: object) -> None:
    status, told = readiness(f"postgresql://pisano:secret@/pisano?host={tmp_path}")
    assert status == 503
    assert "does not answer" in told
    assert "secret" not in told


@pytest.mark.anyio
async def test_an_empty_database_asks_for_its_tables(server_url: str) -> None:
    engine = open_engine(server_url)
    assert "migration None" in str(await database_obstacle(engine))
    engine.dispose()
