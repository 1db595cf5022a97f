"""Whether what a resource tells holds: its status, in the words of each type's value set. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from app.vocabulary.statement import Standing

_IN_ERROR: Final = "entered-in-error"
_ENDED: Final = frozenset(
    {"finished", "completed", "inactive", "resolved", "remission", "revoked", "cancelled", "stopped", "superseded",
     "rejected", "fulfilled", "noshow", "failed", "ended"}
)  # fmt: skip
_PLANNED: Final = frozenset(
    {"planned", "proposed", "pending", "booked", "waitlist", "draft", "requested", "intended", "preparation"}
)
_OF_A_MOMENT: Final = frozenset({"Procedure", "Immunization", "Observation", "DiagnosticReport", "RiskAssessment",
                                 "QuestionnaireResponse", "FamilyMemberHistory"})  # fmt: skip
_WORTH_SAYING: Final[Mapping[str, str]] = {
    "not-done": "not done",
    "not-taken": "not taken",
    "noshow": "did not attend",
    "cancelled": "cancelled",
    "stopped": "stopped",
    "on-hold": "on hold",
    "onhold": "on hold",
    "rejected": "rejected",
    "revoked": "revoked",
    "failed": "failed",
    "superseded": "superseded",
    "preliminary": "preliminary",
    "partial": "partial",
    "registered": "no result yet",
    "amended": "amended",
    "corrected": "corrected",
    "refuted": "refuted",
    "unconfirmed": "unconfirmed",
    "provisional": "provisional",
    "differential": "differential",
    "resolved": "resolved",
    "remission": "in remission",
    "inactive": "inactive",
    "intended": "intended",
    "draft": "draft",
}
"""Statuses without which a line would mislead, in plain words."""


def standing_of(resource: Mapping[str, Any]) -> Standing:
    """Where an entry stands; of what happened at one moment, only that it was planned or is in error matters."""
    told = _told(resource)
    if _IN_ERROR in told:
        return Standing.ENTERED_IN_ERROR
    if not _PLANNED.isdisjoint(told):
        return Standing.PLANNED
    is_over = resource["resourceType"] not in _OF_A_MOMENT and not _ENDED.isdisjoint(told)
    return Standing.ENDED if is_over else Standing.CURRENT


def said_of(resource: Mapping[str, Any]) -> str:
    """Its status in words, where a reader would be misled without; else ""."""
    return ", ".join(_WORTH_SAYING[status] for status in _told(resource) if status in _WORTH_SAYING)


def _told(resource: Mapping[str, Any]) -> list[str]:
    told = [resource[name] for name in ("status", "lifecycleStatus") if name in resource]
    for name in ("clinicalStatus", "verificationStatus"):
        told += [one["code"] for one in resource.get(name, {}).get("coding", ()) if "code" in one]
    return told
