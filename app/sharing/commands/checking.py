"""`pisano isa`: whether the agreements hold together, why something may be seen, and what each role may see."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from app.console import AsJson, console, print_json, show
from app.identity.providers.provider import read_providers
from app.settings import settings
from app.sharing.checked.agreement import Read, files_in, read_agreements, read_files
from app.sharing.checked.lint import check_clauses, check_undertakings
from app.sharing.checked.mutation import check_strength
from app.sharing.checked.sign_in_roles import check_roles
from app.sharing.commands.explaining import explain_command
from app.sharing.commands.writing import export_command, prose_command, schema_command
from app.sharing.compile import version_of
from app.sharing.law import Agreements
from app.sharing.published.matrix import Cell, abbreviations, matrix
from app.sharing.written.document import Agreement
from app.sharing.written.rules import check_dates
from app.sharing.written.source import Finding, Severity
from app.vocabulary.london import london_date
from app.vocabulary.token import Action

isa = typer.Typer(help="The information sharing agreements.", no_args_is_help=True)


@isa.command("check")
def check_command(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Agreements; those of this place where none.", exists=True, dir_okay=False),
    ] = None,
    strength: Annotated[bool, typer.Option(help="Drop each clause in turn: an example must fail.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check agreements and run their examples; ends with 1 where one cannot be used."""
    read = read_files(files or files_in(settings().agreements))
    for one in read:
        _look_over(one)
        if strength and one.agreement and not one.source.findings:
            check_strength(one.agreement, one.source)
    findings = sorted(finding for one in read for finding in one.source.findings)
    if not files:
        findings += _of_sign_in([one.agreement for one in read if one.agreement])
    unusable = any(finding.severity is Severity.ERROR for finding in findings)
    if as_json:
        print_json({"findings": findings, "agreements": [_identity(one.agreement) for one in read if one.agreement]})
    else:
        _print_findings(findings)
        rows = [_identity(one.agreement) for one in read if one.agreement]
        show([row | {"sha256": row["sha256"][:12]} for row in rows], title="Agreements", as_json=False)
    raise typer.Exit(1 if unusable else 0)


def _of_sign_in(agreements: Sequence[Agreement]) -> list[Finding]:
    """Where this place's sign-in providers and its agreements differ about roles."""
    file = settings().sign_in_providers
    if file is None:
        return []
    roles = check_roles(read_providers(file), agreements)
    told = [(Severity.ERROR, one) for one in roles.wrong] + [(Severity.WARNING, one) for one in roles.doubtful]
    return [Finding(file.name, 1, severity, text) for severity, text in told]


def _look_over(read: Read) -> None:
    """What needs a calendar, and what only makes sense where nothing is wrong."""
    if read.agreement is None:
        return
    if not read.source.findings:
        check_clauses(read.agreement, read.source)
        check_undertakings(read.agreement, read.source)
    check_dates(read.agreement, read.source, on=london_date(datetime.now(UTC)))


def _identity(agreement: Agreement) -> dict[str, Any]:
    return {
        "agreement": agreement.isa,
        "version": agreement.version,
        "status": agreement.status,
        "until": agreement.effective.to,
        "clauses": len(agreement.grants) + len(agreement.prohibitions),
        "examples": len(agreement.examples),
        "sha256": version_of(agreement).sha256,
    }


def _print_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        style = "bold red" if finding.severity is Severity.ERROR else "yellow"
        console.print(str(finding), style=style, markup=False, highlight=False, soft_wrap=True)


@isa.command("matrix")
def matrix_command(
    purpose: Annotated[str | None, typer.Option(help="For one purpose alone.")] = None,
    action: Annotated[str, typer.Option(help="What is done: find, read or export.")] = "read",
    as_json: AsJson = False,
) -> None:
    """Print which role may be shown which heading, for what, under the agreements in force today."""
    agreements = read_agreements(settings().agreements)
    cells = matrix(agreements.in_force(datetime.now(UTC)), agreements.lattice, Action(action))
    shown = [cell for cell in cells if purpose in (None, cell.purpose)]
    if as_json:
        print_json(shown)
    else:
        _print_matrix(shown, agreements)


def _print_matrix(cells: list[Cell], agreements: Agreements) -> None:
    purposes, roles = abbreviations({cell.purpose for cell in cells}), abbreviations({cell.role for cell in cells})
    legend = [f"{short} {word}" for word, short in [*roles.items(), *purposes.items()]]
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), caption=", ".join(legend), caption_justify="left")
    table.add_column("heading")
    for short in roles.values():
        table.add_column(short, no_wrap=True)
    for category in agreements.lattice.categories:
        row = [
            "".join(purposes[cell.purpose] for cell in cells if (cell.role, cell.category) == (role, category))
            for role in roles
        ]
        table.add_row(category.heading, *row)
    console.print(table)


isa.command("explain")(explain_command)
isa.command("schema")(schema_command)
isa.command("prose")(prose_command)
isa.command("export")(export_command)
