"""When a resource's matter began and ended. Pure; instants in UTC."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from app.vocabulary.fhir_elements import WHOLE_DAY
from app.vocabulary.london import from_london, london_midnight

_MOMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod", "issued"),
    "DocumentReference": ("context.period", "date"),
    "FamilyMemberHistory": ("date",),
    "Immunization": ("occurrenceDateTime", "recorded"),
    "Observation": ("effectiveDateTime", "effectiveInstant", "effectivePeriod", "issued"),
    "Procedure": ("performedDateTime", "performedPeriod"),
    "QuestionnaireResponse": ("authored",),
    "RiskAssessment": ("occurrenceDateTime", "occurrencePeriod"),
}
"""Types of one moment: where no end is told, they end as they begin."""

_LASTING: Final[Mapping[str, tuple[str, ...]]] = {
    "AllergyIntolerance": ("onsetDateTime", "onsetPeriod", "recordedDate"),
    "Appointment": ("start",),
    "CarePlan": ("period", "created"),
    "CareTeam": ("period",),
    "Condition": ("onsetDateTime", "onsetPeriod", "recordedDate"),
    "Consent": ("provision.period", "dateTime"),
    "DeviceRequest": ("occurrenceDateTime", "occurrencePeriod", "authoredOn"),
    "Encounter": ("period",),
    "EpisodeOfCare": ("period",),
    "Flag": ("period",),
    "Goal": ("startDate",),
    "MedicationRequest": ("authoredOn",),
    "MedicationStatement": ("effectiveDateTime", "effectivePeriod", "dateAsserted"),
    "RelatedPerson": ("period",),
    "ServiceRequest": ("occurrenceDateTime", "occurrencePeriod", "authoredOn"),
    "Task": ("executionPeriod", "authoredOn"),
}
_ENDS: Final[Mapping[str, tuple[str, ...]]] = {
    "Appointment": ("end",),
    "Condition": ("abatementDateTime", "abatementPeriod"),
}


def read_of(kind: str) -> tuple[str, ...]:
    """The elements, any one of which tells when something of a type was; empty where nothing is read."""
    return _MOMENTS.get(kind) or _LASTING.get(kind, ())


def times_of(resource: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """When it began and ended, each `None` where it is not told to the day."""
    kind = resource["resourceType"]
    if kind in _MOMENTS:
        started, ended = _first(resource, _MOMENTS[kind])
        return started, ended or started
    started, ended = _first(resource, _LASTING.get(kind, ()))
    at, until = _first(resource, _ENDS.get(kind, ()))
    return started, until or at or (ended if kind not in _ENDS else None)


def _first(resource: Mapping[str, Any], paths: tuple[str, ...]) -> tuple[datetime | None, datetime | None]:
    for path in paths:
        found: Any = resource
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        if isinstance(found, str):
            return instant(found), None
        if isinstance(found, Mapping):
            return instant(found.get("start")), instant(found.get("end"))
    return None, None


def instant(text: str | None) -> datetime | None:
    """A FHIR date or time as an instant; a whole day begins at midnight in London, a year or month is none."""
    try:
        if text is None or len(text) < WHOLE_DAY:
            return None
        if len(text) == WHOLE_DAY:
            return london_midnight(date.fromisoformat(text))
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else from_london(at)
    except (ValueError, OverflowError):  # such as 0001-01-01 in a zone before UTC
        return None
