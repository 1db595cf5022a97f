"""The character set of a message: what MSH-18 declares, UTF-8 where it declares nothing (HL7 table 0211)."""

from collections.abc import Callable
from typing import Final

from app.adapters.acute_hl7v2.message.segments import Segment

_SETS: Final = {
    **dict.fromkeys(("", "ASCII", "UNICODE", "UTF8", "UNICODEUTF8"), "utf-8"),
    **{f"8859/{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15)},
    **dict.fromkeys(
        ("8859/1", "WINDOWS1252", "CP1252"), "cp1252"
    ),  # what is called 8859/1 holds Word's quotation marks
}
_NOT_SPELT: Final = str.maketrans("", "", " -_")


def decode(content: bytes, header: Callable[[bytes], Segment]) -> str:
    """The text of a message, whose header is read where it is not plain ASCII.

    Raises `ValueError`, without a word of it, where its character set is not the declared one.
    Nothing is guessed: a wrong guess would spoil names, and nobody would notice.
    """
    if b"\0" in content:
        raise ValueError("the message holds a NUL; send text in UTF-8")
    if content.isascii():
        return content.decode("ascii")
    declared = _SETS.get(header(content).code(18).upper().translate(_NOT_SPELT))
    if declared is None:
        raise ValueError("MSH-18 declares a character set that is not read; send UTF-8 and declare UNICODE UTF-8")
    try:
        return content.decode(declared)
    except UnicodeDecodeError:
        raise ValueError("the message is not in the character set of MSH-18; declare the one it is in") from None
