"""What an operator looks after of the teams: localities, their clock, what leaves by mail, and the tables."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from app.audit.keys import chain_key
from app.console import AsJson, errors, show
from app.database.place_engine import place_engine
from app.database.transactions import Role, transaction
from app.mdt.notice_store import notices
from app.mdt.outbox import why_mail_waits
from app.mdt.steps.clock import tend
from app.mdt.steps.taking import Teams
from app.mdt.workflow.lifecycles.drawn import drawn, redrawn
from app.mdt.workflow.locality import read_localities
from app.mdt.workflow.notice import Notice
from app.settings import settings


def localities_command(as_json: AsJson = False) -> None:
    """Check the localities, and say how each team works; what is wrong is told with its line, and ends with 2."""
    known = read_localities(settings().localities_folder)
    rows = [
        {
            "locality": one.locality, "title": one.title, "host": one.host, "cadence": one.cadence.rule,
            "at": str(one.cadence.at), "slots": one.agenda.slots, "seats": len(one.core),
            "quorum": one.quorum.at_least, "consent": one.consent.practice,
        }
        for one in known.by_id.values()
    ]  # fmt: skip
    show(rows, title="Localities", as_json=as_json, empty="none; set PISANO_LOCALITIES to their folder")


def _unreached(notice: Notice) -> str:
    return f"no address is known of {notice.subject}" if notice.subject else "no address is known"


def outbox_command(limit: Annotated[int, typer.Option(min=1)] = 50, as_json: AsJson = False) -> None:
    """Show the newest notices, and what became of them: those without an address were given up at once."""
    with place_engine(settings(), Role.WORKER) as engine, transaction(engine) as connection:
        told = notices(connection, limit=limit)
    rows = [
        {
            "created_at": one.created_at, "kind": one.kind, "recipient": one.recipient or _unreached(one),
            "sent_at": one.sent_at, "attempts": one.attempts, "given_up_at": one.given_up_at,
        }
        for one in told
    ]  # fmt: skip
    show(rows, title="Notices", as_json=as_json, empty="none")
    if why := why_mail_waits(settings()):
        errors.print(why, markup=False, highlight=False)


def tend_command() -> None:
    """Do what the teams' clock does each minute in the worker: plan, lock, remind, escalate."""
    place = settings()
    teams = Teams(
        localities=read_localities(place.localities_folder), parties=frozenset(), key=chain_key(place), new_id=uuid4
    )
    with place_engine(place, Role.WORKER) as engine:
        tend(engine, teams, at=datetime.now(UTC))


def tables_command(
    into: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Redraw them in this document.")
    ] = None,
) -> None:
    """Print the lifecycles as tables, or redraw them in a document."""
    if into is None:
        typer.echo(drawn())
    else:
        into.write_text(redrawn(into.read_text(encoding="utf-8")), encoding="utf-8")
