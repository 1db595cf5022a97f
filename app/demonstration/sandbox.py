"""`pisano demo sandbox`: a place of synthetic people in which a partner's engineer tries a system."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from app.audit.event import Kind
from app.console import console
from app.database.postgres import database_address
from app.demonstration.making import as_demonstration, make_place
from app.errors import DomainError
from app.identity.systems.keys import read_keys
from app.identity.systems.scopes import Scopes
from app.identity.systems.store import register
from app.identity.systems.system import System
from app.serving import serve
from app.settings import Settings, settings
from app.sharing.checked.agreement import read_agreements
from app.sign_in.operator import change
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Purpose, Role

_PEOPLE: Final = 40
_ASSURED: Final = timedelta(days=365)


class NoSandbox(DomainError):
    """A sandbox cannot be made as it was told."""


def sandbox_command(
    keys: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Your system's public key (JWK or JWKS).")],
    partner: Annotated[str, typer.Option(help="Which partner to be, by ODS code.")] = "RL4",
    system: Annotated[str, typer.Option(help="What your system is called here.")] = "my-system",
    people: Annotated[int, typer.Option(min=3, help="How many people.")] = _PEOPLE,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to serve.")] = 8000,
    without_serving: Annotated[bool, typer.Option("--no-serve", help="Make the place, and return.")] = False,
) -> None:
    """Make a place to try a partner's system in, with the system registered; then serve it."""
    one = _system(system, partner, keys, datetime.now(UTC).date())
    place = as_demonstration(settings())
    if one.organisation not in read_agreements(place.agreements).lattice.of_controller:
        raise NoSandbox("no agreement names that organisation as a party; see `pisano isa matrix` for those that do")
    with database_address(place) as url:
        make_place(place, url, people=people)
        _let_in(place, one)
        console.print(f"{one.id} signs in for {one.organisation} at http://127.0.0.1:{port}; see docs/partners.md")
        if not without_serving:
            serve(place, url, port=port)


def _system(id: str, partner: str, keys: Path, on: date) -> System:
    """May do all that a system can, so that everything can be tried; raises `NoSandbox`."""
    try:
        return System(
            id=id,
            name=id,
            organisation=OdsCode(partner),
            role=Role("partner-system"),
            purpose=Purpose("direct-care"),
            scopes=Scopes.parse("system/*.cruds"),
            keys=read_keys(keys.read_bytes()),
            assured_until=on + _ASSURED,
        )
    except ValueError as wrong:
        raise NoSandbox(f"no system can be registered so: {wrong}") from None


def _let_in(place: Settings, one: System) -> None:
    change(place, Kind.SYSTEM_REGISTERED, one.id, lambda connection, at: register(connection, one, at=at))
