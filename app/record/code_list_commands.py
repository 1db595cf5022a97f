"""`pisano code-list`: the codes that the law or the agreement keeps back, and what they newly keep back."""

from pathlib import Path
from typing import Annotated

import typer

from app.audit.event import Kind
from app.audit.trail import record
from app.console import AsJson, console, show
from app.database.transactions import Role
from app.governance.commands.acting import acting_here
from app.record.barred.code_lists import code_lists
from app.record.barred.reference_sets import Described, code_list_of
from app.record.kept.relabelling import relabel
from app.vocabulary.label import Sensitivity

code_list = typer.Typer(help="The codes that the law or the agreement keeps back.", no_args_is_help=True)


@code_list.command("list")
def list_command(as_json: AsJson = False) -> None:
    """Each list: by what law, of which version, and from where."""
    rows = [
        {
            "list": each.list,
            "version": each.version,
            "sensitivity": each.sensitivity,
            "codes": sum(len(codes.are) for codes in each.codes),
            "law": each.law,
            "source": each.source,
        }
        for each in code_lists().lists
    ]
    show(rows, title="Code lists", as_json=as_json)


@code_list.command("from-refset")
def from_refset_command(
    file: Annotated[Path, typer.Argument(help="The snapshot of a simple reference set (RF2).", exists=True)],
    refset: Annotated[str, typer.Option(help="Which reference set, by its SNOMED CT id.")],
    name: Annotated[str, typer.Option("--list", help="The name of the list, such as `assisted-conception`.")],
    title: Annotated[str, typer.Option(help="What it is about.")],
    law: Annotated[str, typer.Option(help="By what law, or undertaking, it keeps back.")],
    sensitivity: Annotated[Sensitivity, typer.Option(help="How much care it asks for.")] = Sensitivity.BARRED,
) -> None:
    """Print a reference set of a licensed release as a code list, its version pinned: for the folder `code_lists`."""
    described = Described(name=name, title=title, law=law, sensitivity=sensitivity)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        typer.echo(code_list_of(lines, refset, described), nl=False)


@code_list.command("apply")
def apply_command() -> None:
    """Apply the lists to what is held already, after one was put in or changed; told to the trail."""
    lists = code_lists()
    with acting_here(Role.WORKER) as (connection, acting):
        changed = relabel(connection, lists)
        told = [acting.event(Kind.CODE_LIST_APPLIED, reason=each.list, request=each.version) for each in lists.lists]
        record(connection, told, key=acting.key)
    console.print(f"{changed} version{'' if changed == 1 else 's'} of entries kept back anew")
