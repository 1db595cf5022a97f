"""How much of a resource is asked for: `_summary` and `_elements` (FHIR R4, 3.1.1.7 and 3.1.1.8). Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson
from fhir.resources.R4B import get_fhir_model_class

from app.fhir.read.matching import NotUnderstood

_SUMMARIES: Final = ("true", "false", "text", "data", "count")
_ALWAYS: Final = frozenset(
    {"resourceType", "id", "meta",
     "active", "clinicalStatus", "deceasedBoolean", "deceasedDateTime", "doNotPerform", "implicitRules",
     "improvementNotation", "intent", "isSubpotent", "lifecycleStatus", "link", "mode", "modifierExtension", "scope",
     "status", "verificationStatus"}
)  # fmt: skip
"""What is told however little is asked for: whose it is, and what FHIR marks as changing the meaning of all else.

An allergy that was refuted or a medicine that is not to be given reads as its opposite without.
"""
_SUBSETTED: Final = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}


@dataclass(frozen=True, slots=True)
class Shape:
    """What of each resource is answered; all of it by default. Raises `NotUnderstood` for what is none of these."""

    summary: str = "false"
    elements: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.summary not in _SUMMARIES:
            raise NotUnderstood(f"`_summary` is one of {', '.join(_SUMMARIES)}")
        if self.elements and self.summary != "false":
            raise NotUnderstood("ask for `_summary` or for `_elements`, not for both")

    @property
    def whole(self) -> bool:
        """Whether resources are answered as they are stored."""
        return self.summary in ("false", "count") and not self.elements

    def of(self, kind: str, content: bytes) -> bytes:
        """That much of a resource, marked as a part of it."""
        if self.whole:
            return content
        resource = orjson.loads(content)
        kept = {name: value for name, value in resource.items() if self._keeps(kind, name)}
        if held := list(_referred_to(kept, resource.get("contained", ()))):
            kept["contained"] = held
        meta: Mapping[str, Any] = resource.get("meta", {})
        return orjson.dumps({**kept, "meta": {**meta, "tag": [*meta.get("tag", []), _SUBSETTED]}})

    def _keeps(self, kind: str, name: str) -> bool:
        asked = name.lstrip("_")  # the extensions of a primitive go with it
        if asked in _ALWAYS or asked in mandatory(kind):
            return True
        if self.elements:
            return asked in self.elements or _choice(asked, self.elements)
        if self.summary == "text":
            return asked == "text"
        return asked != "text" if self.summary == "data" else asked in summarised(kind)


WHOLE: Final = Shape()


def _referred_to(kept: Mapping[str, Any], contained: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """What a part of a resource refers to of what it contains, and what that refers to in its turn."""
    wanted, found = orjson.dumps({**kept, "contained": None}), set[int]()
    while more := [
        n for n, one in enumerate(contained) if n not in found and b'"#%b"' % str(one.get("id")).encode() in wanted
    ]:
        found.update(more)
        wanted = orjson.dumps([contained[n] for n in more])
    return (one for n, one in enumerate(contained) if n in found)


def _choice(name: str, elements: frozenset[str]) -> bool:
    """Whether it is one form of an element that has several, such as `onsetDateTime` of `onset`."""
    return any(name.startswith(element) and name[len(element) :][:1].isupper() for element in elements)


@lru_cache
def summarised(kind: str) -> frozenset[str]:
    """The elements that FHIR marks as its summary."""
    return frozenset(get_fhir_model_class(kind).summary_elements_sequence())


@lru_cache
def mandatory(kind: str) -> frozenset[str]:
    """The elements that a resource of that type cannot be without."""
    fields = get_fhir_model_class(kind).model_fields
    return frozenset(
        field.alias or name
        for name, field in fields.items()
        if field.is_required() or (isinstance(extra := field.json_schema_extra, dict) and extra.get("element_required"))
    )
