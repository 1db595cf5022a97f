"""The invariants that definitions name by key: each says whether an element keeps it.

A definition gives the words, the severity and a FHIRPath expression for other readers; here is what is carried out.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from app.profiles.narrative import is_harmless
from app.vocabulary.nhs_number import NHSNumber

VERIFICATION_STATUS: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"

Keeps = Callable[[Any], bool]


def listed(value: Any) -> list[Any]:
    """An element's repetitions, however often it may be there."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _has_key(resource: Any) -> bool:
    return _complete(listed(resource.get("identifier")))


def _document_has_key(resource: Any) -> bool:
    return _complete([*listed(resource.get("identifier")), *listed(resource.get("masterIdentifier"))])


def _complete(identifiers: Iterable[Any]) -> bool:
    return any("system" in one and "value" in one for one in identifiers)


def _has_ten_digits(value: Any) -> bool:
    return len(value) == 10 and value.isascii() and value.isdigit()


def _passes_check(value: Any) -> bool:
    """Whether the check digit is right; what is wrong in another way is told by its own rule."""
    try:
        NHSNumber(value)
    except ValueError:
        return not _has_ten_digits(value) or len(set(value)) == 1
    return True


def verification_statuses(identifier: Mapping[str, Any]) -> list[str]:
    """The codes of UK Core's verification status on an identifier."""
    return [
        coding["code"]
        for extension in identifier.get("extension", ())
        if extension.get("url") == VERIFICATION_STATUS
        for coding in extension.get("valueCodeableConcept", {}).get("coding", ())
        if "code" in coding
    ]


def _means_something(concept: Any) -> bool:
    return "text" in concept or any("code" in one and "system" in one for one in concept.get("coding", ()))


def _says_it_in_words(concept: Any) -> bool:
    return "text" in concept or any("display" in one for one in concept.get("coding", ()))


def _has_one_attendee(appointment: Any) -> bool:
    return sum(is_person(one.get("actor", {})) for one in appointment.get("participant", ())) == 1


def is_person(reference: Mapping[str, Any]) -> bool:
    """Whether a reference says that it leads to a Patient; one by `urn:uuid` must say so by its `type`."""
    told = reference.get("reference", "")
    return reference.get("type") == "Patient" or "Patient/" in told or told.startswith("Patient?")


def _has_value(observation: Any) -> bool:
    stating = ("dataAbsentReason", "component", "hasMember", "note")
    return any(name.startswith("value") for name in observation) or any(name in observation for name in stating)


RULES: Final[Mapping[str, Keeps]] = {
    "pisano-key": _has_key,
    "pisano-document-key": _document_has_key,
    "pisano-identified": _has_key,
    "pisano-narrative": lambda text: is_harmless(text.get("div")),
    "pisano-nhs-digits": _has_ten_digits,
    "pisano-nhs-repeated": lambda value: len(set(value)) > 1,
    "pisano-nhs-check": _passes_check,
    "pisano-status-07": lambda identifier: "07" not in verification_statuses(identifier),
    "pisano-traced": lambda identifier: bool(verification_statuses(identifier)),
    "pisano-born": lambda patient: "birthDate" in patient,
    "pisano-named": lambda name: not {"family", "given", "text"}.isdisjoint(name),
    "pisano-words": _says_it_in_words,
    "pisano-meaning": _means_something,
    "pisano-attendee": _has_one_attendee,
    "pisano-value": _has_value,
    "pisano-unit": lambda quantity: not {"unit", "code"}.isdisjoint(quantity),
}
"""By key; whatever they are given has the shape of its type."""
