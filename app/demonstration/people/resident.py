"""People of the demonstration place: the same for the same seed and day, however many there are.

NHS numbers come from the 999 range, of whose million stems 909,091 have a check digit: people beyond that have none.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from random import Random
from typing import Final

from app.demonstration.place import LOCALITIES, Locality
from app.vocabulary.nhs_number import NHSNumber

_NAMES: Final = tomllib.loads(resources.files(__package__).joinpath("names.toml").read_text(encoding="utf-8"))
_AGES: Final = ((0, 17, 22), (18, 39, 30), (40, 64, 30), (65, 79, 12), (80, 99, 6))  # from, to, per cent


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """Someone of the place. `number` is their place in it, from 1; every partner makes its own local number of it."""

    number: int
    nhs_number: NHSNumber | None
    traced: bool  # whether the acute trust verified the number
    family_name: str
    given_name: str
    gender: str
    birth_date: date
    locality: Locality
    practice: int  # which of the locality's
    house: int
    street: str
    postcode: str
    uprn: str
    telephone: str
    need: str  # `little`, `some` or `much`: what most of the rest is drawn by
    seed: str

    @property
    def address_line(self) -> str:
        """House and street."""
        return f"{self.house} {self.street}"

    def draw(self, purpose: str) -> Random:
        """Chance of this person's own, the same each time, for one purpose."""
        return Random(f"{self.seed}/{self.number}/{purpose}")  # noqa: S311  # believable, not secret

    def age(self, on: date) -> int:
        """In completed years."""
        return on.year - self.birth_date.year - ((on.month, on.day) < (self.birth_date.month, self.birth_date.day))


def nhs_numbers() -> Iterator[NHSNumber]:
    """Every number of the 999 range that has a check digit, from 999 000 0018 on."""
    for stem in range(999_000_001, 1_000_000_000):
        total = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), str(stem), strict=True))
        check = -total % 11
        if check != 10:
            yield NHSNumber(f"{stem}{check}")


def residents(count: int, *, seed: int, on: date) -> Iterator[Resident]:
    """That many people, one at a time. `on` is the day of the place, from which ages are reckoned."""
    numbers = nhs_numbers()
    for number in range(1, count + 1):
        yield _resident(number, next(numbers, None), str(seed), on)


def _resident(number: int, nhs_number: NHSNumber | None, seed: str, on: date) -> Resident:
    chance = Random(f"{seed}/{number}")  # noqa: S311  # believable, not secret
    gender = chance.choice(("female", "male"))
    youngest, oldest, _ = chance.choices(_AGES, weights=[share for _, _, share in _AGES])[0]
    age_in_days = chance.randint(youngest * 365, oldest * 365 + 300)
    locality = chance.choice(LOCALITIES)
    return Resident(
        number=number,
        nhs_number=nhs_number,
        traced=chance.random() < 0.97,
        family_name=chance.choice(_NAMES["family"]),
        given_name=chance.choice(_NAMES["women" if gender == "female" else "men"]),
        gender=gender,
        birth_date=on - timedelta(days=age_in_days),
        locality=locality,
        practice=chance.randrange(len(locality.practices)),
        house=chance.randint(1, 180),
        street=chance.choice(locality.streets),
        postcode=f"{locality.outward_code} {chance.randint(1, 9)}{chance.choice('ABDEFG')}{chance.choice('LNPQRS')}",
        uprn=f"9990{number:08}",
        telephone=f"01632 {960000 + number % 1000:06}",  # a range that the regulator keeps for fiction
        need=_need(chance, age_in_days // 365),
        seed=seed,
    )


def _need(chance: Random, age: int) -> str:
    """Most people have little, a few in a hundred have much, and more of the old."""
    much, some = (0.30, 0.50) if age >= 80 else (0.12, 0.48) if age >= 65 else (0.03, 0.22)
    drawn = chance.random()
    return "much" if drawn < much else "some" if drawn < much + some else "little"
