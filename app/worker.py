"""The background process: it takes messages from partners, and files what waits in the inbox."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy import Engine

from app.audit.keys import chain_key
from app.audit.sealing import Sealed, Seals
from app.audit.sending import Sending, open_sender
from app.database.migrate import applied, newest
from app.database.transactions import DATABASE_ERRORS, Role, open_engine, transaction
from app.errors import DomainError
from app.intake import mllp
from app.intake.folders import Folders
from app.intake.hl7_acknowledgement import Outcome, message_id
from app.intake.inbox import receive
from app.intake.process import process_next
from app.mdt.clock import tend
from app.mdt.locality import read_localities
from app.mdt.outbox import mail_server, send_next, why_mail_waits
from app.mdt.taking import Teams
from app.observability.logs import log_as_json
from app.settings import Settings
from app.sharing.agreement import InvalidAgreement, read_agreements
from app.telling import tell
from app.vocabulary.ods_code import OdsCode
from app.watch.daily import Watching, is_due, watch

HEARTBEAT: Final = "worker.heartbeat"
"""In `var`: touched while the worker lives, for whoever watches it."""

_POLL: Final = 1.0  # seconds, also between two looks at the folders
_PATIENCE: Final = 5.0  # seconds until a database that is away is asked again, and between two beats
_DRAIN: Final = 10.0  # seconds for messages that are just being kept
_TEND: Final = 60.0  # seconds between two looks at what is due in the teams
_SEND_HEADS: Final = 60.0  # seconds between two attempts to give heads to whoever keeps them
_WATCH: Final = 600.0  # seconds between two looks for a day that is over
_HL7: Final = "acute-hl7v2"

Tell = Callable[[asyncio.Event], Coroutine[None, None, None]]
"""Tells subscribers until it is stopped."""

_log = structlog.get_logger()


class CannotWork(DomainError):
    """Something must be put right before messages can be taken."""


class _Stopped(BaseException):
    """A message was put down at its next megabyte: it stays as it was."""


async def work(settings: Settings, url: str) -> None:
    """Work until SIGTERM or SIGINT; the database at `url` stays the caller's.

    What is just being kept is kept and acknowledged, and a message in hand is finished or stays as it was. Raises
    `CannotWork`, or `UnusableKey`.
    """
    log_as_json(settings.log_level)
    engine = open_engine(url, role=Role.WORKER)
    try:
        worker = Worker(settings, engine, tell=partial(tell, settings, url, engine))
        for told in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(told, worker.stop)
        await worker.run()
    finally:
        engine.dispose()


class Worker:
    """All that one worker does at once, until it is told to stop."""

    def __init__(self, settings: Settings, engine: Engine, *, tell: Tell | None = None) -> None:
        self._settings = settings
        self._engine = engine
        self._process_next = partial(
            process_next, engine, clock=_now, new_id=uuid4, key=chain_key(settings), progress=self._go_on
        )
        self._tell = tell
        self._teams = Teams(
            localities=read_localities(settings.localities_folder),
            parties=frozenset(),  # the clock offers nothing to anyone
            key=chain_key(settings),
            new_id=uuid4,
        )
        self._stopping = asyncio.Event()
        self._arrived = asyncio.Event()
        self._sealed = asyncio.Event()
        self._keeping = 0  # messages that are on their way into the inbox

    def stop(self) -> None:
        """Take nothing new, and end soon."""
        self._stopping.set()
        self._arrived.set()
        self._sealed.set()

    async def run(self) -> None:
        """Listen, watch and process until stopped."""
        await self._await_database()
        server = await self._listen()
        _log.info("worker started", listening=server is not None, watching=self._settings.folders is not None)
        try:
            await asyncio.gather(
                self._serve(server),
                self._watch(),
                self._process(),
                self._beat(),
                self._seal(),
                self._send_heads(),
                self._look_at_looking(),
                self._tell_subscribers(),
                self._tend_teams(),
                self._send_mail(),
            )
        finally:
            self.stop()
        _log.info("worker stopped")

    async def _tell_subscribers(self) -> None:
        if self._tell is not None and not self._stopping.is_set():
            await self._tell(self._stopping)

    async def _await_database(self) -> None:
        while not self._stopping.is_set():
            try:
                found = await asyncio.to_thread(_migration, self._engine)
            except DATABASE_ERRORS as failure:
                await self._be_patient(failure)
            else:
                if found != newest():
                    raise CannotWork(f"the database is at migration {found}, not {newest()}; run `pisano db upgrade`")
                return

    async def _listen(self) -> asyncio.Server | None:
        if self._settings.mllp_partner is None:
            return None
        keep = partial(self._keep, OdsCode(self._settings.mllp_partner))
        host, port = self._settings.mllp_host, self._settings.mllp_port
        try:
            return await mllp.listen(keep, host=host, port=port, clock=_now, control_id=_control_id)
        except OSError as failure:
            raise CannotWork(
                f"nobody can listen at {host}:{port} ({failure.strerror}); set PISANO_MLLP_HOST and PISANO_MLLP_PORT"
            ) from None

    async def _keep(self, partner: OdsCode, message: bytes) -> Outcome:
        """Put a message in the inbox, to be acknowledged once it is on disk."""
        keep = partial(receive, partner=partner, adapter=_HL7, message_id=message_id(message), at=_now())
        self._keeping += 1
        try:
            await asyncio.to_thread(keep, self._engine, BytesIO(message))
        finally:
            self._keeping -= 1
        self._arrived.set()
        return Outcome.KEPT

    async def _serve(self, server: asyncio.Server | None) -> None:
        """Let no one in once stopped, and let those be answered whose message is just being kept."""
        await self._stopping.wait()
        if server is not None:
            server.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN):
                while self._keeping:
                    await asyncio.sleep(0.01)

    async def _watch(self) -> None:
        if self._settings.folders is None:
            return
        folders = Folders(self._settings.folders)
        while not self._stopping.is_set():
            try:
                if await asyncio.to_thread(lambda: list(folders.take(self._engine, at=_now()))):
                    self._arrived.set()
            except DATABASE_ERRORS as failure:
                await self._be_patient(failure)
            await self._pause(_POLL)

    async def _process(self) -> None:
        """File what waits: at once when something arrives, and every second what is to be tried again."""
        while not self._stopping.is_set():
            self._arrived.clear()
            if not await self._process_one():
                with suppress(TimeoutError):
                    async with asyncio.timeout(_POLL):
                        await self._arrived.wait()

    async def _process_one(self) -> bool:
        try:
            processed = await asyncio.to_thread(self._process_next)
        except DATABASE_ERRORS as failure:
            await self._be_patient(failure)
            return False
        except _Stopped:
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
        if self._stopping.is_set():
            raise _Stopped

    async def _tend_teams(self) -> None:
        """Plan and lock meetings and remind owners, where there are localities."""
        while self._teams.localities.by_id and not self._stopping.is_set():
            try:
                await asyncio.to_thread(lambda: tend(self._engine, self._teams, at=_now()))
            except DATABASE_ERRORS as failure:
                await self._be_patient(failure)
            await self._pause(_TEND)

    async def _send_mail(self) -> None:
        """Send what waits in the outbox, where there is a server to send it by."""
        server = mail_server(self._settings)
        if why := why_mail_waits(self._settings):
            _log.warning("notices wait", reason=why)
        while server is not None and not self._stopping.is_set():
            try:
                sent = await asyncio.to_thread(send_next, self._engine, server, at=_now())
            except DATABASE_ERRORS as failure:
                sent = None
                await self._be_patient(failure)
            if sent is None:
                await self._pause(_POLL)

    async def _beat(self) -> None:
        while not self._stopping.is_set():
            with suppress(OSError):  # whoever watches sees that it is not touched
                (self._settings.var / HEARTBEAT).touch()
            await self._pause(_PATIENCE)

    async def _seal(self) -> None:
        """Check the trail and seal its head, at once where the last one is old, and then again and again."""
        every, seals = self._settings.seal_every, Seals.of(self._settings)
        while every and not self._stopping.is_set():
            last = seals.last()
            due = last + every - _now() if last else timedelta()
            if due > timedelta():
                await self._pause(due.total_seconds())
                continue
            try:
                sealed = await asyncio.to_thread(seals.seal, self._engine, at=_now())
            except DATABASE_ERRORS as failure:
                await self._be_patient(failure)
                continue
            self._sealed.set()
            if not isinstance(sealed, Sealed):
                _log.error("the trail is not whole; run `pisano audit verify`", faults=len(sealed))
                await self._pause(every.total_seconds())

    async def _send_heads(self) -> None:
        """Give each head to whoever keeps them, at once when it is sealed, and every minute until it is taken."""
        sending = Sending.of(self._settings)
        with open_sender() as client:
            while sending.receivers and not self._stopping.is_set():
                self._sealed.clear()
                for sent in await asyncio.to_thread(sending.send, client):
                    if sent.failure:
                        _log.warning(
                            "a head was not taken", receiver=sent.receiver, waiting=sent.waiting, failure=sent.failure
                        )
                with suppress(TimeoutError):
                    async with asyncio.timeout(_SEND_HEADS):
                        await self._sealed.wait()

    async def _look_at_looking(self) -> None:
        """Watch each day once it is over: looked for now and then, so that no hour need be kept free for it."""
        while self._settings.watch and not self._stopping.is_set():
            try:
                raised = await asyncio.to_thread(self._watch_days)
            except DATABASE_ERRORS as failure:
                await self._be_patient(failure)
                continue
            except InvalidAgreement as failure:  # what partners send is taken all the same
                _log.error("nothing is watched while the agreements cannot be read", failure=str(failure))
                raised = 0
            if raised:
                _log.info("alerts raised", alerts=raised)
            await self._pause(_WATCH)

    def _watch_days(self) -> int:
        if not is_due(self._engine, at=_now()):
            return 0
        agreements, key = read_agreements(self._settings.agreements), chain_key(self._settings)
        return watch(
            self._engine,
            Watching(agreements=agreements, key=key, new_id=uuid4, keep=self._settings.watch_keep),
            at=_now(),
        )

    async def _be_patient(self, failure: Exception) -> None:
        """Wait for a database that is away, out of room, or shut for a while: nothing is lost meanwhile."""
        cause = getattr(failure, "orig", None) or failure
        _log.warning("the database does not answer; asking again shortly", failure=type(cause).__name__)
        await self._pause(_PATIENCE)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()


def _migration(engine: Engine) -> str | None:
    with transaction(engine) as connection:
        return applied(connection)


def _now() -> datetime:
    return datetime.now(UTC)


def _control_id() -> str:
    return uuid4().hex[:20]  # as long as MSH-10 may be
