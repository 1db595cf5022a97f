"""One thing at a time done beside the caller, so that PostgreSQL works while the next of a file is read."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self


class Beside:
    """Does what it is given in its order; the connection that it works on is the caller's again after `wait`."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="filing")
        self._task: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.wait()
        finally:
            self._thread.shutdown()

    def do(self, task: Callable[[], None]) -> None:
        """Begin a task, once the one before is done; raises what that raised."""
        self.wait()
        self._task = self._thread.submit(task)

    def wait(self) -> None:
        """Return when nothing is being done; raises what the task raised."""
        task, self._task = self._task, None
        if task is not None:
            task.result()


class AtOnce:
    """The same for what is small: done when `do` returns."""

    def do(self, task: Callable[[], None]) -> None:
        """Do a task."""
        task()

    def wait(self) -> None:
        """Nothing is being done."""


AT_ONCE: Final = AtOnce()
