"""What stands in the way of a start, and what is said of it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from app.database.postgres import EmbeddedPostgres, PostgresUnavailable, cluster, installation
from app.database.postgres.cluster import locale
from app.database.postgres.installation import Installation, installation_for


def start(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres, psycopg.connect(postgres.url):
        pass


def test_the_folder_of_a_version_that_is_not_here_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/PG_VERSION").write_text("9.6\n")
    with pytest.raises(PostgresUnavailable, match="was made by PostgreSQL 9, which is not here; install that version"):
        start(tmp_path)


def test_the_folder_of_a_version_that_the_machine_has_is_run_by_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in ("postgres", "initdb"):
        (tmp_path / program).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 97.2'\n")
        (tmp_path / program).chmod(0o755)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/PG_VERSION").write_text("97\n")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert installation_for(tmp_path / "data") == Installation(tmp_path, 97)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PostgresUnavailable, match="was made by PostgreSQL 97, which is not here"):
        installation_for(tmp_path / "data")


@pytest.mark.parametrize(("major", "provider"), [(15, []), (16, []), (17, ["builtin"]), (18, ["builtin"])])
def test_the_locale_is_the_servers_own_where_it_has_one(major: int, provider: list[str]) -> None:
    assert [told.split("=")[1] for told in locale(major) if "provider" in told] == provider


def test_the_pinned_server_comes_before_the_machines_own(tmp_path: Path) -> None:
    assert installation_for(tmp_path / "data").major == 18


def test_a_machine_without_postgresql_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "_folders", lambda: iter([tmp_path]))
    with pytest.raises(PostgresUnavailable, match="no PostgreSQL of 15 or later is here; run `make env`"):
        installation_for(tmp_path / "data")


def test_root_without_user_namespaces_is_asked_for_an_ordinary_user(monkeypatch: pytest.MonkeyPatch) -> None:
    installation._without_privilege.cache_clear()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PostgresUnavailable, match="run as an ordinary user, or set DATABASE_URL"):
        installation._without_privilege()


def test_an_ordinary_user_needs_no_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    installation._without_privilege.cache_clear()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert installation._without_privilege() == ()
    installation._without_privilege.cache_clear()


def test_a_death_while_the_cluster_is_made_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "data.unfinished").mkdir()
    (tmp_path / "data.unfinished/PG_VERSION").write_text("18\n")
    (tmp_path / "password").write_text("of the one that died")
    start(tmp_path)
    assert not (tmp_path / "data.unfinished").exists()


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    (folder / "data/postgresql.conf").write_text("shared_buffers = 'much'\n")
    with pytest.raises(PostgresUnavailable, match=r"PostgreSQL did not start: .*contains errors; see `.*/log`"):
        start(folder)


def test_a_cluster_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "data.unfinished").write_text("not a folder")
    with pytest.raises(PostgresUnavailable, match=r"PostgreSQL could not be set up: .*data\.unfinished"):
        start(tmp_path)


def test_a_process_that_took_a_dead_servers_number_is_neither_ended_nor_mistaken_for_it(folder: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as innocent:
        note = [str(innocent.pid), str(folder / "data"), "1700000000", "5432", "", "", "", "ready   ", ""]
        (folder / "data/postmaster.pid").write_text("\n".join(note))
        start(folder)
        assert innocent.poll() is None
        innocent.kill()


def test_a_note_that_a_crash_left_empty_is_no_obstacle(folder: Path) -> None:
    (folder / "data/postmaster.pid").touch()
    start(folder)


def test_a_server_that_outlived_its_keeper_is_replaced(folder: Path) -> None:
    data = folder / "data"
    (folder / "sockets").mkdir(mode=0o700)
    settings = ["-c", f"unix_socket_directories={folder / 'sockets'}", "-c", "listen_addresses="]
    orphan = subprocess.Popen(
        installation_for(data).command("postgres", "-D", data, *settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with orphan:
        assert orphan.stdout is not None
        assert any(b"ready to accept connections" in line for line in orphan.stdout)
        start_in_another_process = subprocess.Popen([sys.executable, "-c", START, folder])
        orphan.communicate()
        with start_in_another_process as started:
            assert started.wait() == 0


START = """
import sys, pathlib
from app.database.postgres import EmbeddedPostgres
with EmbeddedPostgres(pathlib.Path(sys.argv[1])):
    pass
"""

NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


@pytest.mark.skipif(
    shutil.which("unshare") is None or subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode != 0,
    reason="a small disk is mounted in a namespace of its own, which this machine forbids",
)
def test_a_full_disk_is_called_one(tmp_path: Path) -> None:
    on_small_disk = f'mount -t tmpfs -o size=16m none {tmp_path} && exec "$@"'
    told = subprocess.run(
        [*NAMESPACE, "sh", "-c", on_small_disk, "sh", sys.executable, "-c", START, tmp_path],
        capture_output=True,
        text=True,
    )
    assert "is full; free at least 128 MB and start again" in told.stderr


def test_a_log_grown_long_is_put_aside(folder: Path) -> None:
    (folder / "log").write_bytes(b"\n" * 9_000_000)
    start(folder)
    assert (folder / "log").stat().st_size < 100_000


def test_why_a_cluster_could_not_be_made_is_told_and_not_what_was_tidied_up_after() -> None:
    """As `initdb` says it in a container whose shared memory is small."""
    said = (
        "running bootstrap script ... FATAL:  could not resize shared memory segment: No space left on device",
        "PANIC:  cannot abort transaction 1, it was already committed",
        "initdb: removing data directory",
    )
    with pytest.raises(PostgresUnavailable) as told:
        cluster._run("sh", "-c", 'printf "%s\\n" "$@" >&2; exit 1', "sh", *said)
    assert str(told.value).endswith("segment: No space left on device; give /dev/shm more room")
