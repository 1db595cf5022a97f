"""Killed at any step of intake, a worker loses nothing that was acknowledged and doubles nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from app.intake.process import process_next
from app.settings import ROOT
from tests.conftest import PATIENCE
from tests.intake.feed import KEY, column, findings, rows, states
from tests.intake.mortal import AFTER_WHICH_IT_IS_ACKNOWLEDGED, NAMES, STEPS, take


@pytest.fixture(scope="module")
def mortal() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.intake.mortal"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        _open(process.stdin).close()


def _open(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def kill_at(step: str, mortal: subprocess.Popen[str], url: str) -> list[str]:
    """Let a worker live until a step of intake and kill it there; the names of what it had acknowledged by then."""
    _open(mortal.stdin).write(f"{step}\t{url}\n")
    _open(mortal.stdin).flush()
    number = int(_open(mortal.stdout).readline())
    acknowledged = []
    while (line := _open(mortal.stdout).readline().strip()) != "here":
        assert line, "the worker ended by itself; see its standard error"
        acknowledged.append(line)
    os.kill(number, signal.SIGKILL)
    return acknowledged


def process_everything(engine: Engine) -> None:
    """As another worker does, which finds the partner free once PostgreSQL has noticed the death."""
    deadline = time.monotonic() + PATIENCE
    while "received" in states(engine):
        assert time.monotonic() < deadline
        process_next(engine, clock=lambda: datetime.now(UTC), new_id=uuid4, key=KEY)


@pytest.mark.parametrize("step", STEPS)
def test_what_was_acknowledged_is_there_exactly_once(
    step: str, mortal: subprocess.Popen[str], engine: Engine, module_database_url: str
) -> None:
    acknowledged = kill_at(step, mortal, module_database_url)
    assert (acknowledged == list(NAMES)) == (step in AFTER_WHICH_IT_IS_ACKNOWLEDGED)

    assert column(engine, "SELECT message_id FROM inbox_message ORDER BY id") == acknowledged
    process_everything(engine)
    assert states(engine) == ["processed"] * len(acknowledged)
    for name in NAMES:  # its sender was not told, or is not sure that it was
        take(engine, name)
    process_everything(engine)

    assert column(engine, "SELECT message_id FROM inbox_message ORDER BY id") == list(NAMES)
    assert column(engine, "SELECT DISTINCT message FROM inbox_part ORDER BY message") == column(
        engine, "SELECT id FROM inbox_message ORDER BY id"
    )
    assert rows(engine, "SELECT count(*), count(DISTINCT key), max(version) FROM entry") == [(56, 56, 1)]
    assert column(engine, "SELECT count(*) FROM entry_version") == [0]
    assert column(engine, "SELECT count(*) FROM relationship") == [56]
    assert column(engine, "SELECT count(*) FROM waiting") == [2]
    assert findings(engine) == [("caseload-kind", "refused", 9), ("caseload-complete", "warning", 9)] * 2
