"""`pisano flag`: special records, raised and lifted for the place itself."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import Connection

from app.audit.acting import Acting
from app.console import AsJson, show
from app.errors import DomainError
from app.governance.commands.acting import acting_here, agreements_here
from app.governance.exceptions.flagging import Flagging, Step, flag, flagged, special_terms
from app.vocabulary.ods_code import OdsCode

flags = typer.Typer(help="Special records: sealed, or of staff and those widely known.", no_args_is_help=True)

Person = Annotated[UUID, typer.Argument(metavar="PERSON", help="The person's id, as `person` commands tell it.")]
Kind = Annotated[str, typer.Option("--flag", help="`sealed` or `staff-or-vip`.")]
Why = Annotated[str, typer.Option(help="Why, in words that stay out of the trail.")]
Party = Annotated[OdsCode, typer.Option("--party", parser=OdsCode, metavar="ODS", help="For which party.")]


class NoSuchFlag(DomainError):
    """There is no such person, or no agreement in force knows the flag."""


@flags.command("list")
def list_command(party: Party, as_json: AsJson = False) -> None:
    """List who is flagged, the longest first; told to the trail."""
    with acting_here() as (connection, acting):
        found = flagged(connection, _flagging(connection, acting, party))
    rows = [
        {"person": person, "flag": step.kind, "state": step.state, "since": step.at, "by": step.by.subject}
        for person, step in found
    ]
    show(rows, title="Special records", as_json=as_json, empty="nobody is flagged")


@flags.command("raise")
def raise_command(person: Person, kind: Kind, why: Why, party: Party) -> None:
    """Raise a flag; it counts at once."""
    _take(person, kind, Step.RAISE, why, party)


@flags.command("lift")
def lift_command(person: Person, kind: Kind, why: Why, party: Party) -> None:
    """Lift a flag, or ask for it where the agreement has two people lift it."""
    _take(person, kind, Step.LIFT, why, party)


@flags.command("keep")
def keep_command(person: Person, kind: Kind, why: Why, party: Party) -> None:
    """Keep a flag that somebody asked to lift."""
    _take(person, kind, Step.KEEP, why, party)


def _take(person: UUID, kind: str, step: Step, why: str, party: OdsCode) -> None:
    with acting_here() as (connection, acting):
        state = flag(connection, person, kind, step, why, _flagging(connection, acting, party))
    if state is None:
        raise NoSuchFlag("there is no such person, or no agreement in force knows that flag")
    typer.echo(state)


def _flagging(connection: Connection, acting: Acting, party: OdsCode) -> Flagging:
    terms = special_terms(agreements_here(connection), acting.at)
    return Flagging(acting=replace(acting, organisation=party), party=party, terms=terms)
