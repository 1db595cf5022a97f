"""The database is restarted while nobody asks: whoever asks next is answered as though nothing had been."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import psycopg
import pytest
from sqlalchemy import Connection, Engine, text

from app.database.transactions import in_transaction, plain_address
from app.place import open_place
from app.settings import Settings

_ALL_THE_OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def _one(connection: Connection) -> object:
    return connection.scalar(text("SELECT 1"))


@pytest.mark.anyio
async def test_whoever_asks_next_after_the_database_was_restarted_is_answered(
    place: Engine, module_database_url: str, settings: Settings
) -> None:
    async with open_place(settings, module_database_url) as opened:
        door = opened.record._door
        ways: list[Callable[[], Awaitable[object]]] = [
            partial(opened.account, "nobody-of-that-name"),
            partial(door.read, b"SELECT 1", ()),
            partial(in_transaction, opened.writing, _one),
            partial(in_transaction, opened.filing, _one),
        ]
        await door.pool.wait()
        for way in ways:
            await way()
        with psycopg.connect(plain_address(module_database_url), autocommit=True) as administrator:
            administrator.execute(_ALL_THE_OTHERS)
        await asyncio.sleep(0.2)
        for way in ways * 5:  # of a pool each connection has its turn
            await way()
