"""From a bearer token to the system that holds it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.identity.requester import Requester
from app.identity.systems.scopes import Scopes
from app.identity.systems.store import TokenOf
from app.vocabulary.token import Purpose

PREFIX: Final = "pisano-"
"""Begins every token, so that one that lies about is known for what it is."""

_BELIEVED_FOR: Final = timedelta(seconds=5)
"""The longest that a revoked system goes unnoticed."""

_MOST_REMEMBERED: Final = 1_000


@dataclass(frozen=True, slots=True)
class AskingSystem:
    """A system as it asks now: its partner in its role, for what, and what its token permits."""

    requester: Requester
    purpose: Purpose
    scopes: Scopes


class SystemTokens:
    """Says whose token a header holds; `find` looks one up as of an instant."""

    def __init__(self, find: Callable[[str, datetime], Awaitable[TokenOf | None]]) -> None:
        self._find = find
        self._remembered: dict[str, tuple[datetime, datetime, AskingSystem]] = {}

    async def asking(self, authorization: str, *, at: datetime) -> AskingSystem | None:
        """Who holds the token of an `Authorization` header; `None` for one that is none, ended, or revoked: alike."""
        known = self._remembered.get(authorization)
        if known is not None and known[0] <= at < known[1]:
            return known[2]
        scheme, _, token = authorization.partition(" ")
        is_ours = scheme.lower() == "bearer" and token.startswith(PREFIX)
        found = await self._find(token, at) if is_ours else None
        if found is None:
            return None
        asking = AskingSystem(found.system.asking(), found.system.purpose, found.scopes)
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[authorization] = (at, min(at + _BELIEVED_FOR, found.ends), asking)
        return asking
