"""The trail, checked and sealed by the hour, and its signed heads given to whoever keeps them."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Engine

from app.audit.checking.sealing import Sealed, Seals
from app.audit.checking.sending import Sending, open_sender
from app.settings import Settings
from app.worker.shift import Shift, now

_SEND: Final = 60.0  # seconds between two attempts

_log = structlog.get_logger()


class Heads:
    """How heads are sealed and leave."""

    def __init__(self, settings: Settings, engine: Engine, shift: Shift) -> None:
        self._settings, self._engine, self._shift = settings, engine, shift
        self._sealed = shift.bell()

    async def seal(self) -> None:
        """Check the trail and seal its head, at once where the last one is old, and then again and again."""
        every, seals = self._settings.seal_every, Seals.of(self._settings)
        while every and self._shift.goes_on:
            last = seals.last()
            due = last + every - now() if last else timedelta()
            if due > timedelta():
                await self._shift.pause(due.total_seconds())
                continue
            sealed = await self._shift.attempt(lambda: seals.seal(self._engine, at=now()))
            if sealed is None:
                continue
            self._sealed.set()
            if not isinstance(sealed, Sealed):
                _log.error("the trail is not whole; run `pisano audit verify`", faults=len(sealed))
                await self._shift.pause(every.total_seconds())

    async def send(self) -> None:
        """Give each head to whoever keeps them, at once when it is sealed, and every minute until it is taken."""
        sending = Sending.of(self._settings)
        with open_sender() as client:
            while sending.receivers and self._shift.goes_on:
                self._sealed.clear()
                for sent in await asyncio.to_thread(sending.send, client):
                    if sent.failure:
                        _log.warning(
                            "a head was not taken", receiver=sent.receiver, waiting=sent.waiting, failure=sent.failure
                        )
                await self._shift.pause(_SEND, bell=self._sealed)
