"""FHIR R4 bundles of UK shape: transaction, batch, collection and message, as JSON.

Each resource is an entry under its business identifier; a Patient is parted by how much it locates. The entry's label
is the sending partner's whatever the payload says; what the payload says of its own sensitivity can only raise it.
Findings are by position in the bundle, counted from 1; a bundle is refused whole, but for a batch.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from app.adapters.fhir_bundle.bundle import read_bundle
from app.adapters.fhir_bundle.labels import COVERS
from app.adapters.fhir_bundle.reading import ReadBundle, read
from app.profiles.issue import Issue, Level
from app.profiles.strict_json import DEFAULT_LIMITS, Unreadable
from app.vocabulary.category import Category
from app.vocabulary.statement import Finding, Sender, Severity, UnreadableMessage, Utterance

NAME: Final = "fhir-bundle"


@dataclass(frozen=True, slots=True)
class FhirBundle:
    """The adapter."""

    name: str = NAME
    covers: frozenset[Category] = COVERS

    def read(self, message: BinaryIO, sender: Sender) -> Iterator[Utterance]:
        """See `registry.Adapter`; a bundle is bounded, so it is read whole."""
        try:
            bundle = read_bundle(message.read(DEFAULT_LIMITS.bytes + 1))
        except Unreadable as unreadable:
            issue = unreadable.issue
            raise UnreadableMessage(issue.rule, told(issue)) from None
        yield from utterances(read(bundle, sender.partner))


ADAPTER: Final = FhirBundle()


def utterances(reading: ReadBundle) -> Iterator[Utterance]:
    """What a bundle says to intake; raises `UnreadableMessage` where the whole is refused, for its first error."""
    if reading.refused:
        line, issue = next(
            (line, issue) for line, one in reading.told.items() for issue in one.issues if issue.level is Level.ERROR
        )
        raise UnreadableMessage(issue.rule, told(issue), line=line)
    for line, one in reading.told.items():
        yield from findings_of(line, one.issues)
    yield from reading.statements()


def findings_of(line: int, issues: Iterable[Issue]) -> Iterator[Finding]:
    """What is wrong with one entry, as intake keeps it."""
    for issue in issues:
        severity = Severity.REFUSED if issue.level is Level.ERROR else Severity.WARNING
        yield Finding(rule=issue.rule, severity=severity, line=line, text=told(issue))


def told(issue: Issue) -> str:
    """An issue in one line: where, and what."""
    return f"{issue.path}: {issue.text}" if issue.path else issue.text
