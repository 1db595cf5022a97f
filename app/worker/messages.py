"""Messages from partners: kept before they are acknowledged, and filed as soon as they are there."""

import asyncio
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from io import BytesIO
from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy import Engine

from app.audit.keys import chain_key
from app.intake.arriving import mllp
from app.intake.arriving.folders import Folders
from app.intake.arriving.hl7_acknowledgement import Outcome, message_id
from app.intake.arriving.inbox import receive
from app.intake.process import process_next
from app.settings import Settings
from app.vocabulary.ods_code import OdsCode
from app.worker.shift import Shift, now

_POLL: Final = 1.0  # seconds between two looks at the folders, and until what could not be filed is tried again
_DRAIN: Final = 10.0  # seconds for messages that are just being kept
_HL7: Final = "acute-hl7v2"

_log = structlog.get_logger()


class _PutDown(BaseException):
    """A message was put down at its next megabyte: it stays as it was."""


class Messages:
    """How messages come in, and into the record."""

    def __init__(self, settings: Settings, engine: Engine, shift: Shift) -> None:
        self._settings, self._engine, self._shift = settings, engine, shift
        self._arrived = shift.bell()
        self._keeping = 0  # messages that are on their way into the inbox
        self._process_next = partial(
            process_next, engine, clock=now, new_id=uuid4, key=chain_key(settings), progress=self._go_on
        )

    async def listen(self) -> asyncio.Server | None:
        """Take HL7 v2 over MLLP from the partner that is configured, if one is; `OSError` where nobody can listen."""
        if self._settings.mllp_partner is None:
            return None
        keep = partial(self._keep, OdsCode(self._settings.mllp_partner))
        host, port = self._settings.mllp_host, self._settings.mllp_port
        return await mllp.listen(keep, host=host, port=port, clock=now, control_id=_control_id)

    async def serve(self, server: asyncio.Server | None) -> None:
        """Let no one in once the shift is over, and let those be answered whose message is just being kept."""
        await self._shift.until_its_end()
        if server is not None:
            server.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN):
                while self._keeping:
                    await asyncio.sleep(0.01)

    async def _keep(self, partner: OdsCode, message: bytes) -> Outcome:
        """Put a message in the inbox, to be acknowledged once it is on disk."""
        keep = partial(receive, partner=partner, adapter=_HL7, message_id=message_id(message), at=now())
        self._keeping += 1
        try:
            await asyncio.to_thread(keep, self._engine, BytesIO(message))
        finally:
            self._keeping -= 1
        self._arrived.set()
        return Outcome.KEPT

    async def take_from_folders(self) -> None:
        """Put what partners leave in their folders in the inbox, where there are folders."""
        if self._settings.folders is None:
            return
        folders = Folders(self._settings.folders)
        while self._shift.goes_on:
            if await self._shift.attempt(lambda: list(folders.take(self._engine, at=now()))):
                self._arrived.set()
            await self._shift.pause(_POLL)

    async def file(self) -> None:
        """File what waits: at once when something arrives, and every second what is to be tried again."""
        while self._shift.goes_on:
            self._arrived.clear()
            if not await self._file_one():
                await self._shift.pause(_POLL, bell=self._arrived)

    async def _file_one(self) -> bool:
        try:
            processed = await self._shift.attempt(self._process_next)
        except _PutDown:
            return False
        if processed is None:
            return False
        _log.info(
            "message processed",
            message=processed.message,
            partner=processed.partner,
            adapter=processed.adapter,
            state=processed.state,
            counts=asdict(processed.counts),
        )
        return True

    def _go_on(self, _message: int, _bytes: int, _of: int) -> None:
        if not self._shift.goes_on:
            raise _PutDown


def _control_id() -> str:
    return uuid4().hex[:20]  # as long as MSH-10 may be
