"""What is said to whoever wrote an agreement wrongly: the file, the line, what is wrong, what to do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.sharing.checked.agreement import InvalidAgreement, read_agreements, read_files, read_text
from app.sharing.written.source import Severity
from tests.sharing.worlds import CORNER, WULFRUN

TEXT = CORNER.read_text(encoding="utf-8")


def said(text: str | bytes) -> list[str]:
    """The findings on a text, in the file's order."""
    content = text if isinstance(text, bytes) else text.encode()
    return [str(finding) for finding in sorted(read_text(content, "corner.yaml").source.findings)]


def changing(before: str, after: str) -> str:
    assert before in TEXT
    return TEXT.replace(before, after, 1)


def test_a_sound_agreement_has_no_findings() -> None:
    assert said(TEXT) == []


@dataclass(frozen=True)
class Fault:
    """A change to a sound agreement, and what must be said of it, on which line."""

    text: str
    line: int
    told: str


def faults() -> Iterator[Any]:
    """Every fault in `samples/faults.yaml`."""
    sections = yaml.safe_load((CORNER.parent / "faults.yaml").read_text(encoding="utf-8"))
    for section, changes in sections.items():
        for change in changes:
            text = changing(change["instead of"], change["write"])
            place = change.get("told at", change["write"])
            line = text[: text.index(place)].count("\n") + 1
            yield pytest.param(Fault(text, line, change["told"]), id=f"{section}: {change['told']}")


@pytest.mark.parametrize("fault", list(faults()))
def test_a_fault_is_told_with_its_line_and_a_remedy(fault: Fault) -> None:
    assert f"corner.yaml:{fault.line}: error: {fault.told}" in said(fault.text)


def test_a_purpose_may_not_be_called_as_emergency_access_is() -> None:
    text = TEXT.replace("protection", "emergency-access")
    assert any("`emergency-access` cannot be a purpose; call it something else" in line for line in said(text))


def test_a_place_may_do_without_emergency_access_and_guests() -> None:
    without = re.sub(r"emergency_access:\n(  .*\n)+", "", re.sub(r"guests:\n(  .*\n)+", "", TEXT))
    assert "E-NURSE" not in without
    assert said(without) == []


def test_a_party_without_signature_may_be_in_a_draft() -> None:
    assert said(changing("status: in-force", "status: draft").replace(", signed: 2026-03-01", "")) == []


def test_the_first_three_labels_stand_for_all_that_break_an_example() -> None:
    text = changing("see: {categories: [medications]}", "see: {categories: [body, legal, results]}")
    assert any("TTT/legal/normal and 1 more" in line or "and 1 more" in line for line in said(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("isa: [corner\n", "corner.yaml:2: error: the file is not readable YAML: "),
        ("isa: corner\n\ttitle: x", "corner.yaml:2: error: the file is not readable YAML: "),
        ("isa: &a corner\ntitle: *a", "corner.yaml:2: error: the file is not readable YAML: an alias stands here"),
        ("isa: corner\nisa: corner", "corner.yaml:2: error: `isa` stands here twice; keep one"),
        ("isa: \x07", "corner.yaml:1: error: the file is not readable YAML: it holds a character that no text has"),
        ("[" * 100_000, "corner.yaml:1: error: the file is not readable YAML: it is nested too deeply"),
        (b"isa: \xff\xfe", "corner.yaml:1: error: the file is not UTF-8; save it as UTF-8"),
        ("", "corner.yaml:1: error: `isa` is missing; add it"),
        ("just words", "corner.yaml:1: error: `the file` should be a mapping; write it as `name: value`"),
        ("? [a, b]\n: c", "corner.yaml:1: error: "),
    ],
)
def test_a_file_that_is_no_agreement_at_all_is_told_so(text: str | bytes, expected: str) -> None:
    told = said(text)
    assert any(line.startswith(expected) for line in told), told


def test_a_place_with_a_broken_agreement_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "corner.yaml").write_text(changing("roles: [nurse]", "roles: [nurs]"), encoding="utf-8")
    with pytest.raises(InvalidAgreement, match=r"`nurs` is no role; did you mean `nurse`\?") as refused:
        read_agreements(tmp_path)
    assert [finding.severity for finding in refused.value.findings] == [Severity.ERROR]


def test_all_agreements_of_a_folder_are_read(tmp_path: Path) -> None:
    (tmp_path / "corner.yaml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "wulfrun.yaml").write_bytes(WULFRUN.read_bytes())
    agreements = read_agreements(tmp_path)
    assert [document.isa for document in agreements.documents] == ["corner", "wulfrun"]
    assert {"CCC", "RL4"} <= set(agreements.lattice.controllers)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("title", "title"), "is the same version; raise the version, or remove one file"),
        (("version: 1.0.0", "version: 2.0.0"), "end that version on the day on which this one begins"),
    ],
)
def test_two_files_of_one_agreement_may_not_hold_together(
    tmp_path: Path, change: tuple[str, str], expected: str
) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text(TEXT, encoding="utf-8")
    second.write_text(TEXT.replace(*change, 1), encoding="utf-8")
    findings = [finding for one in read_files([first, second]) for finding in one.source.findings]
    assert [finding.text for finding in findings if expected in finding.text]


def test_a_new_version_may_follow_the_old(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text(TEXT, encoding="utf-8")
    later = TEXT.replace("version: 1.0.0", "version: 2.0.0").replace(
        "{from: 2026-04-01, to: 2027-04-01}", "{from: 2027-04-01, to: 2028-04-01}"
    )
    second.write_text(later, encoding="utf-8")
    assert len(read_agreements(tmp_path).documents) == 2
