"""What a browser sends of a form, as the form has it: short texts, fields within fields, dates of three boxes. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from app.vocabulary.nhs_number import NHSNumber
from app.web.frame.words.wording import begun_large

ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]

_PARTS = ("year", "month", "day")
_DEEPEST = 8  # fields within fields: far more than any form of ours has


class TypedForm(BaseModel):
    """A form as it was typed: all of it text, so that a mistake costs no typing; none of it is shown in a trace."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, frozen=True)

    def __repr_str__(self, join_str: str) -> str:
        return "•••"


def typed_number(text: str) -> NHSNumber | str:
    """The NHS number that was typed, or what is wrong with it."""
    if not text:
        return "Enter an NHS number"
    try:
        return NHSNumber.parse(text)
    except ValueError as error:
        return begun_large(str(error))


def nested(typed: Iterable[tuple[str, str]], *, lists: frozenset[str] = frozenset()) -> dict[str, Any]:
    """`a.b` is a field of a field; what was left empty is left out; of a field of `lists` all values are kept.

    A date comes in three boxes, `x.day`, `x.month` and `x.year`; one that is none stays as it was typed, to be told of.
    """
    said: dict[str, Any] = {}
    for name, value in typed:
        if text := value.strip():
            *outer, last = name.split(".", _DEEPEST)
            part = said
            for key in outer:
                part = _within(part, key)
            if name in lists:
                part[last] = [*(before if isinstance(before := part.get(last), list) else ()), text]
            else:
                part[last] = text
    return {name: _with_dates(value) for name, value in said.items()}


def _within(part: dict[str, Any], key: str) -> dict[str, Any]:
    """The fields within a field, which no form of ours sends as text too."""
    if not isinstance(part.get(key), dict):
        part[key] = {}
    inner: dict[str, Any] = part[key]
    return inner


def _with_dates(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value.keys() <= set(_PARTS):
        return _date(value)
    return {name: _with_dates(each) for name, each in value.items()}


def _date(boxes: Mapping[str, str]) -> str:
    try:
        return date(*(int(boxes.get(part, "")) for part in _PARTS)).isoformat()
    except ValueError:
        return "-".join(boxes.get(part, "?") for part in _PARTS)


def fields(form: Any) -> list[tuple[str, str]]:
    """The fields of a form as they were typed, without the token that says where the form is from."""
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name != "csrf"]
