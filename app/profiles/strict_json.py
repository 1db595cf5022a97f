"""JSON as FHIR allows it and no other: what readers disagree about is refused before it is read any further."""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NoReturn

from app.profiles.issue import Issue, error

_LONGEST_NUMBER: Final = 40
_MOST_DIGITS: Final = 18  # FHIR R4, decimal: what every reader must carry
_GREATEST_EXPONENT: Final = 300
_NOT_IN_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")  # FHIR R4, string
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PRIMITIVE: Final = frozenset({str, int, bool, Decimal})
_KNOWN: Final[set[str]] = set()
"""Names that were found to be elements' before, up to `_MOST_KNOWN` of them."""
_MOST_KNOWN: Final = 5_000
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
    try:
        return _Reader(content, limits).read()
    except UnicodeDecodeError:
        _refuse("structure", "utf-8", "the message is not UTF-8")
    except json.JSONDecodeError as failure:
        _refuse("structure", "json", f"the message is no JSON: line {failure.lineno}, column {failure.colno}")
    except RecursionError:
        _refuse_depth(limits)


def _refuse(code: str, rule: str, text: str, path: str = "") -> NoReturn:
    raise Unreadable(error(code, rule, path, text))


def _refuse_depth(limits: Limits) -> NoReturn:
    _refuse("too-costly", "depth", f"the message is nested more than {limits.depth} levels deep")


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


class _Reader:
    """One document on its way in: each object is checked as it closes, with all that stands in it."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        self._content, self._limits = content, limits
        has_escapes = b"\\u" in content  # without, no character is there that JSON itself forbids
        self._longest = 0 if has_escapes else limits.string  # of what need not be looked at any closer
        self._depths: dict[int, int] = {}  # of objects whose own object has not closed yet, by identity

    def read(self) -> Any:
        whole = json.loads(
            self._content.decode("utf-8"),
            object_pairs_hook=self._members,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_constant,
        )
        if not isinstance(whole, dict):
            self._check("", whole)
        return whole

    def _members(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            _refuse("structure", "duplicate-key", "an object names a member twice; send each once")
        if not members:
            _refuse("structure", "empty-object", "an object is empty; leave out what has no value")
        if not members.keys() <= _KNOWN:
            for name in members:
                _check_name(name)
        depth, longest = 0, self._longest
        for name, value in pairs:
            kind = type(value)
            if kind is not str:
                below = self._depths.pop(id(value)) if kind is dict else self._check(name, value)
                depth = below if below > depth else depth
            elif not 0 < len(value) <= longest:
                self._check_string(name, value)
        if depth >= self._limits.depth:
            _refuse_depth(self._limits)
        self._depths[id(members)] = depth + 1
        return members

    def _check(self, name: str, value: Any) -> int:
        """Check one value; how deep it is."""
        if type(value) is str:
            if not 0 < len(value) <= self._longest:
                self._check_string(name, value)
            return 0
        if type(value) is dict:
            return self._depths.pop(id(value))
        return self._check_list(name, value) if type(value) is list else _check_null(name, value)

    def _check_list(self, name: str, values: list[Any]) -> int:
        if not values:
            _refuse("structure", "empty-list", "a list is empty; leave out what has no value", name)
        if None in values and not (name.startswith("_") or any(type(one) in _PRIMITIVE for one in values)):
            _check_null(name, None)  # only beside primitives, whose extensions stand in another list
        if list in map(type, values):
            _refuse("structure", "list-in-list", "a list stands directly in a list, which FHIR knows nowhere", name)
        return max([self._check(name, one) for one in values if one is not None], default=0)

    def _check_string(self, name: str, text: str) -> None:
        if not text:
            _refuse("structure", "empty-string", "a text is empty; leave out what has no value", name)
        if len(text) > self._limits.string and name != "data":  # a document is bounded by the whole message
            _refuse("too-long", "string", f"a text is longer than {self._limits.string} characters", name)
        if _NOT_IN_TEXT.search(text):
            _refuse("value", "character", "a text holds a control character or half of a surrogate pair", name)


def _check_name(name: str) -> None:
    if name in _HIDDEN or not _NAME.fullmatch(name):
        _refuse("structure", "member-name", "an object has a member whose name is no FHIR element's")
    if len(_KNOWN) < _MOST_KNOWN:
        _KNOWN.add(name)


def _check_null(name: str, value: Any) -> int:
    if value is None:
        _refuse("structure", "null", "null stands where a value should; leave out what has none", name)
    return 0
