"""Coded facts about a person as one FHIR Observation."""

from collections.abc import Mapping

from app.adapters.social_care_cld.values import Value
from app.vocabulary.statement import Resource


def observation(found: Mapping[str, Value]) -> Resource:
    """An Observation of each value that is not empty, by what it is called: itself if one is asked for, else parts."""
    resource: Resource = {"resourceType": "Observation", "status": "final", "code": {"text": ", ".join(found)}}
    if len(found) == 1:
        (value,) = found.values()
        return {**resource, "valueCodeableConcept": value.concept}
    parts = [{"code": {"text": name}, "valueCodeableConcept": value.concept} for name, value in found.items() if value]
    return {**resource, "component": parts}


def told(found: Mapping[str, Value]) -> str:
    """The same on one line."""
    return "; ".join(f"{name}: {value.words}" for name, value in found.items() if value)
