"""Checking the trail and sealing its head, by hand or by the hour."""

import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from multiprocessing import get_context, parent_process
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine

from app.audit.chain import CHAINS, ChainKey
from app.audit.chain_store import heads as heads_of
from app.audit.checking.anchors import TrailHead, seal, sealed_heads
from app.audit.checking.faults import Fault
from app.audit.checking.left_off import LeftOff, Reached
from app.audit.checking.verify import Verification, Walk, judged, walked
from app.audit.keys import chain_key, heads_key
from app.database.postgres.lock import exclusively
from app.database.transactions import Role, opened_engine
from app.settings import Settings

_WORTH_SEVERAL: Final = 50_000  # events: fewer are checked before another process has come as far as to help
_WORTH_PARTS: Final = 500_000  # events: fewer are all checked within seconds
_WHOLE_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A head, and the file that holds it."""

    head: TrailHead
    path: Path


@dataclass(frozen=True, slots=True)
class Seals:
    """Where a place seals the heads of its trail, and with what."""

    folder: Path
    signing: Ed25519PrivateKey
    chains: ChainKey
    parts_from: int = _WORTH_PARTS

    @classmethod
    def of(cls, settings: Settings) -> "Seals":
        """Those of a place; raises `UnusableKey`."""
        return cls(settings.var / "audit" / "heads", heads_key(settings), chain_key(settings))

    def last(self) -> datetime | None:
        """When a head was sealed last, by the name of its file."""
        newest = max((path.stem for path in self.folder.glob("*.json")), default=None)
        return datetime.fromisoformat(newest) if newest else None

    def seal(self, engine: Engine, *, at: datetime) -> Sealed | tuple[Fault, ...]:
        """Check the trail against every head so far, and seal its new one; the faults where it is not whole.

        A long trail is checked as a whole by the day, and in between from the last head on. One at a time: each head
        vouches for what came since the one before.
        """
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with exclusively(self.folder.with_suffix(".lock")):
            return self._seal(engine, at)

    def _seal(self, engine: Engine, at: datetime) -> Sealed | tuple[Fault, ...]:
        heads, unsigned = sealed_heads(self.folder, self.signing.public_key())
        left_off = self._left_off(heads, at)
        found = verified(engine, self.chains, heads, since=left_off.chains) if left_off else None
        if found is None or found.faults:  # what is wrong is told of the whole
            left_off, found = None, verified(engine, self.chains, heads)
        if unsigned or found.faults:
            return (*unsigned, *found.faults)
        head = TrailHead(at, self.chains.name, found.chains)
        sealed = Sealed(head, seal(head, self.signing, self.folder))
        LeftOff(at, left_off.whole if left_off else at, {one.chain: one for one in found.blocks}).write(self._file)
        return sealed

    @property
    def _file(self) -> Path:
        return self.folder.with_name("left-off.json")

    def _left_off(self, heads: Sequence[TrailHead], at: datetime) -> LeftOff | None:
        """From where on to look; `None` where all of it is to be looked at."""
        found = LeftOff.read(self._file)
        if found is None or not found.goes_with(heads) or at - found.whole >= _WHOLE_AFTER:
            return None
        return found if heads[-1].events >= self.parts_from else None


def verified(
    engine: Engine,
    key: ChainKey,
    heads: Sequence[TrailHead],
    *,
    processes: int = 1,
    since: Mapping[int, Reached] = MappingProxyType({}),
) -> Verification:
    """What a check of the trail finds, of one moment of it: the service goes on writing meanwhile.

    `since` says from where on each chain is looked at, which one process does soon enough.

    With several `processes` they share the chains out, and read them in the same snapshot. They are forked, as to begin
    anew takes longer than to check a million events: so ask for them where no thread runs beside.
    """
    with engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        if since or processes == 1:
            return judged(connection, key, walked(connection, key, list(heads), range(CHAINS), since))
        snapshot: str = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        url = engine.url.render_as_string(hide_password=False)
        with ProcessPoolExecutor(processes, get_context("fork"), _begin) as pool:
            shares = pool.map(partial(_walked_apart, url, snapshot, key, heads), _shared_out(connection, processes))
            return judged(connection, key, sorted(chain.from_iterable(shares), key=lambda walk: walk.chain))


def processes_for(engine: Engine) -> int:
    """How many processes check a trail soonest: one for a short one, for which others would take longer to begin."""
    with engine.connect() as connection:
        events = sum(head.length for head, _ in heads_of(connection).values())
    return 1 if events < _WORTH_SEVERAL else min(CHAINS, os.cpu_count() or 1)


def _shared_out(connection: Connection, processes: int) -> list[list[int]]:
    """Which chains each process reads, so that none has much more to read than another."""
    lengths = {chain: head.length for chain, (head, _) in heads_of(connection).items()}
    longest_first = sorted(range(CHAINS), key=lambda chain: lengths.get(chain, 0), reverse=True)
    return [longest_first[process::processes] for process in range(processes)]


def _begin() -> None:
    threading.Thread(target=_end_with_the_check, daemon=True).start()


def _end_with_the_check() -> None:
    """Whoever is forked does not hear of it when the process that it works for is killed, and would wait for ever."""
    checking = parent_process()
    if checking is not None:
        checking.join()
        os._exit(1)


def _walked_apart(
    url: str, snapshot: str, key: ChainKey, heads: Sequence[TrailHead], chains: Sequence[int]
) -> list[Walk]:
    with opened_engine(url, role=Role.SERVICE) as engine, engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        connection.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        return walked(connection, key, heads, chains)
