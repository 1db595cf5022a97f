"""What an adapter said of a message, as tests ask about it."""

from dataclasses import dataclass

from app.vocabulary.flag import FlagKind
from app.vocabulary.statement import Entry, Finding, IdentityChange, Relationship, Severity, Statement, Utterance


@dataclass(frozen=True)
class Heard:
    """All that was said, in order."""

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

    def of(self, person: str) -> list[Entry]:
        """The entries of whoever has this number in the sender's system."""
        return [entry for said in self.statements if said.subject.local_id == person for entry in said.entries]

    @property
    def flags(self) -> dict[FlagKind, bool]:
        return {flag.kind: flag.raised for said in self.statements for flag in said.flags}

    @property
    def relationships(self) -> dict[str, Relationship]:
        return {one.key: one for said in self.statements for one in said.relationships}
