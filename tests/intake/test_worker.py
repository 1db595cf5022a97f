"""The worker: what it acknowledges, files, leaves alone, and how it ends."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import hl7
import hl7.client
import orjson
import pytest
from sqlalchemy import Engine, text

from app.audit.keys import chain_key
from app.audit.trail import record
from app.database.migrate import newest
from app.database.transactions import transaction
from app.intake.arriving import mllp, parts
from app.intake.arriving.hl7_acknowledgement import acknowledgement
from app.intake.arriving.inbox import receive
from app.intake.arriving.locks import hold_partner
from app.settings import Settings
from app.vocabulary.statement import Sender, Statement
from app.worker import messages
from app.worker.working import HEARTBEAT, CannotWork, Worker
from tests.adapters.acute_feed import message, pv1
from tests.audit.acts import tampering, view
from tests.conftest import PATIENCE
from tests.intake.feed import Speaking, about, column, process, rows, send, states
from tests.intake.test_identity_changes import TRACED, pid
from tests.person.people import ACUTE

pytestmark = pytest.mark.anyio


@pytest.fixture
def place(tmp_path: Path) -> Settings:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    return Settings(var=tmp_path, demonstration=True, mllp_partner="RL4", mllp_port=port, folders=tmp_path / "arrivals")


@asynccontextmanager
async def working(place: Settings, engine: Engine) -> AsyncIterator[Worker]:
    """A worker that works while the block lasts, and ends cleanly after it."""
    one = Worker(place, engine)
    running = asyncio.create_task(one.run())
    await until(lambda: running.done() or _is_open(place.mllp_port))
    try:
        yield one
    finally:
        one.stop()
        async with asyncio.timeout(PATIENCE):
            await running


def _is_open(port: int) -> bool:
    with socket.socket() as sender:
        return sender.connect_ex(("127.0.0.1", port)) == 0


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.01)


def admission(number: str, **header: str) -> str:
    told = {10: number} | {int(name.removeprefix("field_")): text for name, text in header.items()}
    return message("ADT^A01", pid("H1"), pv1(number=number), TRACED, header=told)


async def acknowledged(place: Settings, *messages: str) -> list[tuple[str, str]]:
    """What a sender is told of each of its messages: the code, and the number that it is told for."""

    def send() -> list[tuple[str, str]]:
        with hl7.client.MLLPClient("127.0.0.1", place.mllp_port) as client:
            replies = [hl7.parse(client.send_message(one)[1:-2].decode()) for one in messages]
        return [(str(reply.segment("MSA")[1]), str(reply.segment("MSA")[2])) for reply in replies]

    return await asyncio.to_thread(send)


# Over MLLP


async def test_a_message_is_acknowledged_kept_and_filed(place: Settings, engine: Engine) -> None:
    async with working(place, engine):
        assert await acknowledged(place, admission("V1"), admission("V2")) == [("AA", "V1"), ("AA", "V2")]
        assert column(engine, "SELECT DISTINCT partner FROM inbox_message") == ["RL4"]
        await until(lambda: states(engine) == ["processed", "processed"])

    assert column(engine, "SELECT key FROM entry WHERE key LIKE 'Encounter/V_' ORDER BY key") == [
        "Encounter/V1",
        "Encounter/V2",
    ]


async def test_in_enhanced_mode_the_sender_is_told_that_it_is_kept(place: Settings, engine: Engine) -> None:
    async with working(place, engine):
        assert await acknowledged(place, admission("V1", field_15="AL", field_16="NE")) == [("CA", "V1")]
        await until(lambda: states(engine) == ["processed"])


async def test_the_same_message_twice_is_acknowledged_twice_and_counts_once(place: Settings, engine: Engine) -> None:
    async with working(place, engine):
        assert await acknowledged(place, admission("V1"), admission("V1")) == [("AA", "V1")] * 2
        await until(lambda: states(engine) == ["processed"])


async def test_a_message_that_is_no_hl7_is_refused_and_not_kept(place: Settings, engine: Engine) -> None:
    async with working(place, engine):
        ((code, _),) = await acknowledged(place, "Dear colleague")
    assert (code, states(engine)) == ("AR", [])


async def test_a_message_is_acknowledged_only_after_it_is_committed(
    place: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def looking(*told: Any, **more: Any) -> bytes | None:
        seen.append(column(engine, "SELECT message_id FROM inbox_message"))
        return acknowledgement(*told, **more)

    monkeypatch.setattr(mllp, "acknowledgement", looking)
    async with working(place, engine):
        await acknowledged(place, admission("V1"))
    assert [len(names) for names in seen] == [1]


async def test_without_a_partner_nobody_is_listened_to(place: Settings, engine: Engine) -> None:
    silent = place.model_copy(update={"mllp_partner": None, "folders": None})
    one = Worker(silent, engine)
    running = asyncio.create_task(one.run())
    await until(lambda: (place.var / HEARTBEAT).exists())
    assert not _is_open(place.mllp_port)
    one.stop()
    await running


# In folders


async def test_a_file_that_is_left_is_kept_filed_and_moved(place: Settings, engine: Engine) -> None:
    folder = place.var / "arrivals/RL4/acute-hl7v2"
    folder.mkdir(parents=True)
    (folder / "day.hl7").write_text(admission("V1"))
    os.utime(folder / "day.hl7", (0, 0))

    async with working(place, engine):
        await until(lambda: states(engine) == ["processed"])
    assert [path.name.partition("-")[2] for path in (folder / "done").iterdir()] == ["day.hl7"]


# Living and ending


async def test_whoever_watches_sees_that_the_worker_lives(place: Settings, engine: Engine) -> None:
    before = time.time() - 1
    async with working(place, engine):
        await until(lambda: (place.var / HEARTBEAT).exists())
    assert (place.var / HEARTBEAT).stat().st_mtime >= before


async def test_what_is_to_be_tried_again_is_tried_without_anything_arriving(place: Settings, engine: Engine) -> None:
    async with working(place, engine):
        await acknowledged(place, admission("V1"))
        await until(lambda: states(engine) == ["processed"])
        with transaction(engine) as connection:
            connection.exec_driver_sql("UPDATE inbox_message SET state = 'received'")
        await until(lambda: states(engine) == ["processed"])


async def test_a_message_that_is_just_being_kept_is_acknowledged_before_the_end(
    place: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(*what: Any, **how: Any) -> Any:
        loop.call_soon_threadsafe(arrived.set)
        time.sleep(0.3)
        return receive(*what, **how)

    monkeypatch.setattr(messages, "receive", slowly)
    async with working(place, engine) as one:
        sending = asyncio.create_task(acknowledged(place, admission("V1")))
        await arrived.wait()
        one.stop()
        assert await sending == [("AA", "V1")]
    assert len(states(engine)) == 1


async def test_a_stop_puts_a_long_message_down_as_it_was(
    place: Settings, engine: Engine, spoken: Speaking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 4)
    send(engine, b"word word word")
    one = Worker(place, engine)
    loop = asyncio.get_running_loop()
    stopped = threading.Event()

    def stop() -> None:
        one.stop()
        stopped.set()

    def read(_adapter: Speaking, message: BinaryIO, _sender: Sender) -> Iterator[Statement]:
        yield about()
        message.read(4)
        loop.call_soon_threadsafe(stop)
        assert stopped.wait(60)
        message.read(4)
        yield about()

    monkeypatch.setattr(Speaking, "read", read)
    await one.run()
    assert rows(engine, "SELECT state, attempts FROM inbox_message") == [("received", 0)]
    assert column(engine, "SELECT count(*) FROM entry") == [0]


async def test_a_port_that_is_taken_is_told(place: Settings, engine: Engine) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", place.mllp_port))
        other.listen()
        with pytest.raises(CannotWork, match=r"nobody can listen at 127\.0\.0\.1:\d+ \(.*set PISANO_MLLP_HOST and"):
            await Worker(place, engine).run()


async def test_a_database_of_another_version_is_told(place: Settings, engine: Engine) -> None:
    with transaction(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    try:
        with pytest.raises(CannotWork, match=r"the database is at migration 0001, not 00.*; run `pisano db upgrade`"):
            await Worker(place, engine).run()
    finally:
        with transaction(engine) as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = %s", (newest(),))


# As a process


@contextmanager
def process_of(place: Settings, url: str) -> Iterator[subprocess.Popen[str]]:
    """`pisano worker`, listening."""
    environment = {
        "DATABASE_URL": url,
        "PISANO_VAR": str(place.var),
        "PISANO_DEMONSTRATION": "true",
        "PISANO_MLLP_PARTNER": "RL4",
        "PISANO_MLLP_PORT": str(place.mllp_port),
    }
    command = [str(Path(sys.executable).with_name("pisano")), "worker"]
    with subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.PIPE, text=True) as running:
        try:
            deadline = time.monotonic() + PATIENCE
            while not _is_open(place.mllp_port):
                assert running.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield running
        finally:
            running.kill()


async def test_told_to_stop_it_ends_cleanly_and_its_log_names_nobody(
    place: Settings, engine: Engine, module_database_url: str
) -> None:
    with process_of(place, module_database_url) as running:
        assert await acknowledged(place, admission("V1")) == [("AA", "V1")]
        await until(lambda: states(engine) == ["processed"])
        running.send_signal(signal.SIGTERM)
        _, log = running.communicate(timeout=PATIENCE)

    assert running.returncode == 0
    told = [orjson.loads(line) for line in log.splitlines()]
    assert [line["event"] for line in told] == ["worker started", "notices wait", "message processed", "worker stopped"]
    assert not {"FERRANTE", "ROSA", "9990000018", "H1"} & set(re.findall(r"\w+", log.upper()))


async def test_killed_between_receipt_and_filing_it_loses_nothing(
    place: Settings, engine: Engine, module_database_url: str
) -> None:
    with process_of(place, module_database_url) as running, transaction(engine) as connection:
        hold_partner(connection, ACUTE)  # so that nothing can be filed yet
        assert await acknowledged(place, admission("V1")) == [("AA", "V1")]
        running.kill()
        running.communicate(timeout=PATIENCE)

    assert states(engine) == ["received"]
    processed = process(engine, at=datetime.now(UTC))
    assert processed is not None
    assert processed.counts.new > 0


# By the hour


async def test_a_worker_seals_the_trail_and_says_when_it_is_not_whole(
    place: Settings, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    place = place.model_copy(update={"seal_every": timedelta(milliseconds=50)})
    heads = place.var / "audit" / "heads"
    with transaction(engine) as connection:
        record(connection, [view(1), view(2), view(3)], key=chain_key(place))

    async with working(place, engine):
        await until(lambda: len(list(heads.glob("*.json"))) >= 2)
    with tampering(engine) as connection:  # while nobody reads: it locks what a check would
        connection.execute(text("DELETE FROM audit_event WHERE sequence = 2"))
    sealed = len(list(heads.glob("*.json")))
    async with working(place, engine):
        await until(lambda: "the trail is not whole" in capsys.readouterr().out)

    assert len(list(heads.glob("*.json"))) == sealed


async def test_a_head_that_is_young_enough_is_not_sealed_anew(place: Settings, engine: Engine) -> None:
    async with working(place, engine):
        await until(lambda: list((place.var / "audit" / "heads").glob("*.json")))
    async with working(place, engine):
        await until(lambda: (place.var / HEARTBEAT).exists())
    assert len(list((place.var / "audit" / "heads").glob("*.json"))) == 1


async def test_a_worker_gives_each_head_to_whoever_keeps_them(place: Settings, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    receivers = tmp_path / "receivers.yaml"
    receivers.write_text(f"receivers:\n- {{name: write-once, folder: {tmp_path / 'kept'}}}\n")
    async with working(place.model_copy(update={"head_receivers": receivers}), engine):
        await until(lambda: list((tmp_path / "kept").glob("*.json")))
    (head,) = (place.var / "audit" / "heads").glob("*.json")
    assert (tmp_path / "kept" / head.name).read_bytes() == head.read_bytes()


async def test_a_worker_watches_the_days_that_are_over(place: Settings, engine: Engine) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1, hours=2)
    with transaction(engine) as connection:
        record(connection, [view(1, at=yesterday)], key=chain_key(place))
    async with working(place, engine):
        await until(lambda: watched(engine))
    assert watched(engine)[-1] >= yesterday.date()


def watched(engine: Engine) -> list[date]:
    with engine.connect() as connection:
        return list(connection.execute(text('SELECT "on" FROM watch_day ORDER BY "on"')).scalars())
