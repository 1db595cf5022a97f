"""`pisano audit`: whether the trail is whole, its signed heads, what it says, and what may be forgotten of it."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.audit import reading, retention
from app.audit.acting import operator
from app.audit.checking.anchors import public_key_of, sealed_heads
from app.audit.checking.export import checked, exported
from app.audit.checking.sealing import Sealed, Seals, processes_for, verified
from app.audit.checking.sending import Sending
from app.audit.checking.verify import Verification
from app.audit.keys import chain_key, heads_key, make_keys
from app.audit.store import About, HeldEvent
from app.console import AsJson, console, print_json, show
from app.database.place_engine import place_engine
from app.database.transactions import Role, transaction
from app.identity import account
from app.settings import Settings, settings
from app.sharing.checked.agreement import read_agreements
from app.sharing.facts import Account
from app.vocabulary.london import LONDON, london_midnight

audit = typer.Typer(help="The trail of what was disclosed.", no_args_is_help=True)

_DAY: Final = ["%Y-%m-%d"]


@audit.command("verify")
def verify_command(
    heads: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="A folder of signed heads, if not var/audit/heads."),
    ] = None,
    public_key: Annotated[str | None, typer.Option(help="What signed them, in hexadecimal, if not our key.")] = None,
    each_row: Annotated[
        bool, typer.Option(help="Look at each row anew, also where signed heads vouch for it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check every event, every chain and every signed head; ends with 1 where anything is wrong, and says where."""
    found = _verified(settings(), heads, public_key, each_row=each_row)
    if as_json:
        print_json({"faults": [asdict(fault) for fault in found.faults], "events": found.events})
    else:
        faults = [asdict(fault) for fault in found.faults]
        show(faults, title="The audit trail", as_json=False, empty=f"{found.events} events, and nothing is wrong")
    raise typer.Exit(1 if found.faults else 0)


@audit.command("head")
def head_command(as_json: AsJson = False) -> None:
    """Check the trail, then sign its head and write it to var/audit/heads: copy it to where nobody here can reach."""
    place = settings()
    seals = Seals.of(place)
    with place_engine(place, Role.SERVICE) as engine:
        sealed = seals.seal(engine, at=datetime.now(UTC))
    if not isinstance(sealed, Sealed):
        console.print("the trail is not whole, so that its head is not signed; run `pisano audit verify`")
        raise typer.Exit(1)
    head = sealed.head
    key = public_key_of(seals.signing)
    written = {"file": str(sealed.path), "events": head.events, "root": head.root.hex(), "public_key": key}
    show([written], title="The head of the audit trail", as_json=as_json)


@audit.command("show")
def show_command(
    person: Annotated[UUID | None, typer.Option(help="The id of a person whom events are about.")] = None,
    actor: Annotated[str | None, typer.Option(help="Who acted, as their sign-in provider calls them.")] = None,
    issuer: Annotated[str, typer.Option(help="That provider.")] = account.ISSUER,
    since: Annotated[datetime | None, typer.Option(formats=_DAY, help="The first day, in London.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DAY, help="The day after the last.")] = None,
    most: Annotated[int, typer.Option(min=1, help="How many, of the newest.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show who saw a person, or what someone did: for IG leads. The trail tells of this reading too."""
    if person is None and actor is None:
        raise typer.BadParameter("say whom it is about: --person, --actor, or both")
    place = settings()
    about = About(
        person=person,
        account=Account(issuer, actor) if actor else None,
        since=london_midnight(since.date()) if since else None,
        until=london_midnight(until.date()) if until else None,
        most=most,
    )
    with place_engine(place, Role.SERVICE) as engine, transaction(engine) as connection:
        told = reading.read_trail(connection, about, operator(place))
    rows = [_whole(one) if as_json else _row(one) for one in told]
    show(rows, title="The audit trail", as_json=as_json, empty="nothing of that")


@audit.command("export")
def export_command(
    to: Annotated[Path, typer.Argument(help="Into which file; it must not be there yet.")],
    with_events: Annotated[bool, typer.Option(help="What events say, too, and so of people.")] = False,
) -> None:
    """Write the trail for somebody who keeps its heads: hashes alone, unless what events say is asked for."""
    place = settings()
    acting = operator(place)
    with place_engine(place, Role.SERVICE) as engine:
        with transaction(engine) as connection:
            reading.tell_of_export(connection, acting, with_events=with_events)
        with engine.connect() as connection, to.open("xb") as file:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            file.writelines(exported(connection, at=acting.at, with_events=with_events))
    console.print(f"written to {to}", soft_wrap=True)


@audit.command("check")
def check_command(
    export: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What `audit export` wrote.")],
    heads: Annotated[Path, typer.Option(exists=True, file_okay=False, help="A folder of the heads that you kept.")],
    public_key: Annotated[str, typer.Option(help="What signed them, in hexadecimal, as the place told you once.")],
    as_json: AsJson = False,
) -> None:
    """Tell from heads that you kept whether a trail was rewritten: no database, and nothing secret, is needed."""
    kept, faults = sealed_heads(heads, _public_key(public_key))
    with export.open("rb") as lines:
        events, found = checked(lines, kept)
    told = [asdict(fault) for fault in (*faults, *found)]
    if as_json:
        print_json({"faults": told, "events": events, "heads": len(kept)})
    else:
        whole = f"{events} events, as the {len(kept)} heads counted them"
        show(told, title="The audit trail", as_json=False, empty=whole)
    raise typer.Exit(1 if told or not kept else 0)


@audit.command("receivers")
def receivers_command(as_json: AsJson = False) -> None:
    """List who is given signed heads, how far each has come, and which parties are given none."""
    place = settings()
    sending = Sending.of(place)
    parties = {party.ods for document in read_agreements(place.agreements).documents for party in document.parties}
    rows = [{"receiver": each.receiver, "last": each.last, "waiting": each.waiting} for each in sending.standing()]
    rows += [{"receiver": party, "last": "is given none", "waiting": None} for party in sending.without(parties)]
    show(rows, title="Who keeps the heads of the trail", as_json=as_json)


@audit.command("forget")
def forget_command(
    before: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="The first day, in London, that is kept; else by agreement.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete what events say that no agreement has kept longer. Their hashes stay, so that the trail still verifies."""
    place = settings()
    acting = operator(place)
    first_kept = retention.first_kept(
        read_agreements(place.agreements), before.date() if before else None, at=acting.at
    )
    if not yes:
        typer.confirm(f"Delete for good what the trail says of the time before {first_kept:%d %B %Y}?", abort=True)
    with place_engine(place, None) as engine, transaction(engine) as connection:
        count = reading.forget(connection, acting, before=london_midnight(first_kept))
    console.print(f"{count} events forgotten")


@audit.command("keys")
def keys_command() -> None:
    """Make the keys of a new place that brings its own database, and print what checks its heads."""
    place = settings()
    for path in make_keys(place.secrets_folder):
        console.print(f"made {path}: back it up apart from the database", soft_wrap=True)
    console.print(f"heads are checked with {public_key_of(heads_key(place))}", soft_wrap=True)


def _verified(place: Settings, heads: Path | None, public_key: str | None, *, each_row: bool) -> Verification:
    checking = heads_key(place).public_key() if public_key is None else _public_key(public_key)
    sealed, unsigned = sealed_heads(heads or Seals.of(place).folder, checking)
    if each_row:
        sealed = [head.vouching_for_nothing for head in sealed]
    with place_engine(place, Role.SERVICE) as engine:
        found = verified(engine, chain_key(place), sealed, processes=processes_for(engine))
    return Verification((*unsigned, *found.faults), found.chains)


def _public_key(text: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    except ValueError:
        raise typer.BadParameter("a public key is 64 hexadecimal digits, as `pisano audit keys` prints it") from None


def _whole(told: HeldEvent) -> dict[str, Any]:
    return {"chain": told.chain, "sequence": told.sequence, **told.event}


def _row(told: HeldEvent) -> dict[str, Any]:
    """One line for people: of the labels, no more than under which clauses they were disclosed."""
    said = told.event
    clauses = sorted({clause for clauses in said.get("permitted", ()) for clause in clauses.split()})
    return {
        "when": f"{datetime.fromisoformat(said['at']).astimezone(LONDON):%d %b %Y %H:%M:%S}",
        "what": said["kind"],
        "who": said["subject"],
        "role": said.get("role"),
        "organisation": said.get("organisation"),
        "person": said.get("person"),
        "purpose": said.get("purpose"),
        "permitted_by": ", ".join(clauses),
        "withheld_by": ", ".join(said.get("withheld", ())),
        "entries": len(said.get("entries", ())),
        "event": f"{told.chain}/{told.sequence}",
    }
