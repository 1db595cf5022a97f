"""What any route of this door may answer besides what it is for: written into the OpenAPI document."""

from collections.abc import Iterable
from typing import Any, Final

from app.fhir.answers import MEDIA_TYPE
from app.fhir.read.kinds import PARAMETERS as SEARCHED

_OUTCOME: Final = {
    "type": "object",
    "required": ["resourceType", "issue"],
    "properties": {
        "resourceType": {"const": "OperationOutcome"},
        "issue": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["severity", "code"],
                "properties": {
                    "severity": {"enum": ["fatal", "error", "warning", "information"]},
                    "code": {"type": "string"},
                    "diagnostics": {"type": "string"},
                },
            },
        },
    },
}
_TOLD: Final = {
    400: "What was asked makes no sense: what is wrong, and what to do.",
    401: "Nobody vouches for whoever asks.",
    403: "Not for whom you ask as, or not under the scopes of your token.",
    404: "No such thing, nothing permitted, or not yours: the same answer to all.",
    406: "Something else than JSON was asked for.",
    410: "The page is no longer to be had: search again.",
    422: "Something stands where it cannot be understood.",
    413: "More was sent than is taken.",
    415: "Something else was sent than is read here.",
    503: "Nothing was disclosed, as the record or the trail is out of reach.",
}

RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "As asked.", "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}},
    **{status: {"description": text, "content": {MEDIA_TYPE: {"schema": _OUTCOME}}} for status, text in _TOLD.items()},
}


RESOURCE: Final = {
    "requestBody": {
        "required": True,
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "type": "object",
                    "required": ["resourceType"],
                    "properties": {"resourceType": {"type": "string"}},
                }
            }
        },
    }
}
"""One resource, or a Bundle of them."""

OF_PUSHING: Final[dict[int | str, dict[str, Any]]] = {
    201: {"description": "Taken, as the first of its identifier.", "content": RESPONSES[200]["content"]},
    202: {"description": "Kept, and waits: for a person, or for its turn.", "content": RESPONSES[422]["content"]},
    412: {"description": "What was named is held in another version.", "content": RESPONSES[422]["content"]},
}
"""Besides: what a push may be answered."""


def _asked(names: Iterable[str]) -> dict[str, Any]:
    """Query parameters, each of which may be left out."""
    return {"parameters": [{"name": name, "in": "query", "schema": {"type": "string"}} for name in sorted(names)]}


_ANYWHERE: Final = ("_format", "_summary", "_elements")
_PAGED: Final = ("_count", "_cursor")
OF_READING: Final = _asked(_ANYWHERE)
OF_SEARCHING: Final = _asked(
    {
        "patient",
        "_include",
        "_sort",
        "_source",
        "_total",
        *_ANYWHERE,
        *_PAGED,
        *(name for kind in SEARCHED.values() for name in kind),
    }
)
OF_HISTORY: Final = _asked(("_since", "_format", *_PAGED))
OF_TYPE_HISTORY: Final = _asked(("_since", "_format", "patient", *_PAGED))
OF_EVERYTHING: Final = _asked(("_since", "start", "end", "_type", *_ANYWHERE, *_PAGED))

_FIELD: Final = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}

FORM: Final = {
    "requestBody": {
        "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object", "additionalProperties": _FIELD}}}
    }
}
PARAMETERS: Final = {
    "requestBody": {
        "required": True,
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "type": "object",
                    "required": ["resourceType", "parameter"],
                    "properties": {
                        "resourceType": {"const": "Parameters"},
                        "parameter": {"type": "array", "items": {"type": "object", "required": ["name"]}},
                    },
                }
            }
        },
    }
}

SUBSCRIPTION: Final = {
    "requestBody": {
        "required": True,
        "content": {MEDIA_TYPE: {"schema": {"type": "object", "required": ["resourceType", "criteria", "channel"]}}},
    }
}
TASK: Final = {
    "requestBody": {
        "required": True,
        "content": {MEDIA_TYPE: {"schema": {"type": "object", "required": ["resourceType", "status"]}}},
    }
}
OF_TASKS: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "You have it already."},
    409: {"description": "That step cannot follow the state the action is in.", "content": RESPONSES[422]["content"]},
    412: {"description": "It was changed since that version.", "content": RESPONSES[422]["content"]},
}
CREATED: Final[dict[int | str, dict[str, Any]]] = {201: {"description": "Made; Location says where."}}

NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "You have it already."}}
