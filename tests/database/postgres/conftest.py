"""A cluster of its own for each test that needs one."""

import shutil
from pathlib import Path

import pytest

from app.database.postgres import EmbeddedPostgres


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cluster that was stopped in good order; to be copied, never used."""
    folder = tmp_path_factory.mktemp("pg")
    with EmbeddedPostgres(folder, durable=False):
        return folder


@pytest.fixture
def folder(made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of such a cluster, whose path is short enough for a socket in it."""
    copied = tmp_path_factory.mktemp("pg")
    return Path(shutil.copytree(made_once, copied, dirs_exist_ok=True))
