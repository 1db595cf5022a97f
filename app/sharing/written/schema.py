"""The schema of a file that people write, such as an agreement, and what is said to whoever broke it."""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.sharing.written.source import Loc, Source, did_you_mean

_SHAPES: Final = {
    "tuple_type": "a list; write it as `[one, another]`",
    "dict_type": "a mapping; write it as `name: value`",
    "model_type": "a mapping; write it as `name: value`",
    "string_type": "one value; write it without brackets",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "date_from_datetime_parsing": "a date; write it as `2026-04-01`",
    "date_from_datetime_inexact": "a date; write it as `2026-04-01`",
    "date_type": "a date; write it as `2026-04-01`",
    "int_parsing": "a whole number",
    "time_parsing": "a time of day; write it as `13:30`",
    "greater_than_equal": "greater",
    "less_than_equal": "smaller",
}
Document = TypeVar("Document", bound=BaseModel)

_QUOTED: Final = re.compile(r"'([^']+)'")
_PATTERNS: Final = {
    r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$": "lower-case words joined by hyphens, such as `direct-care`",
    r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$": "capitals joined by hyphens, such as `G-NURSE-1`",
    r"^\d+\.\d+\.\d+$": "three numbers, such as `1.0.0`",
}


def check_schema(source: Source, document: type[Document]) -> Document | None:
    """The document that a file states; `None` where it breaks its schema, with a finding for each breach."""
    try:
        return document.model_validate(source.value)
    except ValidationError as broken:
        for error in broken.errors(include_url=False):
            loc = _place(error["loc"], source.value)
            source.error(loc, _say(error, loc, document))
        return None


def _place(loc: Loc, value: object) -> Loc:
    """The loc without the names that pydantic gives to alternatives, which stand nowhere in the file."""
    place: Loc = ()
    for n, step in enumerate(loc):
        last = n == len(loc) - 1
        if isinstance(value, Mapping) and (step in value or last):
            place, value = (*place, step), value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            place, value = (*place, step), value[step]
    return place


def _say(error: ErrorDetails, loc: Loc, document: type[BaseModel]) -> str:
    kind, name, given = error["type"], str(loc[-1]) if loc else "the file", error["input"]
    if kind == "extra_forbidden":
        return f"`{name}` is no key here; {did_you_mean(name, list(_fields(document, loc[:-1])))}"
    if kind == "missing":
        return f"`{name}` is missing; add it{_meaning(document, loc)}"
    if given is None or given == "":
        return f"`{name}` is empty; say it, or take it out"
    if kind in ("literal_error", "enum"):
        allowed = _QUOTED.findall(error["ctx"]["expected"])
        return f"`{given}` is not allowed here; {did_you_mean(str(given), allowed)}"
    if kind == "too_short":
        return "the list is empty; name at least one, or leave the clause out"
    if kind == "string_pattern_mismatch":
        return f"`{given}` is written wrongly; it is {_PATTERNS[error['ctx']['pattern']]}"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    return f"`{name}` should be {_SHAPES[kind]}"


def _meaning(document: type[BaseModel], loc: Loc) -> str:
    field = _fields(document, loc[:-1]).get(str(loc[-1]))
    return f": {field.description}" if field is not None and field.description else ""


def _fields(document: type[BaseModel], loc: Loc) -> dict[str, Any]:
    """The keys that may stand in the section at a place."""
    fields = _fields_of(document)
    for step in loc:
        inner = _section(fields[str(step)].annotation) if str(step) in fields else None
        fields = _fields_of(inner) if inner else fields
    return fields


def _fields_of(section: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field for name, field in section.model_fields.items()}


def _section(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_section, get_args(annotation))), None)
