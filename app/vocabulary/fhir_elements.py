"""The elements of FHIR R4 that are written again and again, as plain dicts: none of them is empty."""

from decimal import Decimal
from typing import Any, Final

from app.vocabulary.fhir_systems import ODS_ORGANISATION
from app.vocabulary.statement import Resource

WHOLE_DAY: Final = len("2026-01-01")
"""How long a date of FHIR is that tells the day: a year or a month alone is shorter, a time longer."""

_NUMBERS: Final = frozenset({bool, int, float, Decimal})
"""Of these, what is false or nought is a value too."""


def known(**elements: Any) -> Resource:
    """Those elements that have a value: FHIR allows no empty ones."""
    return {name: value for name, value in elements.items() if value or type(value) in _NUMBERS}


def coding(system: str, code: str, display: str = "") -> Resource:
    """One code of one system; `display` is what the system calls it, left out where it is not known."""
    told = {"system": system, "code": code}
    if display:
        told["display"] = display
    return told


def codeable_concept(system: str, code: str, display: str = "", *, text: str = "") -> Resource:
    """A concept of one coding; `text` is what the source wrote, which is `display` where it wrote nothing else."""
    concept: Resource = {"coding": [coding(system, code, display)]}
    if text or display:
        concept["text"] = text or display
    return concept


def identifier(system: str, value: str) -> Resource:
    """A business identifier."""
    return {"system": system, "value": value}


def reference(system: str, value: str, display: str = "") -> Resource:
    """A reference by business identifier: what it points at need not be held here."""
    told: Resource = {"identifier": identifier(system, value)}
    if display:
        told["display"] = display
    return told


def period(start: str | None, end: str | None) -> Resource:
    """A FHIR Period of two FHIR dates or times; empty where neither is known."""
    return known(start=start, end=end)


def extension(url: str, concept: Resource) -> Resource:
    """An extension whose value is a concept."""
    return {"url": url, "valueCodeableConcept": concept}


def organisation(code: str, display: str | None = None) -> Resource:
    """An organisation by its ODS code."""
    return known(type="Organization", identifier=identifier(ODS_ORGANISATION, str(code)), display=display)
