"""The embedded PostgreSQL: private, shared by who uses it, gone when nobody does."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app.database.postgres import EmbeddedPostgres, PostgresUnavailable
from tests.conftest import PATIENCE

pytestmark = pytest.mark.unmeasured  # other tests run the same lines

USER = """
import sys, pathlib
from app.database.postgres import EmbeddedPostgres
with EmbeddedPostgres(pathlib.Path(sys.argv[1])) as postgres:
    print(postgres.url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another user of the same folder, which leaves when its standard input ends; and the address it uses."""
    with subprocess.Popen(
        [sys.executable, "-c", USER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as user:
        assert user.stdout is not None
        yield user, user.stdout.readline().strip()


def server_process(folder: Path) -> int:
    return int((folder / "data/postmaster.pid").read_text().splitlines()[0])


def keeper_process(server: int) -> int:
    return int(Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[1])


def wait_until_gone(process: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while Path(f"/proc/{process}").exists():
        assert time.monotonic() < deadline, "the process is still there"
        time.sleep(0.02)


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


def test_what_is_committed_is_there_after_a_restart(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres, psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE TABLE referral AS SELECT 7 AS number")
    with EmbeddedPostgres(folder) as postgres:
        assert ask(postgres.url, "SELECT number FROM referral") == 7


def test_it_keeps_what_it_promises_when_power_fails(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert ask(postgres.url, f"SHOW {setting}") == "on"


def test_only_its_owner_with_the_password_reaches_it(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        assert ask(postgres.url, "SHOW listen_addresses") == ""
        password = (folder / "password").read_text()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(postgres.url.replace(password, "guess"))
        assert (folder / "password").stat().st_mode & 0o777 == 0o600
        assert (folder / "data").stat().st_mode & 0o777 == 0o700
        assert (folder / "sockets").stat().st_mode & 0o777 == 0o700


def test_names_sort_by_code_point_and_change_case_beyond_ascii(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        assert ask(postgres.url, "SELECT lower('ÉLODIE ŁUCJA')") == "élodie łucja"


def test_a_socket_folder_that_others_can_reach_is_refused(folder: Path) -> None:
    (folder / "sockets").mkdir()
    (folder / "sockets").chmod(0o755)
    with pytest.raises(PostgresUnavailable, match="others can reach"), EmbeddedPostgres(folder):
        pass


def test_its_log_holds_no_row_and_no_statement(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres, psycopg.connect(postgres.url) as connection:
        connection.autocommit = True
        connection.execute("CREATE TABLE person (family_name text UNIQUE)")
        connection.execute("INSERT INTO person VALUES ('Fibonacci')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('Fibonacci')")
        with pytest.raises(psycopg.errors.SyntaxError):
            connection.execute("INSERT Fibonacci")
    log = (folder / "log").read_text()
    assert "duplicate key value violates unique constraint" in log
    assert "('Fibonacci')" not in log
    assert "(Fibonacci)" not in log
    assert "INSERT" not in log


def test_a_path_too_long_for_a_socket_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30) / "postgres"
    with EmbeddedPostgres(folder, durable=False) as postgres, EmbeddedPostgres(folder) as same:
        assert ask(postgres.url, "SELECT 1") == ask(same.url, "SELECT 1") == 1
        sockets = Path(str(make_url(postgres.url).query["host"]))
    assert sockets.parent == Path(tempfile.gettempdir())
    assert not sockets.exists()


def test_who_comes_later_joins_and_who_came_first_may_leave(folder: Path) -> None:
    with another_process(folder) as (first, _):
        server = server_process(folder)
        with EmbeddedPostgres(folder) as postgres:
            first.communicate()
            assert server_process(folder) == server
            assert ask(postgres.url, "SELECT 1") == 1
    assert not Path(f"/proc/{server}").exists()


def test_who_comes_while_a_keeper_leaves_starts_another(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        pass
    (folder / "sockets").mkdir(mode=0o700)
    door = folder / "sockets/keeper"
    with socket.socket(socket.AF_UNIX) as leaving:
        leaving.bind(str(door))
        leaving.listen()
        hang_up = threading.Thread(target=lambda: leaving.accept()[0].close())
        hang_up.start()
        with EmbeddedPostgres(folder) as postgres:
            assert ask(postgres.url, "SELECT 1") == 1
        hang_up.join()


def test_two_that_start_at_once_share_one_server(folder: Path) -> None:
    with another_process(folder) as (_, url), another_process(folder) as (_, same_url):
        assert url == same_url
        assert ask(url, "SELECT 1") == 1


def test_the_server_goes_with_its_last_user_even_when_that_is_killed(folder: Path) -> None:
    with another_process(folder) as (user, url):
        server = server_process(folder)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE referral AS SELECT 7 AS number")
        user.kill()
        wait_until_gone(server)
    with EmbeddedPostgres(folder) as postgres:
        assert ask(postgres.url, "SELECT number FROM referral") == 7


def test_the_server_goes_with_its_keeper_when_that_is_killed(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        server = server_process(folder)
        os.kill(keeper_process(server), signal.SIGKILL)
        wait_until_gone(server)
        with EmbeddedPostgres(folder) as again:
            assert ask(again.url, "SELECT 1") == 1


def test_the_keeper_stops_the_server_when_it_is_told_to_end(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        server = server_process(folder)
        os.kill(keeper_process(server), signal.SIGTERM)
        wait_until_gone(server)


def test_a_server_that_is_killed_recovers_at_the_next_start(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        with psycopg.connect(postgres.url) as connection:
            connection.execute("CREATE TABLE referral AS SELECT 7 AS number")
        server = server_process(folder)
        os.kill(server, signal.SIGKILL)
        wait_until_gone(server)
    with EmbeddedPostgres(folder) as postgres:
        assert ask(postgres.url, "SELECT number FROM referral") == 7
