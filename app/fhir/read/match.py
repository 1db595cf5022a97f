"""`Patient/$match`: who a described person may be, and how sure that is. Pure.

A stated NHS number is all that is looked for, so that nobody is offered who has another; without one, a family name
with a date of birth or a postcode. What is compared is what the requester may read of whoever was found.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

import orjson

from app.fhir.read.bundle import Page, outcomes
from app.fhir.read.matching import NotUnderstood
from app.fhir.read.people import NOT_FOUND, Person, as_person
from app.fhir.read.values import held
from app.person.find import Criteria
from app.person.names import fold, fold_words, given_names_agree
from app.record.read.everything import Everything
from app.vocabulary.fhir_systems import NHS_NUMBER
from app.vocabulary.nhs_number import NHSNumber

_GRADE: Final = "http://hl7.org/fhir/StructureDefinition/match-grade"
_MOST: Final = 20


class Grade(StrEnum):
    """How sure a match is (FHIR R4, match-grade)."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"


_SCORES: Final = {Grade.CERTAIN: 1.0, Grade.PROBABLE: 0.8, Grade.POSSIBLE: 0.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Whom to match, and how: only who is certain, and at most so many. Its `repr` holds no personal data."""

    whom: NHSNumber | Criteria
    family_name: str | None
    given_name: str | None
    birth_date: str | None
    postcode: str | None
    only_certain: bool
    count: int

    def __repr__(self) -> str:
        return "Described(•••)"

    def grade(self, patient: dict[str, Any]) -> Grade:
        """How far somebody who was found agrees with what was described."""
        born = self.birth_date is not None and self.birth_date == patient.get("birthDate")
        family = self._is_named(patient)
        if isinstance(self.whom, NHSNumber):
            return Grade.CERTAIN if born and family else Grade.PROBABLE if born or family else Grade.POSSIBLE
        lives = self.postcode is not None and any(
            fold(code) == fold(self.postcode) for code in held(patient, "address.postalCode") if isinstance(code, str)
        )
        return Grade.PROBABLE if born and family and lives and self.given_name else Grade.POSSIBLE

    def _is_named(self, patient: dict[str, Any]) -> bool:
        if self.family_name is None:
            return False
        return any(
            fold(str(name.get("family", ""))) == fold(self.family_name)
            and given_names_agree(fold_words(self.given_name or ""), fold_words(" ".join(name.get("given", []))))
            for name in patient.get("name", [])
        )


def described(content: bytes) -> Described:
    """Read the Parameters of `$match`; raises `NotUnderstood`, whose text repeats nothing of them."""
    try:
        parameters = _named(orjson.loads(content))
        patient = parameters["resource"]
        if not isinstance(patient, dict) or patient.get("resourceType") != "Patient":
            raise KeyError("resource")
        return _described(patient, parameters)
    except (KeyError, TypeError, AttributeError, orjson.JSONDecodeError):
        raise NotUnderstood("`$match` takes Parameters in JSON, with a Patient as `resource`") from None
    except ValueError as error:
        raise NotUnderstood(str(error)) from None


def taking(asked: Described) -> Callable[[Everything], Person | None]:
    """Takes whoever matches well enough."""

    def take(found: Everything) -> Person | None:
        person = as_person(found)
        return person if asked.grade(person.patient) is Grade.CERTAIN or not asked.only_certain else None

    return take


def page(asked: Described, people: Sequence[Person], base: str) -> Page:
    """Those who match, the surest first."""
    graded = [(asked.grade(person.patient), person) for person in people]
    matches = sorted(graded, key=lambda each: (-_SCORES[each[0]], each[1].patient["id"]))[: asked.count]
    return Page(
        [row for _, person in matches for row in person.shown],
        [*[_entry(base, grade, person) for grade, person in matches], *outcomes([] if matches else [NOT_FOUND])],
    )


def _named(parameters: Any) -> dict[str, Any]:
    if parameters["resourceType"] != "Parameters":
        raise KeyError("resourceType")
    return {
        one["name"]: one.get("resource", one.get("valueBoolean", one.get("valueInteger")))
        for one in parameters["parameter"]
    }


def _described(patient: dict[str, Any], parameters: dict[str, Any]) -> Described:
    name: dict[str, Any] = next((one for one in patient.get("name", []) if one.get("family")), {})
    family, given = name.get("family"), " ".join(name.get("given", [])) or None
    born, postcode = patient.get("birthDate"), next(held(patient, "address.postalCode"), None)
    for text in (family, born, postcode):
        if text is not None and not isinstance(text, str):
            raise TypeError
    numbers = [one["value"] for one in patient.get("identifier", []) if one.get("system") == NHS_NUMBER]
    if numbers:
        whom: NHSNumber | Criteria = NHSNumber.parse(numbers[0])
    else:
        birth_date = _day(born)
        whom = Criteria(family_name=family or "", given_name=given, birth_date=birth_date, postcode=postcode)
    count = parameters.get("count", _MOST)
    return Described(
        whom=whom,
        family_name=family,
        given_name=given,
        birth_date=born,
        postcode=postcode,
        only_certain=parameters.get("onlyCertainMatches") is True,
        count=max(1, min(count, _MOST)) if isinstance(count, int) else _MOST,
    )


def _day(born: str | None) -> date | None:
    try:
        return date.fromisoformat(born) if born else None
    except ValueError:
        raise ValueError("`birthDate` is a whole date, such as 1951-03-31") from None


def _entry(base: str, grade: Grade, person: Person) -> bytes:
    search = {"extension": [{"url": _GRADE, "valueCode": grade}], "mode": "match", "score": _SCORES[grade]}
    return orjson.dumps(
        {"fullUrl": f"{base}/Patient/{person.patient['id']}", "resource": person.patient, "search": search}
    )
