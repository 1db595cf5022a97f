"""The process that keeps PostgreSQL running for as long as anyone uses it.

Each user holds a line to it, a connection on which nothing is said after the greeting. The operating system cuts the
line when its holder ends, however it ends; when the last is cut, PostgreSQL is stopped. Users come and go, and the one
that came first need not be the last. The first line is inherited, so that there is no moment without a user.
"""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from selectors import EVENT_READ, BaseSelector, DefaultSelector

from app.database.postgres.cluster import Cluster, stop
from app.database.postgres.installation import PostgresUnavailable
from app.database.postgres.lock import exclusively

READY = b"+"
REFUSED = b"-"
DOOR = "keeper"  # the socket that later users ring at, beside the server's own


def keep(cluster: Cluster, sockets: Path, first: socket.socket) -> None:
    """Run PostgreSQL until its last user has gone, or it ends by itself."""
    with exclusively(cluster.folder / "keeper.lock"), DefaultSelector() as lines:
        lines.register(first, EVENT_READ)
        try:
            make_private(sockets)
            server = cluster.start(sockets)
        except PostgresUnavailable as reason:
            first.sendall(REFUSED + str(reason).encode())
            return
        try:
            with _open_door(sockets / DOOR) as door:
                _greet(first)
                _attend(lines, door, server)
        finally:
            stop(server)  # only now is the last line closed, so that whoever left last has waited for it
            shutil.rmtree(sockets)


def make_private(sockets: Path) -> None:
    """Make the folder of sockets, which its owner alone may enter; raises `PostgresUnavailable` where others can."""
    sockets.mkdir(exist_ok=True, mode=0o700)
    found = sockets.lstat()
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) != 0o700 or not stat.S_ISDIR(found.st_mode):
        raise PostgresUnavailable(f"others can reach `{sockets}`; remove it and start again")


def _open_door(at: Path) -> socket.socket:
    at.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(at))
    door.listen(64)
    return door


def _attend(lines: BaseSelector, door: socket.socket, server: subprocess.Popen[bytes]) -> None:
    lines.register(door, EVENT_READ)
    while server.poll() is None:
        for key, _ in lines.select(timeout=0.2):
            if key.fileobj is door:
                newcomer, _ = door.accept()
                lines.register(newcomer, EVENT_READ)
                _greet(newcomer)
            elif len(lines.get_map()) == 2:  # the door, and the last user, who has hung up
                lines.unregister(door)
                return
            else:
                lines.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]  # a socket, as all that were registered


def _greet(newcomer: socket.socket) -> None:
    with suppress(BrokenPipeError):  # already gone, which its line will tell
        newcomer.sendall(READY)


def main(folder: str, sockets: str, durable: str) -> None:
    """Leave whoever called, their terminal and their process group, and keep."""
    if os.fork():
        return
    os.setsid()
    os.chdir(folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    keep(Cluster(Path(folder), durable=durable == "True"), Path(sockets), socket.socket(fileno=0))
