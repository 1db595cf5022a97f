"""Parting a stream into messages: one or many, bare, in MLLP frames, or in a batch (HL7 v2.4 §2.10.3, §2.15).

Memory stays flat: no more than one message is held, and one that is too long is passed over without being held.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from app.vocabulary.statement import UnreadableMessage

LONGEST_MESSAGE: Final = 32 * 1024 * 1024
"""Bytes: a letter with scanned pages in base64 keeps well below it."""

_CHUNK: Final = 64 * 1024
_ENDINGS: Final = b"\r\n\x1c"
_AROUND: Final = b"\r\n\x0b\x1c \t"
_FIRST: Final = re.compile(rb"(?:MSH|FHS|BHS)[^A-Za-z0-9\s]")
_NEXT: Final = re.compile(rb"[\r\n\x0b\x1c](?=(?:MSH|FHS|BHS)[^A-Za-z0-9\s]|(?:BTS|FTS)(?:[^A-Za-z0-9]|\Z))")
_OVERLAP: Final = 5  # a break and the four bytes by which the next unit is known
_UTF_8_MARK: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff", b"M\0S", b"\0M\0S", b"\x0b\0M", b"\0\x0b\0M")


class Unit(NamedTuple):
    """A message as it stands in the stream, or a header or trailer of a batch: `name` is that of its first segment.

    `content` is `None` where the unit was too long. `ended` tells whether its last segment had its end.
    """

    name: str
    content: bytes | None
    ended: bool


def units(stream: BinaryIO, *, longest: int = LONGEST_MESSAGE) -> Iterator[Unit]:
    """Each message in its order, with the envelope around them.

    Raises `UnreadableMessage` where the stream is empty, does not begin with HL7, or is UTF-16.
    """
    held = bytearray(_beginning(stream))
    name, overlong, searched = _name(held), False, 0
    while True:
        taken = 0
        while following := _NEXT.search(held, searched):
            yield _unit(name, held[taken : following.end()], overlong)
            taken = searched = following.end()
            name, overlong = _name(held, taken), False
        del held[:taken]
        if overlong or len(held) > longest:
            overlong = True
            del held[:-_OVERLAP]
        searched = max(0, len(held) - _OVERLAP + 1)
        chunk = stream.read(_CHUNK)
        if not chunk:
            break
        held += chunk
    yield _unit(name, held, overlong)


def _beginning(stream: BinaryIO) -> bytes:
    start = b""
    while len(start) < _CHUNK and (chunk := stream.read(_CHUNK)):
        start += chunk
    if start.startswith(_UTF_16):
        raise UnreadableMessage("character-set", "the message is in UTF-16; send it in UTF-8 and say so in MSH-18")
    message = start.removeprefix(_UTF_8_MARK).lstrip(_AROUND)
    if not message:
        raise UnreadableMessage("empty", "there is no message in it; send it again")
    if not _FIRST.match(message):
        raise UnreadableMessage("not-hl7", "it does not begin with MSH, FHS or BHS; send HL7 v2 in ER7, not in XML")
    return message


def _name(held: bytearray, start: int = 0) -> str:
    return held[start : start + 3].decode("ascii")


def _unit(name: str, held: bytearray, overlong: bool) -> Unit:
    ended = held.rstrip(b"\x0b \t")[-1:] in _ENDINGS
    return Unit(name, None if overlong else bytes(held.strip(_AROUND)), ended)
