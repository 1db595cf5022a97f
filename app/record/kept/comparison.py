"""What makes two partners' statements the same or different. Pure."""

import re
from collections.abc import Mapping
from typing import Final

from app.record.merge import NEXT_OF_KIN, REFUTED
from app.vocabulary.fhir_elements import WHOLE_DAY
from app.vocabulary.statement import Entry, Resource

_NEXT_OF_KIN_CODES: Final = frozenset({"N", "NOK"})  # HL7 v2 table 0131; UK Core additional relationship role
_ETHNIC_CATEGORIES: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland"
_LIVES: Final[Mapping[bool | None, str]] = {True: "no", False: "yes"}  # by what FHIR asks: whether they died
_NOT_STATED: Final = "Z"
_NOT_WORDS: Final = re.compile(r"[^a-z0-9]+")


def comparison_of(entry: Entry) -> str | None:
    """What tells whether two entries state the same.

    For what a person has one of (an address, a GP practice, a date of birth) it is facets, `postcode=zx11aa;line=…`, of
    which each partner may state fewer; for what they have many of (allergies, problems) it is the coded concept, with
    `refuted=` before it where that was found not to be so. `None` where an entry cannot be compared.
    """
    kind = entry.resource["resourceType"]
    if kind == "Patient":
        return _SINGLE.get(str(entry.category), _nothing)(entry.resource)
    if kind == "RelatedPerson" and _is_next_of_kin(entry.resource):
        return NEXT_OF_KIN + _fold(*(_whole(name) for name in entry.resource.get("name", [])))
    return f"{REFUTED}{entry.concept}" if entry.concept and _is_refuted(entry.resource) else entry.concept


def _is_refuted(resource: Resource) -> bool:
    """Whether somebody looked into it and found that it is not so (FHIR R4 allergy and condition verification)."""
    told: Resource = resource.get("verificationStatus", {})
    return any(one.get("code") == "refuted" for one in told.get("coding", ()))


def _fold(*texts: str | None) -> str:
    return _NOT_WORDS.sub("", "".join(text or "" for text in texts).lower())


def _facets(**stated: str | None) -> str | None:
    return ";".join(f"{name}={value}" for name, value in stated.items() if value) or None


def _address(patient: Resource) -> str | None:
    home: Resource = next((home for home in patient.get("address", []) if home.get("use", "home") == "home"), {})
    first_line = home.get("line", [""])[0]
    return _facets(postcode=_fold(home.get("postalCode")), line=_fold(first_line.split(",")[0]))


def _ethnicity(patient: Resource) -> str | None:
    """By the NHS list alone: the council's words are compared where they mean one of its categories."""
    told: Resource = next(iter(patient.get("extension", [])), {})
    concept: Resource = told.get("valueCodeableConcept", {})
    codes = [one.get("code", "")[:1] for one in concept.get("coding", ()) if one.get("system") == _ETHNIC_CATEGORIES]
    return _facets(category=next((code for code in codes if code.isalpha() and code != _NOT_STATED), None))


def _practice(patient: Resource) -> str | None:
    practice: Resource = next(iter(patient.get("generalPractitioner", [])), {})
    return _facets(practice=_fold(practice.get("identifier", {}).get("value")))


def _demographics(patient: Resource) -> str | None:
    name: Resource = next(iter(patient.get("name", [])), {})
    day = patient.get("deceasedDateTime", "")[:WHOLE_DAY]
    return _facets(
        born=patient.get("birthDate"),
        gender=patient.get("gender"),
        family=_fold(name.get("family")),
        alive="no" if day else _LIVES.get(patient.get("deceasedBoolean")),
        died=day if len(day) == WHOLE_DAY else None,
    )


def _is_next_of_kin(related: Resource) -> bool:
    codings = (coding for kind in related.get("relationship", []) for coding in kind.get("coding", []))
    return any(coding.get("code") in _NEXT_OF_KIN_CODES for coding in codings)


def _whole(name: Resource) -> str:
    return " ".join([*name.get("given", []), name.get("family", "")]) if "family" in name else name.get("text", "")


def _nothing(_: Resource) -> None:
    return None


_SINGLE: Final = {
    "address": _address,
    "gp-practice": _practice,
    "demographics": _demographics,
    "ethnicity": _ethnicity,
}
