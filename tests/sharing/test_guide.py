"""docs/sharing.md says what is so: its keys are the schema's, its clauses the demonstration's, its findings real."""

import re
from datetime import date

import pytest
from typer.testing import CliRunner

from app.settings import ROOT
from app.sharing.checked.agreement import read_text
from app.sharing.commands.checking import isa
from app.sharing.written.document import Agreement
from app.sharing.written.rules import check_dates
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from tests.sharing.worlds import CORNER, WULFRUN

GUIDE = (ROOT / "docs/sharing.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return GUIDE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def first_column(title: str) -> set[str]:
    rows = re.findall(r"^\| (`.*?) \|", section(title), flags=re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def test_every_section_of_an_agreement_is_told_and_no_other() -> None:
    assert first_column("The sections") == set(Agreement.model_fields)


def test_every_sensitivity_is_told_and_no_other() -> None:
    assert first_column("What it speaks about") == set(Sensitivity)


def test_every_flag_is_told_and_no_other() -> None:
    assert first_column("Flags, objections and death") == set(FlagKind)


@pytest.mark.parametrize("clause", re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.DOTALL))
def test_every_clause_shown_stands_in_the_demonstration_agreement(clause: str) -> None:
    assert clause in WULFRUN.read_text(encoding="utf-8")


def faulty() -> str:
    text = CORNER.read_text(encoding="utf-8").replace("roles: [nurse]", "roles: [nurs]", 1)
    return text.replace("categories: [body, address]", "categories: [bodies, address]")


def test_every_finding_shown_is_what_is_said() -> None:
    source, agreement = read_text(faulty().encode(), "corner.yaml")
    assert agreement is not None
    check_dates(agreement, source, on=date(2027, 4, 1))
    shown = re.findall(r"^corner\.yaml:.*$", GUIDE, flags=re.MULTILINE)
    assert shown == [str(finding) for finding in sorted(source.findings) if finding.severity == "error"]


def test_the_question_shown_is_answered() -> None:
    shown = re.search(r"pisano isa (explain .*?)\n```", GUIDE, flags=re.DOTALL)
    assert shown is not None
    question = shown.group(1).replace("\\\n", " ").split()
    result = CliRunner().invoke(isa, question, catch_exceptions=False)
    assert result.exit_code == 0
    assert "X-DISSENT" in result.output
