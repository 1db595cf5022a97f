"""Files that partners leave in folders: `<ODS code>/<adapter>/<file>`, each moved to `done` once it is in the inbox.

A file is left alone while it is being written. Whoever can should write it under another name (`.name`, `name.part`,
`name.tmp`, `name.filepart`) and rename it when it is whole, for no one can tell a long pause from an end.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import structlog
from sqlalchemy import Engine

from app.errors import DomainError
from app.intake.arriving.inbox import Received, receive
from app.vocabulary.ods_code import OdsCode

SETTLED: Final = 10.0
"""Seconds for which a file must not have changed."""

_UNFINISHED: Final = (".part", ".tmp", ".filepart")
_DONE: Final = "done"

_log = structlog.get_logger()


class _State(NamedTuple):
    size: int
    changed: float  # as the clock of the file's disk has it

    @classmethod
    def of(cls, told: os.stat_result) -> "_State":
        return cls(told.st_size, told.st_mtime)


class _StillWritten(Exception):
    """The file changed while it was read."""


class _Whole:
    """A file that must be at its end what it was when it was opened."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._opened = self._state()

    def read(self, size: int) -> bytes:
        piece = self._file.read(size)
        if not piece and self._state() != self._opened:
            raise _StillWritten
        return piece

    def _state(self) -> _State:
        return _State.of(os.fstat(self._file.fileno()))


class Folders:
    """The folders under one root; it remembers between two looks which files were still being written."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[Path, _State] = {}

    def take(self, engine: Engine, *, at: datetime) -> Iterator[Received]:
        """Put each file that is whole by `at` in the inbox, in the order of their writing, and move it to `done`."""
        seen = self._look()
        settled = [path for path, state in seen.items() if self._is_settled(path, state, at)]
        self._seen = seen
        for path in sorted(settled, key=lambda path: (seen[path].changed, path.name)):
            try:
                yield _take(engine, path, at)
            except (DomainError, OSError, ValueError, _StillWritten) as failure:
                _log.warning("file left where it is", folder=str(path.parent), failure=type(failure).__name__)

    def _look(self) -> dict[Path, _State]:
        paths = self._root.glob("*/*/*")
        return {path: _State.of(path.lstat()) for path in paths if _is_file(path)}

    def _is_settled(self, path: Path, state: _State, at: datetime) -> bool:
        return self._seen.get(path) == state and at.timestamp() - state.changed >= SETTLED


def _is_file(path: Path) -> bool:
    """A plain file under its last name: a link may lead anywhere."""
    return path.is_file() and not (path.is_symlink() or path.name.startswith(".") or path.suffix in _UNFINISHED)


def _take(engine: Engine, path: Path, at: datetime) -> Received:
    partner, adapter = OdsCode(path.parent.parent.name), path.parent.name
    with path.open("rb") as file:
        received = receive(engine, _Whole(file), partner=partner, adapter=adapter, at=at, message_id=path.name)
    done = path.parent / _DONE
    done.mkdir(exist_ok=True)
    path.replace(done / f"{received.message}-{path.name}")
    return received
