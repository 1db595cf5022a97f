"""Pushes read and filed in processes of their own beside the service.

One process of Python uses one core. Reading and checking a bundle takes longer than PostgreSQL does to keep it, so
that a service that does it in its threads leaves the other cores idle, and answers nobody else meanwhile.
"""

import asyncio
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from typing import Final

import structlog
from fastapi import Response
from sqlalchemy import Engine

from app.audit.chain import ChainKey
from app.audit.keys import chain_key
from app.database.transactions import Role, open_engine
from app.fhir.push.taking import Sent, take
from app.intake.pushing.pushed import Busy
from app.observability.logs import log_as_json
from app.place import PATIENCE
from app.profiles import check as profiles
from app.settings import Settings
from app.vocabulary.ods_code import OdsCode

_log = structlog.get_logger()

_LIVE_AT_ONCE: Final = 50_000
"""More objects than some bundles hold: looking for garbage while one grows takes a tenth of its time."""


class Filers:
    """Processes beside one that answers, each with one connection; they take one push of one partner at a time.

    What another process that answers has of the same partner, they wait for as for the worker: by the partner's lock.
    """

    def __init__(self, settings: Settings, url: str, *, many: int) -> None:
        self._settings, self._url, self._many = settings, url, many
        self._turns: dict[OdsCode, asyncio.Lock] = {}
        self._pool, self._beginning = self._start()

    async def take(self, sent: Sent) -> Response:
        """File what was sent, and answer. Raises `NotForThem` and `Busy`."""
        async with self._turns.setdefault(sent.sender.requester.organisation, asyncio.Lock()):
            pool = self._pool
            try:
                return await asyncio.get_running_loop().run_in_executor(pool, _take_here, sent)
            except BrokenProcessPool:
                self._replace(pool)
                raise Busy("filing was interrupted, and may have ended or not; send the same again") from None

    def obstacle(self) -> str | None:
        """What keeps pushes from being filed at once, in words for an operator: what is sent meanwhile waits."""
        if any(one.done() and one.exception() is None for one in self._beginning):
            return None
        if all(one.done() for one in self._beginning):
            return "the processes that file what is pushed cannot begin; see the log, or set PISANO_PUSH_PROCESSES=0"
        return "the processes that file what is pushed are beginning"

    def stop(self) -> None:
        """End when what is being filed is filed."""
        self._pool.shutdown()

    def _start(self) -> tuple[ProcessPoolExecutor, list[Future[bool]]]:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["__main__", __name__])
        pool = ProcessPoolExecutor(self._many, context, _begin, (self._settings, self._url, PATIENCE))
        return pool, [pool.submit(_is_ready) for _ in range(self._many)]  # so that none begins with the first push

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        """Begin anew where one of them died; the first who notices does it."""
        if self._pool is broken:
            _log.error("a process that filed pushes died; others were begun in its place")
            self._pool, self._beginning = self._start()


@asynccontextmanager
async def filers(settings: Settings, url: str, *, processes: int) -> AsyncIterator[Filers | None]:
    """Who takes pushes while the block lasts: that many processes; nobody where there are none."""
    if not processes:
        yield None
        return
    opened = Filers(settings, url, many=processes)
    try:
        yield opened
    finally:
        await asyncio.to_thread(opened.stop)


# In a process of its own

_HERE: Final[dict[str, tuple[Engine, ChainKey]]] = {}


def _begin(settings: Settings, url: str, patience: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service ends, and then this
    threading.Thread(target=_end_with_the_service, daemon=True).start()
    log_as_json(settings.log_level)
    profiles.load()
    engine = open_engine(url, role=Role.WORKER, pool_size=1, lock_timeout=patience)
    _HERE["place"] = engine, chain_key(settings)
    gc.freeze()  # what is loaded by now stays
    gc.set_threshold(_LIVE_AT_ONCE, *gc.get_threshold()[1:])


def _end_with_the_service() -> None:
    service = multiprocessing.parent_process()
    if service is not None:
        service.join()
        os._exit(1)


def _is_ready() -> bool:
    return "place" in _HERE


def _take_here(sent: Sent) -> Response:
    engine, key = _HERE["place"]
    return take(engine, key, sent)
