"""Whether a resource is what FHIR R4 says of its type: elements, types, cardinalities, and then invariants and codes.

`fhir.resources` reads it once. It is a parser, not a validator: what it lets through is for the profiles to catch.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Any, Final

from fhir.resources.R4B import fhirtypes, get_fhir_model_class
from pydantic import BaseModel, ValidationError

from app.profiles.invariants import invariants_of
from app.profiles.issue import Issue, error
from app.profiles.rules import listed
from app.profiles.shape import FORMS, codes_of, repeats, shape_of, type_of

Part = int | str
Place = tuple[Part, ...]
"""Where something stands in a resource: names of members, and numbers in lists from 0."""

_A_DATE: Final = "a date of the calendar, such as 2026-01-05, 2026-01 or 2026"
_A_TIME: Final = "a time with its zone, such as 2026-01-05T10:00:00Z"
IN_WORDS: Final[Mapping[Any, str]] = {
    fhirtypes.BooleanType: "true or false, without quotes",
    fhirtypes.StringType: "text, and not blank",
    fhirtypes.MarkdownType: "text",
    fhirtypes.CodeType: "a code, without a space around it",
    fhirtypes.IdType: "an id: 64 letters, digits, dots and dashes at most",
    fhirtypes.UriType: "a URI, without a space",
    fhirtypes.UrlType: "a URL, without a space",
    fhirtypes.CanonicalType: "a URL, without a space",
    fhirtypes.DecimalType: "a number, without quotes",
    fhirtypes.IntegerType: "a whole number, without quotes",
    fhirtypes.UnsignedIntType: "a whole number from 0, without quotes",
    fhirtypes.PositiveIntType: "a whole number from 1, without quotes",
    fhirtypes.DateType: _A_DATE,
    fhirtypes.DateTimeType: f"{_A_DATE}, or {_A_TIME}",
    fhirtypes.InstantType: _A_TIME,
    fhirtypes.TimeType: "a time of day, such as 10:00:00",
}
"""What a primitive is, as a sender is told it who sent something else."""
_SOMETHING_ELSE: Final = "of the element's type"
_FORMS_OF_ONE: Final = re.compile(r"from this list \[([A-Za-z', ]+)\]")
"""Where the models name the forms of an element that may be of several types."""


@cache
def structure_of(kind: str) -> type[BaseModel] | None:
    """The reader of a type of resource; `None` where FHIR R4 knows no such type."""
    try:
        model: type[BaseModel] = get_fhir_model_class(kind)
    except (KeyError, LookupError, ValueError):
        return None
    return model


def structure_issues(resource: dict[str, Any]) -> list[Issue]:
    """What is wrong with its shape; at most ten of each resource are told."""
    kind = resource.get("resourceType")
    model = structure_of(kind) if isinstance(kind, str) else None
    if model is None:
        return [error("structure", "resource-type", "", "this is no FHIR R4 resource: its `resourceType` is unknown")]
    if shape_of(str(kind))(resource):
        return []
    try:
        read = model.model_validate(resource).model_dump()
    except ValidationError as failure:
        return list(_told(failure, resource))[:10]
    except (LookupError, TypeError, ValueError, AttributeError, AssertionError):  # as its readers of parts raise
        return [error("structure", "fhir-r4", str(kind), "a part of it is no FHIR R4: an unknown type, or a wrong one")]
    return [_of_another_type(resource, place) for place in islice(_mistaken(resource, read), 10)]


def is_surely_sound(resource: dict[str, Any]) -> bool:
    """Whether nothing is wrong with a resource of a type that FHIR R4 knows, by FHIR R4: its shape, rules and codes."""
    return shape_of(resource["resourceType"])(resource)


def broken_rules(resource: dict[str, Any]) -> Iterator[Issue]:
    """What FHIR R4 itself finds wrong with a resource whose shape is sound: its invariants, and required codes."""
    model = structure_of(resource["resourceType"])
    yield from _broken(resource, model, resource["resourceType"]) if model else ()


def _broken(value: Mapping[str, Any], model: Any, path: str) -> Iterator[Issue]:
    for _, key, text, is_kept in invariants_of(model):
        if not is_kept(value):
            yield error("invariant", key, path, text)
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    for name, told in value.items():
        if name in fields and name != "resourceType":
            codes, kind = codes_of(model, name, fields[name]), type_of(fields[name])
            for place, one in enumerate(listed(told)):
                here = f"{path}.{name}[{place}]" if isinstance(told, list) else f"{path}.{name}"
                yield from _broken_by(one, codes, kind, here)


def _broken_by(value: Any, codes: frozenset[str], kind: Any, path: str) -> Iterator[Issue]:
    """What is wrong with one value of an element of which its type is known, and the codes that are required of it."""
    if isinstance(value, str) and codes and value not in codes:
        text = f"this is none of the codes that are required here: {', '.join(sorted(codes))}"
        yield error("code-invalid", "fhir-r4", path, text)
    elif isinstance(value, str) and kind in FORMS and not FORMS[kind].fullmatch(value):
        yield error("value", "fhir-r4", path, f"this must be {IN_WORDS[kind]}")
    elif isinstance(value, dict) and "resourceType" in value:
        yield from _broken(value, structure_of(value["resourceType"]), path)
    elif isinstance(value, dict) and (model := _model_of(kind)):
        yield from _broken(value, model, path)


def _mistaken(sent: Any, read: Any, *place: Part) -> Iterator[Place]:
    """Where the reader took a value for what JSON says that it is not: a number for a date, a text for a number."""
    if isinstance(sent, dict) and isinstance(read, Mapping):
        for name, one in sent.items():
            yield from _mistaken(one, read.get(name, one), *place, name)
    elif isinstance(sent, list) and isinstance(read, list):
        for number, (one, another) in enumerate(zip(sent, read, strict=False)):
            yield from _mistaken(one, another, *place, number)
    elif _json_type(sent) is not _json_type(read):
        yield place


def _json_type(value: Any) -> type:
    """Whatever is read as a date, as bytes or the like stands in JSON as text."""
    if isinstance(value, bool):
        return bool
    return float if isinstance(value, int | float | Decimal) else str


def _told(failure: ValidationError, resource: dict[str, Any]) -> Iterator[Issue]:
    seen = set()
    for one in failure.errors(include_url=False, include_context=False, include_input=False):
        place = tuple(part for part in one["loc"] if part != "root")  # which the models add, and is no element
        issue = _issue(one["type"], one["msg"], resource, place)
        if (issue.path, issue.code) not in seen:
            seen.add((issue.path, issue.code))
            yield issue


def _issue(kind: str, message: str, resource: dict[str, Any], place: Place) -> Issue:
    path = _path(resource, place)
    if kind in ("missing", "model_field_validation.missing"):
        return error("required", "fhir-r4", path, "this element is required")
    if kind == "extra_forbidden":
        return error("structure", "fhir-r4", path, "there is no such element")
    if found := _FORMS_OF_ONE.search(message):
        asked = "give one of these alone" if "multiple" in message else "one of these is required"
        forms = found[1].replace("'", "")
        return error("structure", "fhir-r4", path, f"{asked}: {forms}")
    return _of_another_type(resource, place)


def _of_another_type(resource: dict[str, Any], place: Place) -> Issue:
    return error("value", "fhir-r4", _path(resource, place), f"this must be {_asked(resource, place)}")


def _asked(resource: dict[str, Any], place: Place) -> str:
    """What stands at a place by FHIR R4, in words; nothing of what was sent there."""
    sent, model, field = resource, structure_of(resource["resourceType"]), None
    for part in place:
        sent = _within(sent, part)
        if isinstance(part, str):
            fields = {one.alias or name: one for name, one in model.model_fields.items()} if model else {}
            if (field := fields.get(part)) is None:
                return _SOMETHING_ELSE
            model = _model_of(type_of(field))
        elif isinstance(sent, dict) and isinstance(sent.get("resourceType"), str):
            model = structure_of(sent["resourceType"])
    if field is None:
        return _SOMETHING_ELSE
    if isinstance(place[-1], str) and repeats(field) != isinstance(sent, list):
        return "in a list, even if it is alone" if repeats(field) else "alone, and in no list"
    return IN_WORDS.get(type_of(field)) or ("an object" if model and not isinstance(sent, dict) else _SOMETHING_ELSE)


def _model_of(kind: Any) -> type[BaseModel] | None:
    model: type[BaseModel] | None = kind.get_model_klass() if hasattr(kind, "get_model_klass") else None
    return model


def _within(sent: Any, part: Part) -> Any:
    try:
        return sent[part]
    except (KeyError, IndexError, TypeError):
        return None


def _path(resource: dict[str, Any], place: Place) -> str:
    return ".".join([resource["resourceType"], *(_part(part) for part in place)]).replace(".[", "[")


def _part(part: int | str) -> str:
    return f"[{part}]" if isinstance(part, int) else part if part.isidentifier() and len(part) < 60 else "?"
