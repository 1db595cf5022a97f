"""Statements of many at once over one connection, on a real PostgreSQL: each is told its own, whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from uuid import uuid4

import psycopg
import pytest

from app.database import pipeline as pipelined
from app.database.pipeline import Pipeline, Pipelines, over
from app.database.transactions import plain_address
from tests.conftest import PATIENCE

pytestmark = pytest.mark.anyio

SETTINGS = {"autocommit": True}
IMPATIENT = SETTINGS | {"options": "-c statement_timeout=1000"}
SLOW = b"SELECT pg_sleep($1::float8), $2::text"
WHO = b"SELECT pg_backend_pid()"


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The event loop of the service, which is stricter about sockets that are gone."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
def address(database_url: str) -> str:
    return plain_address(database_url)


@pytest.fixture
async def pipeline(address: str) -> AsyncIterator[Pipeline]:
    async with Pipeline(address, SETTINGS) as opened:
        yield opened


@pytest.fixture
def administrator(server_url: str) -> Iterator[psycopg.Connection]:
    plain = plain_address(server_url)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection


async def test_values_go_there_and_back_unchanged(pipeline: Pipeline) -> None:
    sent = (uuid4(), datetime(2026, 6, 30, 9, tzinfo=UTC), date(2026, 6, 30), "Zoë", None, 7, [1, 2], b"\0\xff")
    told = b"SELECT $1::uuid, $2::timestamptz, $3::date, $4::text, $5::text, $6::int8, $7::int8[], $8::bytea"
    assert await pipeline.read(told, sent) == [sent]


async def test_one_statement_takes_values_of_several_types(pipeline: Pipeline) -> None:
    assert [await pipeline.read(b"SELECT $1::int8", (value,)) for value in (1, 1 << 40, None)] == [
        [(1,)],
        [(1 << 40,)],
        [(None,)],
    ]


async def test_an_ordinary_connection_reads_the_same(pipeline: Pipeline, address: str) -> None:
    statement, values = b"SELECT n, $1::text FROM generate_series(1, $2::int8) AS n", ("each", 3)
    async with await psycopg.AsyncConnection.connect(address) as connection:
        assert await over(connection)(statement, values) == await pipeline.read(statement, values)


async def test_each_of_many_at_once_is_answered_their_own(pipeline: Pipeline) -> None:
    asked = range(300)
    answers = await asyncio.gather(*(pipeline.read(b"SELECT $1::int8", (number,)) for number in asked))
    assert answers == [[(number,)] for number in asked]


async def test_more_than_the_network_takes_at_once_arrives_whole(pipeline: Pipeline) -> None:
    much = bytes(1_000_000)
    answers = await asyncio.gather(*(pipeline.read(b"SELECT $1::bytea", (much,)) for _ in range(3)))
    assert answers == [[(much,)]] * 3


async def test_what_is_asked_in_one_turn_is_one_transaction(pipeline: Pipeline) -> None:
    began = b"SELECT now()::text"
    together = await asyncio.gather(*(pipeline.read(began, ()) for _ in range(5)))
    assert [answer == together[0] for answer in together] == [True] * 5
    assert await pipeline.read(began, ()) != together[0]


async def test_only_whoever_asked_is_told_of_a_failure(pipeline: Pipeline) -> None:
    halves = b"SELECT 1 / $1::int8"
    for _ in range(2):  # prepared in the batch, and prepared before it
        first, second, third, fourth = await asyncio.gather(
            *(pipeline.read(halves, (by,)) for by in (1, 0, 1, 0)), return_exceptions=True
        )
        assert isinstance(second, psycopg.errors.DivisionByZero)
        assert isinstance(fourth, psycopg.errors.DivisionByZero)
        assert first == third == [(1,)]
    assert pipeline.load == 0


async def test_what_a_failed_preparation_takes_with_it_is_asked_again(pipeline: Pipeline) -> None:
    asked = [(b"SELECT FROM never_made", ()), (b"SELECT $1::text", ("after",)), (b"SELECT FROM never_made", ())]
    impatient = asyncio.create_task(pipeline.read(*asked[0]))
    others = [asyncio.create_task(pipeline.read(*one)) for one in asked[1:]]
    await asyncio.sleep(0)
    impatient.cancel()
    answer, failure = await asyncio.gather(*others, return_exceptions=True)
    assert answer == [("after",)]
    assert isinstance(failure, psycopg.errors.UndefinedTable)


async def test_a_commit_that_fails_is_told_to_all_whose_it_was(pipeline: Pipeline) -> None:
    await pipeline.read(b"CREATE TABLE bed (number int8 UNIQUE DEFERRABLE INITIALLY DEFERRED)", ())
    taken = await asyncio.gather(
        *(pipeline.read(b"INSERT INTO bed VALUES ($1::int8)", (number,)) for number in (1, 1)), return_exceptions=True
    )
    assert [type(one) for one in taken] == [psycopg.errors.UniqueViolation] * 2
    assert await pipeline.read(b"SELECT count(*) FROM bed", ()) == [(0,)]


async def test_a_statement_that_could_not_be_prepared_is_tried_anew(pipeline: Pipeline) -> None:
    later = b"SELECT count(*) FROM made_later"
    with pytest.raises(psycopg.errors.UndefinedTable):
        await pipeline.read(later, ())
    await pipeline.read(b"CREATE TABLE made_later ()", ())
    assert await pipeline.read(later, ()) == [(0,)]


async def test_a_statement_that_takes_too_long_is_given_up(address: str) -> None:
    async with Pipeline(address, IMPATIENT) as pipeline:
        with pytest.raises(psycopg.errors.QueryCanceled) as given_up:
            await pipeline.read(SLOW, (PATIENCE, "housebound"))
        assert "housebound" not in str(given_up.value)
        assert await pipeline.read(b"SELECT 1", ()) == [(1,)]


async def test_whoever_stops_waiting_takes_nobody_elses_answer(pipeline: Pipeline) -> None:
    leaving = asyncio.create_task(pipeline.read(SLOW, (0.1, "left")))
    staying = asyncio.create_task(pipeline.read(b"SELECT 'stayed'", ()))
    await asyncio.sleep(0.02)
    leaving.cancel()
    assert await staying == [("stayed",)]
    assert pipeline.load == 0


async def test_a_lost_connection_is_told_to_all_who_wait_and_another_is_opened(
    pipeline: Pipeline, administrator: psycopg.Connection
) -> None:
    ((lost,),) = await pipeline.read(WHO, ())
    waiting = asyncio.gather(*(pipeline.read(SLOW, (PATIENCE, "")) for _ in range(3)), return_exceptions=True)
    await asyncio.sleep(0.05)
    administrator.execute("SELECT pg_terminate_backend(%s)", (lost,))
    assert all(isinstance(told, psycopg.OperationalError) for told in await waiting)
    assert pipeline.load == 0
    ((found,),) = await pipeline.read(WHO, ())
    assert found != lost


async def test_a_connection_lost_while_nobody_waits_is_noticed(
    pipeline: Pipeline, administrator: psycopg.Connection
) -> None:
    ((lost,),) = await pipeline.read(WHO, ())
    administrator.execute("SELECT pg_terminate_backend(%s, 180000)", (lost,))
    await asyncio.sleep(0.05)
    assert await pipeline.read(WHO, ()) != [(lost,)]


async def test_all_who_ask_while_none_is_open_share_one_attempt(
    pipeline: Pipeline, administrator: psycopg.Connection
) -> None:
    ((lost,),) = await pipeline.read(WHO, ())
    administrator.execute("SELECT pg_terminate_backend(%s, 180000)", (lost,))
    await asyncio.sleep(0.05)
    impatient, *others = [asyncio.create_task(pipeline.read(WHO, ())) for _ in range(4)]
    await asyncio.sleep(0)
    impatient.cancel()
    assert len({answer[0] for answer in await asyncio.gather(*others)}) == 1


async def test_nothing_is_read_where_no_connection_can_be_made(address: str) -> None:
    nowhere = Pipeline(address, {"dbname": "no_such_database", **SETTINGS})
    for _ in range(2):
        with pytest.raises(psycopg.OperationalError):
            await nowhere.read(WHO, ())


async def test_closing_tells_whoever_still_waits(address: str) -> None:
    async with Pipeline(address, SETTINGS) as pipeline:
        waiting = asyncio.create_task(pipeline.read(SLOW, (PATIENCE, "")))
        await asyncio.sleep(0.05)
    with pytest.raises(psycopg.OperationalError, match="lost"):
        await waiting


async def test_closing_gives_up_an_attempt_to_connect(address: str) -> None:
    pipeline = Pipeline(address, SETTINGS)
    asking = asyncio.create_task(pipeline.read(WHO, ()))
    await asyncio.sleep(0)
    await pipeline.__aexit__()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_what_is_asked_in_one_turn_goes_over_one_connection_until_it_is_much(address: str) -> None:
    async with Pipelines(address, SETTINGS, size=2) as pipelines:
        few, much = [
            await asyncio.gather(*(pipelines.read(WHO, ()) for _ in range(count)))
            for count in (2, 2 * pipelined._MOST_AT_ONCE)
        ]
    assert [len({answer[0] for answer in answers}) for answers in (few, much)] == [1, 2]


async def test_a_read_is_answered_while_another_of_its_batch_still_waits(address: str) -> None:
    much, waiting = b"SELECT repeat('x', 100000)", b"SELECT pg_advisory_xact_lock(418) IS NULL"
    async with (
        Pipelines(address, {"autocommit": True}, size=1) as pipelines,
        await psycopg.AsyncConnection.connect(address) as holding,
    ):
        await holding.execute("SELECT pg_advisory_xact_lock(418)")
        asked = [asyncio.create_task(pipelines.read(statement, ())) for statement in (much, much, waiting)]
        assert await asyncio.wait_for(asked[0], PATIENCE) == [("x" * 100_000,)]
        assert not asked[2].done()
        await holding.rollback()
        assert await asked[2] == [(False,)]


async def test_of_reads_too_only_whoever_asked_is_told_of_a_failure(address: str) -> None:
    async with Pipelines(address, SETTINGS, size=1) as pipelines:
        for _ in range(2):  # prepared in the batch, and prepared before it
            first, second, third = await asyncio.gather(
                *(pipelines.read(b"SELECT 1 / $1::int8", (by,)) for by in (1, 0, 1)), return_exceptions=True
            )
            assert isinstance(second, psycopg.errors.DivisionByZero)
            assert first == third == [(1,)]


async def test_what_is_asked_while_a_batch_is_under_way_goes_over_another_connection(address: str) -> None:
    waits = b"SELECT pg_backend_pid() FROM pg_advisory_xact_lock(419)"
    async with (
        Pipelines(address, SETTINGS, size=2) as pipelines,
        await psycopg.AsyncConnection.connect(address) as holding,
    ):
        await holding.execute("SELECT pg_advisory_xact_lock(419)")
        under_way = asyncio.create_task(pipelines.read(waits, ()))
        while not await (await holding.execute("SELECT 1 FROM pg_locks WHERE objid = 419 AND NOT granted")).fetchone():
            await asyncio.sleep(0.01)
        meanwhile = await pipelines.read(WHO, ())
        await holding.rollback()
        assert meanwhile != await under_way


async def test_a_server_that_stands_still_is_not_waited_for(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipelined, "_SILENT", 0.1)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(psycopg.OperationalError, match="lost; ask again"):
            await pipeline.read(SLOW, (PATIENCE, "in time"))
    monkeypatch.undo()
    assert await pipeline.read(b"SELECT 1", ()) == [(1,)]
