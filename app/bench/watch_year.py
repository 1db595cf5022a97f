"""A made-up year of a place at work, with people among its staff who look where they should not: it is known who.

Honest work is drawn by what makes watching hard: rotas with swaps and overruns, nights, team leads, cover for
the sick, vaccination days, neighbours and colleagues who are patients, packs for meetings, wrong people opened,
telephones. Nothing here reads the watch's thresholds.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final, NamedTuple
from uuid import UUID

from app.audit.event import Kind
from app.sharing.facts import Account, Relationship
from app.vocabulary.london import LONDON, london_midnight
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role
from app.watch.act import Act
from app.watch.known import Duty, Employee, Home, Known, Places
from app.watch.sign import Sign

MONDAY: Final = date(2025, 1, 6)
PRACTICES: Final = tuple(OdsCode(code) for code in ("M92001", "M92002", "M92003", "M92004"))
COMMUNITY, ACUTE, COUNCIL = OdsCode("RL4C"), OdsCode("RL4"), OdsCode("LA508")
_HOUSEHOLDS_IN_A_POSTCODE: Final = 15
_STARTED_LONG_AGO: Final = datetime(2015, 1, 1, tzinfo=UTC)


class Work(NamedTuple):
    """A kind of work: in which role, when (London hours, one shift drawn a week), and how many people a day."""

    role: Role
    shifts: tuple[tuple[int, int], ...]
    fewest: int
    most: int
    weekends: bool
    emergencies: float  # openings a shift
    telephone: int  # searches a day at most that nothing comes of


KINDS: Final = {
    "community nurse": Work(Role("community-nurse"), ((8, 17),), 8, 14, False, 0.0, 1),
    "night nurse": Work(Role("community-nurse"), ((20, 32),), 4, 9, True, 0.0, 1),
    "team lead": Work(Role("community-nurse"), ((8, 18),), 15, 35, False, 0.0, 3),
    "gp": Work(Role("gp"), ((8, 18),), 12, 25, False, 0.0, 2),
    "ward doctor": Work(Role("acute-clinician"), ((8, 17), (13, 22), (21, 33)), 8, 18, True, 0.02, 2),
    "front door doctor": Work(Role("acute-clinician"), ((8, 17), (14, 24), (22, 32)), 10, 20, True, 0.25, 3),
    "social worker": Work(Role("social-worker"), ((9, 17),), 3, 8, False, 0.0, 2),
    "coordinator": Work(Role("mdt-coordinator"), ((8, 17),), 2, 6, False, 0.0, 18),
}
SHARES: Final = {
    "community nurse": 0.3, "night nurse": 0.08, "team lead": 0.04, "gp": 0.16, "ward doctor": 0.18,
    "front door doctor": 0.06, "social worker": 0.14, "coordinator": 0.04,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Worker:
    """One of the staff."""

    account: Account
    kind: str
    organisation: OdsCode
    person: UUID

    @property
    def work(self) -> Work:
        """What they do."""
        return KINDS[self.kind]


class Snooping(NamedTuple):
    """One thing that somebody did on purpose: by the sign that ought to tell of it."""

    sign: Sign
    actor: Account
    on: date
    person: UUID | None = None


Shift = tuple[int, int]
Honest = Callable[["Year", Worker, date, Shift], list[Act]]
Snoops = Callable[["Year", Worker, date, Shift | None], tuple[list[Act], UUID | None]]


class Population:
    """The people of the place, their homes, and who has to do with them."""

    def __init__(self, random: Random, size: int) -> None:
        self.people = [UUID(int=random.getrandbits(128), version=4) for _ in range(size)]
        self.homes: dict[UUID, Home] = {}
        self.households: list[list[UUID]] = []
        self.names: dict[UUID, str] = {}
        self._settle(random)
        by_number = random.sample(self.people, size)
        by_name = sorted(self.people, key=lambda person: (self.names[person], person))
        number = {person: place for place, person in enumerate(by_number)}
        self.places = {person: Places(number[person], place) for place, person in enumerate(by_name)}
        self.by_number, self.by_name = by_number, by_name
        self.relationships: dict[UUID, list[Relationship]] = defaultdict(list)
        self.registered: dict[OdsCode, list[UUID]] = defaultdict(list)
        for person in self.people:
            self.relate(person, practice := random.choice(PRACTICES), "registration", _STARTED_LONG_AGO, None)
            self.registered[practice].append(person)

    def _settle(self, random: Random) -> None:
        names = [f"family{number}" for number in range(1 + len(self.people) // 12)]
        waiting = list(self.people)
        while waiting:
            size = min(len(waiting), random.choice((1, 1, 2, 2, 3, 4)))
            household, waiting = waiting[:size], waiting[size:]
            postcode = f"WV{len(self.households) // _HOUSEHOLDS_IN_A_POSTCODE}"
            shared = random.choice(names)
            for person in household:
                self.names[person] = shared if random.random() < 0.8 else random.choice(names)
                self.homes[person] = Home(
                    frozenset({self.names[person]}), frozenset({str(len(self.households))}), frozenset({postcode})
                )
            self.households.append(household)

    def relate(self, person: UUID, organisation: OdsCode, kind: str, started: datetime, ended: datetime | None) -> None:
        """Let an organisation have to do with somebody."""
        known = self.relationships[person]
        known.append(
            Relationship(id=str(len(known)), kind=kind, organisation=organisation, started=started, ended=ended)
        )


class Year:
    """Days of a place's work, each as acts in the order of time, with what is known and who snooped."""

    def __init__(self, *, seed: int, staff: int, people: int, days: int, of_each: int) -> None:
        self._random = random = Random(seed)  # noqa: S311 - nobody is protected by it
        self.days = [MONDAY + timedelta(days=number) for number in range(days)]
        self.population = Population(random, people)
        self.staff = self._employ(staff)
        self.snooping = self._seed_snooping(of_each)
        self.news = {person: random.choice(self.days) for person in random.sample(self.population.people, 8)}
        self._patients: dict[Account, list[tuple[UUID, date]]] = {}
        self._duties: dict[Account, list[Duty]] = defaultdict(list)
        self._shift: dict[tuple[Account, date], tuple[int, int]] = {}
        self._number = 0

    def _employ(self, staff: int) -> list[Worker]:
        people = self._random.sample(self.population.people, staff)
        kinds = [kind for kind, share in SHARES.items() for _ in range(max(2, round(share * staff)))][:staff]
        homes = {"gp": PRACTICES, "social worker": (COUNCIL,), "ward doctor": (ACUTE,), "front door doctor": (ACUTE,)}
        return [
            Worker(
                Account("https://sign-in.example", f"{kind.replace(' ', '-')}.{place}"),
                kind,
                self._random.choice(homes.get(kind, (COMMUNITY,))),
                person,
            )
            for place, (kind, person) in enumerate(zip(kinds, people, strict=False))
        ]

    def _seed_snooping(self, of_each: int) -> dict[tuple[Account, date], Sign]:
        """Not in the first eight weeks, from which habits are learnt; one a day and account."""
        seeded: dict[tuple[Account, date], Sign] = {}
        late = self.days[56:] or self.days
        for sign in (sign for sign in Sign for _ in range(of_each)):
            while (key := (self._random.choice(self.staff).account, self._random.choice(late))) in seeded:
                pass
            seeded[key] = sign
        return seeded

    def known(self, on: date) -> Known:
        """What the place knows on a day."""
        return Known(
            staff={each.account: Employee(each.person, each.organisation) for each in self.staff},
            homes=self.population.homes,
            in_the_news=self.talked_about(on),
            relationships=self.population.relationships,
            duties=self._duties,
            places=self.population.places,
        )

    def talked_about(self, on: date) -> frozenset[UUID]:
        """Who is on the news list that day."""
        return frozenset(p for p, since in self.news.items() if since <= on < since + timedelta(days=21))

    def acts(self, honest: Honest, snoopers: Mapping[Sign, Snoops]) -> Iterator[tuple[date, list[Act], list[Snooping]]]:
        """Each day's acts and what in them is snooping; relationships and rotas grow as the days go by."""
        for on in self.days:
            acts, snooped = list[Act](), list[Snooping]()
            for worker in self.staff:
                shift = self.shift(worker, on)
                if shift:
                    acts += honest(self, worker, on, shift)
                if sign := self.snooping.get((worker.account, on)):
                    found, person = snoopers[sign](self, worker, on, shift)
                    acts += found
                    snooped.append(Snooping(sign, worker.account, on, person))
            yield on, sorted(acts, key=lambda act: act.at), snooped

    def shift(self, worker: Worker, on: date) -> tuple[int, int] | None:
        """When they work that day, in London hours from midnight, if they do; the rota says so but for a swap."""
        random, work = self._random, worker.work
        if on.weekday() >= 5 and not (work.weekends and random.random() < 0.4):
            return None
        if random.random() < 0.14:  # leave, training, a day off for a weekend worked
            return None
        monday = on - timedelta(days=on.weekday())
        rota = self._shift.setdefault((worker.account, monday), random.choice(work.shifts))
        self._duties[worker.account].append(Duty(_at(on, rota[0]), _at(on, rota[1])))
        return random.choice(work.shifts) if random.random() < 0.015 else rota

    def act(self, worker: Worker, kind: Kind, at: datetime, person: UUID | None, request: str = "") -> Act:
        """One act of somebody's."""
        self._number += 1
        event = f"0/{self._number}"
        return Act(event, kind, at, worker.account, worker.work.role, worker.organisation, person, request or event)

    @property
    def random(self) -> Random:
        """Where chance comes from."""
        return self._random

    def patients(self, worker: Worker, on: date) -> Sequence[UUID]:
        """For whom they care that day; who is new is told to the record as their organisation's feed tells it."""
        if worker.kind == "gp":
            return self.population.registered[worker.organisation]
        kind, stay, wanted = _CARE[worker.kind]
        held = [each for each in self._patients.get(worker.account, []) if each[1] > on]
        while len(held) < wanted:
            person, ends = self._random.choice(self.population.people), on + timedelta(days=1 + self._stay(stay))
            held.append((person, ends))
            started = london_midnight(on) - timedelta(days=self._random.choice((0, 0, 1, 3)))
            if self._random.random() > 0.002:  # else nobody ever enters it
                self.population.relate(person, worker.organisation, kind, started, london_midnight(ends))
        self._patients[worker.account] = held
        return [person for person, _ in held]

    def _stay(self, mean: int) -> int:
        return int(self._random.expovariate(1 / mean))


_CARE: Final = {
    "community nurse": ("caseload", 60, 30),
    "night nurse": ("caseload", 30, 15),
    "team lead": ("caseload", 60, 90),
    "ward doctor": ("admission", 6, 22),
    "front door doctor": ("admission", 1, 25),
    "social worker": ("care-package", 90, 25),
    "coordinator": ("mdt-caseload", 80, 30),
}


def _at(on: date, hour: float) -> datetime:
    return datetime.combine(on, time(), LONDON).astimezone(UTC) + timedelta(hours=hour)


def moment(random: Random, on: date, start: float, end: float) -> datetime:
    """Some instant of a day between two London hours."""
    return _at(on, random.uniform(start, end))


def chosen(random: Random, people: Sequence[UUID], count: int) -> list[UUID]:
    """Some of them, each once."""
    return random.sample(people, min(count, len(people)))
