"""Telling subscribers, beside all else that the worker does."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from psycopg_pool import PoolTimeout
from sqlalchemy import Engine

from app.audit.trail import NotRecorded
from app.database.transactions import DATABASE_ERRORS, transaction
from app.fhir.asking import PREFIX
from app.identity.published import open_client
from app.identity.systems.store import systems
from app.identity.systems.system import System
from app.mdt.desk import Desk
from app.mdt.reading.given import given_one
from app.mdt.workflow.refusal import unless_refused
from app.place import open_place
from app.record.inquiry import Inquiry
from app.settings import Settings
from app.subscriptions.keys import signing_key
from app.subscriptions.store import Delivery, claim
from app.subscriptions.telling import Teller, settle, spread
from app.worker.shift import PATIENCE, Shift, now

_AT_ONCE: Final = 4
_POLL: Final = 0.5  # seconds

_log = structlog.get_logger()


async def tell(settings: Settings, url: str, engine: Engine, shift: Shift) -> None:
    """Tell subscribers until the shift ends; at once nothing where no address may be told."""
    if not (settings.subscription_hosts or settings.loopback_http):
        return
    async with open_place(settings, url) as place, open_client() as client:
        teller = Teller(
            place.record,
            client,
            signing_key(settings),
            base=settings.address + PREFIX,
            hosts=settings.subscription_hosts,
            loopback=settings.loopback_http,
            system_of=lambda id: asyncio.to_thread(_system_of, engine, id),
            may_be_told=partial(_may_be_told, place.desk),
        )
        await asyncio.gather(
            _again(shift, partial(_spread, engine)),
            *[_again(shift, partial(_tell_next, teller, engine)) for _ in range(_AT_ONCE)],
        )


async def _again(shift: Shift, step: Callable[[], Awaitable[bool]]) -> None:
    """Do a step again and again, at once while it finds something to do."""
    while shift.goes_on:
        try:
            pause = 0.0 if await step() else _POLL
        except (*DATABASE_ERRORS, PoolTimeout, NotRecorded) as failure:
            _log.warning("nobody can be told just now; trying again shortly", failure=type(failure).__name__)
            pause = PATIENCE
        await shift.pause(pause)


async def _spread(engine: Engine) -> bool:
    def work() -> int:
        with transaction(engine) as connection:
            return spread(connection, now())

    return bool(await asyncio.to_thread(work))


async def _tell_next(teller: Teller, engine: Engine) -> bool:
    def next_due() -> Delivery | None:
        with transaction(engine) as connection:
            return claim(connection, now())

    one = await asyncio.to_thread(next_due)
    if one is None:
        return False
    told = await teller.attempt(one, at=now())

    def note() -> None:
        with transaction(engine) as connection:
            settle(connection, one, told, at=now())

    await asyncio.to_thread(note)
    return True


async def _may_be_told(desk: Desk, inquiry: Inquiry, thing: UUID) -> bool:
    return await unless_refused(given_one(desk, inquiry, thing, event="tell")) is not None


def _system_of(engine: Engine, id: str) -> System | None:
    with transaction(engine) as connection:
        return next((one.system for one in systems(connection) if one.system.id == id and one.revoked is None), None)
