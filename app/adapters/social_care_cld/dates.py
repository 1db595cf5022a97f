"""The dates of a row, and the instants at which they begin."""

from datetime import date, datetime
from functools import lru_cache

from app.adapters.delimited import date_or_none, read_date
from app.adapters.social_care_cld.headings import EventRow
from app.vocabulary.london import london_midnight

midnight = lru_cache(maxsize=4096)(london_midnight)
"""The instant at which a date begins in London; an extract has few dates and writes each many times."""


def is_date(text: str) -> bool:
    """Whether a field holds a date."""
    return date_or_none(text) is not None


def sound_date(text: str) -> date:
    """The date in a field that the rules have passed; raises `ValueError` where there is none."""
    if found := read_date(text):
        return found
    raise ValueError("the date is missing; check the rules first")


def recorded(row: EventRow) -> datetime:
    """When the source wrote what it says: by the end of the period that the file is for."""
    return midnight(sound_date(row.period_end))
