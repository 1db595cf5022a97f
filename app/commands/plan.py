"""`pisano plan`: one person's care and support plan, as somebody of a demonstration place."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer
import yaml
from pydantic import ValidationError

from app.care_plan.plan import Parts
from app.care_plan.read import read_history, read_plan
from app.care_plan.revise import Conflict, Revision, revise
from app.console import AsJson, errors, print_json, show
from app.database.postgres import database_address
from app.errors import DomainError
from app.place import Place, open_place
from app.record.access import Inquiry
from app.settings import settings
from app.sharing.decision import REFUSAL
from app.vocabulary.token import Purpose, Role

plan = typer.Typer(help="One person's care and support plan.", no_args_is_help=True)

Person = Annotated[UUID, typer.Argument(help="Of whom, by opaque id.")]
As = Annotated[str, typer.Option("--as", help="Who acts: an account of a demonstration place.")]
InRole = Annotated[str | None, typer.Option("--role", help="In which of their roles, if not the first.")]
What = Annotated[str, typer.Option(help="What for, as the agreement calls it.")]


class NobodyWrites(DomainError):
    """There is no such account here, or it does not hold that role."""


class NotAPlan(DomainError):
    """A file does not hold the parts of a plan."""


@plan.command("show")
def show_command(person: Person, username: As, role: InRole = None, purpose: What = "direct-care") -> None:
    """Show the plan as somebody may see it, as JSON; ends with 1 where there is nothing to show."""
    seen = _as(username, role, purpose, lambda place, inquiry: read_plan(place.record, inquiry, person))
    print_json(
        {
            "version": seen.version,
            "parts": seen.parts.model_dump(mode="json", exclude_none=True),
            "closed": list(seen.closed),
        }
    )


@plan.command("history")
def history_command(
    person: Person, username: As, role: InRole = None, purpose: What = "direct-care", as_json: AsJson = False
) -> None:
    """Every version of every part that somebody may see: who wrote it, and when."""
    found = _as(username, role, purpose, lambda place, inquiry: read_history(place.record, inquiry, person))
    rows = [
        {"part": one.part, "version": one.version, "at": str(one.at), "author": one.author, "for": one.controller}
        for one in found.versions
    ]
    show(rows, title="Versions", as_json=as_json, empty="there is no plan yet")


@plan.command("write")
def write_command(
    person: Person,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The parts that change, as YAML or JSON.")],
    username: As,
    based_on: Annotated[int, typer.Option(min=0, help="The version that was read; 0 for a first plan.")],
    role: InRole = None,
    purpose: What = "direct-care",
) -> None:
    """Write the plan's next version; ends with 1 where it is refused, or somebody wrote it meanwhile."""
    revision = Revision(parts=_parts(file), based_on=based_on)
    told = _as(
        username,
        role,
        purpose,
        lambda place, inquiry: revise(place.record, place.filing, inquiry, person, revision, key=place.key),
    )
    if isinstance(told, Conflict):
        errors.print(f"the plan is at version {told.version} by now; read it again, and write on that")
        raise typer.Exit(1)
    print_json({"version": told.version})


def _parts(file: Path) -> Parts:
    try:
        return Parts.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as wrong:
        errors_of = wrong.errors(include_input=False) if isinstance(wrong, ValidationError) else []
        places = ", ".join(sorted({".".join(map(str, one["loc"])) for one in errors_of})) or "the file"
        raise NotAPlan(f"cannot be understood as a plan: {places}; docs/risk.md tells its parts") from None


def _as(username: str, role: str | None, purpose: str, act: Callable[[Place, Inquiry], Awaitable[Any]]) -> Any:
    """Act as somebody; ends with 1 where there is nothing to show."""
    settled = settings()
    if not settled.demonstration:
        raise NobodyWrites("only a demonstration place lets the command line act as somebody; sign in instead")

    async def acted(url: str) -> Any:
        async with open_place(settled, url) as place:
            account = await place.account(username)
            requester = account.asking(Role(role) if role else None) if account else None
            if requester is None:
                raise NobodyWrites("no account of that name holds that role; `pisano demo` lists the accounts")
            inquiry = Inquiry(id=uuid4(), requester=requester, purpose=Purpose(purpose), at=datetime.now(UTC))
            return await act(place, inquiry)

    with database_address(settled) as url:
        told = asyncio.run(acted(url))
    if told is None:
        errors.print(REFUSAL)
        raise typer.Exit(1)
    return told
