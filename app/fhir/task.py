"""What a team gave to do, or decided, as a FHIR Task, and what a Task that comes back asks to be done. Pure."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

from app.adapters.elements import ODS_ORGANISATION
from app.fhir.matching import NotUnderstood
from app.mdt.action import Action, Priority
from app.mdt.agenda import AgendaItem

_STATUS: Final[Mapping[str, str]] = {
    "offered": "requested",
    "accepted": "accepted",
    "declined": "rejected",
    "unowned": "on-hold",
    "done": "completed",
    "not-done": "failed",
    "cancelled": "cancelled",
}
_EVENTS: Final[Mapping[str, tuple[str, str]]] = {
    "accepted": ("accept", "reason"),
    "rejected": ("decline", "reason"),
    "completed": ("complete", "result"),
    "failed": ("give-up", "reason"),
}


class Asked(NamedTuple):
    """A step of the action's, with its form."""

    event: str
    form: dict[str, Any]


def task(action: Action, base: str) -> dict[str, Any]:
    """The action as its owner sees it."""
    written: dict[str, Any] = {
        "resourceType": "Task",
        "id": str(action.id),
        "meta": {"versionId": str(action.version)},
        "status": _STATUS[action.state],
        "businessStatus": {"text": action.state},
        "intent": "order",
        "priority": "urgent" if action.content.priority is Priority.HIGH else "routine",
        "description": action.content.what,
        "for": {"reference": f"{base}/Patient/{action.person_id}"},
        "owner": {"identifier": {"system": ODS_ORGANISATION, "value": action.organisation}},
        "restriction": {"period": {"end": action.due.isoformat()}},
        "input": [{"type": {"text": "Test of success"}, "valueString": action.content.test}],
    }
    if action.content.result is not None:
        written["output"] = [{"type": {"text": "Result"}, "valueString": action.content.result}]
    return written


def discussion(item: AgendaItem, base: str) -> dict[str, Any]:
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
        "for": {"reference": f"{base}/Patient/{item.person_id}"},
        **ended,
        "output": [{"type": {"text": said}, value: of} for said, value, of in told],
    }


def asked(content: bytes, id: str, if_match: str) -> Asked:
    """What a Task that was sent asks: its status names the step, and its words say why, or what was found.

    Raises `NotUnderstood`. `if_match`, or the version that it holds, says which version its writer saw.
    """
    try:
        resource = orjson.loads(content)
        if resource["resourceType"] != "Task" or resource.get("id", id) != id:
            raise KeyError("id")
        version = if_match.removeprefix("W/").strip('"') or resource["meta"]["versionId"]
        event, words = _EVENTS[resource["status"]]
        return Asked(event, {"version": int(version), words: _words(resource)})
    except (KeyError, TypeError, AttributeError, IndexError, ValueError):
        raise NotUnderstood(
            f"send the Task of that id with a status of {', '.join(_EVENTS)}, the version that you saw in If-Match, and"
            " why, or what was found, as statusReason.text or output.valueString"
        ) from None


def _words(resource: Mapping[str, Any]) -> str:
    reason = resource.get("statusReason", {}).get("text")
    return str(reason or resource["output"][0]["valueString"])
