"""`pisano plan`: one person's care and support plan, as somebody of a demonstration place."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
import yaml
from pydantic import ValidationError

from app.care_plan.plan import Parts
from app.care_plan.read import read_history, read_plan
from app.care_plan.revise import Conflict, Revision, revise
from app.commands.acting import As, InRole, What, acting_as
from app.console import AsJson, errors, print_json, show
from app.errors import DomainError
from app.place import Place
from app.record.inquiry import Inquiry
from app.sharing.decision import REFUSAL

plan = typer.Typer(help="One person's care and support plan.", no_args_is_help=True)

Person = Annotated[UUID, typer.Argument(help="Of whom, by opaque id.")]


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
    told = acting_as(username, role, purpose, act)
    if told is None:
        errors.print(REFUSAL)
        raise typer.Exit(1)
    return told
