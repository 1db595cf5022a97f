"""Signing in with a password of this place's own: for a demonstration, and where there is no provider.

Whoever is not let in is answered alike, after the same work, whether the name, the password or the account is at fault.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from app.audit.event import Event, Kind
from app.audit.trail import Trail
from app.identity.account import ISSUER, LocalAccount
from app.identity.passwords import rules
from app.identity.passwords.hashing import Passwords
from app.identity.passwords.store import Kept, attempt, change_password, was_right
from app.identity.sessions.session import Position, SignedIn
from app.identity.sessions.store import end_sessions_of
from app.sharing.facts import Account
from app.sign_in.events import NOBODY, refusal

_SAME: Final = "it is the one that you have"


class NotLetIn(StrEnum):
    """Why somebody was not; they are told of the second alone, and only once their password was right."""

    REFUSED = "refused"
    MUST_CHANGE = "must-change-password"


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a new password is not allowed."""

    text: str


@dataclass(frozen=True, slots=True)
class _Proved:
    """Whose password it was, and what was kept of it."""

    account: LocalAccount
    kept: Kept


class LocalSignIn:
    """Lets people in by their password; `find` looks an account up by its username."""

    def __init__(
        self,
        pool: AsyncConnectionPool[AsyncConnection[Any]],
        trail: Trail,
        passwords: Passwords,
        find: Callable[[str], Awaitable[LocalAccount | None]],
    ) -> None:
        self._pool, self._trail, self._passwords, self._find = pool, trail, passwords, find

    async def sign_in(self, username: str, password: str, *, at: datetime) -> SignedIn | NotLetIn:
        """Whose name and password these are; the trail is told of whoever is not let in."""
        proved = await self._prove(username, password, at)
        if proved is None:
            return NotLetIn.REFUSED
        if proved.kept.must_change:
            await self._tell(Kind.SIGN_IN_REFUSED, _account(proved.account), NotLetIn.MUST_CHANGE, at)
            return NotLetIn.MUST_CHANGE
        return _signed_in(proved.account)

    async def change_password(
        self, username: str, current: str, new: str, *, at: datetime
    ) -> SignedIn | Objection | NotLetIn:
        """Take a new password for the current one, which must be right; every session of the account ends."""
        objection = _SAME if new == current else rules.objection(new, personal=[username])
        if objection is not None:  # told to anybody alike, as only what they sent was looked at
            return Objection(objection)
        proved = await self._prove(username, current, at)
        if proved is None:
            return NotLetIn.REFUSED
        objection = rules.objection(new, personal=[username, *proved.account.name.split()])
        if objection is not None:
            return Objection(objection)
        hashed = await self._passwords.hashed_apart(new)
        async with self._pool.connection() as connection:
            if not await change_password(connection, proved.account.username, hashed):
                return NotLetIn.REFUSED
            await end_sessions_of(connection, ISSUER, subject=proved.account.username, provider_session=None)
        await self._tell(Kind.PASSWORD_CHANGED, _account(proved.account), "", at)
        return _signed_in(proved.account)

    async def _prove(self, username: str, password: str, at: datetime) -> _Proved | None:
        account = await self._find(username)
        async with self._pool.connection() as connection:
            kept = await attempt(connection, username, at=at)
        checked = await self._passwords.check(password, kept.hash if kept else None)
        if account is not None and kept is not None and checked.is_right:
            async with self._pool.connection() as connection:
                if await was_right(connection, username, anew=checked.anew):
                    return _Proved(account, kept)
        reason = "unknown" if account is None else "locked-or-waiting" if kept is None else "wrong-password"
        await self._tell(Kind.SIGN_IN_REFUSED, _account(account) if account else NOBODY, reason, at)
        return None

    async def _tell(self, kind: Kind, whom: Account, reason: str, at: datetime) -> None:
        event: Event = refusal(kind, id=uuid4(), at=at, reason=reason, whom=whom)
        await self._trail.commit(event)


def _account(account: LocalAccount) -> Account:
    return Account(ISSUER, account.username)


def _signed_in(account: LocalAccount) -> SignedIn:
    return SignedIn(
        issuer=ISSUER,
        subject=account.username,
        name=account.name,
        positions=tuple(Position(role, at) for role in account.roles if (at := account.organisation) is not None),
        teams=account.teams,
        nhs_number=account.nhs_number,
        training_until=account.training_until,
        for_themselves=account.organisation is None,
    )
