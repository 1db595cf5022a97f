"""What a team gave to do, or decided, as a FHIR Task. Pure."""

from collections.abc import Mapping
from typing import Final

from app.mdt.as_fhir.elements import Resource
from app.mdt.workflow.action import Action, Priority
from app.mdt.workflow.agenda import AgendaItem
from app.vocabulary.fhir_elements import reference
from app.vocabulary.fhir_systems import ODS_ORGANISATION

_STATUS: Final[Mapping[str, str]] = {
    "offered": "requested",
    "accepted": "accepted",
    "declined": "rejected",
    "unowned": "on-hold",
    "done": "completed",
    "not-done": "failed",
    "cancelled": "cancelled",
}
_ENDED_BY: Final = {"declined": "decline", "not-done": "give-up", "cancelled": "cancel", "unowned": "owner-left"}
"""By which event, whose words say why."""


def task(action: Action, base: str = "") -> Resource:
    """The action as its owner sees it; `base` is what addresses begin with, up to a slash."""
    asked_by = action.content.asked_by
    written: Resource = {
        "resourceType": "Task",
        "id": str(action.id),
        "meta": {"versionId": str(action.version)},
        "status": _STATUS[action.state],
        "businessStatus": {"text": action.state},
        "intent": "order",
        "priority": "urgent" if action.content.priority is Priority.HIGH else "routine",
        "description": action.content.what,
        "for": {"reference": f"{base}Patient/{action.person_id}"},
        "focus": {"reference": f"{base}CarePlan/decision-{action.item_id}"},
        "requester": {"type": "Practitioner", "display": f"{asked_by.name}, {asked_by.organisation}"},
        "owner": reference(ODS_ORGANISATION, action.organisation),
        "restriction": {"period": {"end": action.due.isoformat()}},
        "input": [{"type": {"text": "Test of success"}, "valueString": action.content.test}],
    }
    if why := _why(action):
        written["statusReason"] = {"text": why}
    if action.content.result is not None:
        written["output"] = [{"type": {"text": "Result"}, "valueString": action.content.result}]
    return written


def discussion(item: AgendaItem, base: str = "") -> Resource:
    """A discussion that ended, with its outcome and when the team looks again; nothing that was said in it."""
    told: list[tuple[str, str, str | None]] = [("Outcome", "valueCode", item.content.outcome)]
    if item.content.review_on is not None:
        told.append(("Looks again", "valueDate", item.content.review_on.isoformat()))
    ended = {"executionPeriod": {"end": item.ended_at.isoformat()}} if item.ended_at else {}
    return {
        "resourceType": "Task",
        "id": str(item.id),
        "meta": {"versionId": str(item.version)},
        "status": "completed",
        "intent": "plan",
        "code": {"text": "Discussion by the multidisciplinary team"},
        "for": {"reference": f"{base}Patient/{item.person_id}"},
        **ended,
        "output": [{"type": {"text": said}, value: of} for said, value, of in told],
    }


def _why(action: Action) -> str | None:
    event = _ENDED_BY.get(action.state)
    return next((one.said for one in reversed(action.content.remarks) if one.event == event), None)
