"""Finding people: by NHS number, and by name for a person who searches. Read only, each one query.

Nothing here matches: what a search offers, a person chooses from.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """A family name with a date of birth or a full postcode; raises `ValueError` for less."""

    family_name: str
    given_name: str | None = None
    birth_date: date | None = None
    postcode: str | None = None

    def __repr__(self) -> str:
        return "Criteria(•••)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who may be the person searched for, as the permitted partners state them.

    `postcode` is `None` where the location is restricted. Its `repr` holds no personal data.
    """

    person_id: UUID
    family_name: str
    given_names: str | None
    birth_date: date | None
    gender: str | None
    postcode: str | None
    partners: tuple[OdsCode, ...]

    def __repr__(self) -> str:
        return f"Candidate({self.person_id})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who stands for a person now: the current NHS number, and every number that leads here."""

    person_id: UUID
    nhs_number: NHSNumber | None
    nhs_numbers: frozenset[NHSNumber]


async def by_nhs_number(connection: AsyncConnection[Any], number: NHSNumber) -> UUID | None:
    """The person whom a number names, old numbers and merges followed."""
    raise NotImplementedError


async def person(connection: AsyncConnection[Any], person_id: UUID) -> Person | None:
    """Who stands for a person now; themselves where nothing was merged, `None` where there is no such person."""
    raise NotImplementedError


async def search(
    connection: AsyncConnection[Any], criteria: Criteria, *, controllers: frozenset[OdsCode], limit: int
) -> list[Candidate]:
    """People whom the given controllers state so, the spelling of names forgiven, best first.

    A person whose location is restricted is never found by a postcode.
    """
    raise NotImplementedError
