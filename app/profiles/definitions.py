"""Our StructureDefinitions and ValueSets, read from `fhir_profiles/` and made ready to be enforced.

Whatever a definition says must be understood here, or reading it fails: nothing written is left unenforced.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from app.errors import DomainError
from app.profiles.issue import Level
from app.profiles.rules import RULES
from app.settings import ROOT

FOLDER: Final = ROOT / "fhir_profiles"
_TOLD_ONLY: Final = frozenset({"id", "path", "sliceName", "slicing", "short", "mustSupport"})
_ENFORCED: Final = frozenset({"min", "max", "type", "patternUri", "constraint", "binding", "maxLength"})
_STRENGTHS: Final = frozenset({"required", "extensible"})  # an extensible one allows other codes: nothing to enforce
_OF_ANY_TYPE: Final = "[x]"
_TARGETS: Final = "http://hl7.org/fhir/StructureDefinition/"

Codes = frozenset[tuple[str, str]]
"""Pairs of system and code."""


class InvalidDefinition(DomainError):
    """A definition in `fhir_profiles/` says what is not understood here, or names what is not there."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Which repetitions of an element are one slice: those whose member `by` is `value`, or which `codes` hold."""

    by: str
    value: str = ""
    codes: Codes = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """One element on a path, or one slice of it."""

    name: str
    among: Slice | None = None


@dataclass(frozen=True, kw_only=True)
class Element:
    """What a definition asks of one element; `id` is its own in the definition, `rules` are keys of `RULES`."""

    id: str
    steps: tuple[Step, ...]
    least: int = 0
    most: int | None = None
    codes: Codes | None = None
    targets: frozenset[str] = frozenset()
    pattern: str | None = None
    longest: int | None = None
    rules: tuple[tuple[str, Level, str], ...] = ()

    @cached_property
    def first(self) -> str:
        """The member of the resource in which it stands; empty for the resource itself."""
        return self.steps[0].name if self.steps else ""

    @cached_property
    def least_of_root(self) -> bool:
        """Whether it is asked for of the resource itself, so that its absence tells."""
        return len(self.steps) == 1 and self.least > 0


@dataclass(frozen=True, slots=True)
class Definition:
    """One StructureDefinition: the type it is of, and its elements but for those that ask for nothing."""

    url: str
    kind: str
    elements: tuple[Element, ...]


@cache
def definitions(folder: Path = FOLDER) -> Mapping[str, Definition]:
    """Every definition by the type it is of. Raises `InvalidDefinition`."""
    sets = {one["url"]: _codes(one) for one in _resources(folder, "ValueSet")}
    read = (_definition(one, sets) for one in _resources(folder, "StructureDefinition"))
    return {one.kind: one for one in read}


def _resources(folder: Path, kind: str) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob(f"{kind}-*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


def _codes(value_set: dict[str, Any]) -> Codes:
    included = value_set["compose"]["include"]
    return frozenset((one["system"], concept["code"]) for one in included for concept in one["concept"])


def _definition(structure: dict[str, Any], sets: Mapping[str, Codes]) -> Definition:
    written = {element["id"]: element for element in structure["differential"]["element"]}
    elements = tuple(_element(element, written, sets) for element in written.values())
    asking = tuple(one for one in elements if _asks(one))
    return Definition(structure["url"], structure["type"], asking)


def _asks(element: Element) -> bool:
    return bool(
        element.least
        or element.most is not None
        or element.codes
        or element.targets
        or element.pattern
        or element.longest
        or element.rules
    )


def _element(element: dict[str, Any], written: Mapping[str, dict[str, Any]], sets: Mapping[str, Codes]) -> Element:
    if unknown := element.keys() - _TOLD_ONLY - _ENFORCED:
        raise InvalidDefinition(f"{element['id']} says {', '.join(sorted(unknown))}, which is not enforced")
    most = element.get("max", "*")
    return Element(
        id=element["id"],
        steps=tuple(_steps(element["id"], written, sets)),
        least=element.get("min", 0),
        most=None if most == "*" else int(most),
        codes=_binding(element, sets),
        targets=frozenset(_targets(element)),
        pattern=element.get("patternUri"),
        longest=element.get("maxLength"),
        rules=tuple(_rule(one) for one in element.get("constraint", ())),
    )


def _binding(element: dict[str, Any], sets: Mapping[str, Codes]) -> Codes | None:
    binding = element.get("binding")
    if binding is None:
        return None
    if binding["strength"] not in _STRENGTHS or binding["valueSet"] not in sets:
        raise InvalidDefinition(f"{element['id']} is bound to a value set, or in a way, that is not known here")
    return sets[binding["valueSet"]] if binding["strength"] == "required" else None


def _targets(element: dict[str, Any]) -> Iterator[str]:
    for kind in element.get("type", ()):
        for profile in kind.get("targetProfile", ()):
            yield profile.removeprefix(_TARGETS)


def _rule(constraint: dict[str, Any]) -> tuple[str, Level, str]:
    if constraint["key"] not in RULES:
        raise InvalidDefinition(f"nothing enforces {constraint['key']}")
    return constraint["key"], Level(constraint["severity"]), constraint["human"]


def _steps(id_: str, written: Mapping[str, dict[str, Any]], sets: Mapping[str, Codes]) -> Iterator[Step]:
    kind, *parts = id_.split(".")
    sliced = unsliced = kind
    for part in parts:
        name, _, slice_name = part.partition(":")
        unsliced, sliced = f"{sliced}.{name}", f"{sliced}.{part}"
        if name.endswith(_OF_ANY_TYPE):
            yield Step(slice_name or name)  # each type of it is an element of its own, which the slice is called after
        else:
            yield Step(name, _slice(unsliced, sliced, written, sets) if slice_name else None)


def _slice(unsliced: str, sliced: str, written: Mapping[str, dict[str, Any]], sets: Mapping[str, Codes]) -> Slice:
    try:
        [by] = [one["path"] for one in written[unsliced]["slicing"]["discriminator"]]
        if by == "$this":
            codes = _binding(written[sliced], sets)
            return Slice(by, codes=codes or frozenset())
        return Slice(by, written[f"{sliced}.{by}"]["patternUri"])
    except (KeyError, ValueError):
        raise InvalidDefinition(f"{sliced} is a slice that cannot be told from the others") from None
