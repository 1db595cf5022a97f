"""One PostgreSQL cluster on disk: made once, started, stopped.

Under its folder: `data/`; `password`, which only its owner reads; `log`, which names no person, as the server is told
to leave statements and the details of errors out of it.
"""

import ctypes
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from app.database.postgres.installation import Installation, PostgresUnavailable, installation_for

USER = DATABASE = "pisano"
PORT = 5432  # names the socket; no port is opened

_FATAL = re.compile("FATAL:|PANIC:|initdb: error:")
SECONDS_TO_START = 600  # recovery after a crash replays up to a gigabyte of journal
_BYTES_TO_START = 128 * 1024 * 1024
_BYTES_OF_LOG = 8 * 1024 * 1024
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # the detail of an error quotes rows, and so people
    "log_min_error_statement": "panic",  # statements quote them too
    "log_min_messages": "warning",
}


class Cluster:
    """The cluster in one folder. `durable=False` is for tests: it survives the death of any process, not of power."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._durable = durable

    @property
    def password(self) -> str:
        """What `initdb` was given."""
        return (self.folder / "password").read_text()

    def start(self, sockets: Path) -> subprocess.Popen[bytes]:
        """Start the server, making its cluster at the first time, and return once it takes connections.

        It dies with the process that called this. Raises `PostgresUnavailable`.
        """
        self._demand_room()
        installation = installation_for(self.data)
        if not self.data.exists():
            self._make(installation)
        self._disown_stale_server()
        log = self.folder / "log"
        if log.exists() and log.stat().st_size > _BYTES_OF_LOG:
            log.replace(self.folder / "log.old")
        with log.open("ab") as output:
            began = output.tell()
            server = subprocess.Popen(
                installation.command("postgres", "-D", self.data, *self._settings(sockets)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=_die_with_parent,
            )
        try:
            self._await(server, log, began)
        except BaseException:
            stop(server)
            raise
        return server

    def _demand_room(self) -> None:
        if shutil.disk_usage(self.folder).free < _BYTES_TO_START:
            raise PostgresUnavailable(
                f"the disk of `{self.folder}` is full; free at least {_BYTES_TO_START >> 20} MB and start again"
            )

    def _settings(self, sockets: Path) -> list[str]:
        settings = SETTINGS | {"unix_socket_directories": str(sockets)}
        if not self._durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        return [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]

    def _make(self, installation: Installation) -> None:
        """Make the cluster beside its place and move it in last, so that a death half-way leaves nothing in place."""
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        password = self.folder / "password"
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(32))
        _run(
            *installation.command("initdb", "-D", unfinished, "--username", USER, "--pwfile", password),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", "--no-instructions"),
            *locale(installation.major),
            *(() if self._durable else ("--no-sync",)),
        )
        single = installation.command("postgres", "--single", "-D", unfinished, "template1")
        _run(*single, typed=f"CREATE DATABASE {DATABASE};\n")
        unfinished.rename(self.data)

    def _disown_stale_server(self) -> None:
        """End a server that outlived its keeper, and keep PostgreSQL from mistaking another process for it."""
        note = self.data / "postmaster.pid"
        if not note.exists():
            return
        process, *rest = note.read_text().splitlines() or ["0"]
        if not rest:
            note.unlink()  # a crash left it empty, at which PostgreSQL would stop and ask
        elif str(self.data) in _command_line(process):
            os.kill(int(process), signal.SIGINT)
            while _command_line(process):
                time.sleep(0.05)
        elif _command_line(process):
            # PostgreSQL takes its parent's number for a stale one, and still looks whether its memory is in use
            note.write_text("\n".join([str(os.getpid()), *rest, ""]))

    def _await(self, server: subprocess.Popen[bytes], log: Path, began: int) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while not self._ready(server):
            if server.poll() is not None or time.monotonic() > deadline:
                raise PostgresUnavailable(f"PostgreSQL did not start: {_last_words(log, began)}; see `{log}`")
            time.sleep(0.02)

    def _ready(self, server: subprocess.Popen[bytes]) -> bool:
        """Whether the server's own note says so: its process id is the first line, its state the eighth."""
        try:
            note = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(note) >= 8 and note[0] == str(server.pid) and note[7].strip() == "ready"


def locale(major: int) -> list[str]:
    """What `initdb` is told so that names sort by code point and change case beyond ASCII, on every machine alike."""
    if major < 17:
        return ["--locale=C.UTF-8"]
    return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


def stop(server: subprocess.Popen[bytes]) -> None:
    """Stop it, rolling back what is under way; returns when it has gone."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
    server.wait()


def _die_with_parent() -> None:  # pragma: no cover  # runs after the fork, where nothing measures it
    """Have Linux interrupt this process when its parent dies, even of SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG


def _run(*command: str, typed: str = "") -> None:
    ended = subprocess.run(command, input=typed, capture_output=True, text=True)
    if ended.returncode:
        raise PostgresUnavailable(f"PostgreSQL could not be set up: {_reason(ended.stderr or ended.stdout)}")


def _command_line(process: str) -> list[str]:
    """Of a process by its number; empty where there is none, where it is only a zombie, and on macOS."""
    with suppress(OSError):
        return Path("/proc", process, "cmdline").read_text().split("\0")[:-1]
    return []


def _last_words(log: Path, began: int) -> str:
    with log.open("rb") as text:
        text.seek(began)
        return _reason(text.read().decode(errors="replace"))


def _reason(said: str) -> str:
    """Why PostgreSQL ended, of all that it said: what follows its end tells of tidying up."""
    lines = said.strip().splitlines() or ["no reason given"]
    reason = next((line for line in lines if _FATAL.search(line)), lines[-1]).split(":  ")[-1]
    return f"{reason}; give /dev/shm more room" if "shared memory segment" in reason else reason
