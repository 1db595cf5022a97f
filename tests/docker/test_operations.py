"""What docs/operations.md tells an operator to do, done."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import orjson
import psycopg
import pytest
import yaml

from app.audit.event import Event, Kind
from app.audit.keys import chain_key
from app.audit.trail import record
from app.database.postgres import EmbeddedPostgres
from app.database.transactions import Role, acting_as, open_engine, transaction
from app.intake.quality.gauges import feed_gauges
from app.observability.metrics import SECONDS
from app.settings import ROOT, Settings
from app.sharing.facts import Account
from tests.docker.conftest import Place

OPERATIONS = (ROOT / "docs/operations.md").read_text()
ALARMS = yaml.safe_load((ROOT / "docker/alarms.yaml").read_text())["groups"][0]["rules"]


def run_as_told(program: str, place: Place, folder: Path) -> None:
    """Run the command that the page gives, with the database's own container left out."""
    (command,) = re.findall(rf"^compose exec -T database ({program} .+)$", OPERATIONS, re.MULTILINE)
    subprocess.run(["sh", "-c", command], cwd=folder, env=dict(place.administrator), check=True)


def pisano(place: Place, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    settings = {**os.environ, "DATABASE_URL": place.service, "PISANO_SECRETS": str(place.secrets)}
    command = [str(Path(sys.executable).with_name("pisano")), *arguments]
    return subprocess.run(command, env=settings, capture_output=True)


def disclose(place: Place, count: int) -> None:
    engine = open_engine(place.service, role=Role.SERVICE)
    actor = Account("https://sign-in.example", "nurse.7")
    at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    events = [Event(kind=Kind.VIEW, id=uuid4(), at=at, actor=actor) for _ in range(count)]
    with transaction(engine) as connection:
        record(connection, events, key=chain_key(Settings(secrets=place.secrets)))
    engine.dispose()


def test_a_backup_restores_the_trail_whole(place: Place, tmp_path: Path) -> None:
    disclose(place, 5)
    run_as_told("pg_dump", place, tmp_path)
    disclose(place, 2)  # which the backup cannot hold
    run_as_told("pg_restore", place, tmp_path)
    verified = pisano(place, "audit", "verify", "--json")
    assert verified.stderr == b""
    assert (verified.returncode, orjson.loads(verified.stdout)) == (0, {"faults": [], "events": 5})
    with (
        psycopg.connect(place.service, options=acting_as(Role.SERVICE)) as service,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        service.execute("TRUNCATE audit_event")


def test_a_base_backup_starts_as_a_server_of_its_own(place: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("pg")
    run_as_told("pg_basebackup", place, folder)
    (folder / "data").mkdir(mode=0o700)
    subprocess.run(["tar", "--extract", "--no-same-owner", "--file", "../base.tar"], cwd=folder / "data", check=True)
    (folder / "password").write_text("of the place it came from")
    with EmbeddedPostgres(folder) as restored:
        address = place.service.split("?")[0] + "?" + restored.url.split("?")[1]
        with psycopg.connect(address, options=acting_as(Role.SERVICE)) as connection:
            assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: str(alarm["alert"]))
def test_each_alarm_says_what_to_do(alarm: dict[str, str]) -> None:
    assert f"\n### {alarm['alert']}\n" in OPERATIONS
    assert set(re.findall(r"pisano_[a-z_]+", alarm["expr"])) <= METRICS | {
        "pisano_request_seconds_count",
        "pisano_request_seconds_bucket",
    }


@pytest.mark.anyio
async def test_the_metrics_that_the_page_lists_are_those_there_are(place: Place) -> None:
    engine = open_engine(place.service, role=Role.WORKER)
    gathered = {metric.name for metric in await feed_gauges(engine, datetime.now(UTC))}
    engine.dispose()
    assert gathered | {one.name for one in SECONDS.collect()} == METRICS


METRICS = set(re.findall(r"^\| `(pisano_[a-z_]+)`", OPERATIONS, re.MULTILINE))
