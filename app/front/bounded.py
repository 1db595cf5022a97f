"""How much of a request is read, and for how long.

What pages and their API take is typed by somebody, and is read whole to be understood. The FHIR door has bounds of its
own, as a place configures them, and asks who calls first.
"""

import asyncio
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.fhir.asking import PREFIX

MOST: Final = 1024 * 1024
"""Bytes: the longest text that a form takes is a few dozen thousand."""

_SOON: Final = 60.0  # seconds, in which the slowest of lines has brought that


class Bounded:
    """ASGI middleware that lets a body be read up to `MOST` and for a minute, and then says so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        bounded = scope["type"] == "http" and not scope["path"].startswith(PREFIX)
        await self._app(scope, _within(receive) if bounded else receive, send)


def _within(receive: Receive) -> Receive:
    came, until = 0, 0.0
    is_whole = False

    async def receive_within() -> Message:
        nonlocal came, until, is_whole
        if is_whole:  # whoever asks again waits for the other side to go
            return await receive()
        until = until or asyncio.get_running_loop().time() + _SOON
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, "what was sent came too slowly; try again") from None
        came += len(message.get("body", b""))
        if came > MOST:
            raise HTTPException(413, f"what was sent is longer than {MOST} bytes; send less at once")
        is_whole = not message.get("more_body", False)
        return message

    return receive_within
