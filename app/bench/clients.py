"""Clients that ask as fast as they are answered, over kept connections: raw sockets, so that they cost little."""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import cast

import httptools


@dataclass(frozen=True, slots=True)
class Load:
    """What the clients measured: answers a second, and seconds from asking to the whole answer.

    `processor` and `database` are seconds of processor time an answer, of the server and of PostgreSQL, where counted.
    """

    rate: float
    median: float
    p99: float
    answers: int
    mean_bytes: float
    processor: float = 0.0
    database: float = 0.0


class _Client(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, asks again."""

    def __init__(self, requests: Iterator[bytes], seconds: list[float], until: float) -> None:
        self._requests, self._seconds, self._until = requests, seconds, until
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # as TCP gives
        self._ask()

    def _ask(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._began = time.perf_counter()
        self._transport.write(next(self._requests))

    def data_received(self, received: bytes) -> None:
        self.bytes += len(received)
        self._parser.feed_data(received)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        self._seconds.append(now - self._began)
        if self._parser.get_status_code() != 200:
            self._end(RuntimeError(f"answered {self._parser.get_status_code()}"))
        elif now >= self._until:
            self._end(None)
        else:
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or ConnectionError("the connection was closed"))

    def _end(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error) if error else self.done.set_result(None)
            self._transport.close()


async def _load(port: int, requests: Sequence[bytes], clients: int, duration: float) -> Load:
    seconds: list[float] = []
    cycle, began = itertools.cycle(requests), time.perf_counter()
    loop = asyncio.get_running_loop()
    opened = [
        await loop.create_connection(lambda: _Client(cycle, seconds, began + duration), "127.0.0.1", port)
        for _ in range(clients)
    ]
    await asyncio.gather(*(client.done for _, client in opened))
    elapsed = time.perf_counter() - began
    size = sum(client.bytes for _, client in opened) / len(seconds)
    return Load(len(seconds) / elapsed, median(seconds), quantiles(seconds, n=100)[98], len(seconds), size)


def load(port: int, requests: Sequence[bytes], *, clients: int, duration: float) -> Load:
    """Ask for `duration` seconds with that many clients at once, each request in turn; raises where one fails."""
    if not requests:
        raise ValueError("there is nobody to ask for; make the place larger")
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_load(port, requests, clients, duration))
