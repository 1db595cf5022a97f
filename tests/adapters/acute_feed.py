"""HL7 v2 messages as an acute trust writes them, and what the adapter says of them, laid out for tests to look at."""

import io
from collections.abc import Mapping
from pathlib import Path

from app.adapters.acute_hl7v2 import ADAPTER
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import (
    Sender,
)
from tests.adapters.heard import Heard

SAMPLES = Path(__file__).parent / "samples" / "acute"
TRUST = Sender(partner=OdsCode("RL4"))

Fields = Mapping[int, str]


def samples() -> list[str]:
    return sorted(path.name for path in SAMPLES.glob("*.hl7"))


def segment(name: str, fields: Fields) -> str:
    """A segment whose fields are given by HL7's own numbers."""
    return "|".join([name, *(fields.get(number, "") for number in range(1, max(fields, default=0) + 1))])


def message(type_: str, *segments: str, header: Fields | None = None, event: Fields | None = None) -> str:
    """A message of a type such as `ADT^A01`, recorded at nine on 1 March 2026, its segments ended by CR."""
    told = {3: "PAS", 4: "RL4", 7: "20260301090000", 9: type_, 10: "N1", 11: "P", 12: "2.4", **(header or {})}
    msh = "MSH|^~\\&|" + segment("", {number - 1: text for number, text in told.items()}).removeprefix("||")
    evn = segment("EVN", {2: "20260301090000", **(event or {})})
    return "\r".join([msh, evn, *segments]) + "\r"


def pid(fields: Fields | None = None) -> str:
    """Rosa Ferrante, who does not exist."""
    return segment("PID", {3: "H1001^^^RL4^MR~9990001006^^^NHS^NH", **(fields or {})})


def pv1(fields: Fields | None = None, *, kind: str = "I", number: str = "V1") -> str:
    return segment("PV1", {2: kind, 19: number, 44: "202602091015", **(fields or {})})


def visit(
    trigger: str, fields: Fields | None = None, *more: str, kind: str = "I", event: Fields | None = None
) -> "Heard":
    """What an ADT message about Rosa Ferrante's visit V1 says."""
    return hear(message(f"ADT^{trigger}", pid(), pv1(fields, kind=kind), *more, event=event))


def hear(text: str | bytes) -> Heard:
    """What the adapter says of a message."""
    content = text.encode() if isinstance(text, str) else text
    return Heard(list(ADAPTER.read(io.BytesIO(content), TRUST)))


def hear_sample(name: str) -> Heard:
    """What it says of a file of the samples."""
    with (SAMPLES / name).open("rb") as file:
        return Heard(list(ADAPTER.read(file, TRUST)))
