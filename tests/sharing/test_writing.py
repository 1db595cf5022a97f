"""An agreement as editors, signers and other systems read it: schema, paper, FHIR Permission, spreadsheet."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jsonschema_rs
import pypdf
import pytest
import yaml
from fhir.resources.permission import Permission
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape
from typer.testing import CliRunner, Result

from app.errors import DomainError
from app.settings import ROOT
from app.sharing.checked.lint import check_undertakings
from app.sharing.commands.checking import isa
from app.sharing.compile import version_of
from app.sharing.published.blocks import Clause, Paper, Paragraph, Section, Table
from app.sharing.published.export_csv import harmless
from app.sharing.published.export_fhir import permission
from app.sharing.published.paper import as_html, as_pdf
from app.sharing.published.prose import paper
from app.sharing.written.document import Agreement
from app.sharing.written.json_schema import json_schema
from app.sharing.written.rules import check_rules
from app.sharing.written.source import Source
from tests.sharing.worlds import CORNER, LAW, NOON, WULFRUN, changed, corner

SMALL = corner.agreements.documents[0]
VALIDATOR = jsonschema_rs.validator_for(json_schema())
FILES = sorted((ROOT / "isa").glob("*.yaml"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(isa, [str(each) for each in arguments], catch_exceptions=False)


class _AsEditorsRead(yaml.SafeLoader):
    """JSON's types: a date is a text."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, shape) for tag, shape in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def as_editors_read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_AsEditorsRead)


# ── Schema ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_schema_beside_the_agreements_is_the_parsers_own() -> None:
    assert json.loads((ROOT / "isa/schema.json").read_text(encoding="utf-8")) == json_schema()


def test_the_command_prints_the_schema() -> None:
    assert json.loads(run("schema").output) == json_schema()


@pytest.mark.parametrize("path", [*FILES, CORNER], ids=lambda path: path.name)
def test_every_agreement_is_of_the_schema(path: Path) -> None:
    assert [str(error) for error in VALIDATOR.iter_errors(as_editors_read(path))] == []


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("status", "in force"),
        ("parties", []),
        ("effective", {"from": "2026-04-01"}),
        ("horoscope", "Leo"),
        ("review", {"every": "yearly", "overdue": "suspend"}),
    ],
)
def test_an_editor_underlines_what_the_parser_refuses(section: str, value: object) -> None:
    assert not VALIDATOR.is_valid(as_editors_read(CORNER) | {section: value})


# ── What people sign ─────────────────────────────────────────────────────────────────────────────────────────────────

SECTIONS = [
    "Term", "Parties", "Purposes and lawful bases", "What is shared", "Roles", "Relationships", "Who may see what",
    "What is withheld", "Objections", "Special records", "Emergency access", "Guests of meetings", "Onward disclosure",
    "Obligations", "Retention", "Audit", "Case studies", "Incidents", "Rights of the person", "Review", "Contacts",
    "Examples", "Signatures",
]  # fmt: skip


def blocks_of(written: Paper, title: str) -> tuple[Any, ...]:
    (section,) = [each for each in written.sections if each.title == title]
    return section.blocks


def words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from words(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from words(member)


def test_the_paper_has_every_section_that_people_sign() -> None:
    assert [section.title for section in paper(LAW).sections] == SECTIONS


def test_the_paper_prints_the_hash_that_every_disclosure_names() -> None:
    written = paper(LAW)
    assert written.sha256 == version_of(LAW).sha256
    assert written.sha256 in " ".join(words(asdict(written)["sections"][-1]))


def test_the_paper_states_the_lawful_basis_of_each_party_for_each_purpose() -> None:
    tables = [block for block in blocks_of(paper(LAW), "Purposes and lawful bases") if isinstance(block, Table)]
    stated = [(n, row[0]) for n, table in enumerate(tables) for row in table.rows]
    expected = [
        (n, party.name)
        for n, terms in enumerate(LAW.purposes.values())
        for basis in terms.bases
        for party in LAW.parties
        if party.ods in LAW.organisations(basis.parties)
    ]
    assert stated == expected


@pytest.mark.parametrize(
    ("section", "clauses"),
    [("Who may see what", LAW.grants), ("What is withheld", LAW.prohibitions), ("Guests of meetings", LAW.guests)],
)
def test_the_paper_has_every_clause_with_its_reason(section: str, clauses: tuple[Any, ...]) -> None:
    written = [(block.id, block.reason) for block in blocks_of(paper(LAW), section) if isinstance(block, Clause)]
    assert written == [(clause.id, clause.reason) for clause in clauses]


def test_the_paper_says_what_viewers_are_told_of_what_is_not_shown() -> None:
    written = " ".join(words(asdict(paper(SMALL))["sections"][7]))
    assert SMALL.notices is not None
    assert {SMALL.notices.banner, SMALL.notices.withheld, "You are not shown: …"} <= set(
        words(asdict(paper(SMALL))["sections"][7])
    )
    assert "whether anything is there" in written


def test_the_paper_changes_with_any_clause() -> None:
    fewer = changed(LAW, grants=LAW.grants[1:])
    assert paper(fewer) != paper(LAW)
    assert paper(fewer).sha256 != paper(LAW).sha256


MARKUP = [
    "<script>alert(1)</script>",
    '#read("/etc/passwd")',
    "*bold* _emphasis_ $x$ @label <label> = heading",
    "</title>{{ 7 * 7 }}{% raw %}",
    "\\ #panic() // gone",
]


@pytest.mark.parametrize("text", MARKUP)
def test_nothing_in_an_agreement_becomes_markup(text: str) -> None:
    section = Section(text, (Paragraph(text), Table((text,), ((text,),)), Clause("X-1", text, ((text, text),))))
    hostile = Paper(title=text, version="x 1.0.0", sha256="0" * 64, effective=text, sections=(section,))
    assert as_html(hostile).count(str(escape(text))) == 10  # and once more in the title of the window
    pages = pypdf.PdfReader(io.BytesIO(as_pdf(hostile, at=NOON))).pages
    printed = "".join("".join(page.extract_text() for page in pages).split())
    assert (
        printed.count("".join(text.split())) == 9
    )  # title, term, heading, paragraph, table head, cell, reason, a term and what it says


def test_the_paper_is_a_tagged_pdf_in_english_with_a_title() -> None:
    root: Any = pypdf.PdfReader(io.BytesIO(as_pdf(paper(LAW), at=NOON))).trailer["/Root"]
    assert "/StructTreeRoot" in root
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"


def test_the_same_paper_is_the_same_bytes() -> None:
    assert as_pdf(paper(SMALL), at=NOON) == as_pdf(paper(SMALL), at=NOON)


@pytest.mark.parametrize("name", ["agreement.html", "agreement.pdf"])
def test_the_command_writes_the_paper_and_prints_its_hash(name: str, tmp_path: Path) -> None:
    result = run("prose", WULFRUN, "--to", tmp_path / name)
    assert result.output == f"{version_of(LAW).sha256}  {name}\n"
    assert (tmp_path / name).stat().st_size > 10_000


def test_the_command_refuses_to_write_what_is_neither(tmp_path: Path) -> None:
    with pytest.raises(DomainError, match="html or"):
        run("prose", WULFRUN, "--to", tmp_path / "agreement.docx")


def test_an_agreement_that_says_nothing_of_what_people_sign_is_warned_of() -> None:
    source = Source("corner.yaml")
    check_undertakings(SMALL, source)
    missing = ["contacts", "onward_disclosure", "retention", "audit", "incidents", "rights", "review"]
    assert [finding.text.split("`")[1] for finding in source.findings] == missing


def test_a_party_without_any_lawful_basis_is_warned_of() -> None:
    spare = changed(SMALL.parties[0], id="spare", ods="ZZZ")
    bases = (changed(SMALL.purposes["protection"].bases[0], parties=("trust", "council")),)  # type: ignore[index]
    purposes = SMALL.purposes | {"protection": changed(SMALL.purposes["protection"], bases=bases)}  # type: ignore[index]
    source = Source("corner.yaml")
    check_undertakings(changed(SMALL, parties=(*SMALL.parties, spare), purposes=purposes), source)
    assert "`spare` has a lawful basis for nothing; give it one, or leave the party out" in [
        finding.text for finding in source.findings
    ]


def test_the_paper_says_what_a_person_is_told_of_who_looked_and_what_not() -> None:
    text = " ".join(words(asdict(next(one for one in paper(LAW).sections if one.title == "Audit"))))
    assert LAW.audit
    assert LAW.audit.themselves
    assert f"“{LAW.audit.themselves.says}”" in text
    assert all(heading in text for heading in ("Safeguarding", "Risks", "Safety of visiting staff"))
    silent = changed(LAW, audit=changed(LAW.audit, themselves=None))
    assert "Nobody is told by signing in" in " ".join(words(asdict(paper(silent))["sections"]))
    assert paper(silent).sha256 != paper(LAW).sha256


def test_an_agreement_that_would_let_a_person_read_of_safeguarding_is_refused_and_one_that_says_nothing_warned_of() -> (
    None
):
    assert LAW.audit
    assert LAW.audit.themselves
    source = Source("wulfrun.yaml")
    careless = changed(LAW.audit, themselves=changed(LAW.audit.themselves, kept_back=("risks", "staff-safety")))
    check_rules(changed(LAW, audit=careless), source)
    assert ["add `safeguarding`" in finding.text for finding in source.findings] == [True]
    source = Source("wulfrun.yaml")
    check_undertakings(changed(LAW, audit=changed(LAW.audit, themselves=None)), source)
    assert ["`themselves` is missing" in finding.text for finding in source.findings] == [True]


def test_the_demonstration_says_all_that_people_sign() -> None:
    source = Source("wulfrun.yaml")
    check_undertakings(LAW, source)
    assert source.findings == []


# ── Other systems ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("agreement", [LAW, SMALL], ids=["wulfrun", "corner"])
def test_the_permission_is_fhir(agreement: Agreement) -> None:
    read = Permission.model_validate(permission(agreement))
    assert read.combining == "deny-overrides"
    denied = [rule["id"] for rule in permission(agreement)["rule"] if rule["type"] == "deny"]
    assert denied == [prohibition.id for prohibition in agreement.prohibitions]


def test_the_permission_has_a_rule_for_each_clause_and_purpose_with_every_reference_resolved() -> None:
    written = permission(LAW)
    contained = {each["id"] for each in written["contained"]}
    permits = [rule for rule in written["rule"] if rule["type"] == "permit"]
    referred = {actor["reference"][1:] for rule in permits for act in rule["activity"] for actor in act["actor"]}
    assert referred <= contained
    giving = [*LAW.grants, LAW.emergency_access, *LAW.guests]
    assert [rule["id"] for rule in permits] == [
        f"{one.id}-{purpose}" for one in giving if one for purpose in one.purposes
    ]


def test_a_permission_of_what_is_not_in_force_is_a_draft() -> None:
    assert permission(changed(LAW, status="suspended"))["status"] == "draft"
    assert permission(LAW)["status"] == "active"


def test_the_spreadsheet_is_the_matrix() -> None:
    rows = list(csv.DictReader(io.StringIO(run("export", "--csv").output, newline="")))
    matrix = json.loads(run("matrix", "--json").output)
    assert [(row["role"], row["purpose"], row["category"]) for row in rows] == [
        (cell["role"], cell["purpose"], cell["category"]) for cell in matrix
    ]


@given(st.text())
def test_a_spreadsheet_runs_nothing(text: str) -> None:
    shown = harmless(text)
    assert shown.removeprefix("'") == text.removeprefix("'") or shown == text
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_an_export_says_in_which_form() -> None:
    with pytest.raises(DomainError, match="--fhir"):
        run("export")
    with pytest.raises(DomainError, match="--fhir"):
        run("export", "--fhir", "--csv")


@pytest.mark.parametrize("form", ["--fhir", "--cedar-schema"])
def test_what_is_exported_is_json(form: str) -> None:
    assert json.loads(run("export", form).output)
