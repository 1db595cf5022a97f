"""`pisano worklist`: what waits for a person, and settling it."""

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from app.audit.acting import operator
from app.console import AsJson, console, show
from app.database.place_engine import place_engine
from app.database.transactions import Role, transaction
from app.intake import waiting
from app.intake.front_door import bars, process_all
from app.intake.worklist import settling as worklist
from app.intake.worklist.settling import Whole
from app.intake.worklist.tracing import trace_waiting
from app.person import links
from app.person.mps_batch import MpsBatch
from app.record.kept.snapshots import held_back
from app.settings import settings

work = typer.Typer(help="What waits for a person, and settling it.", invoke_without_command=True)

Number = Annotated[int, typer.Argument(help="What waits, by its number.")]
Folder = Annotated[Path | None, typer.Option(file_okay=False, help="If not the one under `var/mps`.")]


@work.callback()
def worklist_command(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="How many, the longest waiting first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """What waits, by number: from whom, since when, why, and which fields disagree. It names nobody.

    And files that are held back, as they leave out much of what was open: `accept` says that one is whole.
    """
    if context.invoked_subcommand is not None:
        return
    with place_engine(settings(), Role.WORKER) as engine, transaction(engine) as connection:
        rows = [_row(one) for one in waiting.open_waiting(connection, limit=limit)]
        files = [one._asdict() for one in held_back(connection)]
    show(rows, title="Waiting for a person", as_json=as_json, empty="nothing waits")
    if files and not as_json:
        show(files, title="Files that are held back", as_json=False)


@work.command("file")
def file_command(number: Number, person: Annotated[UUID, typer.Argument(help="Whose it is: a person's id.")]) -> None:
    """Say whose a waiting statement is. It is filed, as is all else that waits of the partner's same person."""
    with place_engine(settings(), Role.WORKER) as engine:
        _tell_filed(worklist.file_under(engine, number, person, operator(settings())))


@work.command("admit")
def admit_command(number: Number) -> None:
    """Say that a waiting statement's NHS number was checked: it is whoever holds the number, or someone new."""
    with place_engine(settings(), Role.WORKER) as engine:
        _tell_filed(worklist.admit(engine, number, operator(settings())))


@work.command("dismiss")
def dismiss_command(number: Number) -> None:
    """Say that a waiting statement is not to be filed. Its message stays in the inbox."""
    with place_engine(settings(), Role.WORKER) as engine:
        worklist.dismiss(engine, number, operator(settings()))


@work.command("accept")
def accept_command(
    message: Annotated[int, typer.Argument(help="The message that is held back, by its number.")],
    why: Annotated[Whole, typer.Option(help="Its sender says so, or announced that so much would end.")] = Whole.SENDER,
) -> None:
    """Say that a file is whole though it leaves out much of what was open: that ends. Ask its sender first."""
    with place_engine(settings(), Role.WORKER) as engine, bars() as progress:
        worklist.accept(engine, message, operator(settings()), why=why)
        process_all(engine, settings(), progress)
    console.print(f"message {message} was accepted as whole: what it leaves out has ended")


@work.command("trace")
def trace_command(requests: Folder = None, responses: Folder = None) -> None:
    """Ask the Master Person Service about all that waits for want of an NHS number, and file whom it has found.

    Requests are left as files in one folder, and responses are read from the other: run it again when they have come.
    """
    folders = (requests or settings().var / "mps" / "requests", responses or settings().var / "mps" / "responses")
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with place_engine(settings(), Role.WORKER) as engine:
        asked, filed = trace_waiting(engine, MpsBatch(requests=folders[0], responses=folders[1]), operator(settings()))
    console.print(f"{asked} waited; {filed} of them were found and filed")


@work.command("merges")
def merges_command(
    limit: Annotated[int, typer.Option(help="How many, the newest first.")] = 50, as_json: AsJson = False
) -> None:
    """Who was joined to whom, when, and on whose word."""
    with place_engine(settings(), Role.WORKER) as engine, transaction(engine) as connection:
        rows = links.standing(connection, limit=limit)
    show(rows, title="People who were joined", as_json=as_json, empty="nobody was joined")


@work.command("merge")
def merge_command(
    survivor: Annotated[UUID, typer.Argument(help="Who stands for both from now on.")],
    retired: Annotated[UUID, typer.Argument(help="Who turned out to be the same person.")],
) -> None:
    """Say that two people are one, as somebody compared them; the record follows, and it can be undone."""
    with place_engine(settings(), Role.WORKER) as engine:
        link = worklist.merge(engine, survivor, retired, operator(settings()))
    console.print(f"joined by link {link.id}")


@work.command("undo-merge")
def undo_command(link: Annotated[UUID, typer.Argument(help="The link that joined two people.")]) -> None:
    """Part two people who were joined and are not one; what was filed of each goes back to each."""
    with place_engine(settings(), Role.WORKER) as engine:
        moved = worklist.undo_merge(engine, link, operator(settings()))
    console.print(f"parted; {moved} entries went back")


def _tell_filed(filed: int) -> None:
    console.print(f"filed {filed} waiting statement{'' if filed == 1 else 's'}")


def _row(one: waiting.Waiting) -> dict[str, Any]:
    return {
        "number": one.id,
        "partner": one.source.partner,
        "adapter": one.source.adapter,
        "message": one.source.message,
        "line": one.line,
        "since": one.source.at,
        "reason": one.waits.reason,
        "disagrees": ", ".join(one.waits.disagrees),
        "may_be": ", ".join(str(candidate) for candidate in one.waits.candidates),
    }
