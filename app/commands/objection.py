"""`pisano objection`: what a person objects to, recorded and decided for the place itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import Connection

from app.console import AsJson, show
from app.errors import DomainError
from app.governance.commands.acting import acting_here, agreements_here
from app.governance.exceptions import objecting
from app.governance.exceptions.known_user import signs_in
from app.governance.exceptions.objecting import State, Step
from app.governance.handling import Handling, documents_in_force
from app.identity.account import ISSUER
from app.identity.requester import Requester
from app.mdt.steps import objected as team
from app.mdt.steps.taking import Teams
from app.mdt.workflow.locality import read_localities
from app.settings import settings
from app.sharing.facts import Objection, ObjectionScope
from app.sharing.law import Agreements
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Purpose, Role
from app.web.api.objection import Objecting, Whom, objected

objection = typer.Typer(help="What a person objects to, and what was decided.", no_args_is_help=True)

Person = Annotated[UUID, typer.Argument(metavar="PERSON", help="The person's id, as `person` commands tell it.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="Its number, as `objection list` tells it.")]
Party = Annotated[OdsCode, typer.Option("--party", parser=OdsCode, metavar="ODS", help="For which party you act.")]
InRole = Annotated[Role, typer.Option("--role", parser=Role, metavar="ROLE", help="In which role of the agreement.")]
What = Annotated[Purpose, typer.Option("--purpose", parser=Purpose, metavar="PURPOSE", help="What for.")]
FOR_CARE = Purpose("direct-care")


class NoSuchObjection(DomainError):
    """There is no such person, or no such objection of theirs."""


class NotARoleThere(DomainError):
    """The agreements have nobody act so."""


class ProtectsNobody(DomainError):
    """Nobody and nothing here is what the objection names."""


class Decided(StrEnum):
    """What can be decided of an objection."""

    UPHOLD = "uphold"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True)
class _Handled:
    """One transaction, by whoever handles objections in it."""

    connection: Connection
    by: Handling
    teams: Teams


@objection.command("list")
def list_command(
    party: Party,
    role: InRole,
    person: Annotated[
        UUID | None, typer.Argument(metavar="[PERSON]", help="Whose; all that wait to be decided, if nobody's.")
    ] = None,
    purpose: What = FOR_CARE,
    as_json: AsJson = False,
) -> None:
    """List what a person objects to, or all that waits for this role to decide; told to the trail."""
    with _handling(party, role, purpose) as handled:
        if person is None:
            waiting = objecting.undecided(handled.connection, handled.by)
            rows = [{"person": whose, **objecting.as_row(lodged, State.LODGED)} for whose, lodged in waiting]
        else:
            found = objecting.objections(handled.connection, person, handled.by)
            if found is None:
                raise NoSuchObjection("there is no such person")
            rows = [objecting.as_row(lodged, state) for lodged, state in found]
    show(rows, title="Objections", as_json=as_json, empty="none" if person else "none waits for this role")


@objection.command("record")
def record_command(
    person: Person,
    scope: Annotated[ObjectionScope, typer.Option(help="How much the person objects to.")],
    party: Party,
    role: InRole,
    category: Annotated[str | None, typer.Option(help="Which heading, such as `medications`.")] = None,
    organisation: Annotated[str | None, typer.Option(metavar="ODS", help="Which source or recipient.")] = None,
    user: Annotated[str | None, typer.Option(help="Which user, as they sign in.")] = None,
    issuer: Annotated[str, typer.Option(help="The sign-in provider of that user, as the trail calls it.")] = ISSUER,
    unseen: Annotated[bool, typer.Option("--unseen", help="Record it though nobody has signed in so yet.")] = False,
    locality: Annotated[str | None, typer.Option(help="Which team's meetings.")] = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its meeting of one day alone.")] = None,
    purpose: What = FOR_CARE,
) -> None:
    """Record what a person objects to, and print its number; whether it holds at once is for the agreement to say."""
    said = Objecting(
        scope=scope, category=category, organisation=organisation, locality=locality, on=on.date() if on else None,
        user=Whom(issuer=issuer, subject=user) if user else None,
    )  # fmt: skip
    with _handling(party, role, purpose) as handled:
        lodged = objected(said, handled.teams.localities, at=handled.by.at)
        _know(handled, lodged, unseen=unseen)
        number = team.lodge(handled.connection, handled.teams, person, lodged, handled.by)
        if number is None:
            raise NoSuchObjection("there is no such person")
    typer.echo(number)


@objection.command("decide")
def decide_command(
    person: Person, number: Number, decision: Decided, party: Party, role: InRole, purpose: What = FOR_CARE
) -> None:
    """Uphold or decline an objection, in a role that the agreement has decide; may be decided anew."""
    _take(person, number, Step(decision), party, role, purpose)


@objection.command("withdraw")
def withdraw_command(person: Person, number: Number, party: Party, role: InRole, purpose: What = FOR_CARE) -> None:
    """End an objection because the person says so."""
    _take(person, number, Step.LIFT, party, role, purpose)


def _take(person: UUID, number: int, step: Step, party: OdsCode, role: Role, purpose: Purpose) -> None:
    with _handling(party, role, purpose) as handled:
        state = team.step(handled.connection, handled.teams, person, number, step, handled.by)
    if state is None:
        raise NoSuchObjection("there is no such person, or no such objection of theirs")
    typer.echo(state)


@contextmanager
def _handling(party: OdsCode, role: Role, purpose: Purpose) -> Iterator[_Handled]:
    with acting_here() as (connection, acting):
        agreements = agreements_here(connection)
        _hold(agreements, party, role, acting.at)
        who = Requester(subject=acting.by.subject, issuer=acting.by.issuer, name="", organisation=party, role=role)
        by = Handling(
            requester=who, purpose=purpose, at=acting.at, agreements=agreements, key=acting.key,
            new_id=acting.new_id, for_the_place=True,
        )  # fmt: skip
        localities = read_localities(settings().localities_folder)
        parties = frozenset(agreements.lattice.controllers)
        teams = Teams(localities=localities, parties=parties, key=acting.key, new_id=acting.new_id)
        yield _Handled(connection, by, teams)


def _hold(agreements: Agreements, party: OdsCode, role: Role, at: datetime) -> None:
    """Raise `NotARoleThere` where no agreement in force has the role held at the party."""
    for each in documents_in_force(agreements, at):
        if role in each.roles and party in each.organisations(each.roles[role].at):
            return
    raise NotARoleThere("no agreement in force has that role held at that party; `pisano isa matrix` tells which are")


def _know(handled: _Handled, said: Objection, *, unseen: bool) -> None:
    """Raise `ProtectsNobody` where what is objected to is misspelt.

    Of whom a provider vouches for the trail alone tells who they are.
    """
    if said.organisation is not None and said.organisation not in handled.teams.parties:
        raise ProtectsNobody("no party to the agreements has that code")
    user = said.account
    if user is None or signs_in(handled.connection, user):
        return
    if user.issuer == ISSUER:
        raise ProtectsNobody("nobody signs in here with that name; `pisano account list` tells who does")
    if not unseen:
        raise ProtectsNobody(
            "nobody of that provider has done anything here under that name; check both, or say --unseen"
        )
