"""Acting and asking at the teams' desk, as somebody of a demonstration place."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import typer

from app.commands.acting import acting_as
from app.console import errors
from app.mdt.desk import MDT, Desk
from app.mdt.reading.as_json import as_json
from app.mdt.workflow.refusal import Refusal, Refused
from app.record.inquiry import Inquiry


def at_desk(username: str, role: str | None, purpose: str, act: Callable[[Desk, Inquiry], Awaitable[Any]]) -> Any:
    """Act as somebody; ends with 1, having said why, where it is refused."""
    try:
        told = acting_as(username, role, purpose, lambda place, inquiry: act(place.desk, inquiry))
    except Refused as refused:
        told = refused.refusal
    if isinstance(told, Refusal):
        errors.print(told.text, markup=False, highlight=False)
        raise typer.Exit(1)
    return told


def look(username: str, role: str | None, question: Callable[..., Awaitable[Any]], *about: Any) -> Any:
    """Ask for something for the team's purpose: what is answered, as JSON has it."""
    told = at_desk(username, role, MDT, lambda desk, inquiry: question(desk, inquiry, *about))
    return orjson.loads(as_json(told))
