"""Several partners' statements as one reader wants them: the same thing once, a disagreement side by side. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import Final, NamedTuple

from app.vocabulary.label import Label
from app.vocabulary.ods_code import OdsCode

STATED_TWICE: Final = frozenset({"allergies", "problems"})
"""Headings under which two partners may state one thing: it is shown once, with both sources."""

STATED_ALIKE: Final = frozenset({"gp-practice"})
"""Headings under which an equal comparison leaves nothing else to say: it is shown once, with all its sources."""

ONE_OF: Final = frozenset({"address", "gp-practice", "demographics", "ethnicity"})
"""Headings under which a person has one of a thing: partners that state different ones disagree."""

NEXT_OF_KIN: Final = "next-of-kin="
"""Begins the comparison of a next of kin, of whom a person has one."""

REFUTED: Final = "refuted="
"""Begins the comparison of what somebody looked into and found not to be so."""

NO_KNOWN_ALLERGY: Final = frozenset(
    {
        "http://snomed.info/sct|716186003",  # No known allergy
        "http://snomed.info/sct|409137002",  # No known drug allergy
    }
)

NOW: Final = frozenset({"admissions", "care-packages", "referrals", "tenancy", "homelessness"})
"""Headings of which what still lasts is happening now."""

_COMPARED: Final = ONE_OF | {"contacts"}


class Line(NamedTuple):
    """One permitted entry as a view shows it; `summary` is JSON that is joined, never parsed."""

    number: int
    label: Label
    comparison: str | None
    started: datetime | None
    ended: datetime | None
    standing: str
    summary: bytes


class Residence(NamedTuple):
    """With which practices a person is registered and where they live, by any partner's account, folded."""

    practices: frozenset[str]
    postcodes: frozenset[str]


class Group(NamedTuple):
    """Statements of one thing, newest first; `disagree` where partners state it differently."""

    lines: tuple[Line, ...]
    disagree: bool


def speak_for_themselves(lines: Sequence[Line], partners: Collection[OdsCode]) -> bool:
    """Whether no line of one heading, by these partners, can say anything of another.

    Each is then a group, and none disagrees.
    """
    if len(lines) == 1:
        return True
    category = lines[0].label.category
    if category == "allergies":  # that none is known speaks of them all
        return False
    concepts = [_concept(line) for line in lines if line.comparison]
    if category in STATED_TWICE | STATED_ALIKE and len(concepts) > len(set(concepts)):
        return False
    return category not in _COMPARED or len(partners) == 1 or len({line.comparison for line in lines}) == 1


def grouped(lines: Sequence[Line]) -> list[Group]:
    """The lines of one heading, in their order, with what is the same together and what disagrees marked."""
    if not lines:
        return []
    category = lines[0].label.category
    if category in STATED_TWICE:
        groups = _together(lines)
        return _against_no_known_allergy(groups) if category == "allergies" else groups
    disagreeing = _disagreeing(lines) if category in _COMPARED else frozenset()
    if category in STATED_ALIKE and not disagreeing:
        return _alike(lines)
    return [Group((line,), line.number in disagreeing) for line in lines]


def residence(lines: Iterable[Line]) -> Residence:
    """What the current lines of a GP practice and an address say, by what they are compared by."""
    facets = [
        facet.partition("=")
        for line in lines
        if line.standing == "current" and line.comparison
        for facet in line.comparison.split(";")
    ]
    return Residence(
        frozenset(value for name, _, value in facets if name == "practice"),
        frozenset(value for name, _, value in facets if name == "postcode"),
    )


def happening_now(line: Line, at: datetime) -> bool:
    """Whether it began, and has not ended."""
    return (
        line.label.category in NOW
        and line.standing == "current"
        and (line.started is None or line.started <= at)
        and (line.ended is None or line.ended > at)
    )


def _together(lines: Sequence[Line]) -> list[Group]:
    by_concept: dict[str | int, list[Line]] = {}
    for line in lines:
        by_concept.setdefault(_concept(line) or line.number, []).append(line)
    return [
        Group(tuple(same), len({(line.standing, _is_refuted(line)) for line in same}) > 1)
        for same in by_concept.values()
    ]


def _alike(lines: Sequence[Line]) -> list[Group]:
    by_comparison: dict[tuple[str | int, str], list[Line]] = {}
    for line in lines:
        by_comparison.setdefault((line.comparison or line.number, line.standing), []).append(line)
    return [Group(tuple(same), False) for same in by_comparison.values()]


def _concept(line: Line) -> str:
    return (line.comparison or "").removeprefix(REFUTED)


def _is_refuted(line: Line) -> bool:
    return (line.comparison or "").startswith(REFUTED)


def _against_no_known_allergy(groups: list[Group]) -> list[Group]:
    """`No known allergy` from one partner beside an allergy from another: both stand, and both say so.

    An allergy that everybody who tells of it refuted is none.
    """
    stated = [not all(_is_refuted(line) for line in group.lines) for group in groups]
    none_known = [any(_concept(line) in NO_KNOWN_ALLERGY for line in group.lines) for group in groups]
    sides = {none for none, holds in zip(none_known, stated, strict=True) if holds}
    if len(sides) < 2:
        return groups
    return [group._replace(disagree=True) if holds else group for group, holds in zip(groups, stated, strict=True)]


def _disagreeing(lines: Sequence[Line]) -> frozenset[int]:
    """Those that differ from another partner's in a facet that both state."""
    stated = [line for line in lines if line.standing == "current" and _is_one_of(line)]
    return frozenset(
        number
        for one, other in combinations(stated, 2)
        if one.comparison != other.comparison
        and one.label.controller != other.label.controller
        and _differ(_facets(one), _facets(other))
        for number in (one.number, other.number)
    )


def _facets(line: Line) -> dict[str, str]:
    return dict([facet.split("=", 1) for facet in (line.comparison or "").split(";")])


def _differ(says: Mapping[str, str], also: Mapping[str, str]) -> bool:
    return any(said != also[facet] for facet, said in says.items() if facet in also)


def _is_one_of(line: Line) -> bool:
    if line.comparison is None:
        return False
    return line.label.category in ONE_OF or line.comparison.startswith(NEXT_OF_KIN)
