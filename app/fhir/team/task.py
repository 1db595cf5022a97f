"""What a Task that comes back asks to be done. Pure."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

from app.fhir.read.matching import NotUnderstood

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
