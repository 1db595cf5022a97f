"""`pisano system`: partners' systems, what each may do, and an end to it."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from app.audit.event import Kind
from app.console import AsJson, console, show
from app.errors import DomainError
from app.identity.published import is_allowed
from app.identity.systems.keys import read_keys
from app.identity.systems.scopes import Scopes
from app.identity.systems.store import Registered, register, revoke, systems
from app.identity.systems.system import System
from app.settings import Settings, settings
from app.sharing.checked.agreement import read_agreements
from app.sign_in.operator import change, seen
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Purpose, Role

system = typer.Typer(help="Partners' systems, which sign in with a key.", no_args_is_help=True)


class NotRegistered(DomainError):
    """A system cannot be registered as it was told, or there is none of that id."""


@system.command("register")
def register_command(
    id: Annotated[str, typer.Argument(help="What it is called here, such as `rl4-trust-integration`.")],
    organisation: Annotated[str, typer.Option(help="Its partner's ODS code.")],
    scopes: Annotated[str, typer.Option(help="The most that it may ask for, such as 'system/*.rs system/Task.u'.")],
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    keys: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A file of its public key, or keys (JWK or JWKS).")
    ] = None,
    keys_address: Annotated[str | None, typer.Option(help="Where its partner publishes them instead.")] = None,
    role: Annotated[str, typer.Option(help="In which role of the agreement it asks.")] = "partner-system",
    purpose: Annotated[str, typer.Option(help="What for.")] = "direct-care",
    assured_until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day of its organisation's DSPT standard.")
    ] = None,
) -> None:
    """Register a system, or change how it is registered: its tokens end, and one that was revoked counts again."""
    place = settings()
    until = assured_until.date() if assured_until else None
    try:
        one = System(
            id=id,
            name=name or id,
            organisation=OdsCode(organisation),
            role=Role(role),
            purpose=Purpose(purpose),
            scopes=Scopes.parse(scopes),
            keys=read_keys(keys.read_bytes()) if keys else None,
            keys_address=keys_address,
            assured_until=until,
        )
    except ValueError as error:
        raise NotRegistered(f"not registered: {error}") from None
    _demand_known(place, one)
    change(place, Kind.SYSTEM_REGISTERED, id, lambda connection, at: register(connection, one, at=at))
    console.print(f"{id} signs in at {place.address}; docs/sign-in.md tells its engineer how")


@system.command("list")
def list_command(as_json: AsJson = False) -> None:
    """Show every system that was registered."""
    rows = [_row(one) for one in seen(settings(), systems)]
    show(rows, title="Systems", as_json=as_json, empty="none is registered")


@system.command("revoke")
def revoke_command(id: Annotated[str, typer.Argument(help="What it is called here.")]) -> None:
    """Believe a system no longer: its tokens end within five seconds."""

    def revoked(connection: Connection, at: datetime) -> None:
        if not revoke(connection, id, at=at):
            raise NotRegistered("no system of that id is registered; `pisano system list` shows those that are")

    change(settings(), Kind.SYSTEM_REVOKED, id, revoked)


def _demand_known(place: Settings, one: System) -> None:
    """What the agreements and the settings must know of, or the system could never be shown anything."""
    agreements = read_agreements(place.agreements)
    if one.organisation not in agreements.lattice.of_controller:
        raise NotRegistered("not registered: no agreement names that organisation as a party")
    if one.role not in agreements.roles or one.purpose not in agreements.purposes:
        raise NotRegistered("not registered: no agreement knows that role, or that purpose")
    allowed = one.keys_address is None or is_allowed(
        one.keys_address, hosts=place.jwks_hosts, loopback=place.loopback_http
    )
    if not allowed:
        raise NotRegistered("not registered: keys are fetched by https from the hosts of PISANO_JWKS_HOSTS only")


def _row(one: Registered) -> dict[str, object]:
    return {
        "id": one.system.id,
        "organisation": one.system.organisation,
        "role": one.system.role,
        "purpose": one.system.purpose,
        "scopes": str(one.system.scopes),
        "keys": one.system.keys_address or ", ".join(key["kid"] for key in (one.system.keys or {})["keys"]),
        "assured_until": one.system.assured_until,
        "registered": one.registered,
        "revoked": one.revoked,
    }
