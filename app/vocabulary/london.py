"""UTC inside, Europe/London at the edges: agreements, dates of birth and diaries are in local time."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def london_date(at: datetime) -> date:
    """The calendar date in London at an instant."""
    return at.astimezone(LONDON).date()


def london_midnight(on: date) -> datetime:
    """The instant, in UTC, at which a London calendar date begins."""
    return datetime.combine(on, time.min, LONDON).astimezone(UTC)


def from_london(local: datetime) -> datetime:
    """The instant of a wall-clock time that carries no zone, as hospital systems write it.

    In the hour that occurs twice in October the first is meant, as the systems that write it never say.
    """
    return local.replace(tzinfo=LONDON).astimezone(UTC)


def known_to_the_day(at: datetime) -> date | datetime:
    """The London date where an instant is its midnight, as a bare date is kept so; else the instant."""
    local = at.astimezone(LONDON)
    return local.date() if local.time() == time.min else at


def instant_told(text: str) -> datetime:
    """The instant of what `known_to_the_day` gave, as JSON tells it."""
    return datetime.fromisoformat(text) if "T" in text else london_midnight(date.fromisoformat(text))
