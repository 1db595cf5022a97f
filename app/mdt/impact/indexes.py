"""On which days people are looked at: whoever a team accepted, when they were; others, when those alike to them were.

Whoever is alike to few may serve each of them: a day in each of some months in which somebody of their sex, ten years
of age and locality was accepted. So those whom the team saw find others of the same month among everyone there is, and
not only among those who drew that month by lot. The lot is the same each time.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

MOST: Final = 4
"""Days of one person: where many were accepted there are many others too, and more would only take memory."""

Alike = tuple[str, str]
"""Sex and ten years of age, and locality."""


class Indexes:
    """`accepted` are those whom a team accepted in the time that can be looked at; `seen_before` all it ever did."""

    def __init__(self, accepted: Mapping[UUID, date], seen_before: Mapping[UUID, date]) -> None:
        self._accepted = accepted
        self._seen_before = seen_before
        self._all = sorted(accepted.values())
        self._of_those_alike: defaultdict[Alike, defaultdict[tuple[int, int], list[date]]]
        self._of_those_alike = defaultdict(lambda: defaultdict(list))

    def was_accepted(self, person: UUID) -> bool:
        """Whether a team saw them in this time."""
        return person in self._accepted

    def may_serve(self, alike: Alike, day: date) -> None:
        """Let whoever is alike to somebody who was accepted be looked at in the same month."""
        self._of_those_alike[alike][day.year, day.month].append(day)

    def of(self, person: UUID, alike_on: Callable[[date], Alike | None]) -> Sequence[date]:
        """When they were accepted; else up to four days, or one by lot where nobody alike was accepted: it tells what
        is usual. None of whoever was accepted before, nor where nobody was.
        """
        if person in self._accepted:
            return (self._accepted[person],)
        if person in self._seen_before or not self._all:
            return ()
        lot = person.int
        days = [
            month[lot % len(month)]
            for alike in dict.fromkeys(map(alike_on, (self._all[0], self._all[-1])))
            if alike
            for month in self._of_those_alike.get(alike, {}).values()
            if alike_on(month[lot % len(month)]) == alike
        ]
        if len(days) > MOST:
            step = len(days) / MOST
            days = [days[(lot + int(turn * step)) % len(days)] for turn in range(MOST)]
        return days or (self._all[lot % len(self._all)],)
