"""Whether a resource answers to what a search asks of it (FHIR R4, 3.1.1.4). Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.errors import DomainError
from app.fhir.read.kinds import Matched, SearchParameter
from app.fhir.read.values import Coded, Span, codes, held, span, spans
from app.person.names import fold, fold_words


class NotUnderstood(DomainError):
    """What was asked for cannot be looked for."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One parameter of a search: any of `values` will do, and `modifier` changes what that means."""

    parameter: SearchParameter
    modifier: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.modifier not in _MODIFIERS[self.parameter.matched]:
            raise NotUnderstood(f"`{self.parameter.name}` takes no such modifier; leave out what follows the colon")
        if self.modifier == "missing" and self.values not in (("true",), ("false",)):
            raise NotUnderstood(f"`{self.parameter.name}:missing` is true or false")
        if self.parameter.matched is Matched.DATE and self.modifier != "missing":
            for value in self.values:
                _dated(self.parameter.name, value)

    def holds(self, resource: Mapping[str, Any]) -> bool:
        """Whether the resource answers to it."""
        found = [value for path in self.parameter.elements for value in held(resource, path)]
        if self.modifier == "missing":
            return (not found) == (self.values == ("true",))
        any_of_them = any(_ASKED[self.parameter.matched](self, value) for value in found)
        return any_of_them != (self.modifier == "not")

    def _is_code(self, value: Any) -> bool:
        return any(_same_code(code, asked) for code in codes(value) for asked in self.values)

    def _is_text(self, value: Any) -> bool:
        if isinstance(value, str):
            return any(fold(value).startswith(fold(asked)) for asked in self.values)
        parts = [fold(part) for path in _OF_NAMES for text in held(value, path) for part in (text, *text.split())]
        return any(_are_parts(fold_words(asked).split(), parts) for asked in self.values)

    def _is_then(self, value: Any) -> bool:
        asked = [_dated(self.parameter.name, each) for each in self.values]
        return any(compare(one, by) for one in spans(value) for compare, by in asked)


def _are_parts(words: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether each word begins a part of a name, in whatever order."""
    return bool(words) and all(any(part.startswith(word) for part in parts) for word in words)


def split(value: str) -> tuple[str, ...]:
    """The alternatives of a value, which commas part unless a backslash stands before them."""
    if "\\" not in value:
        return tuple(value.split(","))
    parts = re.split(r"(?<!\\),", value)
    return tuple(re.sub(r"\\([,|$\\])", r"\1", part) for part in parts)


def _same_code(code: Coded, asked: str) -> bool:
    system, bar, wanted = asked.rpartition("|")
    if not bar or code.system is None:
        return code.code == wanted
    return code.system == system and wanted in ("", code.code)


def _dated(name: str, value: str) -> tuple[Callable[[Span, Span], bool], Span]:
    prefix = value[:2] if value[:2].isalpha() else "eq"
    try:
        return _PREFIXES[prefix], span(value[2:] if value[:2].isalpha() else value)
    except (KeyError, ValueError, OverflowError):
        raise NotUnderstood(
            f"`{name}` takes a date such as 2026-03-01, with one of {', '.join(_PREFIXES)} before it if any"
        ) from None


def _within(one: Span, by: Span) -> bool:
    return by.low <= one.low and one.high <= by.high


_OF_NAMES: Final = ("text", "family", "given", "prefix", "suffix")
_PREFIXES: Final[Mapping[str, Callable[[Span, Span], bool]]] = {
    "eq": _within,
    "ne": lambda one, by: not _within(one, by),
    "gt": lambda one, by: one.high > by.high,
    "ge": lambda one, by: one.high > by.high or _within(one, by),
    "lt": lambda one, by: one.low < by.low,
    "le": lambda one, by: one.low < by.low or _within(one, by),
    "sa": lambda one, by: one.low >= by.high,
    "eb": lambda one, by: one.high <= by.low,
}
_MODIFIERS: Final[Mapping[Matched, frozenset[str]]] = {
    Matched.TOKEN: frozenset({"", "not", "missing"}),
    Matched.DATE: frozenset({"", "missing"}),
    Matched.STRING: frozenset({""}),
    Matched.REFERENCE: frozenset({""}),
}
_ASKED: Final[Mapping[Matched, Callable[[Condition, Any], bool]]] = {
    Matched.TOKEN: Condition._is_code,
    Matched.DATE: Condition._is_then,
    Matched.STRING: Condition._is_text,
}
