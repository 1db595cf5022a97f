"""Whom a team reaches: who was referred, of all the people there are, by who they are; nothing of a few. Pure.

Ethnicity is counted in its five broad groups, and how deprived somebody's area is in fifths: neither is told of anyone.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Final

from app.mdt.case_finding.criteria import CRITERIA
from app.mdt.case_finding.scores import imported_scores
from app.mdt.case_finding.segments import SEGMENTS, segments_of
from app.mdt.impact.effect import FEWEST
from app.mdt.impact.ethnicity import broad_group
from app.mdt.impact.intervals import Share, is_few, kept_back
from app.mdt.one_person.entries import LocalityOf, PersonEntries
from app.record.sifted import Considered

DecileOf = Callable[[Iterable[str]], int | None]
"""How deprived the area of somebody's postcodes is, 1 the most deprived; `None` where that cannot be told."""

_COMPLEX: Final = "complex-lives"  # told by headings that an evaluation may not read


def _as_counted(name: str) -> list[str]:
    """By what a name is sorted: 9 before 10."""
    return [part.zfill(3) for part in name.split()]


class Reach:
    """Counts people one by one; each is in as many groups as tell of them."""

    def __init__(self, at: datetime, locality_of: LocalityOf, decile_of: DecileOf) -> None:
        self._at, self._locality_of, self._decile_of = at, locality_of, decile_of
        self._people: Counter[str] = Counter()
        self._referred: Counter[str] = Counter()
        self._all = 0

    def count(self, one: Considered, *, referred: bool) -> None:
        """Count somebody who lives."""
        person = PersonEntries(one.entries, self._at)
        if person.died:
            return
        groups = list(self._groups(person))
        self._people.update(groups)
        self._referred.update(groups if referred else ())
        self._all += referred

    def shares(self) -> dict[str, Share]:
        """Of each group, by its name; nothing where fewer were referred than any figure is told of."""
        if self._all < FEWEST:
            return {}
        shares = {
            name: Share(achieved=self._referred[name], of=self._people[name])
            for name in sorted(self._people, key=_as_counted)
        }
        kinds = groupby(shares, key=lambda name: name.partition(":")[0])
        return {
            name: one for _, names in kinds for name, one in self._told({name: shares[name] for name in names}).items()
        }

    def _told(self, shares: Mapping[str, Share]) -> dict[str, Share]:
        """Groups of one kind, but for those of which few were referred, or there are few."""
        return kept_back(shares, {name for name, one in shares.items() if is_few(one.achieved) or is_few(one.of)})

    def _groups(self, person: PersonEntries) -> Iterator[str]:
        if person.age is not None:
            yield f"age: {person.age // 10 * 10} to {person.age // 10 * 10 + 9}"
        if locality := self._locality_of(person.practices(), person.postcodes()):
            yield f"locality: {locality}"
        decile = self._decile_of(person.postcodes())
        yield f"deprivation: fifth {(decile + 1) // 2} of 5" if decile else "deprivation: not known"
        yield f"ethnicity: {broad_group(person.under('ethnicity', 'Patient'))}"
        scores = imported_scores(person, oldest_days=CRITERIA.oldest_score_days)
        for segment in segments_of(person, {}, scores, CRITERIA.segments):
            if segment.code != _COMPLEX:
                yield f"segment: {SEGMENTS[segment.code]}"
