"""JSON as FHIR allows it and no other: what readers disagree about is refused before it is read any further."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NoReturn

from app.profiles.issue import Issue, error

_LONGEST_NUMBER: Final = 40
_MOST_DIGITS: Final = 18  # FHIR R4, decimal: what every reader must carry
_GREATEST_EXPONENT: Final = 300
_NOT_IN_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")  # FHIR R4, string
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HIDDEN: Final = frozenset({"__proto__", "constructor", "prototype"})  # which some readers take for something else


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is read of one message. Lengths are in bytes for the whole, in characters for one string."""

    bytes: int = 10_000_000
    entries: int = 1_000
    depth: int = 30
    string: int = 1_000_000


DEFAULT_LIMITS: Final = Limits()


class Unreadable(Exception):
    """What was sent is no JSON that can be read safely, or too much of it. Holds nothing of what was sent."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.text)
        self.issue = issue


def read_json(content: bytes, limits: Limits = DEFAULT_LIMITS) -> Any:
    """Read one JSON document; decimals become `Decimal`, so that 12.50 stays 12.50. Raises `Unreadable`."""
    if len(content) > limits.bytes:
        _refuse("too-long", "size", f"the message is larger than {limits.bytes} bytes; send it in parts")
    if content.startswith(b"\xef\xbb\xbf"):
        _refuse("structure", "byte-order-mark", "the message begins with a byte order mark; send UTF-8 without one")
    _refuse_depth(content, limits.depth)
    try:
        whole = _DECODER.decode(content.decode("utf-8"))
    except UnicodeDecodeError:
        _refuse("structure", "utf-8", "the message is not UTF-8")
    except json.JSONDecodeError as failure:
        _refuse("structure", "json", f"the message is no JSON: line {failure.lineno}, column {failure.colno}")
    for path, text in _strings(whole, ""):
        _check_string(path, text, limits.string)
    return whole


def _refuse(code: str, rule: str, text: str, path: str = "") -> NoReturn:
    raise Unreadable(error(code, rule, path, text))


_BRACKETS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


def _refuse_depth(content: bytes, most: int) -> None:
    """Before anything is built of it: a reader that goes down with the message would not come back."""
    depth = 0
    for found in _BRACKETS.finditer(content):
        mark = found[0]
        if mark in (b"{", b"["):
            depth += 1
            if depth > most * 2:  # a level of FHIR is an object in a list
                _refuse("too-costly", "depth", f"the message is nested more than {most} levels deep")
        elif mark in (b"}", b"]"):
            depth -= 1


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        _refuse("structure", "duplicate-key", "an object names a member twice; send each once")
    if not _HIDDEN.isdisjoint(members) or not all(map(_NAME.fullmatch, members)):
        _refuse("structure", "member-name", "an object has a member whose name is no FHIR element's")
    if not members:
        _refuse("structure", "empty-object", "an object is empty; leave out what has no value")
    return members


def _decimal(text: str) -> Decimal:
    if len(text) > _LONGEST_NUMBER:
        _refuse_number()
    number = Decimal(text)
    if abs(number.adjusted()) > _GREATEST_EXPONENT:
        _refuse_number()
    return number


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > _MOST_DIGITS:
        _refuse_number()
    return int(text)


def _refuse_number() -> NoReturn:
    _refuse("value", "number", f"a number is out of range; FHIR carries {_MOST_DIGITS} digits")


def _constant(_name: str) -> NoReturn:
    _refuse("structure", "json", "NaN and Infinity are no JSON; leave out what has no value")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_members, parse_float=_decimal, parse_int=_integer, parse_constant=_constant
)


def _strings(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, member in value.items():
            if member is None or _lacks_its_values(name, member):
                _refuse("structure", "null", "null stands where a value should; leave out what has none", path)
            yield from _strings(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        if not value:
            _refuse("structure", "empty-list", "a list is empty; leave out what has no value", path)
        for one in value:
            yield from _strings(one, path)


def _lacks_its_values(name: str, member: Any) -> bool:
    """Whether a list holds nulls other than beside primitives, whose extensions stand in another list."""
    if not isinstance(member, list) or None not in member or name.startswith("_"):
        return False
    return not any(isinstance(one, str | int | Decimal) for one in member)


def _check_string(path: str, text: str, longest: int) -> None:
    if len(text) > longest and not path.endswith(".data"):  # a document is bounded by the whole message
        _refuse("too-long", "string", f"a text is longer than {longest} characters", path)
    if _NOT_IN_TEXT.search(text):
        _refuse("value", "character", "a text holds a control character or half of a surrogate pair", path)
    if not text:
        _refuse("structure", "empty-string", "a text is empty; leave out what has no value", path)
