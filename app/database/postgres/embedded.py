"""What a user of the embedded PostgreSQL holds."""

import os
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlencode

from app.database.postgres.cluster import DATABASE, PORT, USER, Cluster
from app.database.postgres.installation import PostgresUnavailable
from app.database.postgres.keeper import DOOR, READY, make_private
from app.database.postgres.lock import exclusively

_LONGEST_SOCKET = 103  # bytes: Linux takes 107, macOS 103


class EmbeddedPostgres:
    """A running PostgreSQL of a folder's own, shared by all processes that use the folder at the same time.

    A context manager. Entering starts the server, or joins one that is running; it is stopped when its last user
    leaves, or is killed. Raises `PostgresUnavailable`.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.absolute()
        self._cluster = Cluster(self.folder, durable=durable)
        self._durable = durable
        self._sockets = _socket_folder(self.folder)

    @property
    def url(self) -> str:
        """The address of its database, with the password in it: never to be logged."""
        place = urlencode({"host": self._sockets, "port": PORT})
        return f"postgresql://{USER}:{quote(self._cluster.password)}@/{DATABASE}?{place}"

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with exclusively(self.folder / "start.lock"):
            make_private(self._sockets)
            self._line = self._join() or self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._line, suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)
            self._line.recv(1)  # the last to leave waits here until the server has stopped

    def _join(self) -> socket.socket | None:
        line = socket.socket(socket.AF_UNIX)
        with suppress(OSError):
            line.connect(str(self._sockets / DOOR))
            if line.recv(1) == READY:
                return line
        line.close()
        return None

    def _start(self) -> socket.socket:
        line, theirs = socket.socketpair()
        with theirs, (self.folder / "keeper.log").open("wb") as log:
            arguments = (str(self.folder), str(self._sockets), str(self._durable))
            subprocess.run(
                [sys.executable, "-P", "-m", "app.database.postgres", *arguments],
                stdin=theirs.fileno(),
                stdout=log,
                stderr=log,
                check=True,
            )
        answer = line.recv(1)
        if answer == READY:
            return line
        with line, line.makefile(encoding="utf-8") as said:
            raise PostgresUnavailable(said.read() or f"PostgreSQL did not start; see `{self.folder / 'keeper.log'}`")


def _socket_folder(folder: Path) -> Path:
    """Beside the data, or in the system's temporary folder where that path is longer than a socket's may be."""
    beside = folder / "sockets"
    if len(os.fsencode(beside / f".s.PGSQL.{PORT}")) <= _LONGEST_SOCKET:
        return beside
    return Path(tempfile.gettempdir(), f"pisano-{sha256(os.fsencode(folder)).hexdigest()[:16]}")
