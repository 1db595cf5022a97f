"""Reports that say no more than their one result, as hospitals send them: a reader sees such a thing once. Pure."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple


class Saying(NamedTuple):
    """What one statement says: by whom and under which heading, since when, and in which words."""

    source: Hashable
    started: Hashable
    title: str
    detail: str


def repeated(sayings: Sequence[Saying]) -> dict[int, int]:
    """Of statements by their places: each report that only repeats a result, and that result.

    It does so where one source has one result of that name at that time, and the report has no words of its own: no
    finding, note or conclusion. Whatever says more stands by itself.
    """
    named: dict[tuple[Hashable, Hashable, str], list[int]] = {}
    for place, one in enumerate(sayings):
        named.setdefault(_name(one), []).append(place)
    return {
        place: result
        for place, one in enumerate(sayings)
        if (result := _result_of(place, sayings, named[_name(one)])) is not None
    }


def _name(one: Saying) -> tuple[Hashable, Hashable, str]:
    return one.source, one.started, one.title.partition(": ")[0]


def _result_of(place: int, sayings: Sequence[Saying], alike: Sequence[int]) -> int | None:
    others = [other for other in alike if other != place]
    if len(others) != 1:
        return None
    report, result = sayings[place], sayings[others[0]]
    adds_nothing = report.detail in ("", result.title)
    return others[0] if adds_nothing and result.title.startswith(f"{report.title}: ") else None
