"""Files that partners leave in folders: `<ODS code>/<adapter>/<file>`, each moved to `done` once it is in the inbox.

A file is left alone while it is being written. Whoever can should write it under another name (`.name`, `name.part`,
`name.tmp`, `name.filepart`) and rename it when it is whole, for no one can tell a long pause from an end.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import structlog
from sqlalchemy import Engine

from app.errors import DomainError
from app.intake.arriving.inbox import Received, receive
from app.vocabulary.ods_code import OdsCode

SETTLED: Final = 10.0
"""Seconds for which a file must not have changed."""

_AGAIN: Final = timedelta(minutes=1)  # until what could not be taken is tried, and told of, again
_UNFINISHED: Final = (".part", ".tmp", ".filepart")
_DONE: Final = "done"
_LONGEST_NAME: Final = 255  # bytes, on most disks

_log = structlog.get_logger()


class _State(NamedTuple):
    size: int
    changed: float  # as the clock of the file's disk has it

    @classmethod
    def of(cls, told: os.stat_result) -> "_State":
        return cls(told.st_size, told.st_mtime)


class _StillWritten(Exception):
    def __str__(self) -> str:
        return "it changed while it was read"


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
        self._left: dict[Path, datetime] = {}  # what could not be taken, and when it is tried again

    def take(self, engine: Engine, *, at: datetime) -> Iterator[Received]:
        """Put each file that is whole by `at` in the inbox, in the order of their writing, and move it to `done`."""
        self._left = {path: again for path, again in self._left.items() if again > at}
        seen = self._look(at)
        settled = [path for path, state in seen.items() if path not in self._left and self._is_settled(path, state, at)]
        self._seen = seen
        for path in sorted(settled, key=lambda path: (seen[path].changed, path.name)):
            try:
                yield _take(engine, path, at)
            except (DomainError, OSError, ValueError, _StillWritten) as failure:
                self._left[path] = at + _AGAIN
                _log.warning("file left where it is", folder=str(path.parent), reason=_reason(failure))

    def _look(self, at: datetime) -> dict[Path, _State]:
        found: dict[Path, _State] = {}
        for partner in filter(os.DirEntry.is_dir, self._inside(self._root, at)):
            for adapter in self._inside(partner, at):
                for file in self._inside(adapter, at) if self._is_folder(adapter, at) else ():
                    with suppress(FileNotFoundError):  # it went just now
                        state = file.stat(follow_symlinks=False)
                        if _is_file(file.name, state):
                            found[Path(file)] = _State.of(state)
        return found

    def _inside(self, folder: Path | os.DirEntry[str], at: datetime) -> list[os.DirEntry[str]]:
        """What stands in a folder; nothing, and that is told, where nobody may look."""
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except OSError as failure:
            self._pass_over(Path(folder), _reason(failure), at)
            return []

    def _is_folder(self, adapter: os.DirEntry[str], at: datetime) -> bool:
        """Whether what stands in it is its partner's own."""
        if adapter.is_symlink():
            self._pass_over(
                Path(adapter), "it is a link, which may lead to another partner's files; make it a folder", at
            )
            return False
        return adapter.is_dir()

    def _pass_over(self, folder: Path, why: str, at: datetime) -> None:
        if folder not in self._left:
            self._left[folder] = at + _AGAIN
            _log.warning("folder passed over", folder=str(folder), reason=why)

    def _is_settled(self, path: Path, state: _State, at: datetime) -> bool:
        return self._seen.get(path) == state and at.timestamp() - state.changed >= SETTLED


def _is_file(name: str, state: os.stat_result) -> bool:
    """A plain file under its last name: a link may lead anywhere."""
    return stat.S_ISREG(state.st_mode) and not (name.startswith(".") or name.endswith(_UNFINISHED))


def _itself(path: str, flags: int) -> int:
    """Open a file, and no link that came to stand in its place since it was looked at."""
    return os.open(path, flags | os.O_NOFOLLOW)


def _reason(failure: Exception) -> str:
    """Why something could not be taken, without its name."""
    if isinstance(failure, OSError):
        return os.strerror(failure.errno or 0).lower()
    return str(failure)


def _take(engine: Engine, path: Path, at: datetime) -> Received:
    partner, adapter = OdsCode(path.parent.parent.name), path.parent.name
    done = path.parent / _DONE
    done.mkdir(exist_ok=True)  # first, so that what could not be moved is not read again and again
    with open(path, "rb", opener=_itself) as file:
        received = receive(engine, _Whole(file), partner=partner, adapter=adapter, at=at, message_id=path.name)
    path.replace(done / os.fsdecode(os.fsencode(f"{received.message}-{path.name}")[:_LONGEST_NAME]))
    return received
