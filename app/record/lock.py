"""A decision as both locks of the record take it: the service's own, and the database's (docs/decisions/0008).

To the database it travels as settings that the policies of the tables compare each row with (migration 0029): whose
record; thresholds between the numbers of the controllers; the days from which on something is permitted; and bits, by
kind, in blocks. How many thresholds a row's controller reaches, and how many of the days its own, is the number of its
block: each controller begins a layer for what is permitted whatever its age and one for each day, and where it ends as
many begin in which no bit is set. Pure.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from app.database.pipeline import Setting
from app.record.label_numbers import KINDS, label_number
from app.sharing.decision import Decision, Granted
from app.sharing.lattice import Lattice
from app.vocabulary.label import Label

_DECIDED: Final = b"""
    SELECT set_config('pisano.people', $1, true) IS NULL, set_config('pisano.controllers', $2, true) IS NULL,
           set_config('pisano.labels', $3, true) IS NULL, set_config('pisano.days', $4, true) IS NULL,
           set_config('pisano.entry', '', true) IS NULL
"""
_ASKED_WHOSE: Final = b"""
    SELECT set_config('pisano.people', '', true) IS NULL, set_config('pisano.entry', $1, true) IS NULL
"""
UNDECIDED: Final[Setting] = _DECIDED, ("", "", "", "")
"""Nothing of anybody."""

Row = tuple[Any, ...]


class Lock(NamedTuple):
    """What one decision lets through."""

    labels: Mapping[int, Label]  # permitted, by their numbers
    not_before: Mapping[int, date]  # of those that are permitted from a day on alone
    settings: tuple[str, str, str]

    def over(self, *people: UUID) -> Setting:
        """What lets the database show these people's entries as the decision permits, and nobody else's."""
        return _DECIDED, (f"{{{','.join(map(str, people))}}}", *self.settings)

    def let_through(self, rows: Iterable[Row], *, label: int) -> list[Row]:
        """Of what came from the database, what is permitted: whatever the database's own lock let through.

        `label` is where a row has its label's number; the day on which it occurred stands last, where any was asked.
        """
        permitted, since = self.labels, self.not_before
        if not since:
            return [row for row in rows if row[label] in permitted]
        return [
            row
            for row in rows
            if row[label] in permitted and (row[-1] is None or row[-1] >= since.get(row[label], date.min))
        ]


def asked_whose(number: int) -> Setting:
    """What lets the database show whose one entry is, and nothing else."""
    return _ASKED_WHOSE, (str(number),)


def lock_of(decision: Decision) -> Lock:
    """The lock of a decision, made once for all that grant alike."""
    return _lock(decision.lattice, decision.granted)


@lru_cache(maxsize=512)
def _lock(lattice: Lattice, granted: tuple[Granted, ...]) -> Lock:
    permitted = Decision(lattice=lattice, agreements=(), granted=granted).permitted
    labels = {label_number(label): label for label in permitted}
    since = {label_number(label): one.not_before for label, one in permitted.items() if one.not_before is not None}
    return Lock(labels, since, _settings(labels, since))


def _settings(labels: Iterable[int], since: Mapping[int, date]) -> tuple[str, str, str]:
    controllers, days = sorted({number // KINDS for number in labels}), sorted(set(since.values()))
    layers, bits = len(days) + 1, 0
    thresholds = [threshold for one in controllers for threshold in [one] * layers + [one + 1] * layers]
    for number in labels:
        block = (2 * controllers.index(number // KINDS) + 1) * layers
        for layer in range(days.index(since[number]) + 1 if number in since else 0, layers):
            bits |= 1 << (block + layer) * KINDS + number % KINDS
    written = bits.to_bytes((len(thresholds) + layers) * KINDS // 8, "little").hex()
    return _array(map(str, thresholds)), written, _array(day.isoformat() for day in days)


def _array(elements: Iterable[str]) -> str:
    return f"{{{','.join(elements)}}}"
