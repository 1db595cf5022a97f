"""A place put together: its database, its agreements, its trail, its records."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import uuid4

import httpx
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import Engine

from app.audit.chain import ChainKey
from app.audit.keys import chain_key
from app.audit.trail import Trail
from app.database.pipeline import Pipelines
from app.database.pool import LivePool
from app.database.transactions import Role, acting_as, in_transaction, open_engine, plain_address
from app.errors import DomainError
from app.governance.signing.agreeing import keep_versions
from app.governance.signing.following import following
from app.identity.account import LocalAccount
from app.identity.bearer import BearerTokens
from app.identity.passwords.hashing import Passwords
from app.identity.providers.provider import read_providers
from app.identity.published import Published, is_allowed, open_client
from app.identity.sessions.store import Limits
from app.identity.store import account_of
from app.identity.systems.bearer import SystemTokens
from app.identity.systems.keys import read_published_keys
from app.identity.systems.store import TokenOf, token_of
from app.identity.tokens import token_key
from app.mdt.desk import Desk
from app.mdt.workflow.locality import read_localities
from app.profiles import check as profiles
from app.profiles.strict_json import Limits as PushLimits
from app.record.read.access import SharedRecord
from app.settings import Settings
from app.sharing.checked.agreement import read_agreements
from app.sharing.law import Agreements
from app.sign_in.local import LocalSignIn
from app.sign_in.openid import OpenIdSignIn
from app.sign_in.provider_endpoints import ProviderEndpoints
from app.sign_in.sessions import Sessions
from app.sign_in.system_token import TOKEN_PATH, SystemSignIn

READING: Final[dict[str, Any]] = {
    "autocommit": True,
    # every statement of a view is for one person: planning it anew costs several times what running it does
    "options": f"{acting_as(Role.SERVICE)} -c plan_cache_mode=force_generic_plan -c statement_timeout=10s",
    "connect_timeout": 5,
    # a network that swallows everything is noticed: seconds, and milliseconds for the last
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
SESSION: Final[Mapping[str, Any]] = READING | {"prepare_threshold": 0}
Pool = AsyncConnectionPool[AsyncConnection[Any]]

_POOL_SIZE: Final = 4  # about twice the cores: more makes the slowest answers slower
_LEAST_OF_SEVERAL: Final = 2
PATIENCE: Final = "10s"
"""How long anything waits for a lock: whoever asked is told so, and leaves the connection to others."""


@dataclass(frozen=True, slots=True)
class Place:
    """What answers requests.

    `tokens` is `None` outside a demonstration, and `local` where people sign in with
    providers: nobody is let in by them.
    """

    record: SharedRecord
    writing: Engine  # in threads of their own: what is asked of the database beside the record
    filing: Engine  # the same for what enters the record
    key: ChainKey
    tokens: BearerTokens | None
    account: Callable[[str], Awaitable[LocalAccount | None]]
    sessions: Sessions
    local: LocalSignIn | None
    openid: OpenIdSignIn | None
    system_tokens: SystemTokens
    system_sign_in: SystemSignIn
    address: str
    desk: Desk
    push_limits: PushLimits

    @property
    def agreements(self) -> Agreements:
        """Those that decide just now."""
        return self.record.agreements


class NothingInForce(DomainError):
    """No agreement holds, so that nobody could be shown anything."""


def pool_size(processes: int) -> int:
    """How many connections a process reads by that is one of so many: of all together about twice the cores.

    With more in each, fewer reads travel together, and each costs more.
    """
    return max(_POOL_SIZE // processes, _LEAST_OF_SEVERAL)


def law_and_key(settings: Settings, *, at: datetime) -> tuple[Agreements, ChainKey]:
    """What no place can be opened without; raises `InvalidAgreement`, `NothingInForce` or `UnusableKey`.

    Where agreements have to be signed, what is in force is for the database to tell (`following`).
    """
    agreements = read_agreements(settings.agreements)
    if not settings.signed_agreements and not agreements.in_force(at).agreements:
        raise NothingInForce(
            "no agreement is in force, so that nobody could be shown anything; run `pisano isa check`, and agree a"
            " new version or mend its dates and status"
        )
    return agreements, chain_key(settings)


@asynccontextmanager
async def open_place(settings: Settings, url: str, *, processes: int = 1) -> AsyncIterator[Place]:
    """Open what answers requests, in one of so many processes that do.

    Raises what `law_and_key`, `read_localities` and `profiles.load` do, if anything.
    """
    size = pool_size(processes)
    agreements, key = law_and_key(settings, at=datetime.now(UTC))
    localities = read_localities(settings.localities_folder)
    profiles.load()
    async with AsyncExitStack() as opened:
        writing = open_engine(url, role=Role.SERVICE, pool_size=size, lock_timeout=PATIENCE)
        opened.callback(writing.dispose)
        filing = open_engine(url, role=Role.WORKER, pool_size=2, lock_timeout=PATIENCE)
        opened.callback(filing.dispose)
        trail = await opened.enter_async_context(Trail(url, key))
        pool = await opened.enter_async_context(_pool(url, size))
        pipelines = await opened.enter_async_context(Pipelines(plain_address(url), READING, size=size))
        record = SharedRecord(pipelines.read, pool, trail, key, agreements)
        await in_transaction(writing, partial(keep_versions, agreements=agreements, at=datetime.now(UTC)))
        if settings.signed_agreements:
            await opened.enter_async_context(following(agreements, pool, record.rule_by))

        async def account(username: str) -> LocalAccount | None:
            async with pool.connection() as connection:
                return await account_of(connection, username)

        tokens = BearerTokens(token_key(settings), account) if settings.demonstration else None
        passwords = opened.enter_context(Passwords())
        client = await opened.enter_async_context(open_client())
        yield Place(
            record=record,
            writing=writing,
            filing=filing,
            key=key,
            tokens=tokens,
            account=account,
            sessions=Sessions(pool, trail, limits=_limits(settings)),
            local=None if settings.sign_in_providers else LocalSignIn(pool, trail, passwords, account),
            openid=_openid(settings, pool, trail, client),
            system_tokens=SystemTokens(partial(_token_of, pool)),
            system_sign_in=_system_sign_in(settings, pool, trail, client),
            address=settings.address,
            desk=Desk(writing, record, localities=localities, key=key, account=account, new_id=uuid4),
            push_limits=_push_limits(settings),
        )


def _openid(settings: Settings, pool: Pool, trail: Trail, client: httpx.AsyncClient) -> OpenIdSignIn | None:
    if settings.sign_in_providers is None:
        return None
    providers = read_providers(settings.sign_in_providers)
    endpoints = ProviderEndpoints(client, loopback=settings.loopback_http)
    return OpenIdSignIn(providers, endpoints, pool, trail, address=settings.address)


def _limits(settings: Settings) -> Limits:
    return Limits(timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours))


def _push_limits(settings: Settings) -> PushLimits:
    return PushLimits(
        bytes=settings.push_bytes,
        entries=settings.push_entries,
        depth=settings.push_depth,
        string=settings.push_string,
    )


async def _token_of(pool: Pool, token: str, at: datetime) -> TokenOf | None:
    async with pool.connection() as connection:
        return await token_of(connection, token, at=at)


def _system_sign_in(settings: Settings, pool: Pool, trail: Trail, client: httpx.AsyncClient) -> SystemSignIn:
    return SystemSignIn(
        pool,
        trail,
        Published(client, read_published_keys),
        audience=settings.address + TOKEN_PATH,
        may_fetch=partial(is_allowed, hosts=settings.jwks_hosts, loopback=settings.loopback_http),
    )


def _pool(url: str, size: int) -> Pool:
    return LivePool(plain_address(url), min_size=size, max_size=size, kwargs=dict(SESSION), open=False, timeout=10)
