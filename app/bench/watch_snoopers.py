"""What people do who look where they should not: some boldly, some so that it is hardly seen."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from app.audit.event import Kind
from app.bench.watch_year import Snoops, Worker, Year, chosen, moment
from app.watch.act import Act
from app.watch.sign import Sign

Shift = tuple[int, int] | None
Done = tuple[list[Act], UUID | None]
_IDLE: Final = (9, 17)  # when they look on a day off


def _looks_at(year: Year, worker: Worker, on: date, shift: Shift, person: UUID, kind: Kind = Kind.VIEW) -> Done:
    at = moment(year.random, on, *(shift or _IDLE))
    times = year.random.choice((1, 1, 2, 4))
    return [year.act(worker, kind, at + timedelta(minutes=3 * n), person) for n in range(times)], person


def _self(year: Year, worker: Worker, on: date, shift: Shift) -> Done:
    return _looks_at(year, worker, on, shift, worker.person, Kind.DENIED)


def _household(year: Year, worker: Worker) -> tuple[list[UUID], list[UUID]]:
    """Those of their own name nearby, and all others nearby; anybody, where nobody lives near."""
    homes, mine = year.population.homes, year.population.homes[worker.person]
    near = [person for person, home in homes.items() if home.is_near(mine) and person != worker.person]
    family = [person for person in near if homes[person].is_family(mine)]
    return family or near, [person for person in near if person not in family] or near


def _family(year: Year, worker: Worker, on: date, shift: Shift) -> Done:
    return _looks_at(year, worker, on, shift, year.random.choice(_household(year, worker)[0]))


def _neighbour(year: Year, worker: Worker, on: date, shift: Shift) -> Done:
    return _looks_at(year, worker, on, shift, year.random.choice(_household(year, worker)[1]))


def _colleague(year: Year, worker: Worker, on: date, shift: Shift) -> Done:
    others = [o.person for o in year.staff if o.organisation == worker.organisation and o is not worker]
    return _looks_at(year, worker, on, shift, year.random.choice(others or [worker.person]))


def _news(year: Year, worker: Worker, on: date, shift: Shift) -> Done:
    """Whom people talk about a day or two before the IG lead hears of it, at times."""
    talked = [p for p, since in year.news.items() if since - timedelta(days=2) <= on < since + timedelta(days=21)]
    person = year.random.choice(talked or list(year.news))
    if not talked:
        year.news[person] = on - timedelta(days=year.random.choice((0, 1, 5)))
    return _looks_at(year, worker, on, shift, person)


def _without_relationship(year: Year, worker: Worker, on: date, shift: Shift) -> Done:
    """A former partner, say: refused, or seen by a claim."""
    kind = year.random.choice((Kind.DENIED, Kind.VIEW))
    return _looks_at(year, worker, on, shift, year.random.choice(year.population.people), kind)


def _many(year: Year, worker: Worker, on: date, shift: Shift) -> Done:
    people = chosen(year.random, year.population.people, year.random.choice((15, 40, 80)))
    at = moment(year.random, on, *(shift or _IDLE))
    return [year.act(worker, Kind.VIEW, at + timedelta(minutes=2 * n), p) for n, p in enumerate(people)], None


def _at_odd_hours(year: Year, worker: Worker, on: date, shift: Shift) -> Done:
    """Whom they care for, but at home: between one and ten hours after work, or on a day off."""
    start = shift[1] + year.random.uniform(1, 10) if shift else 20.0
    at = moment(year.random, on, start, start + 0.5)
    people = chosen(year.random, year.patients(worker, on), year.random.choice((1, 3, 6)))
    return [year.act(worker, Kind.VIEW, at + timedelta(minutes=4 * n), p) for n, p in enumerate(people)], None


def _emergencies(year: Year, worker: Worker, on: date, shift: Shift) -> Done:
    people = chosen(year.random, year.population.people, year.random.choice((2, 4, 6)))
    at = moment(year.random, on, *(shift or _IDLE))
    return [
        year.act(worker, Kind.EMERGENCY_OPENED, at + timedelta(minutes=9 * n), p) for n, p in enumerate(people)
    ], None


def _in_order(year: Year, worker: Worker, on: date, shift: Shift) -> Done:
    """Down the register by number or by name; the careful leave some out."""
    order = year.random.choice((year.population.by_number, year.population.by_name))
    step, count = year.random.choice((1, 1, 2, 7)), year.random.choice((5, 9, 20))
    first = year.random.randrange(len(order) - step * count)
    at = moment(year.random, on, *(shift or _IDLE))
    people = order[first : first + step * count : step]
    return [year.act(worker, Kind.VIEW, at + timedelta(seconds=70 * n), p) for n, p in enumerate(people)], None


def _searches(year: Year, worker: Worker, on: date, shift: Shift) -> Done:
    at = moment(year.random, on, *(shift or _IDLE))
    people = chosen(year.random, year.population.people, year.random.choice((6, 15, 30)))
    return [year.act(worker, Kind.FIND, at + timedelta(minutes=n), p) for n, p in enumerate(people)], None


def _exports(year: Year, worker: Worker, on: date, shift: Shift) -> Done:
    people = chosen(year.random, year.patients(worker, on), year.random.choice((8, 15, 25)))
    at = moment(year.random, on, *(shift or _IDLE))
    return [year.act(worker, Kind.EXPORT, at + timedelta(seconds=20 * n), p) for n, p in enumerate(people)], None


SNOOPERS: Final[Mapping[Sign, Snoops]] = {
    Sign.SELF: _self,
    Sign.FAMILY: _family,
    Sign.NEIGHBOUR: _neighbour,
    Sign.COLLEAGUE: _colleague,
    Sign.NEWS: _news,
    Sign.NO_RELATIONSHIP: _without_relationship,
    Sign.VOLUME: _many,
    Sign.OUT_OF_SHIFT: _at_odd_hours,
    Sign.EMERGENCY_RATE: _emergencies,
    Sign.IN_ORDER: _in_order,
    Sign.SEARCHING: _searches,
    Sign.EXPORTS: _exports,
}
