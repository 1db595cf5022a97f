"""What partners state of a person, as a page shows it: lines, those of one thing together, under headings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.record.repeats import Saying, repeated

MOST_UNDER_A_HEADING: Final = 5
"""Groups shown under each heading of the first page; the heading's own page shows them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one partner states."""

    id: str
    title: str
    detail: str
    started: str | None
    ended: str | None
    recorded: str | None
    standing: str
    partner: str
    version: str


@dataclass(frozen=True, slots=True)
class Group:
    """Statements of one thing; `disagree` where partners state it differently.

    `folds` where all but the first only repeat it: a report behind its one result.
    """

    statements: tuple[Statement, ...]
    disagree: bool
    folds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What stands under one heading; `silent` says of each partner without an entry there why it has none."""

    category: str
    text: str
    groups: tuple[Group, ...]
    silent: tuple[str, ...]

    @property
    def nothing(self) -> str:
        """What is said where nothing stands here: that it is not known, and why of each partner."""
        return " ".join(("Not known. Do not take it that there is none.", *(f"{why}." for why in self.silent)))

    @property
    def shown(self) -> tuple[Group, ...]:
        """As many as the person's first page has room for."""
        return self.groups[:MOST_UNDER_A_HEADING]


def folded(groups: Sequence[Group]) -> tuple[Group, ...]:
    """A report that says no more than its one result stands behind that result, as one thing that was found."""
    places = [place for place, group in enumerate(groups) for _ in group.statements]
    sayings = [Saying(one.partner, one.started, one.title, one.detail) for group in groups for one in group.statements]
    pairs = [(places[report], places[result]) for report, result in repeated(sayings).items()]
    behind = {result: report for report, result in pairs if _is_one(groups[report]) and _is_one(groups[result])}
    return tuple(
        replace(group, statements=(*group.statements, *groups[behind[place]].statements), folds=True)
        if place in behind
        else group
        for place, group in enumerate(groups)
        if place not in behind.values()
    )


def _is_one(group: Group) -> bool:
    return len(group.statements) == 1


def all_under(heading: Heading | None) -> Iterator[Statement]:
    """Each statement under a heading; none where there is no such heading."""
    return (one for group in heading.groups for one in group.statements) if heading else iter(())


def standing_under(heading: Heading | None) -> Iterator[Statement]:
    """What still holds, or is to come."""
    return (one for one in all_under(heading) if one.standing in ("current", "planned"))
