"""Connections that are lent to one request at a time, of which none is lent that was lost meanwhile."""

import select
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool


class LivePool(AsyncConnectionPool[AsyncConnection[Any]]):
    """A pool of which nobody is lent what the server hung up on while nobody used it, as where it was restarted.

    The driver's own check (`check`) asks the server each time, and waits a second and more between two that fail.
    """

    async def getconn(self, timeout: float | None = None) -> AsyncConnection[Any]:
        """Lend one; raises `PoolTimeout`."""
        while _has_spoken(lent := await super().getconn(timeout)):
            await lent.close()
            await self.putconn(lent)  # which makes another in its place
        return lent


def _has_spoken(connection: AsyncConnection[Any]) -> bool:
    """Whether the server said something unasked, which can only be its farewell."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))
