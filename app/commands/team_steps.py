"""Steps of the teams as commands, each made of its declaration; and the forms that they take."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer
import yaml

from app.commands.acting import As, InRole, What
from app.commands.at_desk import at_desk
from app.console import AsJson, console, show
from app.errors import DomainError
from app.mdt.desk import MDT
from app.mdt.steps.table import STEPS, Step, receipt

Fields = Annotated[list[str] | None, typer.Argument(help="Fields of the form: name=value.", show_default=False)]
FormFile = Annotated[Path | None, typer.Option("--form", exists=True, dir_okay=False, help="The form as YAML or JSON.")]


class NotAForm(DomainError):
    """What was given is not fields of a form."""


def command_of(step: Step[Any]) -> Callable[..., None]:
    """A step as a command: one that makes a thing, or one that happens to a thing of an id."""

    def make(
        username: As, fields: Fields = None, form: FormFile = None, role: InRole = None, purpose: What = MDT,
        as_json: AsJson = False,
    ) -> None:  # fmt: skip
        _take(step, None, _said(fields, form), username, role, purpose, as_json)

    def change(
        id: Annotated[UUID, typer.Argument(help="Of what, by its id.")], username: As, fields: Fields = None,
        form: FormFile = None, role: InRole = None, purpose: What = MDT, as_json: AsJson = False,
    ) -> None:  # fmt: skip
        _take(step, id, _said(fields, form), username, role, purpose, as_json)

    return make if step.makes else change


def _said(fields: list[str] | None, form: Path | None) -> dict[str, Any]:
    """The form: a file's, with single fields over it; `a.b=c` is a field of a field."""
    said = yaml.safe_load(form.read_text(encoding="utf-8")) if form else {}
    if not isinstance(said, dict):
        raise NotAForm("a form is names with values; see `--help` and docs/mdt.md")
    for field in fields or []:
        name, is_named, value = field.partition("=")
        if not is_named:
            raise NotAForm("write each field as name=value, such as version=1")
        *outer, last = name.split(".")
        part = said
        for key in outer:
            part = part.setdefault(key, {})
        part[last] = list(filter(None, value.split(","))) if last in _LISTS else value
    return said


_LISTS: Final = frozenset({"segments", "items", "only", "options", "apologies", "objects_to", "uses", "read_back"})
"""Fields of forms that hold several values, which the command line parts by commas."""


def _take(
    step: Step[Any], id: UUID | None, said: dict[str, Any], username: str, role: str | None, purpose: str, as_json: bool
) -> None:
    told = at_desk(username, role, purpose, lambda desk, inquiry: desk.take(step, inquiry, id, said))
    done = receipt(told)
    rows = done if isinstance(done, list) else [done]
    show(rows, title=f"{step.things} {step.event}", as_json=as_json, empty="nothing to do")


def form_command(
    things: Annotated[str, typer.Argument(help="Such as referrals.")],
    event: Annotated[str, typer.Argument(help="Such as new.")] = "new",
) -> None:
    """Print what a step's form asks for, as JSON Schema."""
    found = next((one for one in STEPS if (one.things, one.event) == (things, event)), None)
    if found is None:
        raise NotAForm("there is no such step; `pisano mdt --help` lists them")
    console.print_json(data=found.form.model_json_schema())
