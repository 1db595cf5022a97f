"""`pisano code-list`: the codes that the law or the agreement keeps back, and what they newly keep back."""

from uuid import uuid4

import typer

from app.audit.event import Event, Kind
from app.audit.trail import record
from app.console import AsJson, console, show
from app.database.transactions import Role
from app.governance.commands.acting import acting_here
from app.record.code_lists import code_lists
from app.record.relabelling import relabel

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


@code_list.command("apply")
def apply_command() -> None:
    """Apply the lists to what is held already, after one was put in or changed; told to the trail."""
    lists = code_lists()
    with acting_here(Role.WORKER) as (connection, acting):
        changed = relabel(connection, lists)
        told = [
            Event(kind=Kind.CODE_LIST_APPLIED, id=uuid4(), at=acting.at, actor=acting.by, reason=each.list,
                  request=each.version)
            for each in lists.lists
        ]  # fmt: skip
        record(connection, told, key=acting.key)
    console.print(f"{changed} version{'' if changed == 1 else 's'} of entries kept back anew")
