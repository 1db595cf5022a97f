"""What all parts of a plan are written with as FHIR, beside `vocabulary.fhir_elements`. Pure."""

from datetime import date
from typing import Any, Final

from app.vocabulary.fhir_systems import OURS
from app.vocabulary.statement import Resource

PART_SYSTEM: Final = f"{OURS}/Id/care-plan-part"
_EXTENSION: Final = f"{OURS}/StructureDefinition/care-plan-"


def named(part: str) -> list[dict[str, str]]:
    """What names a part among the resources of a plan."""
    return [{"system": PART_SYSTEM, "value": part}]


def care_plan(part: str, title: str) -> Resource:
    """What a part that is a CarePlan begins with."""
    return {
        "resourceType": "CarePlan",
        "identifier": named(part),
        "status": "active",
        "intent": "plan",
        "title": title,
        "category": [{"text": title}],
    }


def day(on: date | None) -> str | None:
    """A day as FHIR writes it."""
    return on.isoformat() if on else None


def date_of(text: str | None) -> date | None:
    """The inverse of `day`."""
    return date.fromisoformat(text) if text else None


def extensions(**values: Any) -> list[Resource]:
    """Ours, by name and FHIR type: `review_by=("valueDate", day)`."""
    told = [(name, *value) for name, value in values.items() if value[1] is not None]
    return [{"url": _EXTENSION + name.replace("_", "-"), kind: value} for name, kind, value in told]


def extended(element: Resource, name: str, kind: str) -> Any:
    """What one of our extensions holds, by its name and FHIR type."""
    return next((one[kind] for one in element.get("extension", []) if one["url"] == _EXTENSION + name), None)
