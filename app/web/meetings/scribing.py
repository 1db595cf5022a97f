"""What a scribe typed, as the steps take it: notes, actions, outcomes. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from app.mdt.workflow.caseload import Named
from app.web.frame.filled_in.typed import nested
from app.web.frame.words.labels import Choice, Day

_TEXTS: Final = ("summary", "rationale", "dissent", "risks", "withheld", "tells_person")
_VIEW: Final = "note.view."

LABELS: Final = {
    "summary": ("What was said", "note-summary"),
    "options": ("Options", "note-options"),
    "not_taken": ("Options not taken, and why", "note-not_taken"),
    "rationale": ("Why this was decided", "note-rationale"),
    "dissent": ("Dissent", "note-dissent"),
    "risks": ("Risks, and what to do if it goes wrong", "note-risks"),
    "withheld": ("What was withheld, and why", "note-withheld"),
    "tells_person": ("Who tells the person, and by when", "note-tells_person"),
    "view": ("The person's own view", "note-view-said"),
    "view.said": ("The person's own view", "note-view-said"),
    "view.whose": ("Whose view it is", "note-view-whose"),
    "view.how": ("How it was obtained", "note-view-how"),
    "view.on": (Day("The day on which it was said"), "note-view-on-day"),
    "what": ("What is to be done", "action-what"),
    "owner": (Choice("Who does it"), "action-owner"),
    "owner.name": ("Their name", "action-other-name"),
    "owner.organisation": (Choice("Their organisation"), "action-other-organisation"),
    "due": (Day("By when"), "action-due-day"),
    "test": ("How we know that it is done", "action-test"),
    "outcome": (Choice("What the team decided"), "outcome-1"),
    "review_on": (Day("When the team looks again"), "outcome-review-day"),
    "no_action_reason": ("Why nobody is to do anything", "outcome-no-action"),
    "the form": ("The outcome:", "outcome-review-day"),
    "without_quorum": ("Why the team meets all the same", "without-quorum"),
    "early": (Choice("Whether it begins now"), "early"),
    "carry_over": (Choice("Why they are carried over"), "carry-over"),
    "reason": (Choice("Why they are carried over"), "carry-reason"),
}
"""What each field is called, and under which id it stands."""


def note_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """The notes among what was typed: what was emptied is taken back, and what was not on the page stays as it is."""
    said: dict[str, Any] = {
        name: typed[f"note.{name}"].strip() or None for name in _TEXTS if f"note.{name}" in typed
    }  # fmt: skip
    if "note.options" in typed:
        said["options"] = [line.strip() for line in typed["note.options"].splitlines() if line.strip()]
    if "note.not_taken" in typed:
        said["not_taken"] = [_not_taken(line) for line in typed["note.not_taken"].splitlines() if line.strip()]
    view = {name: value for name, value in typed.items() if name.startswith(_VIEW)}
    if view:
        said["view"] = nested(view.items()).get("note", {}).get("view")
    return said


def _not_taken(line: str) -> dict[str, str | None]:
    """What stands before the first colon, and why behind it."""
    option, _, why = line.partition(":")
    return {"option": option.strip(), "why": why.strip() or None}


def without_notes(typed: Mapping[str, str], *, but: Mapping[str, Any]) -> dict[str, str]:
    """What remains typed once the notes are kept, with those of them that clash."""
    return {name: value for name, value in typed.items() if not name.startswith("note.") or name.split(".")[1] in but}


def action_of(typed: Mapping[str, str], people: Mapping[str, Named]) -> dict[str, Any]:
    """The action among what was typed; its owner is one of those whom the team may name, or anybody by name."""
    said: dict[str, Any] = nested(
        (name, value) for name, value in typed.items() if name.startswith("action.")
    ).get("action", {})  # fmt: skip
    chosen = people.get(said.pop("owner", ""))
    other = {"name": said.pop("other_name", None), "organisation": said.pop("other_organisation", None)}
    if chosen is not None:
        said["owner"] = chosen.model_dump()
    elif any(other.values()):
        said["owner"] = {name: value for name, value in other.items() if value}
    return said | {"item_id": typed.get("item", "")}


def outcome_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """The outcome among what was typed."""
    said: dict[str, Any] = nested(
        (name, value) for name, value in typed.items() if name.startswith("outcome.")
    ).get("outcome", {})  # fmt: skip
    return said | {"version": typed.get("version", "")}


_PROSE: Final = (
    *(f"note.{name}" for name in (*_TEXTS, "options", "not_taken", "view.said")),
    *("action.what", "action.test", "outcome.no_action_reason"),
)


def unkept(typed: Mapping[str, str]) -> list[tuple[str, str]]:
    """What somebody wrote that has no field any more, by what it was called: theirs to take elsewhere, and not lost."""
    said = [(name.partition(".")[2], typed.get(name, "").strip()) for name in _PROSE]
    return [(str(LABELS[name][0]), words) for name, words in said if words]


def is_unfinished(typed: Mapping[str, str]) -> bool:
    """Whether an action or an outcome was begun that is not kept yet."""
    begun = ("action.what", "action.test", "action.due.day", "outcome.outcome", "outcome.review_on.day")
    return any(typed.get(name, "").strip() for name in begun)
