"""`pisano alert`: what waits for the privacy officer, and what came of it."""

from typing import Annotated, Any
from uuid import UUID

import typer

from app.audit.acting import Acting
from app.console import AsJson, show
from app.errors import DomainError
from app.governance.alerts import triage
from app.governance.alerts.store import Alert
from app.governance.alerts.triage import OPEN, State, Step, Triage, take
from app.governance.commands.acting import acting_here

alert = typer.Typer(help="What waits for the privacy officer.", no_args_is_help=True)

_TO: dict[State, Step] = {
    State.LOOKED_INTO: Step.LOOK_INTO,
    State.JUSTIFIED: Step.JUSTIFY,
    State.FALSE_ALARM: Step.DISMISS,
    State.MISUSE: Step.FIND_MISUSE,
    State.PASSED_ON: Step.PASS_ON,
}

Number = Annotated[UUID, typer.Argument(metavar="ALERT", help="Its id, as `alert list` tells it.")]
Note = Annotated[str, typer.Option(help="Why, in words that stay out of the trail.")]


class NoSuchAlert(DomainError):
    """There is none."""


@alert.command("list")
def list_command(
    every: Annotated[bool, typer.Option("--all", help="Those that are closed, too.")] = False, as_json: AsJson = False
) -> None:
    """List what is still open, the most urgent first; what is overdue is marked."""
    with acting_here() as (connection, acting):
        found = triage.alerts_for(connection, Triage(acting=acting), waiting=not every)
    rows = [_row(each, acting) for each in found]
    show(rows, title="Waiting for review", as_json=as_json)


@alert.command("review")
def review_command(
    number: Number,
    outcome: Annotated[State, typer.Option(help="Where it stands now: `looked-into` first, for misuse.")],
    note: Note = "",
) -> None:
    """Keep what came of an alert, or that it is looked into."""
    if outcome not in _TO:
        raise typer.BadParameter("an alert is raised by itself; `alert reopen` opens one that is closed")
    _take(number, _TO[outcome], note)


@alert.command("reopen")
def reopen_command(number: Number, note: Note = "") -> None:
    """Look again into an alert that was closed."""
    _take(number, Step.REOPEN, note)


def _take(number: UUID, step: Step, note: str) -> None:
    with acting_here() as (connection, acting):
        if take(connection, number, step, Triage(acting=acting), note=note) is None:
            raise NoSuchAlert("there is no such alert; `pisano alert list` tells them")


def _row(each: Alert, acting: Acting) -> dict[str, Any]:
    overdue = each.state in OPEN and each.review_due <= acting.at
    told = {name: value for name, value in each._asdict().items() if name != "evidence"}
    return {**told, "overdue": "yes" if overdue else ""}
