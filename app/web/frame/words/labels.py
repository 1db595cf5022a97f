"""What the fields of forms are called, and what is said of one, as the NHS design system words it. Pure."""

from typing import Final

from app.mdt.workflow.forms import ABSENT, NO_CHOICE, NO_DAY, NO_TIME
from app.web.frame.words.wording import begun_large


class Choice(str):
    """The label of what is chosen from several."""

    __slots__ = ()


class Day(str):
    """The label of a day, which is typed into three boxes."""

    __slots__ = ()


_CLAUSES: Final = frozenset(
    "who whom whose what when where why how which of to for by on as in if until their its the a".split(" ")  # noqa: SIM905
)
"""What a label begins with that needs no article in a sentence."""

_PREDICATES: Final = ("is", "should", "has", "holds", "names")


def said_of(label: str, problem: str) -> str:
    """`Enter why`, `Select who does it`; else what is wrong, after the label where it is no sentence by itself."""
    if problem in ABSENT or (isinstance(label, Choice) and problem.startswith(NO_CHOICE)):
        return _asked_for(label)
    if isinstance(label, Day) and problem == NO_DAY:
        return f"“{label}” must be a real date, such as 31 3 2027"
    if problem == NO_TIME:
        return f"“{label}” must be a real day and time, such as 31 3 2027 and 13:30"
    if problem.partition(" ")[0] in _PREDICATES:
        return f"“{label}” {problem}"
    verb, asked = problem.partition(" ")[::2]
    if (verb == "say" and not asked.startswith("that ")) or problem.startswith("name who "):
        return f"{'Select' if isinstance(label, Choice) else 'Enter'} {asked}"
    return begun_large(problem)


def _asked_for(label: str) -> str:
    """What to do about a field that was left empty."""
    if isinstance(label, Choice):
        return f"Select {_in_a_sentence(label)}"
    told, words = _in_a_sentence(label), label.lower().split()
    if not isinstance(label, Day) or not {"day", "date"}.isdisjoint(words):
        return f"Enter {told}"
    if words[0] not in _CLAUSES:
        return f"Enter the date of {told}"
    return f"Enter the date {told}" if words[0] == "when" else f"Enter the date for “{label}”"


def _in_a_sentence(label: str) -> str:
    """A label after a verb: `why`, `their name`, `the situation`, `an answer to “How soon?”`."""
    if label.endswith("?"):
        return f"an answer to “{label}”"
    first = label.partition(" ")[0].rstrip(",").lower()
    return ("" if first in _CLAUSES else "the ") + label[:1].lower() + label[1:]
