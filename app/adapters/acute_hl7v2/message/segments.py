r"""One HL7 v2 message in ER7 ("pipes and hats"), read by splitting as late as possible (HL7 v2.4 §2.6 to §2.10).

The delimiters are those that MSH-1 and MSH-2 name. A field is silent where nothing stands between its separators, and
deleted where `""` does: the two are never the same. Escapes are read where a component is asked for: \F\ \S\ \T\ \R\
\E\ are delimiters, \.br\ and \.sp\ line breaks, \X0D\ bytes, \H\ and \N\ (highlighting) nothing; others stay.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

DELETE: Final = '""'

_MARK: Final = re.compile(rb"[!#-/:-@\[-`{-~]")  # ASCII punctuation but the quotation mark, which deletes
_LONGEST_MARKS: Final = 9
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f]")
_LINE: Final = re.compile(rb"[\r\n]")
_MOST_PEOPLE: Final = 256


class NotHL7(ValueError):
    """These bytes do not begin with a readable MSH segment; the text says why, without a word of them."""


class Delimiters(NamedTuple):
    """The characters that part a message; `escape` and `subcomponent` are empty where MSH-2 names none."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str


class Segment:
    """The fields of one segment, counted as HL7 counts them: the first after the name is 1, and MSH-1 the separator."""

    __slots__ = ("_read", "delimiters", "fields", "name", "once")

    def __init__(self, line: str, delimiters: Delimiters) -> None:
        self.delimiters = delimiters
        self.fields = line.split(delimiters.field)
        self.name = self.fields[0]
        self._read: dict[int, list[list[str]]] = {}
        self.once: dict[object, tuple[Any, list[Any]]] = {}  # what `Reading.once` has made of it
        if self.name == "MSH":
            self.fields.insert(1, delimiters.field)

    def raw(self, field: int) -> str:
        """A field as it stands, "" where it is silent or absent."""
        return self.fields[field] if field < len(self.fields) else ""

    def silent(self, *fields: int) -> bool:
        """Whether the segment says nothing in any of these fields, so that what was known stays."""
        return not any(map(self.raw, fields))

    def repetitions(self, field: int) -> list[list[str]]:
        """The components of each repetition that says anything; not to be changed."""
        found = self._read.get(field)
        if found is None:
            raw = self.raw(field)
            found = self._read[field] = self._parted(raw) if raw and raw != DELETE else []
        return found

    def components(self, field: int) -> list[str]:
        """The components of the first repetition."""
        found = self.repetitions(field)
        return found[0] if found else []

    def text(self, field: int, component: int = 1) -> str:
        """A component of the first repetition, "" where it is silent, deleted or absent."""
        if field >= len(self.fields) or not self.fields[field]:
            return ""
        found = self._read.get(field) or self.repetitions(field)
        return found[0][component - 1] if found and component <= len(found[0]) else ""

    def code(self, field: int, component: int = 1) -> str:
        """The same without surrounding space and without subcomponents: what codes and identifiers are."""
        raw = self.fields[field] if field < len(self.fields) else ""
        if not raw or (component == 1 and raw.isalnum()):  # most fields: a mark is none of these
            return raw
        text = self.text(field, component)
        if text and self.delimiters.subcomponent in text:
            return self.heads(field)[0][component - 1]
        return text.strip()

    def heads(self, field: int) -> list[list[str]]:
        """The first subcomponent of each component of each repetition, without surrounding space."""
        mark = self.delimiters.subcomponent
        raw = self.raw(field)
        if mark and mark in raw:  # parted before it is unescaped: an escaped mark parts nothing
            repetitions = self._split(raw)
            return [[self._plain(one.partition(mark)[0]).strip() for one in components] for components in repetitions]
        return [[one.strip() for one in components] for components in self.repetitions(field)]

    def _parted(self, raw: str) -> list[list[str]]:
        if raw.isalnum():  # most fields: a mark is none of these
            return [[raw]]
        repetitions = self._split(raw)
        escape = self.delimiters.escape
        if escape and escape not in raw and DELETE not in raw:
            return repetitions
        return [[self._plain(one) for one in components] for components in repetitions]

    def _split(self, raw: str) -> list[list[str]]:
        _, component, repetition, _, _ = self.delimiters
        parts = raw.split(repetition) if repetition else [raw]
        return [one.split(component) for one in parts if one and one != DELETE]

    def _plain(self, component: str) -> str:
        return "" if component == DELETE else unescape(component, self.delimiters)


class Message:
    """The segments of one message in their order; `breaks` counts the line breaks that stand within fields."""

    __slots__ = ("_by_name", "_none", "breaks", "segments")

    def __init__(self, segments: list[Segment], breaks: int) -> None:
        self.segments = segments
        self.breaks = breaks
        self._none = _silent_segment(segments[0].delimiters)
        self._by_name: dict[str, list[Segment]] = {}
        for segment in segments:
            self._by_name.setdefault(segment.name, []).append(segment)

    @property
    def header(self) -> Segment:
        """The MSH segment."""
        return self.segments[0]

    def every(self, name: str) -> Sequence[Segment]:
        """All segments of a name, in order."""
        return self._by_name.get(name, ())

    def one(self, name: str) -> Segment:
        """The first segment of a name; where there is none, one without a name that is silent on everything."""
        found = self._by_name.get(name)
        return found[0] if found else self._none


def read_header(message: bytes) -> Segment:
    """The MSH segment of a message in any encoding, its characters standing for bytes; raises `NotHL7`."""
    line = _LINE.split(message, maxsplit=1)[0]
    return Segment(line.decode("latin-1"), read_delimiters(line))


def read_delimiters(message: bytes) -> Delimiters:
    """What MSH-1 and MSH-2 name; raises `NotHL7` where they name fewer than two marks, or one mark twice."""
    return _delimiters(message[:_LONGEST_MARKS])


@lru_cache
def _delimiters(start: bytes) -> Delimiters:
    if start[:3] != b"MSH" or not _MARK.match(start, 3):
        raise NotHL7("it does not begin with MSH and a field separator")
    separator = start[3:4]
    encoding = _LINE.split(start[4:], maxsplit=1)[0].partition(separator)[0]
    marks = [bytes([mark]) for mark in separator + encoding[:4]]  # HL7 v2.7 adds a fifth, for truncation
    if len(marks) < 3 or len(set(marks)) < len(marks) or not all(map(_MARK.match, marks)):
        raise NotHL7("MSH-2 does not name the marks that part a field; write ^~\\&")
    return Delimiters(*(mark.decode("ascii") for mark in marks), *[""] * (5 - len(marks)))


class People:
    """The PID segments of the messages just before, by their text: most senders repeat them word for word."""

    def __init__(self) -> None:
        self._held: dict[str, Segment] = {}

    def segment(self, line: str, delimiters: Delimiters) -> Segment:
        """A PID, parted anew but where it was seen."""
        held = self._held.get(line)
        if held is None or held.delimiters != delimiters:
            if len(self._held) >= _MOST_PEOPLE:
                self._held.clear()
            held = self._held[line] = Segment(line, delimiters)
        return held


def parse(text: str, delimiters: Delimiters, people: People | None = None) -> Message:
    """Part a message into segments, ended by CR, CR LF or LF; it begins with MSH.

    A line that begins with no segment's name belongs to the field before it: its sender let a break through unescaped.
    """
    people = people or People()
    begins = _beginning_of_segment(delimiters.field).match
    if "\n" in text:
        text = text.replace("\r\n", "\r").replace("\n", "\r")
    lines: list[str] = []
    breaks = 0
    for line in text.split("\r"):
        if begins(line):
            lines.append(line)
        elif line.strip():
            lines[-1] += "\n" + line
            breaks += 1
    return Message(
        [people.segment(line, delimiters) if line[:3] == "PID" else Segment(line, delimiters) for line in lines], breaks
    )


@cache
def _beginning_of_segment(separator: str) -> re.Pattern[str]:
    return re.compile(rf"[A-Z][A-Z0-9]{{2}}(?:{re.escape(separator)}|\Z)")


@cache
def _silent_segment(delimiters: Delimiters) -> Segment:
    return Segment("", delimiters)


def unescape(text: str, delimiters: Delimiters) -> str:
    """The text that was escaped; a lone escape character stays."""
    mark = delimiters.escape
    if not mark or mark not in text:
        return text
    pieces = text.split(mark)
    plain = [pieces[0]]
    within = iter(range(1, len(pieces)))
    for at in within:
        if at + 1 == len(pieces) or (meant := _escaped(pieces[at], delimiters)) is None:
            plain.append(mark + pieces[at])
        else:
            plain += meant, pieces[at + 1]
            next(within)
    return "".join(plain)


def _escaped(sequence: str, delimiters: Delimiters) -> str | None:
    """What one escape sequence means; `None` where it is not one of those that have a meaning as text."""
    match sequence:
        case "F":
            return delimiters.field
        case "S":
            return delimiters.component
        case "T":
            return delimiters.subcomponent
        case "R":
            return delimiters.repetition
        case "E":
            return delimiters.escape
        case "H" | "N":
            return ""
        case ".br" | ".sp":
            return "\n"
    if sequence[:1] == "X":
        return _bytes_meant(sequence[1:])
    return None


def _bytes_meant(digits: str) -> str | None:
    try:
        meant = bytes.fromhex(digits).decode("utf-8")
    except ValueError:
        return None
    return None if _CONTROL.search(meant) else meant
