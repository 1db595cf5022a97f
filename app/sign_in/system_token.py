"""A token for a partner's system: SMART Backend Services, RFC 6749 section 4.4 with the assertion of RFC 7523.

Whoever is not believed gets one answer, whatever the reason; the reason is told to the trail alone.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from app.audit.event import Kind
from app.audit.trail import Trail
from app.identity.published import OutOfReach, Published
from app.identity.store import use_once
from app.identity.systems import assertion as assertions
from app.identity.systems.assertion import SKEW, Assertion, Fault, check, read_assertion
from app.identity.systems.bearer import PREFIX
from app.identity.systems.keys import key_of
from app.identity.systems.scopes import Scopes
from app.identity.systems.store import put_token, system_of
from app.identity.systems.system import ISSUER, System
from app.sharing.facts import Account
from app.sign_in.events import NOBODY, refusal, token_issued

TOKEN_PATH: Final = "/oauth2/token"  # noqa: S105

LIFETIME: Final = timedelta(minutes=5)
"""How long a token is good for; it cannot be renewed, only asked for anew."""


class Problem(StrEnum):
    """Why there is no token, in the words of RFC 6749 section 5.2."""

    INVALID_CLIENT = "invalid_client"
    INVALID_REQUEST = "invalid_request"
    INVALID_SCOPE = "invalid_scope"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"


@dataclass(frozen=True, slots=True)
class Token:
    """What a system is given. It prints as dots, wherever it is printed."""

    secret: str
    scopes: Scopes

    def __repr__(self) -> str:
        return "Token(•••)"


@dataclass(frozen=True, slots=True)
class _Disbelief:
    fault: Fault
    whom: Account = NOBODY


def fresh_token() -> str:
    """256 bits of chance."""
    return PREFIX + secrets.token_urlsafe(32)


class SystemSignIn:
    """Gives tokens to systems; `audience` is the address of the token endpoint, as assertions must name it.

    `may_fetch` says whether keys may be fetched from an address: what was registered may have been allowed once only.
    """

    def __init__(
        self,
        pool: AsyncConnectionPool[AsyncConnection[Any]],
        trail: Trail,
        published: Published[dict[str, Any]],
        *,
        audience: str,
        may_fetch: Callable[[str], bool],
        new_token: Callable[[], str] = fresh_token,
    ) -> None:
        self._pool, self._trail, self._published = pool, trail, published
        self._audience, self._may_fetch, self._new_token = audience, may_fetch, new_token

    async def token(self, asked: Mapping[str, str], *, at: datetime) -> Token | Problem:
        """What an application/x-www-form-urlencoded request is answered; the trail is told first."""
        if asked.get("grant_type") != "client_credentials":
            return Problem.UNSUPPORTED_GRANT_TYPE if asked.get("grant_type") else Problem.INVALID_REQUEST
        system = await self._believed(asked, at)
        if isinstance(system, _Disbelief):
            reason = system.fault
            await self._tell_refusal(system.whom, reason, at)
            return Problem.INVALID_CLIENT
        scopes = _granted(asked.get("scope", ""), system)
        if not scopes:
            await self._tell_refusal(Account(ISSUER, system.id), "no-such-scope", at)
            return Problem.INVALID_SCOPE
        return await self._issued(system, scopes, at)

    async def _believed(self, asked: Mapping[str, str], at: datetime) -> System | _Disbelief:
        """The system that an assertion is of, with nothing wrong about it, for the first time."""
        assertion = read_assertion(asked.get("client_assertion", ""))
        if assertion is None or asked.get("client_assertion_type") != assertions.TYPE:
            return _Disbelief(Fault.UNREADABLE)
        if asked.get("client_id", assertion.names) != assertion.names:
            return _Disbelief(Fault.CLAIMS)
        async with self._pool.connection() as connection:
            known = await system_of(connection, assertion.names)
        if known is None:
            return _Disbelief(Fault.UNKNOWN)
        whom = Account(ISSUER, known.system.id)
        if known.revoked is not None:
            return _Disbelief(Fault.REVOKED, whom)
        fault = await self._fault(assertion, known.system, at)
        return _Disbelief(fault, whom) if fault else known.system

    async def _fault(self, assertion: Assertion, system: System, at: datetime) -> Fault | None:
        if assertion.keys_address not in (None, system.keys_address):
            return Fault.CLAIMS
        try:
            keys = await self._keys(assertion, system, at)
        except OutOfReach:
            return Fault.NO_KEYS
        fault = check(assertion, keys, audience=self._audience, at=at)
        if fault is not None:
            return fault
        ends = datetime.fromtimestamp(assertion.ends, UTC) + 2 * SKEW
        async with self._pool.connection() as connection:
            is_first = await use_once(
                connection, f"{ISSUER}/{system.id}", str(assertion.claims["jti"]), ends=ends, at=at
            )
        return None if is_first else Fault.REPLAYED

    async def _keys(self, assertion: Assertion, system: System, at: datetime) -> dict[str, Any]:
        """A system's keys; where they are published, asked for again if the one that is named is not among them."""
        if system.keys is not None:
            return system.keys
        address = system.keys_address or ""
        if not self._may_fetch(address):
            raise OutOfReach("nobody allows that address any more")
        keys = await self._published.at(address, now=at)
        if key_of(keys, assertion.kid, assertion.algorithm) is None:
            keys = await self._published.at(address, now=at, anew=True)
        return keys

    async def _issued(self, system: System, scopes: Scopes, at: datetime) -> Token:
        token = Token(self._new_token(), scopes)
        async with self._pool.connection() as connection:
            await put_token(connection, token.secret, system.id, scopes, ends=at + LIFETIME, at=at)
        await self._trail.commit(token_issued(system.asking(), id=uuid4(), at=at))
        return token

    async def _tell_refusal(self, whom: Account, reason: str, at: datetime) -> None:
        await self._trail.commit(refusal(Kind.TOKEN_REFUSED, id=uuid4(), at=at, reason=reason, whom=whom))


def _granted(asked: str, system: System) -> Scopes:
    """What was asked for, as far as the system is registered for it; nothing for what is no scope."""
    try:
        return Scopes.parse(asked) & system.scopes
    except ValueError:
        return Scopes({})
