"""Whether a resource is what FHIR R4 says of its type: elements, types, cardinalities, and then invariants and codes.

`fhir.resources` reads it once. It is a parser, not a validator: what it lets through is for the profiles to catch.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Any, Final

from fhir.resources.R4B import get_fhir_model_class
from pydantic import BaseModel, ValidationError

from app.profiles.invariants import invariants_of
from app.profiles.issue import Issue, error
from app.profiles.rules import listed
from app.profiles.shape import FORMS, codes_of, shape_of, type_of


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
        return list(_told(failure, str(kind)))[:10]
    except (LookupError, TypeError, ValueError, AttributeError, AssertionError):  # as its readers of parts raise
        return [error("structure", "fhir-r4", str(kind), "a part of it is no FHIR R4: an unknown type, or a wrong one")]
    return [
        error("value", "fhir-r4", path, _OF_ANOTHER_TYPE) for path in islice(_mistaken(resource, read, str(kind)), 10)
    ]


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
    elif isinstance(value, str) and kind in FORMS and not FORMS[kind][0].fullmatch(value):
        yield error("value", "fhir-r4", path, FORMS[kind][1])
    elif isinstance(value, dict) and "resourceType" in value:
        yield from _broken(value, structure_of(value["resourceType"]), path)
    elif isinstance(value, dict) and hasattr(kind, "get_model_klass"):
        yield from _broken(value, kind.get_model_klass(), path)


def _mistaken(sent: Any, read: Any, path: str) -> Iterator[str]:
    """Where the reader took a value for what JSON says that it is not: a number for a date, a text for a number."""
    if isinstance(sent, dict) and isinstance(read, Mapping):
        for name, one in sent.items():
            yield from _mistaken(one, read.get(name, one), f"{path}.{_part(name)}")
    elif isinstance(sent, list) and isinstance(read, list):
        for place, (one, another) in enumerate(zip(sent, read, strict=False)):
            yield from _mistaken(one, another, f"{path}[{place}]")
    elif _json_type(sent) is not _json_type(read):
        yield path


def _json_type(value: Any) -> type:
    """Whatever is read as a date, as bytes or the like stands in JSON as text."""
    if isinstance(value, bool):
        return bool
    return float if isinstance(value, int | float | Decimal) else str


_OF_ANOTHER_TYPE: Final = "this is not of the element's type"
_KIND_OF: Final[dict[str, tuple[str, str]]] = {
    "missing": ("required", "this element is required"),
    "extra_forbidden": ("structure", "there is no such element"),
    "value_error": ("structure", "this is not allowed here, or is missing"),
}


def _told(failure: ValidationError, kind: str) -> Iterator[Issue]:
    seen = set()
    for one in failure.errors(include_url=False, include_context=False, include_input=False):
        path = ".".join([kind, *(_part(part) for part in one["loc"])]).replace(".[", "[")
        code, text = _KIND_OF.get(one["type"], ("value", _OF_ANOTHER_TYPE))
        if (path, code) not in seen:
            seen.add((path, code))
            yield error(code, "fhir-r4", path, text)


def _part(part: int | str) -> str:
    return f"[{part}]" if isinstance(part, int) else part if part.isidentifier() and len(part) < 60 else "?"
