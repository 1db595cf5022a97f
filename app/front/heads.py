"""How much of a request, and for how long, is taken until its head is there: nobody could know before who asks."""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST: Final = 64 * 1024
"""Bytes: twice what proxies let through. A head is copied with each piece that comes of it, while everybody waits."""

_SOON: Final = 20.0  # seconds, in which the slowest of lines has brought a head


class Heads(HttpToolsProtocol):
    """One connection: it is closed where the head of a request never ends."""

    _begun = False
    _came = 0
    _until: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what came, and look whether a head has still to end."""
        super().data_received(data)
        if not self._begun:
            self._came = 0
            return
        self._came += len(data)
        if self._came > LONGEST:
            self._refuse()
        elif self._until is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A head begins."""
        self._begun = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A head is there."""
        self._begun = False
        self._stop_waiting()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._until = self.loop.call_later(_SOON, self._refuse)

    def _stop_waiting(self) -> None:
        if self._until is not None:
            self._until.cancel()
            self._until = None

    def _refuse(self) -> None:
        if not self._begun:
            self.transport.close()  # as browsers open connections that they then never use
        elif not self.transport.is_closing():
            self.send_400_response(
                "the head of the request is too long, or came too slowly; send fewer headers, at once"
            )
