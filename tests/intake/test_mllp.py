"""HL7 v2 over MLLP: what is acknowledged, when, and what a sender may not do."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from app.intake.arriving.hl7_acknowledgement import Outcome
from app.intake.arriving.mllp import END, START, Bounds, Receive, listen
from tests.conftest import PATIENCE

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def sent(number: str, *, mode: str = "", more: str = "") -> bytes:
    return f"MSH|^~\\&|PAS|RL4|PISANO|WLV|20260301090000||ADT^A01|{number}|P|2.4|||{mode}\rPID|1||H1{more}\r".encode()


def framed(*messages: bytes) -> bytes:
    return b"".join(START + message + END for message in messages)


class Inbox:
    """Keeps messages, or fails to, as a test wishes."""

    def __init__(self, outcome: Outcome = Outcome.KEPT) -> None:
        self.messages: list[bytes] = []
        self.outcome = outcome

    async def receive(self, message: bytes) -> Outcome:
        self.messages.append(message)
        return self.outcome


class Sender:
    """One connection to the port."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, content: bytes) -> None:
        self._writer.write(content)
        await self._writer.drain()

    async def reply(self) -> str:
        """The code and the number of the next acknowledgement."""
        async with asyncio.timeout(PATIENCE):
            frame = await self._reader.readuntil(END)
        assert frame.startswith(START)
        return "|".join(frame.decode("latin-1").split("\r")[1].split("|")[1:3])

    async def rest(self) -> bytes:
        """What comes until the connection ends."""
        async with asyncio.timeout(PATIENCE):
            return await self._reader.read()

    async def go(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


@asynccontextmanager
async def port(receive: Receive, bounds: Bounds | None = None) -> AsyncIterator[Callable[[], Awaitable[Sender]]]:
    """A port that listens; calling what is yielded connects to it."""
    numbers = itertools.count(1)
    server = await listen(
        receive,
        host="127.0.0.1",
        port=0,
        clock=lambda: AT,
        control_id=lambda: f"C{next(numbers)}",
        bounds=bounds or Bounds(),
    )
    number = server.sockets[0].getsockname()[1]
    senders: list[Sender] = []

    async def connect() -> Sender:
        senders.append(Sender(*await asyncio.open_connection("127.0.0.1", number)))
        return senders[-1]

    try:
        yield connect
    finally:
        for sender in senders:
            await sender.go()
        server.close()
        await server.wait_closed()
        if conversations := [task for task in asyncio.all_tasks() if "serve" in repr(task.get_coro())]:
            await asyncio.wait(conversations, timeout=PATIENCE)


async def test_a_message_is_kept_as_it_came_and_acknowledged() -> None:
    inbox = Inbox()
    async with port(inbox.receive) as connect:
        sender = await connect()
        await sender.send(framed(sent("N1")))
        assert await sender.reply() == "AA|N1"
    assert inbox.messages == [sent("N1")]


async def test_a_connection_carries_many_messages_and_their_replies_in_order() -> None:
    inbox = Inbox()
    async with port(inbox.receive) as connect:
        sender = await connect()
        await sender.send(framed(*(sent(f"N{number}") for number in range(50))))
        assert [await sender.reply() for _ in range(50)] == [f"AA|N{number}" for number in range(50)]
    assert len(inbox.messages) == 50


async def test_nothing_is_acknowledged_before_it_is_kept() -> None:
    kept = asyncio.Event()

    async def receive(_: bytes) -> Outcome:
        await kept.wait()
        return Outcome.KEPT

    async with port(receive) as connect:
        sender = await connect()
        await sender.send(framed(sent("N1")))
        waiting = asyncio.ensure_future(sender.reply())
        assert not (await asyncio.wait([waiting], timeout=0.1))[0]
        kept.set()
        assert await waiting == "AA|N1"


@pytest.mark.parametrize(("outcome", "code"), [(Outcome.NOT_KEPT, "AE"), (Outcome.REFUSED, "AR")])
async def test_what_is_not_kept_is_not_accepted(outcome: Outcome, code: str) -> None:
    async with port(Inbox(outcome).receive) as connect:
        sender = await connect()
        await sender.send(framed(sent("N1")))
        assert await sender.reply() == f"{code}|N1"


async def test_a_failing_inbox_is_an_error_and_the_connection_goes_on() -> None:
    failing = True

    async def receive(_: bytes) -> Outcome:
        if failing:
            raise OSError("no space left on device")
        return Outcome.KEPT

    async with port(receive) as connect:
        sender = await connect()
        await sender.send(framed(sent("N1"), sent("N2", mode="AL")))
        assert [await sender.reply(), await sender.reply()] == ["AE|N1", "CE|N2"]
        failing = False
        await sender.send(framed(sent("N1")))
        assert await sender.reply() == "AA|N1"


async def test_a_sender_that_wants_no_reply_gets_none() -> None:
    inbox = Inbox()
    async with port(inbox.receive) as connect:
        sender = await connect()
        await sender.send(framed(sent("N1", mode="NE|NE"), sent("N2")))
        assert await sender.reply() == "AA|N2"
    assert len(inbox.messages) == 2


async def test_a_frame_that_holds_no_hl7_is_refused_and_not_kept() -> None:
    inbox = Inbox()
    async with port(inbox.receive) as connect:
        sender = await connect()
        await sender.send(framed(b"<ADT_A01/>", b"", sent("N1")))
        assert [await sender.reply() for _ in range(3)] == ["AR|", "AR|", "AA|N1"]
    assert inbox.messages == [sent("N1")]


async def test_what_stands_in_no_frame_ends_the_connection() -> None:
    inbox = Inbox()
    async with port(inbox.receive) as connect:
        sender = await connect()
        await sender.send(b"GET / HTTP/1.1\r\nHost: FERRANTE\r\n\r\n")
        told = await sender.rest()
    assert b"|AR|" in told
    assert b"FERRANTE" not in told
    assert inbox.messages == []


async def test_line_ends_between_frames_are_passed_over() -> None:
    async with port(Inbox().receive) as connect:
        sender = await connect()
        await sender.send(b"\r\n" + framed(sent("N1")) + b"\r\n\r\n" + framed(sent("N2")))
        assert [await sender.reply(), await sender.reply()] == ["AA|N1", "AA|N2"]


async def test_a_message_that_comes_in_pieces_is_one() -> None:
    inbox = Inbox()
    async with port(inbox.receive) as connect:
        sender = await connect()
        for at in range(0, len(framed(sent("N1"))), 10):
            await sender.send(framed(sent("N1"))[at : at + 10])
        assert await sender.reply() == "AA|N1"
    assert inbox.messages == [sent("N1")]


async def test_a_message_that_is_too_long_is_refused_and_ends_the_connection() -> None:
    inbox = Inbox()
    async with port(inbox.receive, Bounds(message_bytes=1000)) as connect:
        sender = await connect()
        await sender.send(START + sent("N1", more="x" * 5000))
        assert b"|AR||this was not kept: it is longer than 1000 bytes" in await sender.rest()
    assert inbox.messages == []


async def test_a_message_that_breaks_off_is_neither_kept_nor_acknowledged_and_the_log_tells() -> None:
    inbox = Inbox()
    with capture_logs() as logs:
        async with port(inbox.receive) as connect:
            broken = await connect()
            await broken.send(framed(sent("N1"))[:-1])
            await broken.go()
            sender = await connect()
            await sender.send(framed(sent("N2")))
            assert await sender.reply() == "AA|N2"
    assert inbox.messages == [sent("N2")]
    assert [line["event"] for line in logs] == ["hl7 message cut short: its end (0x1C 0x0D) never came"]


async def test_an_idle_connection_is_ended() -> None:
    with capture_logs() as logs:
        async with port(Inbox().receive, Bounds(idle_seconds=0.05)) as connect:
            sender = await connect()
            await sender.send(framed(sent("N1")))
            assert await sender.reply() == "AA|N1"
            assert await sender.rest() == b""
    assert logs == []


async def test_a_message_without_an_end_is_waited_for_no_longer_than_the_next_and_the_log_tells() -> None:
    with capture_logs() as logs:
        async with port(Inbox().receive, Bounds(idle_seconds=0.05)) as connect:
            sender = await connect()
            await sender.send(START + sent("N1"))
            assert await sender.rest() == b""
    assert [line["event"] for line in logs] == ["hl7 message cut short: its end (0x1C 0x0D) never came"]


async def test_an_operator_is_told_why_a_sender_was_refused_and_nothing_of_what_it_sent() -> None:
    with capture_logs() as logs:
        async with port(Inbox().receive) as connect:
            sender = await connect()
            await sender.send(framed(b"<ADT_A01>FERRANTE</ADT_A01>", b"BHS|^~\\&|FERRANTE"))
            assert [await sender.reply() for _ in range(2)] == ["AR|", "AR|"]
    assert [(line["event"], line["log_level"]) for line in logs] == [("hl7 message refused", "warning")] * 2
    assert "FERRANTE" not in str(logs)


async def test_no_more_connections_are_taken_than_allowed() -> None:
    async with port(Inbox().receive, Bounds(connections=1)) as connect:
        first = await connect()
        await first.send(framed(sent("N1")))
        assert await first.reply() == "AA|N1"
        assert await (await connect()).rest() == b""
        await first.send(framed(sent("N2")))
        assert await first.reply() == "AA|N2"
        await first.go()
        assert await until_taken(connect, sent("N3")) == "AA|N3"


async def until_taken(connect: Callable[[], Awaitable[Sender]], message: bytes) -> str:
    """The reply to a message that is sent again until there is room for one connection more."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                sender = await connect()
                await sender.send(framed(message))
                return await sender.reply()


async def test_a_sender_that_goes_before_its_reply_disturbs_no_one() -> None:
    kept = asyncio.Event()
    inbox = Inbox()

    async def receive(message: bytes) -> Outcome:
        await kept.wait()
        return await inbox.receive(message)

    async with port(receive) as connect:
        gone, stays = await connect(), await connect()
        await gone.send(framed(sent("N1")))
        await stays.send(framed(sent("N2")))
        await gone.go()
        kept.set()
        assert await stays.reply() == "AA|N2"
    assert sorted(inbox.messages) == [sent("N1"), sent("N2")]


async def test_a_port_that_is_taken_says_so() -> None:
    async with port(Inbox().receive) as connect:
        sender = await connect()
        number = sender._writer.get_extra_info("peername")[1]
        with pytest.raises(OSError, match="address already in use"):
            await listen(Inbox().receive, host="127.0.0.1", port=number, clock=lambda: AT, control_id=lambda: "C1")
