"""Processes that do the same side by side until they are told to stop; one that dies is begun anew.

They are forked, as to begin anew takes seconds of processor time, and memory that they can share: ask for them where no
thread runs beside.
"""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Final

import structlog

NOT_STARTED: Final = 3
"""The status of a process that could not begin what it is for; uvicorn's too."""

_STEADY: Final = 60.0  # seconds after which a process does not seem to die of its beginning
_SOONEST, _LATEST = 0.5, 30.0  # seconds until one that died soon is begun anew; each time twice as many
_PATIENCE: Final = 15.0  # seconds for all to end: longer than they let those wait whom they answer
_STOPPING: Final = (signal.SIGTERM, signal.SIGINT)
_FORKED: Final = multiprocessing.get_context("fork")

_log = structlog.get_logger()


def side_by_side(act: Callable[[int], object], many: int) -> bool:
    """Do `act` in that many processes, each given its number from 0, until SIGTERM or SIGINT; then all are told so.

    `False` where one of the first could not begin (`NOT_STARTED`): then none goes on.
    """
    parts = [_Part(act, number) for number in range(many)]
    with _told_to_stop() as told:
        try:
            while True:
                now = time.monotonic()
                for part in parts:
                    part.go_on(now)
                due = min((part.due for part in parts if part.process is None), default=None)
                happened = wait(
                    [told, *(part.process.sentinel for part in parts if part.process)],
                    None if due is None else max(0.0, due - now),
                )
                if told in happened:
                    return True
                if any(part.has_failed() for part in parts):
                    return False
        finally:
            _end([part.process for part in parts if part.process])


def is_left_alone() -> bool:
    """Whether whoever began this process, one of several, is gone: then nobody would tell it to stop."""
    began = multiprocessing.parent_process()
    return began is not None and os.getppid() != began.pid


class _Part:
    """What one of the processes does, whichever does it just now; `due` is when it is begun next."""

    def __init__(self, act: Callable[[int], object], number: int) -> None:
        self._act, self._number = act, number
        self.process: BaseProcess | None = None
        self.due = 0.0
        self._begun = self._pause = 0.0
        self._is_first = True

    def go_on(self, now: float) -> None:
        """Begin it where it is due."""
        if self.process is None and self.due <= now:
            signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)  # until the new process takes them for itself
            try:
                self.process = _FORKED.Process(target=_alone, args=(self._act, self._number))
                self.process.start()
            finally:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
            self._begun = now

    def has_failed(self) -> bool:
        """Whether it could never begin; one that died otherwise is due anew."""
        if self.process is None or self.process.exitcode is None:
            return False
        status, now = self.process.exitcode, time.monotonic()
        if self._is_first and status == NOT_STARTED:
            return True
        is_steady = now - self._begun >= _STEADY
        self._pause = 0.0 if is_steady else min(max(2 * self._pause, _SOONEST), _LATEST)
        self.due = now + self._pause
        self.process, self._is_first = None, False
        _log.error("a process died; another is begun in its place", part=self._number, status=status, after=self._pause)
        return False


def _alone(act: Callable[[int], object], number: int) -> None:
    for one in _STOPPING:
        signal.signal(one, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
    try:
        act(number)
    except Exception as error:  # which would be printed with the values that it holds
        _log.critical("ended by an error", exc_info=error)
        sys.exit(1)


@contextmanager
def _told_to_stop() -> Iterator[int]:
    """A file that can be read from once somebody asks to stop."""
    told, tell = os.pipe()
    before = {one: signal.signal(one, lambda *_: os.write(tell, b".")) for one in _STOPPING}
    try:
        yield told
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        os.close(told)
        os.close(tell)


def _end(processes: list[BaseProcess]) -> None:
    until = time.monotonic() + _PATIENCE
    for one in processes:
        one.terminate()
    for one in processes:
        one.join(max(0.0, until - time.monotonic()))
        if one.exitcode is None:
            one.kill()
            one.join()
