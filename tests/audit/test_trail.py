"""The trail on a real PostgreSQL: nothing is told to be recorded that is not, whatever happens to the database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from app.audit import trail as trails
from app.audit.chain import CHAINS, ChainKey
from app.audit.chain_store import BrokenTrail
from app.audit.trail import NotRecorded, Trail, record
from app.database.transactions import plain_address, transaction
from tests.audit.acts import KEY, OF_TRANSACTIONS, PERSON, recorded, tampering, view

pytestmark = pytest.mark.anyio

LENGTHS = "SELECT chain, count(*), max(sequence) FROM audit_event GROUP BY chain ORDER BY chain"
WAITS = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
Rows = list[tuple[object, ...]]


def rows(engine: Engine, query: str) -> Rows:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def requests(engine: Engine) -> list[object]:
    return [row[0] for row in rows(engine, "SELECT event ->> 'request' FROM audit_event ORDER BY chain, sequence")]


async def outcomes(*commits: Awaitable[None]) -> list[type]:
    return [type(one) for one in await asyncio.gather(*commits, return_exceptions=True)]


@asynccontextmanager
async def opened(url: str, count: int) -> AsyncIterator[list[Trail]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Trail(url, KEY)) for _ in range(count)]


@contextmanager
def administrator(server_url: str) -> Iterator[psycopg.Connection]:
    address = plain_address(server_url)
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


@pytest.fixture
def disconnect(server_url: str, database_url: str) -> Callable[..., int]:
    """Cuts those connections to this test's database that a condition holds for, and returns once they are gone."""

    def cut(where: str = "true") -> int:
        with administrator(server_url) as server:
            cutting = SQL(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = {} AND pid <> pg_backend_pid() AND {}"
            )
            database = make_url(database_url).database or ""
            return len(server.execute(cutting.format(database, SQL(where))).fetchall())

    return cut


@pytest.fixture
def allow(server_url: str, database_url: str) -> Callable[[bool], None]:
    """Lets connections to this test's database be made, or not."""

    def change(to: bool) -> None:
        with administrator(server_url) as server:
            database = Identifier(make_url(database_url).database or "")
            server.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(database, to))

    return change


async def test_a_commit_returns_once_the_event_is_there_byte_for_byte(database_url: str, engine: Engine) -> None:
    strange = view(1, actor=view(1).actor._replace(subject='Zoë "{\\}" O\'Hara-Łukasz 😀'))
    async with Trail(database_url, KEY) as trail:
        await trail.commit(strange)
        stored = "SELECT chain, sequence, event::text FROM audit_event"
        assert rows(engine, stored) == [(0, 1, strange.canonical().decode())]


async def test_events_told_together_stand_together(database_url: str, engine: Engine) -> None:
    async with Trail(database_url, KEY) as trail:
        await trail.commit(view(1), view(2), view(3))
    assert requests(engine) == ["request-1", "request-2", "request-3"]


async def test_those_who_wait_at_the_same_time_share_one_commit(database_url: str, engine: Engine) -> None:
    async with Trail(database_url, KEY) as trail:
        await asyncio.gather(*(trail.commit(view(number)) for number in range(100)))
    assert rows(engine, LENGTHS) == [(0, 100, 100)]
    assert rows(engine, "SELECT count(DISTINCT xmin::text) FROM audit_event") == [(1,)]
    assert requests(engine) == [f"request-{number}" for number in range(100)]


async def test_a_commit_is_on_disk_even_where_the_database_is_told_not_to_wait(
    server_url: str, database_url: str
) -> None:
    with administrator(server_url) as server:
        database = Identifier(make_url(database_url).database or "")
        server.execute(SQL("ALTER DATABASE {} SET synchronous_commit = off").format(database))
    async with Trail(database_url, KEY) as trail:
        await trail.commit(view(1))
        assert await trail._pipeline.read(b"SHOW synchronous_commit", ()) == [("on",)]


async def test_each_trail_keeps_to_a_chain_of_its_own(database_url: str, engine: Engine) -> None:
    async with opened(database_url, OF_TRANSACTIONS) as several:
        await asyncio.gather(*(trail.commit(view(1)) for trail in several))
        await asyncio.gather(*(trail.commit(view(2)) for trail in several))
    assert rows(engine, LENGTHS) == [(chain, 2, 2) for chain in range(OF_TRANSACTIONS)]


async def test_more_trails_than_chains_share_them(database_url: str, engine: Engine) -> None:
    async with opened(database_url, OF_TRANSACTIONS + 2) as several:
        for turn in range(5):
            await asyncio.gather(*(trail.commit(view(turn)) for trail in several))
    lengths = rows(engine, LENGTHS)
    assert len(requests(engine)) == 5 * (OF_TRANSACTIONS + 2)
    assert [chain for chain, _, _ in lengths] == list(range(OF_TRANSACTIONS))
    assert all(count == last for _, count, last in lengths)


async def test_a_chain_that_others_keep_moving_is_given_up(
    database_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trails, "_ATTEMPTS", 1)
    async with Trail(database_url, KEY) as trail:
        await trail.commit(view(1))
        trail._head = KEY.start(0)  # what it was before another trail moved it
        with pytest.raises(NotRecorded, match="too many processes"):
            await trail.commit(view(2))
        await trail.commit(view(3))
    assert requests(engine) == ["request-1", "request-3"]


async def test_a_database_that_goes_away_refuses_those_who_wait_and_serves_the_next(
    database_url: str, engine: Engine, disconnect: Callable[..., int]
) -> None:
    async with Trail(database_url, KEY) as trail:
        await trail.commit(view(1))
        with transaction(engine) as connection:
            connection.execute(text("SELECT FROM audit_chain FOR UPDATE"))  # the writer waits for this
            waiting = asyncio.gather(trail.commit(view(2)), trail.commit(view(3)), return_exceptions=True)
            while not disconnect("wait_event_type = 'Lock'"):
                await asyncio.sleep(0.01)
            assert [type(one) for one in await waiting] == [NotRecorded, NotRecorded]
        await trail.commit(view(4))
    engine.dispose()
    assert requests(engine) == ["request-1", "request-4"]


async def test_a_database_that_is_away_refuses_until_it_is_back(
    database_url: str, engine: Engine, disconnect: Callable[..., int], allow: Callable[[bool], None]
) -> None:
    async with Trail(database_url, KEY) as trail:
        await trail.commit(view(1))
        allow(False)
        disconnect()
        for number in (2, 3):
            with pytest.raises(NotRecorded, match=r"nothing can be shown; ask again") as refused:
                await trail.commit(view(number))
            assert str(PERSON) not in str(refused.value)
        allow(True)
        await trail.commit(view(4))
    engine.dispose()
    assert requests(engine) == ["request-1", "request-4"]


async def test_an_unforeseen_failure_refuses_and_the_writer_lives_on(database_url: str, engine: Engine) -> None:
    salts = iter([b"s" * 16, "no salt", b"t" * 16])
    async with Trail(database_url, KEY, salt=lambda: next(salts)) as trail:  # type: ignore[arg-type, return-value]
        await trail.commit(view(1))
        with pytest.raises(NotRecorded, match=r"\(TypeError\)"):
            await trail.commit(view(2))
        await trail.commit(view(3))
    assert requests(engine) == ["request-1", "request-3"]


async def test_leaving_commits_what_still_waits_and_then_nothing_more(database_url: str, engine: Engine) -> None:
    async with Trail(database_url, KEY) as trail:
        late = [asyncio.ensure_future(trail.commit(view(number))) for number in range(300)]
        await asyncio.sleep(0)
    await asyncio.gather(*late)
    assert requests(engine) == [f"request-{number}" for number in range(300)]
    with pytest.raises(NotRecorded, match="closed"):
        await trail.commit(view(301))


async def test_whoever_went_before_their_turn_is_not_recorded(database_url: str, engine: Engine) -> None:
    async with Trail(database_url, KEY) as trail:
        await trail.commit(view(1))
        with transaction(engine) as connection:
            connection.execute(text("SELECT FROM audit_chain FOR UPDATE"))  # the writer waits for this
            under_way = asyncio.ensure_future(trail.commit(view(2)))
            while not rows(engine, WAITS):
                await asyncio.sleep(0.01)
            waiting = asyncio.ensure_future(trail.commit(view(3)))
            await asyncio.sleep(0)
            under_way.cancel()  # too late: it is on its way
            waiting.cancel()
            await asyncio.sleep(0)
        assert await outcomes(under_way, waiting) == [asyncio.CancelledError, asyncio.CancelledError]
    assert requests(engine) == ["request-1", "request-2"]


async def test_nothing_is_recorded_after_an_end_that_was_tampered_with(database_url: str, engine: Engine) -> None:
    async with Trail(database_url, KEY) as trail:
        await trail.commit(view(1), view(2))
    with tampering(engine) as connection:
        connection.execute(text("DELETE FROM audit_event WHERE sequence = 2"))
        connection.execute(text("UPDATE audit_chain SET (length, link) = (SELECT sequence, link FROM audit_event)"))
    async with Trail(database_url, KEY) as trail:
        with pytest.raises(NotRecorded, match="run `pisano audit verify`"):
            await trail.commit(view(3))
    assert requests(engine) == ["request-1"]


async def test_a_head_row_set_back_under_a_running_trail_stops_it(database_url: str, engine: Engine) -> None:
    async with Trail(database_url, KEY) as trail:
        await trail.commit(view(1))
        before = rows(engine, "SELECT length, link, seal FROM audit_chain WHERE chain = 0")[0]
        await trail.commit(view(2))
        with tampering(engine) as connection:
            connection.exec_driver_sql(
                "UPDATE audit_chain SET (length, link, seal) = (%s, %s, %s) WHERE chain = 0", before
            )
        with pytest.raises(NotRecorded, match="23505"):
            await trail.commit(view(3))


async def test_with_another_key_nothing_is_recorded(database_url: str, engine: Engine) -> None:
    recorded(engine, view(1))
    async with Trail(database_url, ChainKey(b"o" * 32)) as trail:
        with pytest.raises(NotRecorded, match="not of this installation's key"):
            await trail.commit(view(2))
    with transaction(engine) as connection, pytest.raises(BrokenTrail, match=f"chain {OF_TRANSACTIONS} "):
        record(connection, [view(2)], key=ChainKey(b"o" * 32))


async def test_without_its_head_row_a_chain_takes_nothing_more(database_url: str, engine: Engine) -> None:
    recorded(engine, view(1))
    with tampering(engine) as connection:
        connection.execute(text("DELETE FROM audit_chain"))
    with transaction(engine) as connection, pytest.raises(BrokenTrail, match="is gone"):
        record(connection, [view(2)], key=KEY)
    async with Trail(database_url, KEY) as trail:
        with pytest.raises(NotRecorded, match="is gone"):
            await trail.commit(view(3))


def test_what_is_recorded_in_a_transaction_falls_with_it(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), transaction(engine) as connection:  # noqa: PT012  # the block is the transaction
        record(connection, [view(1)], key=KEY)
        raise ZeroDivisionError
    assert requests(engine) == []
    with transaction(engine) as connection:
        record(connection, [view(2)], key=KEY)
        record(connection, [view(3), view(4)], key=KEY)
    assert rows(engine, LENGTHS) == [(OF_TRANSACTIONS, 3, 3)]


def test_transactions_at_the_same_time_take_different_chains_and_one_too_many_waits(engine: Engine) -> None:
    recorded(engine, view(1))
    with ExitStack() as held:
        for number in range(OF_TRANSACTIONS, CHAINS):
            record(held.enter_context(transaction(engine)), [view(number)], key=KEY)
        late = held.enter_context(transaction(engine))
        late.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            record(late, [view(99)], key=KEY)
        late.rollback()
    assert [chain for chain, _, _ in rows(engine, LENGTHS)] == list(range(OF_TRANSACTIONS, CHAINS))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET event = '{}'",
        "UPDATE audit_event SET event = NULL, salt = NULL",
        "UPDATE audit_event SET sequence = 7",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "UPDATE audit_chain SET length = 0",
        "UPDATE audit_chain SET chain = chain + 20, length = length + 1",
        "DELETE FROM audit_chain",
        "TRUNCATE audit_chain",
    ],
)
def test_the_database_refuses_whatever_is_not_appending(engine: Engine, statement: str) -> None:
    recorded(engine, view(1))
    with pytest.raises(DBAPIError, match="the audit trail is append-only"), transaction(engine) as connection:
        connection.execute(text(statement))
    assert requests(engine) == ["request-1"]
