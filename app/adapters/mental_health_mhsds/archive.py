"""The ZIP of an extract: what stands in it, and within which bounds it is read at all.

Every bound is judged by the ZIP's own directory before anything is unpacked. That is safe, for `zipfile` unpacks no
more of a member than the directory says, and checks each by its CRC.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

from app.adapters import delimited
from app.adapters.delimited import Row, spelling
from app.adapters.mental_health_mhsds.tables import NEVER_EMPTY, NOT_READ, TABLES, Table
from app.vocabulary.statement import Finding, Severity, UnreadableMessage

MOST_MEMBERS: Final = 200
"""MHSDS 6.0 has 61 tables."""

LARGEST_UNPACKED: Final = 32 * 1024**3
"""Bytes, all members together; the largest providers' months are a tenth of it."""

LARGEST_RATIO: Final = 250
"""Of unpacked to packed, where a member is larger than `SMALL`. Extracts pack 10 to 60 times, a bomb 1,000 times."""

SMALL: Final = 1024**2
LARGEST_DIRECTORY: Final = 1024**2

_ENCRYPTED: Final = 0x1
_PACKINGS: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError)
_ARCHIVES: Final = re.compile(r"\.(zip|7z|rar|gz|tar|tgz|bz2|xz)$", re.IGNORECASE)
_SEPARATOR: Final = re.compile(r"[/\\]")
_OUTSIDE: Final = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)")


@dataclass(frozen=True, slots=True)
class Archive:
    """An opened extract; `strangers` are the places, from 1, of members that are no MHSDS table."""

    file: zipfile.ZipFile
    members: dict[str, zipfile.ZipInfo]
    strangers: tuple[int, ...]

    def rows(self, table: Table, encoding: str) -> Iterator[Row | Finding]:
        """The rows of a table, unpacked as they are read; none where the extract does not hold it.

        Raises `UnreadableMessage` where the bytes are damaged, and as `delimited.rows` does.
        """
        member = self.members.get(table.name)
        if member is None:
            return
        try:
            unpacked = cast(io.BufferedIOBase, self.file.open(member))
            with io.BufferedReader(unpacked) as part:
                yield from delimited.rows(part, table.sought, encoding=encoding, part=table.name)
        except _DAMAGE:
            raise _refused("the archive is damaged; send it again", table.name) from None

    def findings(self) -> Iterator[Finding]:
        """Say which members were not read. Their names stay unsaid: they may hold a person's."""
        for place in self.strangers:
            text = f"file {place} of the archive is no MHSDS table and was not read; send tables only"
            yield Finding(rule="mhsds-zip-stranger", severity=Severity.WARNING, line=0, text=text)


@contextmanager
def open_archive(message: BinaryIO) -> Iterator[Archive]:
    """Open the ZIP of an extract.

    Raises `UnreadableMessage` for: what is no ZIP; more or larger members than the bounds of this module; names that
    lead outside; encrypted members, unusual packings, archives within; a table that stands twice, or a needed one
    that is missing.
    """
    with _opened(message) as file:
        every = file.infolist()
        _within_bounds(every, message.seek(0, io.SEEK_END))
        for member in every:
            _refuse_unsafe(member)
        members = [member for member in every if not member.is_dir()]
        tables = [_table_of(member) for member in members]
        strangers = tuple(place for place, name in enumerate(tables, 1) if name is None)
        yield Archive(file, _each_once(members, tables), strangers)


@contextmanager
def _opened(message: BinaryIO) -> Iterator[zipfile.ZipFile]:
    try:
        file = zipfile.ZipFile(_Bounded(message))
    except _DAMAGE:
        text = "the file is no ZIP, or is cut off; send a ZIP of CSVs, a table each (not an Access database), whole"
        raise _refused(text) from None
    with file:
        yield file


def _within_bounds(members: list[zipfile.ZipInfo], size: int) -> None:
    if len(members) > MOST_MEMBERS:
        raise _refused(f"the archive holds more than {MOST_MEMBERS} files; send one file for each table")
    if sum(member.file_size for member in members) > LARGEST_UNPACKED:
        raise _refused("the archive unpacks to more than any extract does; send each month by itself")
    if any(member.file_size > max(SMALL, LARGEST_RATIO * member.compress_size) for member in members):
        raise _refused("a file of the archive unpacks to far more than a table does; it is not read")
    if sum(member.compress_size for member in members) > size or any(not m.header_offset < size for m in members):
        raise _refused("the archive is damaged; send it again")
    if not all(member.filename for member in members):
        raise _refused("the archive is damaged: it names a file by nothing; send it again")


def _refuse_unsafe(member: zipfile.ZipInfo) -> None:
    if _OUTSIDE.search(member.filename):
        raise _refused("a name in the archive leads outside it; pack the tables by their names alone")
    if member.flag_bits & _ENCRYPTED:
        raise _refused("the archive is encrypted; send it unencrypted over the protected connection")
    if member.compress_type not in _PACKINGS:
        raise _refused("the archive is packed by another method than deflate; pack it as an ordinary ZIP")
    if _ARCHIVES.search(member.filename):
        raise _refused("the archive holds another archive; pack the tables themselves")


def _table_of(member: zipfile.ZipInfo) -> str | None:
    """The table that a member is, `""` for one that is known but not read, `None` for any other file."""
    name = _SEPARATOR.split(member.filename)[-1]
    if name.startswith("."):  # what a Mac adds for each file
        return None
    stem = spelling(name.rpartition(".")[0] or name)
    if stem in NOT_READ:
        return ""
    return next((table.name for table in TABLES.values() if stem in table.spellings), None)


def _each_once(members: list[zipfile.ZipInfo], tables: list[str | None]) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    for member, name in zip(members, tables, strict=True):
        if name in found:
            raise _refused(f"the archive holds {name} twice; send each table once", part=name)
        if name:
            found[name] = member
    for name in NEVER_EMPTY:
        if name not in found:
            text = f"{name} is missing, without which no other table is read; add it, and send the whole ZIP again"
            raise UnreadableMessage("mhsds-table", text, part=name)
    return found


def _refused(text: str, part: str | None = None) -> UnreadableMessage:
    return UnreadableMessage("mhsds-zip", text, part=part)


class _Bounded:
    """A message of which no more is read at once than a directory of sensible size: `zipfile` takes all it is told."""

    def __init__(self, message: BinaryIO) -> None:
        self.message = message
        self.seek, self.tell, self.seekable = message.seek, message.tell, message.seekable

    def read(self, size: int = -1, /) -> bytes:
        if size > LARGEST_DIRECTORY:
            raise zipfile.BadZipFile
        return self.message.read(size)
