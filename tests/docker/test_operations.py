"""What docs/operations.md tells an operator to do, done."""

import io
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import orjson
import psycopg
import pytest
import yaml
from alembic import command
from sqlalchemy import make_url
from typer.testing import CliRunner

from app.audit.event import Event, Kind
from app.audit.keys import chain_key
from app.audit.trail import record
from app.cli import app
from app.database.migrate import _configuration as configuration
from app.database.migrate import upgrade
from app.database.postgres import EmbeddedPostgres
from app.database.transactions import Role, acting_as, open_engine, opened_engine, transaction
from app.intake.arriving.inbox import State, receive
from app.intake.process import process_next
from app.intake.quality.gauges import feed_gauges
from app.observability.metrics import SECONDS
from app.settings import ROOT, Settings
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from tests.docker.conftest import Place, cluster

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


def test_a_backup_restores_on_another_machine_with_new_passwords_and_the_trails_own_keys(
    place: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As a place is tried each quarter, or begun anew after a fire."""
    folder = tmp_path_factory.mktemp("machine")
    disclose(place, 3)
    with psycopg.connect(place.service, options=acting_as(Role.SERVICE)) as service:
        held = service.execute("SELECT count(*) FROM audit_event").fetchone()
    run_as_told("pg_dump", place, folder)
    subprocess.run([ROOT / "docker/make-secrets", folder / "secrets"], check=True, capture_output=True)
    for name in TRAIL_KEYS:
        shutil.copy(place.secrets / name, folder / "secrets" / name)
    with cluster(folder / "secrets", tmp_path_factory.mktemp("pg")) as other:
        run_as_told("pg_restore", other, folder)
        upgrade(other.owner)
        verified = pisano(other, "audit", "verify", "--each-row", "--json")
        assert verified.stderr == b""
        assert (verified.returncode, orjson.loads(verified.stdout)) == (0, {"faults": [], "events": (held or (0,))[0]})
        disclose(other, 1)  # it goes on
        with psycopg.connect(other.service) as nobody, pytest.raises(psycopg.errors.UndefinedTable):
            nobody.execute("SELECT count(*) FROM audit_event")  # before taking a role they see no table at all
        for statement in ("TRUNCATE audit_event", "DELETE FROM audit_event", "CREATE TABLE mine ()"):
            with (
                psycopg.connect(other.service, options=acting_as(Role.SERVICE)) as service,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                service.execute(statement)
        policies = "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = 'entry'"
        with psycopg.connect(other.owner) as owner:
            assert owner.execute(policies).fetchone() == (True, True)
            assert owner.execute("SELECT count(*) FROM entry").fetchone() == (0,)


TRAIL_KEYS = re.findall(r"^\| `(audit-[a-z.]+)` \|", OPERATIONS, re.MULTILINE)


LIST = (
    "Person reference,NHS number,NHS number status,Family name,Given name,Date of birth,Postcode,Kind,Team,"
    "Date started,As at\r\n"
    "C1,999 000 0018,01,Ashe,Ivy,1940-02-29,ZX1 1AA,caseload,Northgate nurses,2026-04-01,2026-06-30\r\n"
)
HELD = "SELECT e.key, e.standing, e.summary, r.kind, f.relates FROM entry e JOIN relationship r USING (key)" \
       " JOIN feed f ON (f.partner, f.adapter) = (e.partner, e.adapter)"  # fmt: skip


def test_an_upgrade_keeps_what_there_is(given: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """From some versions back, with people in it, by an owner whom the policies of the record bind too."""
    with cluster(given, tmp_path_factory.mktemp("pg")) as place:
        upgrade(place.owner)
        with opened_engine(place.service, role=Role.WORKER) as worker:
            receive(worker, io.BytesIO(LIST.encode()), partner=OdsCode("M92001"), adapter="caseload",
                    at=datetime.now(UTC), message_id="1")  # fmt: skip
            key = chain_key(Settings(secrets=place.secrets))
            filed = process_next(worker, clock=lambda: datetime.now(UTC), new_id=uuid4, key=key)
            assert filed is not None
            assert filed.state is State.PROCESSED
        disclose(place, 2)

        def held() -> object:
            with psycopg.connect(place.service, options=acting_as(Role.WORKER)) as worker:
                return worker.execute(HELD).fetchall()

        before = held()
        assert before
        command.downgrade(configuration(place.owner), "0036")
        upgrade(place.owner)
        assert held() == before
        assert pisano(place, "audit", "verify", "--each-row").returncode == 0


def test_passwords_are_changed_as_the_page_tells(place: Place, tmp_path: Path) -> None:
    """The statement, then the files: with the old one nobody signs in any more."""
    told = re.findall(r"`ALTER ROLE (pisano|postgres) PASSWORD …`", OPERATIONS)
    assert told == ["pisano", "postgres"]
    admin = {**place.administrator}
    script = "ALTER ROLE pisano PASSWORD 'changed'"
    subprocess.run(["psql", "--username", "postgres", "--command", script], env=admin, check=True, capture_output=True)
    try:
        with psycopg.connect(make_url(place.service).set(password="changed").render_as_string(hide_password=False)):
            pass
    finally:
        former = make_url(place.service).password
        back = f"ALTER ROLE pisano PASSWORD '{former}'"
        subprocess.run(["psql", "--username", "postgres", "--command", back], env=admin, check=True)


def test_every_command_of_ours_that_the_page_gives_is_one_with_those_options() -> None:
    """Each as it would be typed, but that the command is asked what it takes and not carried out."""
    text = re.sub(r"\\\n\s*", " ", OPERATIONS)
    told = re.findall(r"compose run --rm (?:--volume \S+ )?(?:worker|migrate) ([a-z][^`\n]*)", text)
    told += re.findall(r"`pisano ([a-z][^`\n]*)`", text)
    assert len(told) > 12
    for line in told:
        words = line.split()
        named = [word for word in words if not word.startswith("-")]
        asked = CliRunner().invoke(app, [*named, "--help"], env={"COLUMNS": "200"})
        assert asked.exit_code == 0, (line, asked.output)
        assert set(words) - set(named) <= set(re.findall(r"--[a-z-]+", asked.output)), line


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
