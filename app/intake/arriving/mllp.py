"""HL7 v2 over MLLP: frames of 0x0B … 0x1C 0x0D on a TCP connection, each message kept before it is acknowledged.

One message of a connection is taken at a time, in order, so that acknowledgements come in the order of messages. What
does not fit its frame, or is too long for one, ends the connection: its sender can no longer be followed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from app.adapters.acute_hl7v2.message.framing import LONGEST_MESSAGE
from app.intake.arriving.hl7_acknowledgement import Outcome, acknowledgement, obstacle, refusal

START: Final = b"\x0b"
END: Final = b"\x1c\r"

Receive = Callable[[bytes], Awaitable[Outcome]]
"""Keeps a message; returns `KEPT` only once it is on disk. Raising is the same as `NOT_KEPT`."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one sender may ask of us: bytes of one message, connections at once, and seconds between two messages."""

    message_bytes: int = LONGEST_MESSAGE
    connections: int = 16
    idle_seconds: float = 600.0


class _NoFrame(Exception):
    """What came stands in no frame, or in one that is too long; its text says which."""


async def listen(
    receive: Receive,
    *,
    host: str,
    port: int,
    clock: Callable[[], datetime],
    control_id: Callable[[], str],
    bounds: Bounds = Bounds(),
) -> asyncio.Server:
    """Take messages on a port until the server is closed; `clock` gives UTC, `control_id` a new number for each reply.

    A message that is no HL7 is refused and not handed to `receive`. Raises `OSError` where the port is taken.
    """
    listener = _Listener(receive, clock, control_id, bounds)
    return await asyncio.start_server(listener.serve, host, port, limit=bounds.message_bytes)


class _Listener:
    """All connections of one port."""

    def __init__(
        self, receive: Receive, clock: Callable[[], datetime], control_id: Callable[[], str], bounds: Bounds
    ) -> None:
        self._receive, self._clock, self._control_id, self._bounds = receive, clock, control_id, bounds
        self._open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its first message to its end."""
        self._open += 1
        try:
            if self._open <= self._bounds.connections:
                await self._converse(reader, writer)
            else:
                _log.warning("hl7 connection refused", open=self._open)
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError):
            pass  # whatever was not acknowledged, the sender sends again
        finally:
            self._open -= 1
            await _close(writer)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                message = await _next_message(reader, self._bounds)
            except _NoFrame as unfollowed:
                await self._refuse(writer, str(unfollowed))
                return
            if why := obstacle(message):
                await self._refuse(writer, why)
                continue
            outcome = await self._kept(message)
            await self._write(
                writer, acknowledgement(message, outcome, at=self._clock(), control_id=self._control_id())
            )

    async def _kept(self, message: bytes) -> Outcome:
        try:
            return await self._receive(message)
        except Exception as failure:  # whatever it is, the message is not on disk
            _log.error("hl7 message not kept", failure=type(failure).__name__)
            return Outcome.NOT_KEPT

    async def _refuse(self, writer: asyncio.StreamWriter, why: str) -> None:
        _log.warning("hl7 message refused", reason=why)
        await self._write(writer, refusal(why, at=self._clock(), control_id=self._control_id()))

    async def _write(self, writer: asyncio.StreamWriter, reply: bytes | None) -> None:
        if reply is None:
            return
        writer.write(START + reply + END)
        async with asyncio.timeout(self._bounds.idle_seconds):
            await writer.drain()


async def _next_message(reader: asyncio.StreamReader, bounds: Bounds) -> bytes:
    """The content of the next frame; raises `_NoFrame`, and `IncompleteReadError` at the end of the connection."""
    async with asyncio.timeout(bounds.idle_seconds):
        first = await reader.readexactly(1)
        while first in (b"\r", b"\n"):  # some senders end what they send twice
            first = await reader.readexactly(1)
    if first != START:
        raise _NoFrame("it stands in no frame; begin it with 0x0B, and end it with 0x1C 0x0D")
    try:
        async with asyncio.timeout(bounds.idle_seconds):
            frame = await reader.readuntil(END)
    except asyncio.LimitOverrunError:
        raise _NoFrame(f"it is longer than {bounds.message_bytes} bytes, or its end (0x1C 0x0D) never came") from None
    except (ConnectionError, TimeoutError, asyncio.IncompleteReadError):
        _log.warning("hl7 message cut short: its end (0x1C 0x0D) never came")
        raise
    return frame.removesuffix(END)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):  # the sender went first
        await writer.wait_closed()
