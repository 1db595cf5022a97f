"""`pisano alert`: what waits for the privacy officer, and what came of it."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from app.audit.event import Event, Kind
from app.audit.trail import record
from app.console import AsJson, show
from app.errors import DomainError
from app.governance import store
from app.governance.acting import acting_here

alert = typer.Typer(help="What waits for the privacy officer.", no_args_is_help=True)


class Outcome(StrEnum):
    """What came of a review."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not-justified"
    INVESTIGATED = "investigated"  # it goes on elsewhere, under the partner's own procedure


class NoSuchAlert(DomainError):
    """There is none, or it was reviewed already."""


@alert.command("list")
def list_command(as_json: AsJson = False) -> None:
    """List what nobody reviewed yet, the most urgent first; what is overdue is marked."""
    with acting_here() as (connection, acting):
        waiting = store.waiting_alerts(connection)
    rows = [{**each._asdict(), "overdue": "yes" if each.review_due <= acting.at else ""} for each in waiting]
    show(rows, title="Waiting for review", as_json=as_json)


@alert.command("review")
def review_command(
    number: Annotated[UUID, typer.Argument(metavar="ALERT", help="Its id, as `alert list` tells it.")],
    outcome: Annotated[Outcome, typer.Option(help="What came of it.")],
) -> None:
    """Keep what came of an alert."""
    with acting_here() as (connection, acting):
        if not store.close_alert(connection, number, outcome=outcome, by=acting.by.subject, at=acting.at):
            raise NoSuchAlert("there is no such alert, or it was reviewed already; `pisano alert list` tells them")
        reviewed = Event(
            kind=Kind.ALERT_REVIEWED, id=acting.new_id(), at=acting.at, actor=acting.by, other=number, reason=outcome
        )
        record(connection, [reviewed], key=acting.key)
