"""HL7 v2 messages as an acute trust writes them, and what the adapter says of them, laid out for tests to look at."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.adapters.acute_hl7v2 import ADAPTER
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import (
    Entry,
    Finding,
    FlagKind,
    IdentityChange,
    Relationship,
    Sender,
    Severity,
    Statement,
    Utterance,
)

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


@dataclass(frozen=True)
class Heard:
    """All that was said, message by message."""

    utterances: list[Utterance]

    @property
    def statements(self) -> list[Statement]:
        return [said for said in self.utterances if isinstance(said, Statement)]

    @property
    def statement(self) -> Statement:
        (one,) = self.statements
        return one

    @property
    def change(self) -> IdentityChange:
        (one,) = (said for said in self.utterances if isinstance(said, IdentityChange))
        return one

    @property
    def findings(self) -> list[Finding]:
        return [said for said in self.utterances if isinstance(said, Finding)]

    @property
    def refused(self) -> list[str]:
        return [finding.rule for finding in self.findings if finding.severity is Severity.REFUSED]

    @property
    def warned(self) -> list[str]:
        return [finding.rule for finding in self.findings if finding.severity is Severity.WARNING]

    @property
    def entries(self) -> list[Entry]:
        return [entry for said in self.statements for entry in said.entries]

    @property
    def keys(self) -> list[str]:
        return [entry.key for entry in self.entries]

    def entry(self, key: str) -> Entry:
        (one,) = (entry for entry in self.entries if entry.key == key)
        return one

    @property
    def flags(self) -> dict[FlagKind, bool]:
        return {flag.kind: flag.raised for said in self.statements for flag in said.flags}

    @property
    def relationships(self) -> dict[str, Relationship]:
        return {one.key: one for said in self.statements for one in said.relationships}


def hear(text: str | bytes) -> Heard:
    """What the adapter says of a message."""
    content = text.encode() if isinstance(text, str) else text
    return Heard(list(ADAPTER.read(io.BytesIO(content), TRUST)))


def hear_sample(name: str) -> Heard:
    """What it says of a file of the samples."""
    with (SAMPLES / name).open("rb") as file:
        return Heard(list(ADAPTER.read(file, TRUST)))
