"""What makes two partners' statements the same or different. Pure."""

import re
from typing import Final

from app.record.merge import NEXT_OF_KIN
from app.vocabulary.statement import Entry, Resource

_NEXT_OF_KIN_CODES: Final = frozenset({"N", "NOK"})  # HL7 v2 table 0131; UK Core additional relationship role
_NOT_WORDS: Final = re.compile(r"[^a-z0-9]+")


def comparison_of(entry: Entry) -> str | None:
    """A value equal for two entries that state the same, and different where they disagree.

    For what a person has one of (an address, a GP practice, a date of birth) it is that value, folded; for what they
    have many of (allergies, problems) it is the coded concept; `None` where entries cannot be compared.
    """
    kind = entry.resource["resourceType"]
    if kind == "Patient":
        return _SINGLE.get(str(entry.category), _nothing)(entry.resource)
    if kind == "RelatedPerson" and _is_next_of_kin(entry.resource):
        return NEXT_OF_KIN + _fold(*(name.get("text") or name.get("family") for name in entry.resource.get("name", [])))
    return entry.concept


def _fold(*texts: str | None) -> str:
    return _NOT_WORDS.sub("", "".join(text or "" for text in texts).lower())


def _address(patient: Resource) -> str | None:
    homes = [home for home in patient.get("address", []) if home.get("use", "home") == "home"]
    if not homes:
        return None
    first_line = homes[0].get("line", [""])[0]
    return _fold(homes[0].get("postalCode"), first_line.split(",")[0])


def _practice(patient: Resource) -> str | None:
    practices = patient.get("generalPractitioner", [])
    return _fold(practices[0].get("identifier", {}).get("value"), "") or None if practices else None


def _demographics(patient: Resource) -> str | None:
    return f"{patient.get('birthDate', '')}|{patient.get('gender', '')}"


def _is_next_of_kin(related: Resource) -> bool:
    codings = (coding for kind in related.get("relationship", []) for coding in kind.get("coding", []))
    return any(coding.get("code") in _NEXT_OF_KIN_CODES for coding in codings)


def _nothing(_: Resource) -> None:
    return None


_SINGLE: Final = {"address": _address, "gp-practice": _practice, "demographics": _demographics}
