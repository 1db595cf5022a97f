"""Whom a team reaches: who was referred, of all the people there are, by who they are; nothing of a few. Pure."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from app.mdt.case_finding.criteria import CRITERIA
from app.mdt.case_finding.entries import LocalityOf, PersonEntries
from app.mdt.case_finding.scores import imported_scores
from app.mdt.case_finding.segments import SEGMENTS, segments_of
from app.mdt.impact.effect import FEWEST
from app.mdt.impact.intervals import Share
from app.mdt.impact.kpis import referred_of
from app.record.sifted import Considered

_COMPLEX: Final = "complex-lives"  # told by headings that an evaluation may not read


class Reach:
    """Counts people one by one; each is in as many groups as tell of them."""

    def __init__(self, at: datetime, locality_of: LocalityOf) -> None:
        self._at, self._locality_of = at, locality_of
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
        return {name: referred_of(self._referred[name], people) for name, people in sorted(self._people.items())}

    def _groups(self, person: PersonEntries) -> Iterator[str]:
        if person.age is not None:
            yield f"age: {person.age // 10 * 10:02} to {person.age // 10 * 10 + 9:02}"
        if locality := self._locality_of(person.practices(), person.postcodes()):
            yield f"locality: {locality}"
        scores = imported_scores(person, oldest_days=CRITERIA.oldest_score_days)
        for segment in segments_of(person, {}, scores, CRITERIA.segments):
            if segment.code != _COMPLEX:
                yield f"segment: {SEGMENTS[segment.code]}"
