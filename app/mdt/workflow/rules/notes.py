"""Two scribes who write of one discussion at once: nothing of either is lost, and what clashes is told. Pure."""

from typing import Any, NamedTuple

from app.mdt.workflow.agenda import ItemContent, Note

NOTED = ("summary", "view", "options", "not_taken", "rationale", "dissent", "risks", "withheld", "tells_person")
"""What scribes write, each by itself: two who write different ones do not clash."""


class Clash(NamedTuple):
    """Two people wrote the same field: what stands, and what was to be written."""

    field: str
    held: Any
    yours: Any


def noted(base: ItemContent, held: ItemContent, note: Note) -> ItemContent | list[Clash]:
    """What becomes of an item's notes when somebody writes who saw `base` while `held` stands.

    A field that only one of the two changed takes that change; one that both changed alike stands; one that both
    changed differently is a clash, and then nothing is written. Nothing is ever lost.
    """
    changed = {name: getattr(note, name) for name in NOTED if name in note.model_fields_set}
    mine = {name: value for name, value in changed.items() if value != getattr(base, name)}
    clashes = [
        Clash(name, getattr(held, name), value)
        for name, value in mine.items()
        if getattr(held, name) not in (getattr(base, name), value)
    ]
    return clashes or held.model_copy(update=mine)
