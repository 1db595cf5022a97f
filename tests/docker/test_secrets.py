"""What a new place is given: passwords and keys of its own, and database roles that can do no more than they need."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app.audit.keys import chain_key, heads_key
from app.migrate import upgrade
from app.postgres import EmbeddedPostgres
from app.postgres.installation import installation_for
from app.settings import ROOT, Settings

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="the passwords are made by openssl")


def make_secrets(folder: Path) -> str:
    command = [ROOT / "docker/make-secrets", folder]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("place") / "secrets"
    make_secrets(folder)
    return folder


def test_each_file_is_its_owners_alone(given: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in given.iterdir()} == {0o600}


def test_what_is_there_is_never_made_anew(given: Path) -> None:
    before = {path: path.read_bytes() for path in given.iterdir()}
    assert "still missing, and yours to bring" in make_secrets(given)
    assert {path: path.read_bytes() for path in given.iterdir()} == before


def test_the_trails_keys_are_usable(given: Path) -> None:
    settings = Settings(secrets=given)
    assert chain_key(settings)
    assert heads_key(settings)


@pytest.fixture(scope="module")
def database(given: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The address of each role in a cluster of which `roles.sh` made a place, as the database's image runs it."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("database"), durable=False) as postgres:
        with psycopg.connect(postgres.url, autocommit=True) as server:
            server.execute("CREATE ROLE postgres SUPERUSER LOGIN PASSWORD 'of-the-image'")
        admin = make_url(postgres.url).set(username="postgres", password="of-the-image", database="postgres")
        with psycopg.connect(admin.render_as_string(hide_password=False), autocommit=True) as server:
            server.execute("DROP DATABASE pisano")
            server.execute("ALTER ROLE pisano RENAME TO maker")
        programs = installation_for(postgres.folder / "data").programs
        environment = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PGHOST": str(admin.query["host"]),
            "PGPASSWORD": "of-the-image",
            "SECRETS": str(given),
        }
        subprocess.run([ROOT / "docker/roles.sh"], env=environment, check=True)
        addresses = {}
        for role in ("database_owner_url", "database_url"):
            written = make_url((given / role).read_text().strip())
            assert (written.host, written.port) == ("database", 5432)
            here = written.set(host=None, port=None, query=admin.query)
            addresses[role] = here.render_as_string(hide_password=False)
        upgrade(addresses["database_owner_url"])
        yield addresses


def test_the_service_reads_and_writes_rows(database: dict[str, str]) -> None:
    with psycopg.connect(database["database_url"], autocommit=True) as service:
        tables = service.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
                held = service.execute("SELECT has_table_privilege(%s, %s)", [table, right]).fetchone()
                assert held == (True,), f"{right} on {table}"
        service.execute("CREATE TEMPORARY TABLE arriving (line integer)")


@pytest.mark.parametrize(
    "command",
    [
        "TRUNCATE audit_event",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "DROP TABLE audit_event",
        "CREATE TABLE beside (line integer)",
        "SELECT audit_forget(0::smallint, 1)",
        "SET session_replication_role = replica",
    ],
)
def test_the_service_cannot_undo_what_keeps_the_trail(database: dict[str, str], command: str) -> None:
    with (
        psycopg.connect(database["database_url"], autocommit=True) as service,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        service.execute(command.encode())
