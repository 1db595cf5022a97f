"""What in a text tells whom it is about: what their own record calls them by, and anybody's numbers and days. Pure.

It is stricter than need be: a word that is somebody's name and any sentence's too is a name where it begins large.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Any, Final, NamedTuple
from unicodedata import combining, normalize

from app.vocabulary.nhs_number import NHSNumber


class Kind(StrEnum):
    """What kind of words they are."""

    NHS_NUMBER = "an NHS number"
    NUMBER = "a partner's own number"
    NAME = "a name"
    DAY = "a day of the calendar"
    POSTCODE = "a postcode"
    ADDRESS = "an address"
    CONTACT = "a telephone number or an e-mail address"


class Telltale(NamedTuple):
    """Where in a text something tells who it is: from `begins` up to `ends`, in characters."""

    begins: int
    ends: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Identity:
    """What partners call somebody and those close to them by; words are folded. Its `repr` holds no personal data."""

    names: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    streets: frozenset[tuple[str, ...]] = frozenset()

    def __repr__(self) -> str:
        return "Identity(•••)"


_LETTERS: Final = re.compile(r"[^\W\d_][^\W\d_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\W\d_]*)*")
_TEN_DIGITS: Final = re.compile(r"(?<!\d)\d(?:[\s-]?\d){9}(?!\d)")
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_PATTERNS: Final = (
    (Kind.DAY, re.compile(r"(?<!\d)\d{1,4}([./-])\d{1,2}\1\d{1,4}(?!\d)")),
    (Kind.DAY, re.compile(rf"(?<!\d)\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b", re.IGNORECASE)),
    (Kind.DAY, re.compile(rf"\b{_MONTH}\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?(?![\w])", re.IGNORECASE)),
    (Kind.POSTCODE, re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b", re.IGNORECASE)),
    (Kind.CONTACT, re.compile(r"(?<![\d+])(?:\+44\s?|0)\d(?:[\s-]?\d){8,9}(?!\d)")),
    (Kind.CONTACT, re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")),
)
NOBODY: Final = Identity()

_KINDS: Final = tuple(Kind)  # of two that fit alike, the first

_WORDS: Final = tomllib.loads(resources.files(__package__).joinpath("identifying.toml").read_text(encoding="utf-8"))
_ORDINARY: Final = frozenset(_WORDS["ordinary"].split())
_ROADS: Final = frozenset(_WORDS["roads"].split())
_SHORTEST_NAME, _SHORTEST_NUMBER = 2, 4


def identity_of(resources: Iterable[Mapping[str, Any]]) -> Identity:
    """What Patient and RelatedPerson resources say of who somebody is."""
    names: set[str] = set()
    numbers: set[str] = set()
    streets: set[tuple[str, ...]] = set()
    for one in resources:
        for name in (*one.get("name", ()), *(contact.get("name", {}) for contact in one.get("contact", ()))):
            names.update(_named(name))
        numbers.update(value for each in one.get("identifier", ()) if (value := _plain(each.get("value", ""))))
        lines = [part for each in one.get("address", ()) for line in each.get("line", ()) for part in line.split(",")]
        streets.update(street for line in lines if (street := _street(line)))
    return Identity(
        frozenset(name for name in names if len(name) >= _SHORTEST_NAME),
        frozenset(number for number in numbers if len(number) >= _SHORTEST_NUMBER),
        frozenset(streets),
    )


def telltales(text: str, identity: Identity) -> list[Telltale]:
    """Everything in a text that tells who it is about, in its order; of what overlaps, what begins first."""
    found = sorted(
        {*_patterned(text), *_called(text, identity)}, key=lambda one: (one.begins, -one.ends, _KINDS.index(one.kind))
    )
    told: list[Telltale] = []
    for one in found:
        if not told or one.begins >= told[-1].ends:
            told.append(one)
    return told


def _patterned(text: str) -> Iterator[Telltale]:
    for found in _TEN_DIGITS.finditer(text):
        try:
            NHSNumber.parse(found.group())
        except ValueError:
            continue
        yield Telltale(*found.span(), Kind.NHS_NUMBER)
    for kind, pattern in _PATTERNS:
        for found in pattern.finditer(text):
            yield Telltale(*found.span(), kind)


def _called(text: str, identity: Identity) -> Iterator[Telltale]:
    """Names word by word, streets by their words one after another, numbers as they are written or run together."""
    words = [(_folded(found.group()), found) for found in _LETTERS.finditer(text)]
    for word, found in words:
        if word in identity.names and not (word in _ORDINARY and found.group().islower()):
            yield Telltale(*found.span(), Kind.NAME)
    for street in identity.streets:
        for place in range(len(words) - len(street) + 1):
            run = words[place : place + len(street)]
            if tuple(word for word, _ in run) == street:
                yield Telltale(run[0][1].start(), run[-1][1].end(), Kind.ADDRESS)
    for number in identity.numbers:
        spelt = r"[\s-]?".join(map(re.escape, number))
        for each in re.finditer(rf"(?<!\w){spelt}(?!\w)", text, re.IGNORECASE):
            yield Telltale(*each.span(), Kind.NUMBER)


def _named(name: Mapping[str, Any]) -> Iterator[str]:
    parts = [name.get("family", ""), *name.get("given", ())]
    for part in parts if any(parts) else [name.get("text", "")]:
        for found in _LETTERS.finditer(part):
            yield _folded(found.group())


def _street(line: str) -> tuple[str, ...]:
    """The words after the number of a line, where they are a street's; else none."""
    *numbered, rest = re.split(r"\d+[A-Za-z]?\b", line)
    words = tuple(_folded(found.group()) for found in _LETTERS.finditer(rest))
    return words if len(words) > 1 and (numbered or words[-1] in _ROADS) else ()


def _plain(value: str) -> str:
    return re.sub(r"[\s-]", "", value)


def _folded(word: str) -> str:
    return "".join(each for each in normalize("NFKD", word) if not combining(each)).casefold()
