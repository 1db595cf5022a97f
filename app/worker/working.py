"""One worker: every duty at once, from the first answer of the database to the signal that ends it."""

import asyncio
import signal
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Engine

from app.database.migrate import applied, newest
from app.database.transactions import Role, opened_engine, transaction
from app.errors import DomainError
from app.observability.logs import log_as_json
from app.settings import Settings
from app.worker.heads import Heads
from app.worker.looking import watch_days
from app.worker.messages import Messages
from app.worker.shift import PATIENCE, Shift
from app.worker.subscribers import tell
from app.worker.teams import send_mail, teams_of, tend_teams

HEARTBEAT: Final = "worker.heartbeat"
"""In `var`: touched while the worker lives, for whoever watches it."""

_LOCKED: Final = "5min"
"""How long it waits for what somebody holds, such as a large file that is filed beside it; then it says so."""

_log = structlog.get_logger()


class CannotWork(DomainError):
    """Something must be put right before messages can be taken."""


async def work(settings: Settings, url: str) -> None:
    """Work until SIGTERM or SIGINT; the database at `url` stays the caller's.

    What is just being kept is kept and acknowledged, and a message in hand is finished or stays as it was. Raises
    `CannotWork`, or `UnusableKey`.
    """
    log_as_json(settings.log_level)
    with opened_engine(url, role=Role.WORKER, lock_timeout=_LOCKED) as engine:
        worker = Worker(settings, engine, url=url)
        for told in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(told, worker.stop)
        await worker.run()


class Worker:
    """All that one worker does at once, until it is told to stop; without a `url` subscribers are told nothing."""

    def __init__(self, settings: Settings, engine: Engine, *, url: str | None = None) -> None:
        self._settings, self._engine, self._url = settings, engine, url
        self._shift = Shift()
        self._messages = Messages(settings, engine, self._shift)
        self._heads = Heads(settings, engine, self._shift)
        self._teams = teams_of(settings)

    def stop(self) -> None:
        """Take nothing new, and end soon."""
        self._shift.end()

    async def run(self) -> None:
        """Listen, watch and process until stopped."""
        await self._await_database()
        server = await self._listen()
        _log.info("worker started", listening=server is not None, watching=self._settings.folders is not None)
        try:
            await asyncio.gather(
                self._messages.serve(server),
                self._messages.take_from_folders(),
                self._messages.file(),
                self._heads.seal(),
                self._heads.send(),
                tend_teams(self._teams, self._engine, self._shift),
                send_mail(self._settings, self._engine, self._shift),
                watch_days(self._settings, self._engine, self._shift),
                self._tell_subscribers(),
                _show_life(self._settings.var / HEARTBEAT, self._shift),
            )
        finally:
            self.stop()
        _log.info("worker stopped")

    async def _await_database(self) -> None:
        while self._shift.goes_on:
            found = await self._shift.attempt(partial(_migrations, self._engine))
            if found is None:
                continue
            if found != {newest()}:
                at = next(iter(found), None)
                raise CannotWork(f"the database is at migration {at}, not {newest()}; run `pisano db upgrade`")
            return

    async def _listen(self) -> asyncio.Server | None:
        try:
            return await self._messages.listen()
        except OSError as failure:
            host, port = self._settings.mllp_host, self._settings.mllp_port
            raise CannotWork(
                f"nobody can listen at {host}:{port} ({failure.strerror}); set PISANO_MLLP_HOST and PISANO_MLLP_PORT"
            ) from None

    async def _tell_subscribers(self) -> None:
        if self._url is not None and self._shift.goes_on:
            await tell(self._settings, self._url, self._engine, self._shift)


async def _show_life(heartbeat: Path, shift: Shift) -> None:
    while shift.goes_on:
        with suppress(OSError):  # whoever watches sees that it is not touched
            heartbeat.touch()
        await shift.pause(PATIENCE)


def _migrations(engine: Engine) -> set[str]:
    """The migration that a database is at; none where it is empty."""
    with transaction(engine) as connection:
        found = applied(connection)
    return {found} if found else set()
