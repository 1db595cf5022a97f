"""When a locality meets: the dates of its recurrence rule, at the wall clock of London whatever the season. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from dateutil.rrule import rrulestr

from app.mdt.workflow.locality import LocalityDocument
from app.vocabulary.london import LONDON


class Sitting(NamedTuple):
    """One meeting as it is planned: the London day that names it, and its instants in UTC."""

    on: date
    starts_at: datetime
    ends_at: datetime


def sittings(locality: LocalityDocument, first: date, last: date) -> Iterator[Sitting]:
    """The meetings from one London day to another, both included; a day that is left out has none.

    The rule is reckoned in days without a zone, so that the end of summer time neither moves nor doubles a meeting. A
    start in the hour that is skipped in March is an hour later by the clock, and in the hour that is twice in October
    the first.
    """
    cadence = locality.cadence
    lasts = timedelta(minutes=locality.agenda.slots * locality.agenda.minutes)
    rule = rrulestr(cadence.rule, dtstart=datetime.combine(cadence.starts, time.min))
    days = rule.between(datetime.combine(first, time.min), datetime.combine(last, time.min), inc=True)
    for on in (day.date() for day in days):
        if on not in cadence.without:
            starts_at = datetime.combine(on, cadence.at, LONDON).astimezone(UTC)
            yield Sitting(on, starts_at, starts_at + lasts)
