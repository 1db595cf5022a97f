"""What partners state of a person, as a page shows it: lines, those of one thing together, under headings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

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
    """Statements of one thing; `disagree` where partners state it differently."""

    statements: tuple[Statement, ...]
    disagree: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What stands under one heading; `silent` says of each partner without an entry there why it has none."""

    category: str
    text: str
    groups: tuple[Group, ...]
    silent: tuple[str, ...]

    @property
    def shown(self) -> tuple[Group, ...]:
        """As many as the person's first page has room for."""
        return self.groups[:MOST_UNDER_A_HEADING]


def folded(groups: Sequence[Group]) -> tuple[Group, ...]:
    """A report that says no more than its one result stands behind that result, as one thing that was found."""
    results: dict[tuple[str, str | None, str], list[Group]] = {}
    for group in groups:
        for one in group.statements:
            results.setdefault((one.partner, one.started, one.title.partition(": ")[0]), []).append(group)
    reports = {id(group): _result_of(group, results) for group in groups}
    behind = {id(result): group for group in groups if (result := reports[id(group)])}
    return tuple(
        replace(group, statements=(*group.statements, *behind[id(group)].statements)) if id(group) in behind else group
        for group in groups
        if reports[id(group)] is None
    )


def _result_of(group: Group, results: Mapping[tuple[str, str | None, str], Sequence[Group]]) -> Group | None:
    """The one result that a group, as a report, only repeats."""
    report, *more = group.statements
    alike = [
        one for one in results[report.partner, report.started, report.title.partition(": ")[0]] if one is not group
    ]
    if more or len(alike) != 1 or len(alike[0].statements) != 1:
        return None
    title = alike[0].statements[0].title
    return alike[0] if title.startswith(f"{report.title}: ") and report.detail in ("", title) else None


def all_under(heading: Heading | None) -> Iterator[Statement]:
    """Each statement under a heading; none where there is no such heading."""
    return (one for group in heading.groups for one in group.statements) if heading else iter(())


def standing_under(heading: Heading | None) -> Iterator[Statement]:
    """What still holds, or is to come."""
    return (one for one in all_under(heading) if one.standing in ("current", "planned"))
