"""`pisano isa schema`, `prose` and `export`: an agreement as editors, signers and other systems read it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer

from app.console import print_json
from app.errors import DomainError
from app.settings import settings
from app.sharing.checked.agreement import InvalidAgreement, files_in, read_files
from app.sharing.compile import compile_agreements
from app.sharing.published import export_cedar
from app.sharing.published.export_csv import matrix_csv
from app.sharing.published.export_fhir import permission
from app.sharing.published.matrix import matrix
from app.sharing.published.paper import as_html, as_pdf
from app.sharing.published.prose import paper
from app.sharing.written.document import Agreement
from app.sharing.written.json_schema import json_schema
from app.sharing.written.source import Severity
from app.vocabulary.london import london_midnight
from app.vocabulary.token import Action

File = Annotated[
    Path | None,
    typer.Argument(help="An agreement; that of this place where it has one only.", exists=True, dir_okay=False),
]

_READ: Final = Action("read")


class WhichAgreement(DomainError):
    """The command is about one agreement, and there are several; or it was not said what to write."""


def one_agreement(file: Path | None) -> Agreement:
    """The agreement of a file, or the only one of this place; raises `InvalidAgreement` where it cannot be used."""
    files = [file] if file else files_in(settings().agreements)
    if len(files) > 1:
        raise WhichAgreement(f"there are several agreements; name one of: {', '.join(each.name for each in files)}")
    (read,) = read_files(files)
    wrong = [finding for finding in read.source.findings if finding.severity is Severity.ERROR]
    if wrong or read.agreement is None:
        raise InvalidAgreement(sorted(wrong))
    return read.agreement


def schema_command() -> None:
    """Print the JSON Schema of agreement files, for editors."""
    print_json(json_schema())


def prose_command(
    file: File = None,
    to: Annotated[Path, typer.Option(help="Where to write it: a .html or a .pdf file.")] = Path("agreement.pdf"),
) -> None:
    """Write the agreement out as the paper that its parties sign, and print the compiled hash."""
    written = paper(one_agreement(file))
    if to.suffix == ".html":
        to.write_text(as_html(written), encoding="utf-8")
    elif to.suffix == ".pdf":
        to.write_bytes(as_pdf(written, at=datetime.now(UTC)))
    else:
        raise WhichAgreement("the paper is written as .html or .pdf; end the name of the file so")
    typer.echo(f"{written.sha256}  {to.name}")


def export_command(
    file: File = None,
    fhir: Annotated[bool, typer.Option("--fhir", help="A FHIR R5 Permission.")] = False,
    cedar: Annotated[bool, typer.Option("--cedar", help="Cedar policies.")] = False,
    cedar_schema: Annotated[bool, typer.Option("--cedar-schema", help="Their schema, in Cedar's JSON.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Role by heading, as a spreadsheet reads it.")] = False,
) -> None:
    """Print an agreement in one of the forms that other systems read."""
    if fhir + cedar + cedar_schema + csv != 1:
        raise WhichAgreement("say in which form: --fhir, --cedar, --cedar-schema or --csv")
    agreement = one_agreement(file)
    if fhir:
        print_json(permission(agreement))
    elif cedar:
        typer.echo(export_cedar.policies(agreement))
    elif cedar_schema:
        typer.echo(orjson.dumps(export_cedar.schema(agreement), option=orjson.OPT_INDENT_2).decode())
    else:
        typer.echo(_matrix(agreement), nl=False)


def _matrix(agreement: Agreement) -> str:
    """As it will be once it is in force, whatever its status now."""
    agreements = compile_agreements([agreement.model_copy(update={"status": "in-force"})])
    law = agreements.in_force(london_midnight(agreement.effective.from_))
    return matrix_csv(matrix(law, agreements.lattice, _READ))
