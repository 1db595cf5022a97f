"""Comma-separated files as partners' systems and spreadsheets write them, read as a stream.

The file: comma-delimited, `"` quotes, LF or CR LF, one row of headings, UTF-8 with or without a byte order mark; cp1252
only where the sender declares it, for a wrong guess would make ZoÃ« of Zoë and nobody would notice. Columns may
stand in any order, and headings are compared by their letters and digits alone. What no reader could trust refuses the
whole file; a row that does not fit its headings is refused by itself.

    COLUMNS = (Column("NHS Number", required=True), Column("LocalPatientID", "LocalPatientId"))
    for found in rows(message, COLUMNS, encoding=sender.encoding):
        if isinstance(found, Finding): ...          # a refused row; pass it on
        line, (nhs_number, local_id) = found        # stripped; "" where empty or the column is absent

A ZIP's part reads its lines slowly: hand it over as `io.BufferedReader(archive.open(name))`.
"""

import codecs
import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import BinaryIO, Final, NamedTuple

from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.statement import Finding, Sender, Severity, UnreadableMessage

_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
LONGEST_ROW: Final = 128 * 1024
"""Bytes. No partner's row comes near it, and it keeps below `csv`'s own limit on one field."""

_NOT_SPELT = re.compile(r"[\W_]+")
_DATE = re.compile(
    r"(?:(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
    r"|(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4}))"
    r"(?:[T ][0-9:.]{1,20})?"
)
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E[+-]\d+", re.IGNORECASE)
_HASHES = re.compile(r"#{3,}")


class Column:
    """A column that is asked for, under any of the headings it goes by; the first is the one named in findings."""

    __slots__ = ("heading", "required", "spellings")

    def __init__(self, *headings: str, required: bool = False) -> None:
        self.heading = headings[0]
        self.spellings = frozenset(map(spelling, headings))
        self.required = required


def mapped_columns(headings: Mapping[str, str], sender: Sender, *, required: Collection[str]) -> list[Column]:
    """A column for each of our fields, by the heading that the sender maps it to or else its own.

    A column that is mapped is required: one that goes missing must not go unnoticed.
    """
    return [
        Column(sender.columns.get(field, heading), required=field in required or field in sender.columns)
        for field, heading in headings.items()
    ]


class Row(NamedTuple):
    """The values asked for, in the order of the columns, and the line on which the row begins."""

    line: int
    values: tuple[str, ...]


def rows(
    message: BinaryIO, columns: Sequence[Column], *, encoding: str = "utf-8", part: str | None = None
) -> Iterator[Row | Finding]:
    """Each row below the headings, or the finding that refuses it; rows that are empty throughout are passed over.

    Raises `UnreadableMessage` for: an empty file; a required heading that is missing, or one that stands twice; bytes
    of another encoding; NUL; a row longer than `LONGEST_ROW`; a file cut off within a row. `part` names the file in a
    ZIP. At least two columns must be asked for.
    """
    lines = _Lines(message, encoding, part)
    records = _records(lines)
    headings = _headings(records, part)
    pick = itemgetter(*_positions(headings, columns, part))
    width = len(headings)
    for line, values in records:
        if values is None:
            yield _refused("csv-quotes", line, "the quotation marks do not pair; double those within a value", part)
        elif len(values) < width and not lines.whole:
            raise _truncated(line, part)
        elif len(values) < width or any(values[width:]):
            text = f"the row has {len(values)} values for {width} headings; quote values that hold commas"
            yield _refused("csv-ragged", line, text, part)
        else:
            values[width:] = [""]  # where absent columns are found
            yield Row(line, tuple(map(str.strip, pick(values))))


def spelling(heading: str) -> str:
    """What makes two headings, or two values of a code list, the same: their letters and digits, whatever the case."""
    return _NOT_SPELT.sub("", heading).casefold()


def mangled_by_spreadsheet(text: str) -> bool:
    """Whether a spreadsheet has rounded a number away (9.99E+09) or hidden it (####): it can no longer be known."""
    return bool(_SCIENTIFIC.fullmatch(text) or _HASHES.fullmatch(text))


@lru_cache(maxsize=8192)
def read_date(text: str) -> date | None:
    """A date as extracts and spreadsheets write it: 2025-04-01, with or without a time, or 01/04/2025; `None` if empty.

    The day comes before the month. Raises `ValueError` for any other shape (two-digit years, serial numbers), for days
    that no calendar has, and for years before 1850 or after 2150: 9999 is no date.
    """
    if not text:
        return None
    written = _DATE.fullmatch(text)
    if not written:
        raise ValueError("a date is written 2025-04-01 or 01/04/2025")
    read = date(*map(int, written.group("y", "m", "d") if written["y"] else written.group("year", "month", "day")))
    if not 1850 <= read.year <= 2150:
        raise ValueError("the year lies outside any life on record")
    return read


def date_or_none(text: str) -> date | None:
    """A date, or `None` where there is none that can be read."""
    try:
        return read_date(text)
    except ValueError:
        return None


def is_date(text: str) -> bool:
    """Whether a field holds a date."""
    return date_or_none(text) is not None


def sound_date(text: str) -> date:
    """The date in a field that its source's rules have passed; raises `ValueError` where there is none."""
    if found := read_date(text):
        return found
    raise ValueError("the date is missing; check the rules first")


def read_nhs_number(text: str, line: int, *, part: str | None = None) -> NHSNumber | Finding | None:
    """An NHS number as extracts and spreadsheets write it, `None` if empty; a warning for what is none."""
    if not text:
        return None
    reason = "a spreadsheet has rounded the NHS number; export the column as text"
    if not mangled_by_spreadsheet(text):
        try:
            return NHSNumber.of_feed(text)
        except ValueError as error:
            reason = str(error)
    return Finding(rule="nhs-number", severity=Severity.WARNING, line=line, text=reason, part=part)


class _Lines:
    """The lines of a message as text, counted; `whole` tells whether the last one read had its end."""

    def __init__(self, message: BinaryIO, encoding: str, part: str | None) -> None:
        self.message, self.encoding, self.part = message, encoding, part
        self.count = 0
        self.left = LONGEST_ROW
        self.whole = True
        self.exhausted = False

    def __iter__(self) -> Iterator[str]:
        while line := self.message.readline(LONGEST_ROW + 1):
            self.count += 1
            self.left -= len(line)
            if self.left < 0:
                raise self._unreadable("csv-row-length", "the row never ends; look for an unpaired quotation mark")
            self.whole = line.endswith(b"\n")
            yield self._text(line)
        self.exhausted = True

    def _text(self, line: bytes) -> str:
        if self.count == 1:
            line = self._without_mark(line)
        if b"\0" in line:
            raise self._unreadable("csv-nul", "the file is no plain text, or UTF-16; save it as CSV in UTF-8")
        try:
            return line.decode(self.encoding)
        except UnicodeDecodeError:
            raise self._unreadable(
                "csv-encoding", f"the file is not in {self.encoding}; save it as CSV UTF-8"
            ) from None

    def _without_mark(self, line: bytes) -> bytes:
        if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise self._unreadable("csv-encoding", "the file is in UTF-16; save it as CSV UTF-8")
        if line.startswith(_WORKBOOKS):
            raise self._unreadable("csv-workbook", "the file is an Excel workbook or a ZIP; save it as CSV UTF-8")
        if line.startswith(codecs.BOM_UTF8):
            self.encoding = "utf-8"
        return line.removeprefix(codecs.BOM_UTF8)

    def _unreadable(self, rule: str, text: str) -> UnreadableMessage:
        return UnreadableMessage(rule, text, line=self.count, part=self.part)


def _records(lines: _Lines) -> Iterator[tuple[int, list[str] | None]]:
    """Each record that holds anything, and the line it begins on; `None` where quotation marks do not pair."""
    reader = csv.reader(iter(lines), strict=True, skipinitialspace=True)
    while True:
        began = lines.count + 1
        lines.left = LONGEST_ROW
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            if lines.exhausted:
                raise _truncated(began, lines.part) from None
            yield began, None
        else:
            if any(values):
                yield began, values


def _headings(records: Iterator[tuple[int, list[str] | None]], part: str | None) -> list[str]:
    for line, values in records:
        if values is None:
            raise UnreadableMessage("csv-headings", "the headings cannot be read", line=line, part=part)
        return values
    raise UnreadableMessage("csv-empty", "the file is empty; send it again", part=part)


def _positions(written: list[str], columns: Sequence[Column], part: str | None) -> list[int]:
    """Where each column stands; beyond the last heading where it is absent."""
    headings = [spelling(heading) for heading in written]
    missing = [column.heading for column in columns if column.required and column.spellings.isdisjoint(headings)]
    if missing:
        is_none = all(column.spellings.isdisjoint(headings) for column in columns)
        text = (is_none and _other_than_headings(",".join(written))) or f"headings are missing: {', '.join(missing)}"
        raise UnreadableMessage("csv-headings", text, line=1, part=part)
    found = [[i for i, heading in enumerate(headings) if heading in column.spellings] for column in columns]
    twice = [column.heading for column, places in zip(columns, found, strict=True) if len(places) > 1]
    if twice:
        raise UnreadableMessage("csv-headings", f"headings stand twice: {', '.join(twice)}", line=1, part=part)
    return [places[0] if places else len(headings) for places in found]


def _other_than_headings(first: str) -> str:
    """What the first row of a file is in which no heading stands; "" where it is not known."""
    if first.lstrip().startswith("<"):
        return "the file is a web page or XML; send the CSV itself"
    if ";" in first or "\t" in first:
        return "the columns are parted by semicolons or tabs; save the file with commas"
    return ""


def _refused(rule: str, line: int, text: str, part: str | None) -> Finding:
    return Finding(rule=rule, severity=Severity.REFUSED, line=line, text=text, part=part)


def _truncated(line: int, part: str | None) -> UnreadableMessage:
    return UnreadableMessage("csv-truncated", "the file is cut off within a row; send it again", line=line, part=part)
