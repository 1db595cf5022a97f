"""What begins and never ends, before anybody could know who asks: nobody is waited for without an end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from uvicorn.server import ServerState

from app.front import heads
from tests.conftest import PATIENCE

HEAD = b"POST /beds HTTP/1.1\r\nhost: ward\r\n"


@pytest.fixture
async def listening() -> AsyncIterator[int]:
    """Where a ward listens that answers with how much it was sent."""
    ward = FastAPI()

    @ward.post("/beds")
    async def count(request: Request) -> Response:
        return Response(f"{len(await request.body())} bytes")

    config = uvicorn.Config(ward, http=heads.Heads, log_config=None)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(lambda: heads.Heads(config, state, {}), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def told_by(port: int, *pieces: bytes) -> bytes:
    """All that comes back until the connection is closed, which nobody who asks does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    told = b""
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(PATIENCE):
            told = await reader.read()
    except ConnectionError:
        pass  # it was closed, whatever was still to be sent
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return told


@pytest.mark.anyio
async def test_nobody_is_waited_for_whose_request_never_begins_or_begins_without_an_end(
    listening: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "_SOON", 0.01)
    assert await told_by(listening) == b""
    for pieces in ([HEAD], [HEAD + b"x: ", *[b"x" * heads.LONGEST] * 40], [HEAD, *[b"x: y\r\n" * 10_000] * 40]):
        assert (await told_by(listening, *pieces))[:12] in (b"HTTP/1.1 400", b"")


@pytest.mark.anyio
async def test_a_long_body_may_come_with_its_head_and_another_request_after_it(listening: int) -> None:
    length = 3 * heads.LONGEST
    whole = HEAD + b"content-length: %d\r\n\r\n" % length + b"x" * length
    last = HEAD + b"connection: close\r\ncontent-length: 1\r\n\r\nx"
    told = await told_by(listening, whole, whole, last)
    assert told.count(b"%d bytes" % length) == 2
    assert told.endswith(b"1 bytes")
