"""Serving only what is in force by the lives of agreements: looked up anew each second, in each process."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from app.database.transactions import DATABASE_ERRORS
from app.governance.signing.agreeing import lawful
from app.governance.signing.lifecycle import State
from app.governance.signing.store import states_now
from app.sharing.compile import version_of
from app.sharing.law import Agreements

EVERY: Final = 1.0  # seconds: as long as what was suspended may still be served

Pool = AsyncConnectionPool[AsyncConnection[Any]]

_log = structlog.get_logger()


@asynccontextmanager
async def following(agreements: Agreements, pool: Pool, rule_by: Callable[[Agreements], None]) -> AsyncIterator[None]:
    """Let what is in force rule, at once and then as it changes; nothing rules where that cannot be looked up."""
    ruling = _Ruling(agreements, rule_by)
    await ruling.look(pool)
    task = asyncio.create_task(_follow(ruling, pool))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class _Ruling:
    """The agreements as they are written, and the lives by which they were last said to rule."""

    def __init__(self, agreements: Agreements, rule_by: Callable[[Agreements], None]) -> None:
        self._written, self._rule_by = agreements, rule_by
        self._hashes = [version_of(document).sha256 for document in agreements.documents]
        self._lives: Mapping[str, State] | None = None

    async def look(self, pool: Pool) -> None:
        """Let rule what is in force now."""
        async with pool.connection() as connection:
            self._rule(await states_now(connection, self._hashes))

    def nothing(self) -> None:
        """Let nothing rule."""
        self._rule({})

    def _rule(self, lives: Mapping[str, State]) -> None:
        if lives != self._lives:
            self._lives = lives
            self._rule_by(lawful(self._written, lives))


async def _follow(ruling: _Ruling, pool: Pool) -> None:
    while True:
        await asyncio.sleep(EVERY)
        try:
            await ruling.look(pool)
        except DATABASE_ERRORS as error:
            _log.error("agreements cannot be looked up, so that nothing is shown", exc_info=error)
            ruling.nothing()
