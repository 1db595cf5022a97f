"""A day of honest work, with what looks odd about it now and then."""

from datetime import date, datetime, timedelta
from uuid import UUID

from app.audit.event import Kind
from app.bench.watch_year import COMMUNITY, Worker, Year, chosen, moment
from app.watch.act import Act

_VACCINATIONS = 2 / 230  # days a year, of a GP's working days
_COVER = 0.02  # of days, of which a colleague is ill
_DUPLICATES = 1 / 230  # days a year on which a coordinator sorts out the register
_WRONG = 0.003  # of looks, at the wrong person
_AT_HOME = 0.003  # of days, with notes written up in the evening
_OVERRUN = 0.03  # of looks, after the shift


def day_of(year: Year, worker: Worker, on: date, shift: tuple[int, int]) -> list[Act]:
    """What somebody does on a day that they work."""
    random, work = year.random, worker.work
    patients = [person for person in year.patients(worker, on) if person != worker.person]
    count = random.randint(work.fewest, work.most)
    if random.random() < _COVER:
        count = 2 * count
    if worker.kind == "gp" and random.random() < _VACCINATIONS:
        count = random.randint(50, 80)
    acts = [act for person in chosen(random, patients, count) for act in _looked(year, worker, on, shift, person)]
    acts += _telephone(year, worker, on, shift)
    acts += _emergencies(year, worker, on, shift)
    if random.random() < _AT_HOME:
        at = moment(random, on, 19.5, 22)
        acts += [year.act(worker, Kind.VIEW, at, person) for person in chosen(random, patients, 3)]
    if worker.kind == "coordinator":
        acts += _coordinating(year, worker, on, shift)
    return acts + _of_the_news(year, worker, on, shift)


def _looked(year: Year, worker: Worker, on: date, shift: tuple[int, int], person: UUID) -> list[Act]:
    random = year.random
    late = random.random() < _OVERRUN
    at = moment(random, on, shift[1], shift[1] + 1.5) if late else moment(random, on, *shift)
    acts = []
    if random.random() < 0.5:
        shown = [person, *chosen(random, year.population.people, random.choice((0, 0, 1, 3)))]
        acts += _search(year, worker, at - timedelta(minutes=1), shown)
    if random.random() < _WRONG:
        wrong = random.choice(year.population.people)
        acts.append(year.act(worker, Kind.DENIED, at - timedelta(seconds=20), wrong))
    acts.append(year.act(worker, Kind.VIEW, at, person))
    if random.random() < 0.3:
        acts.append(year.act(worker, Kind.ENTRY, at + timedelta(minutes=2), person))
    return acts


def _search(year: Year, worker: Worker, at: datetime, shown: list[UUID]) -> list[Act]:
    first = year.act(worker, Kind.FIND, at, shown[0])
    return [first, *(year.act(worker, Kind.FIND, at, other, first.request) for other in shown[1:])]


def _telephone(year: Year, worker: Worker, on: date, shift: tuple[int, int]) -> list[Act]:
    """Searches of which nothing comes: somebody rang, or was not the one who was meant."""
    random = year.random
    acts = []
    for _ in range(random.randint(0, worker.work.telephone)):
        shown = chosen(random, year.population.people, random.choice((1, 2, 4)))
        acts += _search(year, worker, moment(random, on, *shift), shown)
    return acts


def _emergencies(year: Year, worker: Worker, on: date, shift: tuple[int, int]) -> list[Act]:
    """Somebody whom nobody knew here an hour before; most are admitted, and then the hospital has to do with them."""
    random, acts = year.random, list[Act]()
    if random.random() < worker.work.emergencies:
        person, at = random.choice(year.population.people), moment(random, on, *shift)
        acts = [year.act(worker, Kind.EMERGENCY_OPENED, at, person)]
        acts.append(year.act(worker, Kind.VIEW, at + timedelta(minutes=1), person))
        if random.random() < 0.9:
            year.population.relate(person, worker.organisation, "admission", at, at + timedelta(days=3))
    return acts


def _coordinating(year: Year, worker: Worker, on: date, shift: tuple[int, int]) -> list[Act]:
    """The pack before a meeting, monthly; and the register, once a year."""
    random, acts = year.random, list[Act]()
    if on.day <= 7 and on.weekday() == 2:
        listed = sorted(chosen(random, year.patients(worker, on), 10), key=year.population.names.__getitem__)
        at = moment(random, on, shift[0] + 1, shift[1] - 1)
        acts = [year.act(worker, Kind.EXPORT, at + timedelta(seconds=30 * n), p) for n, p in enumerate(listed)]
    if random.random() < _DUPLICATES:
        first, at = random.randrange(len(year.population.by_name) - 10), moment(random, on, *shift)
        for number, person in enumerate(year.population.by_name[first : first + 8]):
            year.population.relate(person, COMMUNITY, "caseload", at - timedelta(days=9), at)
            acts.append(year.act(worker, Kind.VIEW, at + timedelta(minutes=number), person))
    return acts


def _of_the_news(year: Year, worker: Worker, on: date, shift: tuple[int, int]) -> list[Act]:
    """Their own practice goes on caring for those who are talked about."""
    random = year.random
    if worker.kind != "gp" or random.random() > 0.02:
        return []
    known = [each for each in year.talked_about(on) if each in year.population.registered[worker.organisation]]
    return [year.act(worker, Kind.VIEW, moment(random, on, *shift), each) for each in known[:1]]
