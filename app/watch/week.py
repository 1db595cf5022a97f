"""A week as ISO 8601 counts them, in London: `2026-W47` is Monday to Sunday. Pure."""

import re
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple, Self

from app.errors import DomainError
from app.vocabulary.london import london_date

_WRITTEN: Final = re.compile(r"(\d{4})-W(\d{2})")

_HOW: Final = "write a week as ISO 8601 does, such as 2026-W47"


class NoSuchWeek(DomainError):
    """What was written is no week, or one that is not over."""


class Week(NamedTuple):
    """Seven days from a Monday on."""

    monday: date

    @classmethod
    def read(cls, text: str) -> Self:
        """The week that is written so; raises `NoSuchWeek`."""
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise NoSuchWeek(_HOW)
        try:
            return cls(date.fromisocalendar(int(written[1]), int(written[2]), 1))
        except ValueError:
            raise NoSuchWeek(_HOW) from None

    @classmethod
    def of(cls, on: date) -> Self:
        """The week of a day."""
        return cls(on - timedelta(days=on.weekday()))

    @property
    def end(self) -> date:
        """The Monday after it."""
        return self.monday + timedelta(days=7)

    def covers(self, at: datetime) -> bool:
        """Whether an instant is in it."""
        return self.monday <= london_date(at) < self.end

    def before(self, weeks: int) -> date:
        """The Monday so many weeks before it."""
        return self.monday - timedelta(weeks=weeks)

    def __str__(self) -> str:
        return f"{self.monday:%G-W%V}"
