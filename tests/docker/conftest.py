"""A place as its database's image makes it, on a cluster of our own."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app.database.migrate import upgrade
from app.database.postgres import EmbeddedPostgres
from app.database.postgres.installation import installation_for
from app.settings import ROOT


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of secrets, the addresses of the two roles, and the environment of the administrator's programs."""

    secrets: Path
    owner: str
    service: str
    administrator: Mapping[str, str]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The secrets of a new place."""
    if shutil.which("openssl") is None:
        pytest.skip("the passwords are made by openssl")
    folder = tmp_path_factory.mktemp("place") / "secrets"
    subprocess.run([ROOT / "docker/make-secrets", folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def place(given: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The database of a new place, migrated by its owner."""
    with cluster(given, tmp_path_factory.mktemp("pg")) as made:
        upgrade(made.owner)
        yield made


@contextmanager
def cluster(given: Path, folder: Path) -> Iterator[Place]:
    """A cluster as the database's image makes it once, with nothing in it yet."""
    with EmbeddedPostgres(folder, durable=False) as postgres:
        admin = make_url(postgres.url).set(username="postgres", password="of-the-image", database="postgres")
        with psycopg.connect(postgres.url, autocommit=True) as server:
            server.execute("CREATE ROLE postgres SUPERUSER REPLICATION LOGIN PASSWORD 'of-the-image'")
        with psycopg.connect(admin.render_as_string(hide_password=False), autocommit=True) as server:
            server.execute("DROP DATABASE pisano")
            server.execute("ALTER ROLE pisano RENAME TO maker")
        programs = installation_for(postgres.folder / "data").programs
        administrator = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PGHOST": str(admin.query["host"]),
            "PGPASSWORD": "of-the-image",
        }
        subprocess.run([ROOT / "docker/roles.sh"], env={**administrator, "SECRETS": str(given)}, check=True)

        def here(name: str) -> str:
            written = make_url((given / name).read_text().strip())
            assert (written.host, written.port) == ("database", 5432)
            return written.set(host=None, port=None, query=admin.query).render_as_string(hide_password=False)

        yield Place(given, here("database_owner_url"), here("database_url"), administrator)
