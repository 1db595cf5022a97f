"""The one place that opens transactions and the only one that commits them.

The web reads and writes asynchronously, the worker and the command line synchronously; both speak psycopg 3 to the
same PostgreSQL. Text columns hold UTC instants as `timestamptz`; nothing here reads a clock.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy import Connection, Engine, MetaData, create_engine, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every package's `models.py` declares its tables here."""


def _with_driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def open_engine(url: str, *, pool_size: int = 5) -> Engine:
    """An engine for the worker and the command line; its log and its errors never show a statement's parameters."""
    return create_engine(_with_driver(url), pool_size=pool_size, pool_pre_ping=True, hide_parameters=True)


def open_async_engine(url: str, *, pool_size: int = 5) -> AsyncEngine:
    """An engine for the web, with the same discretion."""
    return create_async_engine(_with_driver(url), pool_size=pool_size, pool_pre_ping=True, hide_parameters=True)


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One unit of work: committed when the block ends, rolled back when it raises."""
    with engine.begin() as connection:
        yield connection


@asynccontextmanager
async def async_transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """The same for the web."""
    async with engine.begin() as connection:
        yield connection
