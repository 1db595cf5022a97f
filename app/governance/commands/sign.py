"""`pisano isa sign-payload`, `approve`, `begin`, `suspend`, `resume`, `end`, `status`, `diff` and `party-key`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.console import AsJson, console, print_json, show
from app.governance.commands.acting import acting_here
from app.governance.signing import agreeing, store
from app.governance.signing.agreeing import NotSigned
from app.governance.signing.lifecycle import Step
from app.governance.signing.signatures import Act, payload, read_key
from app.sharing.commands.writing import File, one_agreement
from app.sharing.compile import last_day, version_of
from app.sharing.written.difference import differences
from app.sharing.written.document import Agreement
from app.vocabulary.ods_code import OdsCode

Party = Annotated[OdsCode, typer.Option("--party", parser=OdsCode, help="The ODS code of the party.", metavar="ODS")]
SignatureFile = Annotated[
    Path, typer.Option("--signature", help="The detached signature, as it is.", exists=True, dir_okay=False)
]
Old = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]

party_key = typer.Typer(help="The keys that parties sign with.", no_args_is_help=True)


@party_key.command("add")
def add_key_command(
    file: Annotated[Path, typer.Argument(help="A public key in PEM.", exists=True, dir_okay=False)], party: Party
) -> None:
    """Register a public key with which a party signs; read its fingerprint back to the party."""
    key = read_key(party, file.read_bytes())
    with acting_here() as (connection, acting):
        agreeing.register_key(connection, key, acting)
    typer.echo(f"{key.fingerprint}  {key.party}")


@party_key.command("list")
def list_keys_command(as_json: AsJson = False) -> None:
    """List the keys that count."""
    with acting_here() as (connection, _):
        rows = [{"party": key.party, "fingerprint": key.fingerprint} for key in store.keys_of(connection)]
    show(rows, title="Keys of parties", as_json=as_json)


@party_key.command("revoke")
def revoke_key_command(fingerprint: Annotated[str, typer.Argument(help="As `party-key list` tells it.")]) -> None:
    """Let a key sign nothing more."""
    with acting_here() as (connection, acting):
        agreeing.revoke_key(connection, fingerprint, acting)


def sign_payload_command(
    party: Party,
    file: File = None,
    act: Annotated[Act, typer.Option(help="What the party signs.")] = Act.APPROVE,
) -> None:
    """Print the exact bytes that a party signs, and nothing else."""
    agreement = one_agreement(file)
    if act is Act.APPROVE:
        typer.echo(payload(act, version_of(agreement), party), nl=False)
        return
    with acting_here() as (connection, _):
        typer.echo(agreeing.to_sign(connection, agreement, act, party), nl=False)


def approve_command(party: Party, signature: SignatureFile, file: File = None) -> None:
    """Take a party's approval; with the last one the version is approved."""
    _sign(Act.APPROVE, file, party, signature)


def _sign(act: Act, file: Path | None, party: OdsCode, signature: Path) -> None:
    agreement = one_agreement(file)
    with acting_here() as (connection, acting):
        state = agreeing.sign(connection, agreement, act, party, signature.read_bytes(), acting)
        missing = agreeing.unsigned(connection, agreement)
    waits = f"; not yet signed by {' '.join(sorted(missing))}" if missing else ""
    typer.echo(f"{version_of(agreement)} is {state}{waits}")


def begin_command(file: File = None) -> None:
    """Bring an approved version into force, between its dates."""
    _move(Step.BEGIN, file)


def suspend_command(
    file: File = None,
    party: Annotated[str, typer.Option(help="A party that suspends it by a signature of its own…", metavar="ODS")] = "",
    signature: Annotated[Path | None, typer.Option(help="…which is this.", exists=True, dir_okay=False)] = None,
) -> None:
    """Let a version permit nothing until it is resumed: by the IG lead, or by any party that signs so."""
    if party and signature:
        _sign(Act.SUSPEND, file, OdsCode(party), signature)
    elif party or signature:
        raise NotSigned("a party suspends with --party and --signature; the IG lead with neither")
    else:
        _move(Step.SUSPEND, file)


def resume_command(file: File = None) -> None:
    """Let a suspended version permit again."""
    _move(Step.RESUME, file)


def end_command(file: File = None) -> None:
    """End a version for good."""
    _move(Step.END, file)


def _move(step: Step, file: Path | None) -> None:
    move_to(step, one_agreement(file))


def move_to(step: Step, agreement: Agreement) -> None:
    """Bring a step about, and say where the version then stands."""
    with acting_here() as (connection, acting):
        state = agreeing.move(connection, agreement, step, acting)
    typer.echo(f"{version_of(agreement)} is {state}")


def status_command(file: File = None, as_json: AsJson = False) -> None:
    """Tell where a version stands, who signed it, and until when it can permit anything."""
    agreement = one_agreement(file)
    with acting_here() as (connection, _):
        state = agreeing.state_of(connection, agreement)
        signed = store.signatures(connection, version_of(agreement).sha256)
        missing = agreeing.unsigned(connection, agreement)
    rows: list[dict[str, Any]] = [
        {"party": each.party, "act": each.act, "at": each.at, "key": each.key.fingerprint} for each in signed
    ]
    if as_json:
        said = {"agreement": str(version_of(agreement)), "state": state, "until": last_day(agreement)}
        print_json(said | {"signed": rows, "missing": sorted(missing)})
        return
    console.print(f"{version_of(agreement)} is {state}, until {last_day(agreement)}", highlight=False, soft_wrap=True)
    show(rows, title="Signatures", as_json=False)
    if missing:
        console.print(f"not signed by {' '.join(sorted(missing))}", highlight=False)


def diff_command(old: Old, new: Old, as_json: AsJson = False) -> None:
    """Print what changed between two versions, place by place."""
    found = differences(one_agreement(old), one_agreement(new))
    if as_json:
        print_json([each._asdict() for each in found])
    else:
        typer.echo("\n".join(map(str, found)) or "nothing changed")
