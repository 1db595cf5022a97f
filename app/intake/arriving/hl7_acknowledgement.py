"""What a sender of HL7 v2 is told of its message, in original or enhanced mode (HL7 v2.4 §2.9). Pure.

Original mode holds where MSH-15 and MSH-16 are both empty: one reply, AA, AE or AR (table 0008). Else MSH-15 says when
to reply that the message was kept, CA, CE or CR, and MSH-16 when to reply AA, AE or AR (table 0155). Where both ask,
the first is sent: what the adapter finds comes later, and waits in the worklist for a person, not for the sender.
"""

import re
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.adapters.acute_hl7v2.message.segments import DELETE, NotHL7, Segment, read_header
from app.vocabulary.london import LONDON

OURS: Final = "PISANO"

_ECHOED: Final = (2, 3, 4, 5, 6, 9, 10, 11, 12)
_FIT: Final = re.compile(r"[^\x00-\x1f\x7f]{0,227}")  # characters: the longest that HL7 v2.4 allows in MSH
_BATCH: Final = (b"FHS", b"BHS")
_MARKS: Final = "^~\\&"
_ESCAPES: Final = str.maketrans({mark: f"\\{name}\\" for mark, name in zip("|^~\\&", "FSRET", strict=True)})
_VERSION: Final = "2.4"


class Outcome(StrEnum):
    """What became of a message on receipt, and the second letter of the code that says so."""

    KEPT = "A"  # it is on disk
    NOT_KEPT = "E"  # for a reason of ours: it may be sent again
    REFUSED = "R"  # it is no message of a kind that is taken here


_TEXTS: Final = {
    Outcome.KEPT: "",
    Outcome.NOT_KEPT: "the message could not be kept; send it again later",
    Outcome.REFUSED: "the message was not kept: it is of no kind that is taken here",
}
_REPLIES: Final = {  # table 0155: to which outcomes a condition asks for a reply
    "AL": frozenset(Outcome),
    "NE": frozenset(),
    "ER": frozenset((Outcome.NOT_KEPT, Outcome.REFUSED)),
    "SU": frozenset((Outcome.KEPT,)),
}


def acknowledgement(message: bytes, outcome: Outcome, *, at: datetime, control_id: str) -> bytes | None:
    """The acknowledgement of a message, without frame; `None` where its sender wants none.

    `at` is the instant of writing it and `control_id` our own number for it. What is no HL7 is refused whatever became
    of it, and nothing of it is echoed.
    """
    if why := obstacle(message):
        return refusal(why, at=at, control_id=control_id)
    header = read_header(message)
    code = _code(header, outcome)
    return _written(header, code, _TEXTS[outcome], at, control_id) if code else None


def obstacle(message: bytes) -> str | None:
    """Why bytes are no HL7 v2 message that could be acknowledged, without a word of them; `None` where they are one."""
    if message.startswith(_BATCH):
        return "it is a batch; send each message in a frame of its own, or the batch as a file"
    try:
        header = read_header(message)
    except NotHL7 as why:
        return str(why)
    if not header.raw(10).strip():
        return "it has no number in MSH-10"
    if not all(_FIT.fullmatch(header.raw(field)) for field in _ECHOED):
        return "a field of MSH is longer than HL7 lets it be, or holds what is no text"
    return None


def message_id(message: bytes) -> str:
    """What is the same when a sender sends a message again: who sent it, its number and its time.

    The time stands beside the number because some systems begin to count anew. Raises `NotHL7`.
    """
    header = read_header(message)
    return header.raw(1).join(header.raw(field) for field in (3, 4, 10, 7))


def _code(header: Segment, outcome: Outcome) -> str | None:
    accept, application = (_condition(header, field) for field in (15, 16))
    if not accept and not application:
        return f"A{outcome}"
    if outcome in _REPLIES.get(accept or "NE", _REPLIES["AL"]):
        return f"C{outcome}"
    return f"A{outcome}" if outcome in _REPLIES.get(application or "NE", _REPLIES["AL"]) else None


def _condition(header: Segment, field: int) -> str:
    raw = header.raw(field).strip().upper()
    return "" if raw == DELETE else raw


def _written(header: Segment, code: str, text: str, at: datetime, control_id: str) -> bytes:
    """Addressed to the sender, in its own marks: its names and numbers are given back as they came."""
    mark = header.raw(1)
    trigger = header.code(9, 2)
    component = header.delimiters.component
    msh = [
        "MSH",
        header.raw(2),
        *(header.raw(field) for field in (5, 6, 3, 4)),
        _time(at),
        "",
        component.join(filter(None, ("ACK", trigger))),
        control_id,
        header.raw(11) or "P",
        header.raw(12) or _VERSION,
    ]
    msa = ["MSA", code, header.raw(10), *([text] if text else [])]
    return "".join(mark.join(segment) + "\r" for segment in (msh, msa)).encode("latin-1")


def refusal(why: str, *, at: datetime, control_id: str) -> bytes:
    """What is told of bytes that cannot be acknowledged as a message: addressed to nobody, and nothing is echoed."""
    msh = f"MSH|{_MARKS}|{OURS}||||{_time(at)}||ACK|{control_id}|P|{_VERSION}"
    return f"{msh}\rMSA|A{Outcome.REFUSED}||this was not kept: {why.translate(_ESCAPES)}\r".encode("ascii")


def _time(at: datetime) -> str:
    return at.astimezone(LONDON).strftime("%Y%m%d%H%M%S%z")
