"""The lifecycles as documentation: docs/mdt.md holds what this draws, and a test keeps them equal."""

from collections.abc import Iterable
from typing import Any, Final

from app.mdt.workflow.lifecycles.tables import LIFECYCLES
from app.vocabulary.lifecycle import Lifecycle

BEGIN: Final = "<!-- drawn by `pisano mdt tables`: begin -->"
END: Final = "<!-- drawn by `pisano mdt tables`: end -->"


def drawn(lifecycles: Iterable[Lifecycle[Any]] = LIFECYCLES) -> str:
    """Every table as Markdown, each with its states."""
    return "\n\n".join(_drawn(lifecycle) for lifecycle in lifecycles)


def redrawn(document: str) -> str:
    """A document with its tables as they are now; raises `ValueError` where it has no place for them."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the document has no place for the tables; put the two marks back")
    return f"{before}{BEGIN}\n\n{drawn()}\n\n{END}{after}"


def _drawn(lifecycle: Lifecycle[Any]) -> str:
    rows = [f"| {move.state} | {move.event} | {move.to} | {', '.join(sorted(move.who))} |" for move in lifecycle.moves]
    states = " · ".join(f"`{state}`" for state in lifecycle.states)
    heading = f"### {lifecycle.name.capitalize()}\n\nBegins as `{lifecycle.initial}`. States: {states}."
    return "\n".join([heading, "", "| in state | event | becomes | who may |", "|---|---|---|---|", *rows])
