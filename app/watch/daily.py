"""Watching day after day: each London day once it is over, and once more when the fortnight after it is.

A day is one transaction: its alerts, its numbers, and what the trail is told of them. Whoever watches a day a second
time finds it watched, and an alert has the same id however often it is found.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Engine

from app.audit.chain import ChainKey
from app.audit.event import Event, Kind
from app.audit.store import first_told
from app.audit.trail import record
from app.database.transactions import transaction
from app.governance.alerts.retention import first_alerts_kept
from app.governance.alerts.store import forget_alerts, lately_alerted, raise_alerts
from app.governance.exceptions.opening import review_within
from app.sharing.facts import Account
from app.sharing.law import Agreements
from app.vocabulary.london import london_date
from app.watch import store
from app.watch.gather import acts_of_day, known_on
from app.watch.habit_signs import WEEKS, found_in_habits
from app.watch.people_signs import FORTNIGHT, found_about_people, found_without_relationship
from app.watch.sign import ONE_MATTER, Finding, Matter, Sign, not_told_lately, weighed
from app.watch.tally import Habits, tallied

BY: Final = Account("worker", "watch")
"""Who the trail says raised an alert."""

_DAY: Final = timedelta(days=1)
_SETTLED: Final = timedelta(hours=1)  # after midnight, when all that the day did is on disk
_TOLD: Final = timedelta(days=7)  # back from now; older days of a place that begins to watch are only learnt from


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """By which agreements a place is watched, what it takes to tell its trail, and how long its numbers are kept."""

    agreements: Agreements
    key: ChainKey
    new_id: Callable[[], UUID]
    keep: timedelta = timedelta(weeks=104)


def is_due(engine: Engine, *, at: datetime) -> bool:
    """Whether any day is over and was not watched."""
    return any(_due(engine, at))


def watch(engine: Engine, watching: Watching, *, at: datetime) -> int:
    """Watch every day that is over and was not watched, then forget what is kept no longer; returns how many alerts
    that raised.
    """
    days, again = _due(engine, at)
    raised = 0
    for step, of_step in ((watch_day, days), (watch_again, again)):
        for on in of_step:
            with transaction(engine) as connection:
                raised += step(connection, on, watching, at=at)
    with transaction(engine) as connection:
        store.forget(connection, london_date(at) - watching.keep)
        _forget_alerts(connection, watching, at)
    return raised


def _forget_alerts(connection: Connection, watching: Watching, at: datetime) -> None:
    """Delete closed alerts that no agreement has kept any longer, and tell the trail where there were any."""
    before = first_alerts_kept(watching.agreements, on=london_date(at))
    if before is not None and forget_alerts(connection, before):
        gone = Event(kind=Kind.WATCH_CHANGED, id=watching.new_id(), at=at, actor=BY, reason="alerts",
                     request=str(before))  # fmt: skip
        record(connection, [gone], key=watching.key)


def watch_day(connection: Connection, on: date, watching: Watching, *, at: datetime) -> int:
    """Watch one day; returns how many alerts it raised, 0 where it was watched already."""
    if not store.begin_day(connection, on, at=at):
        return 0
    acts = acts_of_day(connection, on)
    known = known_on(connection, acts, watching.agreements, on=on)
    habits = Habits(store.tallies(connection, on - WEEKS, on), before=on)
    found = [*found_about_people(acts, known, on=on), *found_in_habits(acts, known, habits, on=on)]
    store.put_tallies(connection, tallied(acts, on=on))
    return _raise(connection, found if london_date(at) - on <= _TOLD else [], watching, at)


def watch_again(connection: Connection, on: date, watching: Watching, *, at: datetime) -> int:
    """Watch a day for what shows only once the fortnight after it is over; returns how many alerts that raised."""
    if not store.begin_fortnight(connection, on, at=at):
        return 0
    acts = acts_of_day(connection, on)
    known = known_on(connection, acts, watching.agreements, on=on)
    found = found_without_relationship(acts, known, on=on)
    return _raise(connection, found if london_date(at) - on <= FORTNIGHT + _TOLD else [], watching, at)


def _due(engine: Engine, at: datetime) -> tuple[list[date], list[date]]:
    """The days that are over and not watched, the first time as far back as habits go; and those to watch again."""
    last_over = london_date(at - _SETTLED) - _DAY
    with transaction(engine) as connection:
        last, began = store.last_watched(connection), first_told(connection)
        again = store.waiting_for_fortnight(connection, last_over - FORTNIGHT)
    if last is None and began is None:
        return [], []
    first = last + _DAY if last else max(london_date(began or at), last_over - WEEKS)
    return [first + number * _DAY for number in range((last_over - first).days + 1)], again


def _raise(connection: Connection, found: Iterable[Finding], watching: Watching, at: datetime) -> int:
    found = list(found)
    if not found:
        return 0
    since = min(finding.on for finding in found) - ONE_MATTER
    told = {
        Matter(Sign(kind), account, person): on
        for kind, account, person, on in lately_alerted(connection, since)
        if kind in set(Sign)
    }
    due = at + review_within(watching.agreements, at)
    rows = [_row(finding, at, due) for finding in weighed(not_told_lately(found, told), told)]
    new = set(raise_alerts(connection, rows))
    events = [
        Event(kind=Kind.ALERT_RAISED, id=watching.new_id(), at=at, actor=BY, other=finding.id, reason=finding.sign)
        for finding in found
        if finding.id in new
    ]
    if events:
        record(connection, events, key=watching.key)
    return len(new)


def _row(finding: Finding, at: datetime, due: datetime) -> dict[str, object]:
    return {
        "id": finding.id,
        "kind": finding.sign,
        "fact": f"watch/{finding.sign}",
        "person_id": finding.person,
        **finding.actor._asdict(),
        "organisation": finding.organisation,
        "raised": at,
        "review_due": due,
        "on": finding.on,
        "evidence": {
            "events": list(finding.events),
            "figures": dict(finding.figures),
            "rank": finding.rank,
            "lessened": finding.lessened,
        },
    }
