"""How each feed stands, as views tell it."""

from datetime import datetime, timedelta
from typing import Final

from psycopg_pool import AsyncConnectionPool

from app.record.door import Raw
from app.record.freshness import feeds_now
from app.record.read.view import PartnerFeed, partner_feeds

_STAND_FOR: Final = timedelta(seconds=1)


class FeedsTold:
    """How each feed stands, as of at most a second ago: what a message brings is seen at once all the same."""

    def __init__(self, pool: AsyncConnectionPool[Raw]) -> None:
        self._pool = pool
        self._last: tuple[datetime, tuple[PartnerFeed, ...]] | None = None

    async def at(self, at: datetime) -> tuple[PartnerFeed, ...]:
        """As they stand at an instant."""
        if self._last is None or not self._last[0] <= at < self._last[0] + _STAND_FOR:
            async with self._pool.connection() as connection:
                feeds = partner_feeds(await feeds_now(connection), at)
            if self._last is not None and feeds == self._last[1]:
                feeds = self._last[1]  # the same object, as what is kept for it is looked up with each view
            self._last = at, feeds
        return self._last[1]
