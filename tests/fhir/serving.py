"""A place served by a process of its own, as its partners meet it, and the key of a system that signs in to it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from app.settings import ROOT, Settings
from tests.conftest import PATIENCE


@contextmanager
def served(settings: Settings, url: str, **more: str) -> Iterator[str]:
    """`pisano serve` of a demonstration place on a free port; its address. `more` are settings by name."""
    with serving(settings, url, **more) as (address, _):
        yield address


@contextmanager
def serving(settings: Settings, url: str, **more: str) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The same with the process that was begun; whoever asks first may have to wait for it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-c", "from app.cli import main; main()", "serve", "--port", str(port)],
        env=environment(settings, url, PISANO_PUBLIC_URL=address, **more),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(port, process)
        yield address, process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def environment(settings: Settings, url: str, **more: str) -> dict[str, str]:
    """What a process of the place is told; it measures no coverage, as tests in their own process run its lines."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("COV_", "COVERAGE_"))},
        "PYTHONPATH": str(ROOT),
        "PISANO_VAR": str(settings.var),
        "PISANO_DEMONSTRATION": "true",
        "PISANO_PUSH_PROCESSES": "0",
        "DATABASE_URL": url,
        **more,
    }


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
    raise AssertionError("the server did not start")
