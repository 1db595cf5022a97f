"""What a resource is called on one line, from its own words and nothing else. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from app.adapters.elements import spoken_date
from app.fhir.read.values import held, spans
from app.vocabulary.london import london_date

_NAMED_BY: Final = (
    "code", "medicationCodeableConcept", "vaccineCode", "title", "codeCodeableConcept", "type", "description",
    "serviceType", "category", "relationship", "name", "class",
)  # fmt: skip
_DATED_BY: Final = (
    "onsetDateTime", "onsetPeriod", "effectiveDateTime", "effectivePeriod", "occurrenceDateTime", "performedDateTime",
    "performedPeriod", "period", "date", "recordedDate", "authoredOn", "created", "issued",
)  # fmt: skip
_STATES: Final = ("clinicalStatus", "status")
_CERTAIN: Final = "confirmed"


def title_of(resource: Mapping[str, Any]) -> str:
    """Its code or its name in words, with its value if it has one; its type where it says nothing."""
    named = next((text for name in _NAMED_BY for value in held(resource, name) if (text := _text(value))), "")
    return ": ".join(filter(None, [named or str(resource["resourceType"]), _value(resource)]))


def state_of(resource: Mapping[str, Any]) -> str:
    """The status that its source gave it, and how certain it is of it, where that is anything but confirmed."""
    status = next((text for name in _STATES for value in held(resource, name) if (text := _text(value))), "")
    certainty = next((_code(value) for value in held(resource, "verificationStatus")), _CERTAIN)
    return ", ".join(filter(None, [status, certainty if certainty != _CERTAIN else ""]))


def date_of(resource: Mapping[str, Any]) -> str:
    """The London date on which it began, as people say it; nothing where it tells none."""
    whens = (when.low for name in _DATED_BY for value in held(resource, name) for when in spans(value))
    first = next(whens, None)
    return spoken_date(london_date(first)) if first is not None and first.year > 1 else ""


def _code(value: Any) -> str:
    """Which of FHIR's own codes it is, whatever words stand beside it."""
    codings = value.get("coding", []) if isinstance(value, dict) else []
    return str(next((one["code"] for one in codings if "code" in one), "")) or _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    coding = next(iter(value.get("coding", [])), value)
    return str(value.get("text") or coding.get("display") or coding.get("code") or "")


def _value(resource: Mapping[str, Any]) -> str:
    if isinstance(quantity := resource.get("valueQuantity"), dict):
        return " ".join(str(quantity[part]) for part in ("comparator", "value", "unit") if part in quantity)
    return _text(resource.get("valueCodeableConcept")) or _text(resource.get("valueString"))
