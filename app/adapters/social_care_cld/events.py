"""The events of social care: what makes one unique, which of two rows about one stands, and whom it gives a reason.

Requests, assessments and reviews arrive only once they are complete; services while they last.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.adapters.delimited import date_or_none, read_date, sound_date
from app.adapters.social_care_cld.dates import midnight
from app.adapters.social_care_cld.headings import EventRow
from app.adapters.social_care_cld.rules import ASSESSMENT, REQUEST, REVIEW, SERVICE, event_type
from app.adapters.social_care_cld.values import Value, value
from app.vocabulary.statement import Relationship

REFERRAL_LASTS: Final = timedelta(days=365)
"""How long a request that went further stays a reason to ask about someone: the longest period that one return covers.

The source never says when what followed it ended; if that was a service, it is by then a reason of its own.
"""

_RESOURCE_TYPES: Final = {
    REQUEST: "ServiceRequest",
    ASSESSMENT: "Encounter",
    SERVICE: "EpisodeOfCare",
    REVIEW: "Encounter",
}
_UNIQUE_BY: Final = {
    REQUEST: ("route_of_access",),
    ASSESSMENT: ("assessment_type",),
    SERVICE: ("service_type", "service_component"),
    REVIEW: (),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a row that kept the rules; `as_at` is the end of the period that the file is for."""

    row: EventRow
    kind: str
    key: str
    started: date
    ended: date | None
    as_at: date

    def coded(self, field: str) -> Value:
        """The meaning of a coded field of the row."""
        return value(field, getattr(self.row, field))

    @property
    def rank(self) -> int:
        """Which of two rows about one event stands: the higher, and of equals the later (published order).

        An open end comes before any date, a later date before an earlier, then the outcome's precedence.
        """
        return (self.ended or date.max).toordinal() * 100 - self.coded("outcome").precedence


def read_event(row: EventRow) -> Event:
    """The event that a row which kept the rules tells of; raises `ValueError` for another."""
    kind, started = event_type(row), sound_date(row.event_start)
    ended = _ended(started, read_date(row.event_end), date_or_none(row.death_date))
    return Event(row, kind, _key(row, kind, started, ended), started, ended, as_at=sound_date(row.period_end))


def event_keys(kind: str, la_code: str) -> str:
    """How the keys of one council's events of one type begin."""
    return f"{_RESOURCE_TYPES[kind]}/{kind.lower()}/{la_code}/"


def relationships(event: Event) -> Iterator[Relationship]:
    """The council's reason to ask about the person: any service while it lasts, and a request that went further."""
    started = midnight(event.started)
    if event.kind == SERVICE:
        ended = midnight(event.ended) if event.ended else None
        yield Relationship(key=event.key, kind="care-package", started=started, ended=ended)
    elif event.kind == REQUEST and event.ended and event.coded("outcome").code.startswith("Progress"):
        yield Relationship(
            key=event.key, kind="referral", started=started, ended=midnight(event.ended + REFERRAL_LASTS)
        )


def _ended(started: date, ended: date | None, died: date | None) -> date | None:
    """The end, brought forward to the date of death (published derivation) unless that is before the start."""
    if died and died >= started and (ended is None or died < ended):
        return died
    return ended


def _key(row: EventRow, kind: str, started: date, ended: date | None) -> str:
    """The fields that the publisher calls unique. A service's end is not among them, so that a later file closes it."""
    parts = [value(field, getattr(row, field)).part for field in ("client_type", *_UNIQUE_BY[kind])]
    closed = [] if kind == SERVICE else [str(ended)]
    return event_keys(kind, row.la_code) + "/".join([row.person_id, str(started), *closed, *parts])
