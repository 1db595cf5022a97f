"""How a Patient wishes to be spoken and written to, in words, as UK Core says it in extensions. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from app.adapters.elements import joined
from app.adapters.fhir_bundle.words import words
from app.profiles.rules import listed
from app.vocabulary.statement import Resource

_UK_CORE: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore"
_SPOKEN_TO: Final = f"{_UK_CORE}-NHSCommunication"
_CONTACTED: Final = f"{_UK_CORE}-ContactPreference"
_INTERPRETER: Final = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"


def preferences(patient: Resource) -> str:
    """Whether they need an interpreter, and the ways, times and format of contact that they prefer; "" if unsaid."""
    return joined(dict.fromkeys(_told(patient)), "; ")


def _told(patient: Resource) -> Iterator[str]:
    for one in listed(patient.get("extension")):
        if one.get("url") == _INTERPRETER:
            yield _interpreter(one)
        if one.get("url") in (_SPOKEN_TO, _CONTACTED):
            yield from (_WORDS[part["url"]](part) for part in listed(one.get("extension")) if part.get("url") in _WORDS)


def _interpreter(one: Mapping[str, Any]) -> str:
    return {True: "Interpreter needed", False: "No interpreter needed"}.get(one.get("valueBoolean", ""), "")


def _times(one: Mapping[str, Any]) -> str:
    told = one.get("valueString") or words(one.get("valueTiming", {}).get("code"))
    return f"When: {told}" if told else ""


def _by(beginning: str) -> Callable[[Mapping[str, Any]], str]:
    def said(one: Mapping[str, Any]) -> str:
        told = words(one.get("valueCodeableConcept"))
        return f"{beginning}: {told}" if told else ""

    return said


_WORDS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "interpreterRequired": _interpreter,
    "PreferredContactMethod": _by("Preferred contact"),
    "PreferredContactTimes": _times,
    "PreferredWrittenCommunicationFormat": _by("Preferred format of letters"),
}
