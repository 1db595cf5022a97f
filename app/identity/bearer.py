"""From a bearer token to the requester it speaks for, in a demonstration place."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from app.identity.account import LocalAccount
from app.identity.requester import Requester
from app.identity.tokens import Claims, read

_BELIEVED_FOR: Final = timedelta(seconds=5)
"""How long an account that was looked up stands for itself: the longest that a changed role goes unnoticed."""

_MOST_REMEMBERED: Final = 10_000


class BearerTokens:
    """Says who a token speaks for; `find` looks an account up by its username."""

    def __init__(self, key: bytes, find: Callable[[str], Awaitable[LocalAccount | None]]) -> None:
        self._key, self._find = key, find
        self._remembered: dict[str, tuple[datetime, Requester]] = {}

    async def requester(self, authorization: str, *, at: datetime) -> Requester | None:
        """Whom an `Authorization` header speaks for; `None` for anything that does not, all alike."""
        known = self._remembered.get(authorization)
        if known is not None and known[0] <= at < known[0] + _BELIEVED_FOR:
            return known[1]
        scheme, _, token = authorization.partition(" ")
        claims = read(self._key, token, at=at) if scheme.lower() == "bearer" else None
        requester = await self._asking(claims) if claims else None
        if requester is not None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[authorization] = (at, requester)
        return requester

    async def _asking(self, claims: Claims) -> Requester | None:
        account = await self._find(claims.username)
        return account.asking(claims.role) if account else None
