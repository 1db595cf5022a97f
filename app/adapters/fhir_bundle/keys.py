"""The name by which a resource is known again: its business identifier. Pure."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from app.adapters.fhir_bundle.bundle import Condition, Part
from app.profiles.rules import listed
from app.vocabulary.statement import Resource

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.~-]*")  # which quoting leaves as it is

PATIENT_KEY = "Patient"
"""A partner gives one account of a person through this door."""


def identifier_of(resource: Mapping[str, Any], named: Condition | None = None) -> Resource | None:
    """The business identifier of a resource: the one that a request names, else the official, else the first."""
    complete = [
        one
        for one in [*listed(resource.get("masterIdentifier")), *listed(resource.get("identifier"))]
        if "system" in one and "value" in one
    ]
    if named is not None:
        chosen = [one for one in complete if (one["system"], one["value"]) == (named.system, named.value)]
    else:
        chosen = sorted(complete, key=lambda one: one.get("use") != "official")
    return {"system": chosen[0]["system"], "value": chosen[0]["value"]} if chosen else None


def key_of(part: Part) -> str | None:
    """The key of the entry that a part states or takes back; `None` where it has no business identifier.

    Quoted, so that no key begins as another's does.
    """
    if part.type == "Patient":
        return PATIENT_KEY
    named = part.condition or part.unless
    if part.resource is None:
        return _key(part.type, named.system, named.value) if named else None
    found = identifier_of(part.resource, named)
    return _key(part.type, found["system"], found["value"]) if found else None


def _key(kind: str, system: str, value: str) -> str:
    return f"{kind}/{_quoted(system)}|{value if _PLAIN.fullmatch(value) else quote(value, safe='')}"


@lru_cache(maxsize=1024)
def _quoted(system: str) -> str:
    return quote(system, safe=":")
