"""Finding people: `Patient?…` and `Patient/$match`. Pure but for the record's own door."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import unquote
from uuid import UUID

import orjson

from app.fhir.read.bundle import Page, as_entry, outcomes
from app.fhir.read.matching import Condition, NotUnderstood
from app.fhir.read.search import Search, only, reference_of
from app.fhir.read.values import span
from app.person.find import Criteria
from app.record.read.everything import Everything, Resource, as_patient
from app.vocabulary.fhir_systems import NHS_NUMBER
from app.vocabulary.london import london_date
from app.vocabulary.nhs_number import NHSNumber

NOT_FOUND: Final = "Nobody to show. Check the details, or ask your records team."
_BY: Final = frozenset({"name", "family", "given", "birthdate", "address-postalcode"})


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who was found: what is disclosed, and the Patient put together from it."""

    shown: Sequence[Resource]
    patient: dict[str, Any]


def as_person(found: Everything) -> Person:
    """The person as their permitted accounts tell of them."""
    return Person(found.accounts, as_patient(found.person_id, found.accounts))


def whom(search: Search) -> NHSNumber | Criteria:
    """By what a search looks for someone; raises `NotUnderstood` where that is too little, or no number."""
    try:
        numbers = [value for one in only(search.conditions, ["identifier"]) for value in one.values]
        return _identified(numbers) if numbers else _criteria(search.conditions)
    except ValueError as error:
        raise NotUnderstood(str(error)) from None


def taking(search: Search, by: NHSNumber | Criteria) -> Callable[[Everything], Person | None]:
    """Takes whoever answers to the rest of the search, as many as were asked for.

    A name was looked for by the index already, which forgives its spelling. What a partner calls somebody is theirs
    where an account says so that may be read.
    """
    looked_for = {"identifier"} if isinstance(by, NHSNumber) else set() if by.local_ids else _BY
    rest = [one for one in search.conditions if one.parameter.name not in looked_for]
    left = iter(range(search.count))

    def take(found: Everything) -> Person | None:
        person = as_person(found)
        answers = all(condition.holds(person.patient) for condition in rest)
        return person if answers and next(left, None) is not None else None

    return take


def page(search: Search, people: Sequence[Person], base: str) -> Page:
    """Those who were found; the same for `unknown` and for `not yours to find`."""
    shown = [row for person in people for row in person.shown]
    if search.shape.summary == "count":
        return Page(shown, [], total=len(people))
    return Page(
        shown,
        [
            *[
                as_entry(
                    f"{base}/Patient/{one.patient['id']}",
                    search.shape.of("Patient", orjson.dumps(one.patient)),
                    "match",
                )
                for one in people
            ],
            *outcomes([] if people else [NOT_FOUND], search.ignored),
        ],
    )


def named(search: Search) -> UUID | None:
    """The one person whom `_id` names."""
    values = [value for one in only(search.conditions, ["_id"]) for value in one.values]
    if len(values) > 1:
        raise NotUnderstood("ask for one `_id` at a time")
    return reference_of(values[0]) if values else None


def one(search: Search, found: Everything, base: str) -> Page:
    """The person whom `_id` names, where they answer to the rest of the search."""
    person = as_person(found)
    answers = all(one.holds(person.patient) for one in search.conditions)
    return page(search, [person] if answers else [], base)


def _identified(values: Iterable[str]) -> NHSNumber | Criteria:
    (first, *more) = values
    system, bar, number = first.rpartition("|")
    if more or not number or (bar and not system):
        raise ValueError(f"people are found by one identifier: {NHS_NUMBER}|… or, with its system, a partner's own")
    return Criteria(local_ids=_as_kept(system, number)) if system not in ("", NHS_NUMBER) else NHSNumber.parse(number)


def _as_kept(system: str, number: str) -> tuple[str, ...]:
    """What a partner may have called somebody who is shown under an identifier: each feed keeps it in its own way."""
    authority = unquote(system.rpartition("/")[2])
    return f"{system}|{number}", number, f"{authority}:{number}"


def _criteria(conditions: Sequence[Condition]) -> Criteria:
    asked: dict[str, str] = {}
    for one in only(conditions, _BY):  # one that is repeated says more of the same: both of two given names
        asked[one.parameter.name] = " ".join(filter(None, (asked.get(one.parameter.name), _one(one))))
    return Criteria(
        name=asked.get("name"),
        family_name=asked.get("family", ""),
        given_name=asked.get("given"),
        birth_date=_day(asked["birthdate"]) if "birthdate" in asked else None,
        postcode=asked.get("address-postalcode"),
    )


def _one(condition: Condition) -> str:
    if len(condition.values) > 1 or condition.modifier:
        raise ValueError(f"give one value of `{condition.parameter.name}`, and no modifier")
    return condition.values[0]


def _day(value: str) -> date:
    day = value.removeprefix("eq")
    if len(day) != len("2026-03-01"):
        raise ValueError("people are found by a whole date of birth, such as 1951-03-31")
    return london_date(span(day).low)
