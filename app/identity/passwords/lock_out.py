"""What wrong passwords lead to: the account waits, longer each time, and opens again by itself.

It never locks for good, or anybody who knows a name could shut its owner out; an operator may.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FREE_ATTEMPTS: Final = 5
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Wrong passwords in a row, and until when no further one is looked at."""

    wrong: int = 0
    waits_until: datetime | None = None

    def open_at(self, at: datetime) -> bool:
        """Whether a password would be looked at."""
        return self.waits_until is None or self.waits_until <= at

    def after_another(self, at: datetime) -> "Attempts":
        """Once one more was wrong: from the fifth on it waits, twice as long each time, an hour at most."""
        wrong = self.wrong + 1
        if wrong < FREE_ATTEMPTS:
            return Attempts(wrong)
        doublings = min(wrong - FREE_ATTEMPTS, 10)
        return Attempts(wrong, at + min(FIRST_WAIT * 2**doublings, LONGEST_WAIT))
