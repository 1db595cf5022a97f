"""Reads the agreements of a place: each file checked, its examples executed, all compiled together."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from app.sharing.checked.examples import check_examples
from app.sharing.compile import compile_agreements
from app.sharing.law import Agreements
from app.sharing.written.document import Agreement
from app.sharing.written.references import check_references
from app.sharing.written.rules import check_rules
from app.sharing.written.schema import check_schema
from app.sharing.written.source import Finding, Severity, Source, Unusable, read_source


class InvalidAgreement(Unusable):
    """An agreement cannot be used."""


class Read(NamedTuple):
    """A file that was read; `agreement` is `None` where its schema is broken."""

    source: Source
    agreement: Agreement | None


def read_agreements(folder: Path) -> Agreements:
    """Every `*.yaml` of a folder, checked and compiled; raises `InvalidAgreement`, which holds every error."""
    read = read_files(files_in(folder))
    errors = [finding for one in read for finding in one.source.findings if finding.severity is Severity.ERROR]
    if errors:
        raise InvalidAgreement(sorted(errors))
    return compile_agreements(one.agreement for one in read if one.agreement)


def files_in(folder: Path) -> list[Path]:
    """The agreements of a folder; raises `InvalidAgreement` where there is none."""
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise InvalidAgreement(
            [Finding(folder.name, 1, Severity.ERROR, "there is no agreement; put a .yaml file here")]
        )
    return files


def read_files(paths: Sequence[Path]) -> list[Read]:
    """Read files that are to hold together; whatever is wrong is among the findings of their sources."""
    read = [read_text(path.read_bytes(), str(Path(path.parent.name, path.name))) for path in paths]
    for one, other in combinations((each for each in read if each.agreement), 2):
        _check_overlap(one, other)
    return read


def read_text(content: bytes, file: str) -> Read:
    """Read one agreement, in every way that needs neither a calendar nor another agreement."""
    try:
        source = read_source(content.decode(), file)
    except UnicodeDecodeError:
        source = Source(file)
        source.error((), "the file is not UTF-8; save it as UTF-8")
    agreement = None if source.findings else check_schema(source, Agreement)
    if agreement:
        check_references(agreement, source)
        check_rules(agreement, source)
    if agreement and not source.findings:
        check_examples(agreement, source)
    return Read(source, agreement)


def _check_overlap(one: Read, other: Read) -> None:
    first, second = one.agreement, other.agreement
    if first is None or second is None or first.isa != second.isa:
        return
    if first.version == second.version:
        other.source.error(
            ("version",), f"{one.source.file} is the same version; raise the version, or remove one file"
        )
    elif _in_force_together(first, second):
        other.source.error(
            ("effective",), f"it overlaps {one.source.file}; end that version on the day on which this one begins"
        )


def _in_force_together(first: Agreement, second: Agreement) -> bool:
    return (
        first.status == second.status == "in-force"
        and first.effective.from_ < second.effective.to
        and second.effective.from_ < first.effective.to
    )
