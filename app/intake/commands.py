"""`pisano feed` and `pisano worklist`: what partners send, and what of it waits for a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine

from app.adapters.registry import adapter as adapter_named
from app.audit.keys import chain_key
from app.console import AsJson, console, errors, show
from app.database import open_engine, transaction
from app.intake import findings, waiting, worklist
from app.intake.inbox import Received, State, receive
from app.intake.process import Processed, process_next, replay
from app.intake.status import feed_status, unfinished
from app.postgres import database_address
from app.settings import Settings, settings
from app.vocabulary.ods_code import OdsCode

feed = typer.Typer(help="What partners send, and what became of it.", no_args_is_help=True)
work = typer.Typer(help="What waits for a person, and settling it.", invoke_without_command=True)


def bars() -> Progress:
    """Progress bars of bytes, on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    return Progress(*columns, console=errors)


@feed.command("load")
def load_command(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="What the partner sent.")],
    partner: Annotated[str, typer.Option(help="Who sent it, by ODS code.")],
    adapter: Annotated[str, typer.Option(help="How the partner speaks, such as acute-hl7v2.")],
    as_json: AsJson = False,
) -> None:
    """Put files in the inbox, and process whatever waits there; ends with 1 where a file is refused."""
    with _engine(settings()) as engine, bars() as progress:
        for file in files:
            load_file(engine, file, OdsCode(partner), adapter, progress)
        processed = process_all(engine, settings(), progress)
    _show_processed(processed, as_json)
    raise typer.Exit(1 if any(one.state is not State.PROCESSED for one in processed) else 0)


def load_file(engine: Engine, file: Path, partner: OdsCode, adapter: str, progress: Progress) -> Received:
    """Put one file in the inbox; the same file again is known by its content."""
    bar = progress.add_task(f"receiving {file.name}", total=file.stat().st_size)
    with file.open("rb") as content:
        return receive(
            engine,
            content,
            partner=partner,
            adapter=adapter,
            covers=adapter_named(adapter).covers,
            at=datetime.now(UTC),
            progress=lambda size: progress.advance(bar, size),
        )


def process_all(engine: Engine, place: Settings, progress: Progress) -> list[Processed]:
    """Process every message whose turn it is, with a bar for each."""
    bars: dict[int, Any] = {}

    def advance(message: int, size: int, whole: int) -> None:
        if message not in bars:
            bars[message] = progress.add_task(f"reading message {message}", total=whole)
        progress.advance(bars[message], size)

    key = chain_key(place)
    done = []
    while (
        processed := process_next(engine, clock=lambda: datetime.now(UTC), new_id=uuid4, key=key, progress=advance)
    ) is not None:
        done.append(processed)
    return done


@feed.command("status")
def status_command(as_json: AsJson = False) -> None:
    """Every feed: when it last spoke, whether it is late, what it brought, what waits; and messages not processed."""
    with _engine(settings()) as engine, transaction(engine) as connection:
        rows, others = feed_status(connection, datetime.now(UTC)), unfinished(connection)
    show(rows, title="Feeds", as_json=as_json, empty="no partner has sent anything yet")
    if others and not as_json:
        show(others, title="Messages not processed", as_json=False)


@feed.command("findings")
def findings_command(
    message: Annotated[int | None, typer.Argument(help="One message, line by line; else all, by rule.")] = None,
    as_json: AsJson = False,
) -> None:
    """What was wrong in what partners sent, by rule, or line by line in one message."""
    with _engine(settings()) as engine, transaction(engine) as connection:
        rows = (
            [one._asdict() for one in findings.by_rule(connection)]
            if message is None
            else [asdict(one) for one in findings.of_message(connection, message)]
        )
    show(rows, title="Findings", as_json=as_json, empty="nothing was wrong")


@feed.command("replay")
def replay_command(
    messages: Annotated[list[int], typer.Argument(help="Which messages, by number.")], as_json: AsJson = False
) -> None:
    """Read messages again from their bytes, as when an adapter was mended; what is known already stays as it is."""
    with _engine(settings()) as engine, bars() as progress:
        for message in messages:
            replay(engine, message, at=datetime.now(UTC))
        processed = process_all(engine, settings(), progress)
    _show_processed(processed, as_json)


@work.callback()
def worklist_command(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="How many, the longest waiting first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """What waits, by number: from whom, since when, why, and which fields disagree. It names nobody."""
    if context.invoked_subcommand is not None:
        return
    with _engine(settings()) as engine, transaction(engine) as connection:
        rows = [_waiting_row(one) for one in waiting.open_waiting(connection, limit=limit)]
    show(rows, title="Waiting for a person", as_json=as_json, empty="nothing waits")


@work.command("file")
def file_command(
    number: Annotated[int, typer.Argument(help="What waits, by its number.")],
    person: Annotated[UUID, typer.Argument(help="Whose it is: a person's id.")],
) -> None:
    """Say whose a waiting statement is. It is filed, as is all else that waits of the partner's same person."""
    with _engine(settings()) as engine:
        filed = worklist.file_under(engine, number, person, **_by_me())
    console.print(f"filed {filed} waiting statement{'' if filed == 1 else 's'}")


@work.command("admit")
def admit_command(number: Annotated[int, typer.Argument(help="What waits, by its number.")]) -> None:
    """Say that a waiting statement's NHS number was checked: it is whoever holds the number, or someone new."""
    with _engine(settings()) as engine:
        filed = worklist.admit(engine, number, **_by_me())
    console.print(f"filed {filed} waiting statement{'' if filed == 1 else 's'}")


@work.command("dismiss")
def dismiss_command(number: Annotated[int, typer.Argument(help="What waits, by its number.")]) -> None:
    """Say that a waiting statement is not to be filed. Its message stays in the inbox."""
    with _engine(settings()) as engine:
        worklist.dismiss(engine, number, **_by_me())


@work.command("undo-merge")
def undo_command(link: Annotated[UUID, typer.Argument(help="The link that joined two people.")]) -> None:
    """Part two people who were joined and are not one; what was filed of each goes back to each."""
    with _engine(settings()) as engine:
        moved = worklist.undo_merge(engine, link, **_by_me())
    console.print(f"parted; {moved} entries went back")


def _by_me() -> dict[str, Any]:
    return {"by": getuser(), "at": datetime.now(UTC), "new_id": uuid4, "key": chain_key(settings())}


@contextmanager
def _engine(place: Settings) -> Iterator[Engine]:
    with database_address(place) as url:
        engine = open_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()


def _show_processed(processed: list[Processed], as_json: bool) -> None:
    rows = [
        {"message": one.message, "partner": one.partner, "adapter": one.adapter, "state": str(one.state)}
        | asdict(one.counts)
        for one in processed
    ]
    show(rows, title="Processed", as_json=as_json, empty="nothing new: these messages were processed before")


def _waiting_row(one: waiting.Waiting) -> dict[str, Any]:
    return {
        "number": one.id,
        "partner": one.source.partner,
        "adapter": one.source.adapter,
        "message": one.source.message,
        "line": one.line,
        "since": one.source.at,
        "reason": one.reason.code,
        "disagrees": ", ".join(one.reason.disagrees),
        "may_be": ", ".join(str(candidate) for candidate in one.reason.candidates),
    }
