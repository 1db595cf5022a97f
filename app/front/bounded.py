"""How much of a request is read, before anybody knows who sent it.

What pages and their API take is typed by somebody, and is read whole to be understood. The FHIR door has bounds of its
own, as a place configures them, and asks who calls first.
"""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.fhir.asking import PREFIX

MOST: Final = 1024 * 1024
"""Bytes: the longest text that a form takes is a few dozen thousand."""


class Bounded:
    """ASGI middleware that lets a body be read up to `MOST`, and then says so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        bounded = scope["type"] == "http" and not scope["path"].startswith(PREFIX)
        await self._app(scope, _within(receive) if bounded else receive, send)


def _within(receive: Receive) -> Receive:
    came = 0

    async def receive_within() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > MOST:
            raise HTTPException(413, f"what was sent is longer than {MOST} bytes; send less at once")
        return message

    return receive_within
