"""Tracing against the people known here: exact agreement with exactly one of them, or nobody."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from app.person import store
from app.person.demographics import Demographics
from app.person.names import given_names_agree
from app.person.store import Birth
from app.person.tracing import Answer, Failure, Traced, Untraced
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.statement import Subject


class Resident(NamedTuple):
    """Somebody known here: what all partners state of them, and the number that they are known by."""

    person_id: UUID
    nhs_number: NHSNumber
    identities: Sequence[Demographics]


def recognise(asked: Demographics, residents: Iterable[Resident], *, number: NHSNumber | None = None) -> Answer:
    """Find the one person who has this family name, first given name, date of birth, and postcode or UPRN. Pure.

    Further given names must not contradict, for twins may share a first name; and where a number was given, however
    little trusted, whoever holds another is only a candidate.
    """
    if not _enough(asked):
        return Untraced(Failure.NOT_ENOUGH)
    found = [resident for resident in residents if _is(asked, resident.identities)]
    candidates = tuple(resident.person_id for resident in found)
    if len(found) != 1:
        return Untraced(Failure.SEVERAL if found else Failure.NOBODY, candidates)
    held = found[0].nhs_number
    return Traced(nhs_number=held) if number in (None, held) else Untraced(Failure.NUMBER_DIFFERS, candidates)


def _enough(asked: Demographics) -> bool:
    return bool(
        asked.birth_date is not None
        and asked.family_folded
        and len(_first(asked.given_folded)) > 1  # an initial is no name
        and (asked.postcode or asked.uprn)
    )


def _is(asked: Demographics, identities: Sequence[Demographics]) -> bool:
    return any(_is_named(asked, identity) for identity in identities) and any(
        _lives_with(asked, identity) for identity in identities
    )


def _is_named(asked: Demographics, identity: Demographics) -> bool:
    return (
        (asked.birth_date, asked.family_folded) == (identity.birth_date, identity.family_folded)
        and _first(asked.given_folded) == _first(identity.given_folded)
        and given_names_agree(asked.given_folded or "", identity.given_folded or "")
    )


def _first(given: str | None) -> str:
    return given.split(" ", 1)[0] if given else ""


def _lives_with(asked: Demographics, identity: Demographics) -> bool:
    same_postcode = asked.postcode is not None and asked.postcode == identity.postcode
    return same_postcode or (asked.uprn is not None and asked.uprn == identity.uprn)


@dataclass(frozen=True, slots=True)
class LocalTrace:
    """The `Tracer` that asks the index itself; it answers at once, for every subject."""

    connection: Connection

    def trace(self, waiting: Mapping[str, Subject]) -> Mapping[str, Answer]:
        """Look everybody up, in three queries for however many."""
        asked = {reference: Demographics.of(subject) for reference, subject in waiting.items()}
        residents = self._residents({_birth(stated) for stated in asked.values() if _enough(stated)})
        return {
            reference: recognise(stated, residents.get(_birth(stated), ()), number=waiting[reference].nhs_number)
            for reference, stated in asked.items()
        }

    def _residents(self, births: Collection[Birth]) -> dict[Birth, list[Resident]]:
        if not births:
            return {}
        alike = store.named_and_born(self.connection, births)
        people = {person_id for found in alike.values() for person_id in found}
        stated = store.comparable(self.connection, people)
        numbers = store.numbers_of(self.connection, people)
        return {
            birth: [Resident(person_id, NHSNumber(numbers[person_id]), stated[person_id]) for person_id in found]
            for birth, found in alike.items()
        }


def _birth(stated: Demographics) -> Birth:
    return stated.birth_date, stated.family_folded
