"""The dates of a row, and the instants at which they begin."""

from datetime import datetime
from functools import lru_cache

from app.adapters.delimited import sound_date
from app.adapters.social_care_cld.headings import EventRow
from app.vocabulary.london import london_midnight

midnight = lru_cache(maxsize=4096)(london_midnight)
"""The instant at which a date begins in London; an extract has few dates and writes each many times."""


def recorded(row: EventRow) -> datetime:
    """When the source wrote what it says: by the end of the period that the file is for."""
    return midnight(sound_date(row.period_end))
