"""`pisano feed`: what partners send, what became of it, and how each of them writes it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Engine

from app.adapters import registry
from app.adapters.fhir_bundle import NAME as PUSHED
from app.audit.acting import operator
from app.audit.event import Kind
from app.console import AsJson, console, errors, print_json, show
from app.database.place_engine import place_engine
from app.database.transactions import Role, transaction
from app.errors import DomainError
from app.intake import findings
from app.intake.arriving.inbox import State
from app.intake.front_door import bars, load_file, process_all
from app.intake.process import replay
from app.intake.quality.measuring import quality_of
from app.intake.quality.status import feed_status, outcomes, unfinished
from app.record.freshness import allow_ending, declare_complete, describe, expect, let_relate
from app.record.kept.snapshots import held_back
from app.settings import settings
from app.sharing.known.feed_store import end_relationships
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Sender

feed = typer.Typer(help="What partners send, and what became of it.", no_args_is_help=True)

_COLUMNS = TypeAdapter(dict[str, str])


class NoMapping(DomainError):
    """A file does not say what a partner calls the columns of its files."""


class NoMessage(DomainError):
    """The inbox holds no message of a number."""


class Encoding(StrEnum):
    """Of a partner's text files."""

    UTF_8 = "utf-8"
    CP1252 = "cp1252"


def _ods_code(text: str) -> OdsCode:
    try:
        return OdsCode(text)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from None


Partner = Annotated[OdsCode, typer.Option(parser=_ods_code, metavar="ODS", help="Who sent it, by ODS code.")]
Adapter = Annotated[str, typer.Option(help="How the partner speaks, such as acute-hl7v2.")]


@feed.command("load")
def load_command(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="What the partner sent.")],
    partner: Partner,
    adapter: Adapter,
    as_json: AsJson = False,
) -> None:
    """Put files in the inbox, and process what waits there; ends with 1 where one of them is refused or stuck."""
    with place_engine(settings(), Role.WORKER) as engine, bars() as progress:
        received = [load_file(engine, file, partner, adapter, progress).message for file in files]
        process_all(engine, settings(), progress)
        _show_outcomes(engine, received, as_json)


@feed.command("replay")
def replay_command(
    messages: Annotated[list[int], typer.Argument(help="Which messages, by number.")], as_json: AsJson = False
) -> None:
    """Read messages again from their bytes, as when an adapter was mended; what is known already stays as it is."""
    with place_engine(settings(), Role.WORKER) as engine, bars() as progress:
        for message in messages:
            replay(engine, message, at=datetime.now(UTC))
        process_all(engine, settings(), progress)
        _show_outcomes(engine, messages, as_json)


def _show_outcomes(engine: Engine, messages: Sequence[int], as_json: bool) -> None:
    """Tell what became of messages; one that is received still is in another process's hands, or tried again later."""
    with transaction(engine) as connection:
        rows = outcomes(connection, messages)
        why = [one for one in unfinished(connection) if one["message"] in messages]
    show(rows, title="Messages", as_json=as_json)
    for one in why:
        errors.print(
            f"message {one['message']} is {one['state']}: {one['text'] or 'the log says why'}",
            markup=False,
            highlight=False,
        )
    for row in rows:
        if row["held_back"]:
            text = f"message {row['message']} leaves out much of what was open, and ended none: see `pisano worklist`"
            errors.print(text, markup=False, highlight=False)
    if any(row["refused"] for row in rows if row["state"] == State.PROCESSED):
        errors.print("some rows were refused; `pisano feed findings MESSAGE` says which and why")
    if any(row["state"] in (State.REFUSED, State.STUCK) for row in rows):
        raise typer.Exit(1)


@feed.command("status")
def status_command(as_json: AsJson = False) -> None:
    """Every feed: when it last spoke, whether it is late, what it brought, what waits; and messages not processed."""
    with place_engine(settings(), Role.WORKER) as engine, transaction(engine) as connection:
        rows, others = feed_status(connection, datetime.now(UTC)), unfinished(connection)
        files = [one._asdict() for one in held_back(connection)]
    if as_json:
        print_json({"feeds": rows, "not_processed": others, "held_back": files})
        return
    show(rows, title="Feeds", as_json=False, empty="no partner has sent anything yet")
    for title, listed in (("Messages not processed", others), ("Files that are held back", files)):
        if listed:
            show(listed, title=title, as_json=False)


@feed.command("findings")
def findings_command(
    message: Annotated[int | None, typer.Argument(help="One message, line by line; else all, by rule.")] = None,
    as_json: AsJson = False,
) -> None:
    """What was wrong in what partners sent, by rule, or line by line in one message."""
    rows: list[dict[str, Any]]
    with place_engine(settings(), Role.WORKER) as engine, transaction(engine) as connection:
        if message is None:
            rows = [one._asdict() for one in findings.by_rule(connection)]
        elif outcomes(connection, [message]):
            rows = [asdict(one) for one in findings.of_message(connection, message)]
        else:
            raise NoMessage(f"there is no message {message}; see `pisano feed status`")
    show(rows, title="Findings", as_json=as_json, empty="nothing was wrong")


@feed.command("quality")
def quality_command(partner: Partner) -> None:
    """How good what a partner sent is, feed by feed, as JSON: what is wrong, missing, unmatched and late."""
    at = datetime.now(UTC)
    with place_engine(settings(), Role.WORKER) as engine, transaction(engine) as connection:
        print_json({"partner": partner, "at": at, "feeds": quality_of(connection, partner, at=at)})


@feed.command("map")
def map_command(
    partner: Partner,
    adapter: Adapter,
    columns: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="JSON: our field names, each with its heading.")
    ] = None,
    encoding: Annotated[Encoding, typer.Option(help="Of the partner's text files.")] = Encoding.UTF_8,
) -> None:
    """Say what a partner calls the columns of its files, and in which encoding it writes them."""
    mapped = _mapping(columns, adapter) if columns else {}
    with place_engine(settings(), Role.WORKER) as engine, transaction(engine) as connection:
        describe(connection, Sender(partner=partner, columns=mapped, encoding=encoding.value), adapter)


def _mapping(file: Path, adapter: str) -> dict[str, str]:
    """What a file maps; raises `NoMapping` where it is no mapping, or maps a field that the adapter does not have."""
    try:
        mapped = _COLUMNS.validate_json(file.read_bytes())
    except ValidationError:
        raise NoMapping(f'`{file}` maps no columns; write {{"field": "Heading", ...}}') from None
    fields = registry.mappable_fields(adapter)
    if unknown := sorted(mapped.keys() - fields):
        known = ", ".join(sorted(fields)) or "none that can be mapped"
        raise NoMapping(f"`{adapter}` has no field {', '.join(unknown)}; its fields: {known}")
    return mapped


@feed.command("expect")
def expect_command(
    partner: Partner,
    adapter: Adapter,
    every: Annotated[float | None, typer.Option(min=0.1, help="Hours from one message to the next, at most.")] = None,
    ending: Annotated[
        int | None, typer.Option(min=0, max=100, help="Per cent of what is open that one file may end; 20 by itself.")
    ] = None,
) -> None:
    """Say how often a partner promised to send, so that its silence is told to whoever reads a record.

    And how much of what is open one of its files may end by leaving it out, before a person is asked.
    """
    registry.adapter(adapter)
    if every is None and ending is None:
        raise typer.BadParameter("say --every, --ending or both")
    with place_engine(settings(), Role.WORKER) as engine, transaction(engine) as connection:
        if every is not None:
            expect(connection, partner, adapter, timedelta(hours=every))
        if ending is not None:
            allow_ending(connection, partner, adapter, ending)


@feed.command("relate")
def relate_command(
    partner: Partner, heed: Annotated[bool, typer.Option("--heed/--ignore", help="Or end all that it related.")] = True
) -> None:
    """Let what a partner pushes over FHIR relate it to its people: a stay, an episode, a team or a referral of its own.

    By itself no push gives its sender sight of anybody. The trail is told who let it, and who ended it.
    """
    place = settings()
    acting = operator(place)
    with place_engine(place, Role.WORKER) as engine, transaction(engine) as connection:
        let_relate(connection, partner, PUSHED, relates=heed)
        ended = 0 if heed else end_relationships(connection, partner, f"{PUSHED}/", at=acting.at)
        acting.tell(
            connection,
            Kind.SYSTEM_REGISTERED,
            organisation=partner,
            changed=f"{partner}/{PUSHED}",
            reason="relationships-heeded" if heed else "relationships-ended",
        )
    console.print(
        f"what {partner} pushes relates it to its people from now on; what it pushed before, once it is sent again"
        if heed
        else f"what {partner} pushes relates it to nobody; what it related before ended: {ended}"
    )


@feed.command("complete")
def complete_command(
    partner: Partner,
    adapter: Adapter,
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day from which on nothing is missing.")],
) -> None:
    """Say from which day on a feed tells of everything, so that scores know how far they may look back."""
    registry.adapter(adapter)
    with place_engine(settings(), Role.WORKER) as engine, transaction(engine) as connection:
        declare_complete(connection, partner, adapter, since.date())
