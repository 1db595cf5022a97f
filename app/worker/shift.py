"""How long a worker works, and how each of its duties waits meanwhile."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, TypeVar

import structlog

from app.database.transactions import DATABASE_ERRORS

PATIENCE: Final = 5.0
"""Seconds until a database that is away is asked again, and between two signs of life."""

MadeT = TypeVar("MadeT")

_log = structlog.get_logger()


def now() -> datetime:
    """The clock of the worker, UTC."""
    return datetime.now(UTC)


class Shift:
    """The time during which all duties of one worker are done."""

    def __init__(self) -> None:
        self._over = asyncio.Event()
        self._bells = [self._over]

    @property
    def goes_on(self) -> bool:
        """Whether something new may be begun."""
        return not self._over.is_set()

    def end(self) -> None:
        """Nothing new is begun; whoever waits is woken."""
        for bell in self._bells:
            bell.set()

    def bell(self) -> asyncio.Event:
        """What wakes a duty before its time: whoever has work for it sets it, and the end does."""
        self._bells.append(asyncio.Event())
        return self._bells[-1]

    async def until_its_end(self) -> None:
        """Wait for nothing else."""
        await self._over.wait()

    async def pause(self, seconds: float, *, bell: asyncio.Event | None = None) -> None:
        """Wait that long, or until the bell, or the end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await (bell or self._over).wait()

    async def attempt(self, act: Callable[[], MadeT]) -> MadeT | None:
        """What `act` gives, in a thread of its own; `None` after waiting for a database that does not answer."""
        try:
            return await asyncio.to_thread(act)
        except DATABASE_ERRORS as failure:
            await self.be_patient(failure)
            return None

    async def be_patient(self, failure: Exception) -> None:
        """Wait for a database that is away, out of room, or shut for a while: nothing is lost meanwhile."""
        cause = getattr(failure, "orig", None) or failure
        _log.warning("the database cannot do it just now; asking again shortly", failure=type(cause).__name__)
        await self.pause(PATIENCE)
