"""JSON documents read one at a time, from a message that may be larger than memory.

A message holds one document a line, or an array of documents, or documents one after another. Numbers are read as
they are written, as text: `17` and `"17"` are the same identifier, and no decimal is rounded.
"""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO, Final

from app.vocabulary.statement import Finding, Severity, UnreadableMessage

LONGEST_DOCUMENT: Final = 2 * 1024 * 1024
"""Bytes. A household with all its history keeps well below it; what keeps memory flat is that nothing exceeds it."""

_CHUNK: Final = 64 * 1024
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """One JSON object, and the line of the message on which it begins."""

    line: int
    content: dict[str, Any]


def documents(message: BinaryIO) -> Iterator[Document | Finding]:
    """Each document of the message, or the finding that refuses it.

    Raises `UnreadableMessage` for: an empty message; bytes other than UTF-8; a document longer than
    `LONGEST_DOCUMENT`; a message cut off, or whose documents cannot be told apart.
    """
    first = _first_line(message)
    if not first.lstrip().startswith(b"[") and _is_whole(first):
        yield from _one_a_line(first, message)
    else:
        yield from _one_after_another(_Window(first, message))


def _first_line(message: BinaryIO) -> bytes:
    line = message.readline(LONGEST_DOCUMENT + 1)
    if line.startswith(_UTF16) or b"\0" in line:
        raise UnreadableMessage("json-encoding", "the message is in UTF-16 or no text; send JSON in UTF-8", line=1)
    return line.removeprefix(codecs.BOM_UTF8)


def _is_whole(line: bytes) -> bool:
    try:
        return isinstance(_Decoder().whole(line.decode()), dict)
    except (ValueError, RecursionError):
        return False


def _one_a_line(first: bytes, message: BinaryIO) -> Iterator[Document | Finding]:
    decoder = _Decoder()
    others = iter(lambda: message.readline(LONGEST_DOCUMENT + 1), b"")
    for number, line in enumerate(chain([first], others), start=1):
        if len(line) > LONGEST_DOCUMENT:
            raise _too_long(number)
        if line.strip():
            yield _document_of(decoder, line, number)


def _document_of(decoder: "_Decoder", line: bytes, number: int) -> Document | Finding:
    try:
        return decoder.document(decoder.whole(line.decode()), number)
    except UnicodeDecodeError:
        raise _not_utf8(number) from None
    except RecursionError:
        return _refused("json-depth", number, "the document is nested too deeply; send it as the standard lays it out")
    except ValueError:
        if not line.endswith(b"\n"):
            raise _cut_off(number) from None
        return _refused("json-syntax", number, "the line is no JSON document; send one whole document a line")


def _one_after_another(window: "_Window") -> Iterator[Document | Finding]:
    decoder = _Decoder()
    first = window.next_character()
    if not first:
        raise UnreadableMessage("json-empty", "the message is empty; send it again")
    if first == "[":
        yield from _array(window, decoder)
        first = window.next_character()
        if first:
            raise UnreadableMessage("json-syntax", "something follows the array of documents", line=window.line)
    while first:
        yield window.document(decoder)
        first = window.next_character()


def _array(window: "_Window", decoder: "_Decoder") -> Iterator[Document | Finding]:
    window.at += 1
    if window.next_character() == "]":
        window.at += 1
        return
    while True:
        yield window.document(decoder)
        separator = window.next_character()
        window.at += 1
        if separator == "]":
            return
        if separator != ",":
            raise _cut_off(window.line)


class _Window:
    """As much of the message's text as holds one document, moving over it. `line` is that of the text at `at`."""

    def __init__(self, start: bytes, message: BinaryIO) -> None:
        self.message = message
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.text, self.at, self.line = "", 0, 1
        self._append(start)

    def next_character(self) -> str:
        """Move to the next character that is no space, and tell which it is; "" at the end of the message."""
        while True:
            self._pass_to(_SPACE.match(self.text, self.at).end())  # type: ignore[union-attr]  # it always matches
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._more():
                return ""

    def document(self, decoder: "_Decoder") -> Document | Finding:
        """The document that begins here; moves past it."""
        begins_with, line = self.next_character(), self.line
        if begins_with not in ("{", ""):
            raise UnreadableMessage("json-syntax", "a document must be a JSON object", line=line)
        return decoder.document(self._value(decoder), line)

    def _value(self, decoder: "_Decoder") -> Any:
        while True:
            try:
                value, end = decoder.one(self.text, self.at)
            except RecursionError:
                raise UnreadableMessage("json-depth", "a document is nested too deeply", line=self.line) from None
            except ValueError:
                if len(self.text) - self.at > LONGEST_DOCUMENT:
                    raise _too_long(self.line) from None
                if not self._more():
                    raise _cut_off(self.line) from None
            else:
                self._pass_to(end)
                return value

    def _pass_to(self, place: int) -> None:
        self.line += self.text.count("\n", self.at, place)
        self.at = place

    def _more(self) -> bool:
        """Read on, as much again as is held, so that a long document is not tried too often."""
        self.text, self.at = self.text[self.at :], 0
        piece = self.message.read(max(_CHUNK, len(self.text)))
        self._append(piece)
        return bool(piece)

    def _append(self, piece: bytes) -> None:
        try:
            self.text += self.decoder.decode(piece, final=not piece)
        except UnicodeDecodeError:
            raise _not_utf8(self.line) from None


class _Decoder:
    """Python's own decoder, told to find what JSON or the standard forbids; `flaws` are those of the last value."""

    def __init__(self) -> None:
        self.flaws: list[str] = []
        self.json = json.JSONDecoder(
            object_pairs_hook=self._object, parse_int=str, parse_float=str, parse_constant=self._constant
        )

    def whole(self, text: str) -> Any:
        """The one value that a text is; raises `ValueError` or `RecursionError`."""
        self.flaws.clear()
        return self.json.decode(text)

    def one(self, text: str, at: int) -> tuple[Any, int]:
        """The value that begins at a place, and where it ends; raises `ValueError` or `RecursionError`."""
        self.flaws.clear()
        return self.json.raw_decode(text, at)

    def document(self, value: Any, line: int) -> Document | Finding:
        """The value, unless it has a flaw or is no object."""
        if self.flaws:
            return _refused("json-syntax", line, self.flaws[0])
        if not isinstance(value, dict):
            return _refused("json-syntax", line, "a document must be a JSON object")
        return Document(line, value)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            self.flaws.append("a field stands twice in one object; send each once")
        return members

    def _constant(self, _: str) -> None:
        self.flaws.append("NaN and Infinity are no JSON numbers; leave the field out")


def _refused(rule: str, line: int, text: str) -> Finding:
    return Finding(rule=rule, severity=Severity.REFUSED, line=line, text=text)


def _not_utf8(line: int) -> UnreadableMessage:
    return UnreadableMessage("json-encoding", "the message is not in UTF-8; save it as UTF-8", line=line)


def _too_long(line: int) -> UnreadableMessage:
    text = "a document is too long; send one document a household, one a line, each under two megabytes"
    return UnreadableMessage("json-length", text, line=line)


def _cut_off(line: int) -> UnreadableMessage:
    return UnreadableMessage("json-truncated", "the message is cut off, or is no JSON; send it again", line=line)
