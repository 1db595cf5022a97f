"""What a new place is given: passwords and keys of its own, and database roles that can do no more than they need."""

import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
import yaml
from starlette.testclient import TestClient

from app.audit.keys import chain_key, heads_key
from app.database.transactions import Role, acting_as
from app.main import create_app
from app.settings import ROOT, Settings
from tests.docker.conftest import Place


def test_each_file_is_its_owners_alone(given: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in given.iterdir()} == {0o600}


def test_what_is_there_is_never_made_anew(given: Path) -> None:
    before = {path: path.read_bytes() for path in given.iterdir()}
    told = subprocess.run([ROOT / "docker/make-secrets", given], capture_output=True, text=True, check=True)
    assert "still missing, and yours to bring" in told.stdout
    assert told.stderr == ""
    assert {path: path.read_bytes() for path in given.iterdir()} == before


def test_the_trails_keys_are_usable(given: Path) -> None:
    settings = Settings(secrets=given)
    assert chain_key(settings)
    assert heads_key(settings)


def test_the_service_is_given_every_key_that_it_uses(place: Place, tmp_path: Path) -> None:
    """The folder is the container's, in which nobody can make one."""
    compose = yaml.safe_load((ROOT / "docker/compose.yaml").read_text())
    for one in compose["services"]["service"]["secrets"]:
        kept = ROOT / "docker" / compose["secrets"][one["source"]]["file"]
        if (made := place.secrets / kept.name).exists():
            shutil.copy(made, tmp_path / one["target"])
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with TestClient(create_app(Settings(secrets=tmp_path, _secrets_dir=tmp_path), place.service)) as client:
        assert client.get("/health/ready").status_code == 200
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_whoever_signs_in_as_the_service_does_nothing_before_taking_a_role(place: Place) -> None:
    with psycopg.connect(place.service, autocommit=True) as service:
        with pytest.raises(psycopg.errors.UndefinedTable):  # they may not even look what there is
            service.execute("SELECT FROM alembic_version")
        for role in Role:
            service.execute(f"SET ROLE {role}".encode())
            service.execute("SELECT FROM alembic_version")


def test_the_worker_lays_aside_what_it_files(place: Place) -> None:
    with psycopg.connect(place.service, autocommit=True, options=acting_as(Role.WORKER)) as worker:
        worker.execute("CREATE TEMPORARY TABLE arriving (LIKE entry)")
        with worker.cursor().copy("COPY entry FROM STDIN"):  # which knows no policies
            pass


@pytest.mark.parametrize(
    "command",
    [
        "UPDATE audit_event SET event = NULL",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "DROP TABLE audit_event",
        "CREATE TABLE beside (line integer)",
        "SELECT audit_forget(0::smallint, 1)",
        "SET session_replication_role = replica",
    ],
)
@pytest.mark.parametrize("role", Role)
def test_the_service_cannot_undo_what_keeps_the_trail(place: Place, command: str, role: Role) -> None:
    with (
        psycopg.connect(place.service, autocommit=True, options=acting_as(role)) as service,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        service.execute(command.encode())
