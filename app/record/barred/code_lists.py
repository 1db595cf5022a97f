"""Lists of codes that the law, or the agreement, keeps back: data with a pinned version, applied to all that is filed.

Those beside this file come with the service, and each names what it rests on. A partner's or a licensed list is put in
the folder of the setting `code_lists`; one of the same name takes the place of ours, as a newer version does.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.errors import DomainError
from app.settings import settings
from app.vocabulary.fhir_systems import SNOMED_CT
from app.vocabulary.label import Sensitivity
from app.vocabulary.snomed_ct import is_concept_id
from app.vocabulary.statement import Entry, Resource

_OURS: Final = Path(__file__).parent
_RANK: Final[Mapping[Sensitivity, int]] = {sensitivity: rank for rank, sensitivity in enumerate(Sensitivity)}


class InvalidCodeList(DomainError):
    """A file of codes cannot be read: nothing is filed until it is mended, as nobody knows what it would keep back."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Codes(_Part):
    """Codes of one system; `below` where each stands for all that is coded below it."""

    system: str = Field(min_length=1)
    are: tuple[str, ...] = Field(min_length=1)
    below: bool = False

    @model_validator(mode="after")
    def _written_rightly(self) -> Self:
        wrong = [code for code in self.are if self.system == SNOMED_CT and not is_concept_id(code)]
        if wrong:
            raise ValueError(f"{', '.join(wrong)}: no SNOMED CT concept is numbered so, and it would keep back nothing")
        if self.system == SNOMED_CT and self.below:
            raise ValueError("SNOMED CT numbers tell nothing of what is below them; list each code")
        return self


class CodeList(_Part):
    """One list, by what law, of which version, and from where."""

    list: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str = Field(min_length=1)
    law: str = Field(min_length=1)
    sensitivity: Sensitivity
    version: str = Field(min_length=1)
    source: str = Field(min_length=1)
    codes: tuple[Codes, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class CodeLists:
    """All of them: what each code asks for, exactly and with all below it."""

    lists: tuple[CodeList, ...]
    exactly: Mapping[tuple[str, str], Sensitivity]
    below: Mapping[str, Mapping[str, Sensitivity]]

    def asked_by(self, resource: Resource) -> Sensitivity:
        """The most care that any code of a resource asks for."""
        found = Sensitivity.NORMAL
        for coding in _codings(resource):
            system, code = coding
            if coding in self.exactly:
                found = stricter(found, self.exactly[coding])
            if system in self.below:
                found = stricter(found, self._asked_above(system, _undotted(code)))
        return found

    def labelled(self, entry: Entry) -> Entry:
        """The entry, at least as sensitive as its codes ask, and as those of what its words are derived from."""
        asked = entry.sensitivity
        for resource in (entry.resource, *entry.derived_from):
            asked = stricter(asked, self.asked_by(resource))
        return entry if asked == entry.sensitivity else replace(entry, sensitivity=asked)

    def _asked_above(self, system: str, code: str) -> Sensitivity:
        found = Sensitivity.NORMAL
        for listed, sensitivity in self.below[system].items():
            if code.startswith(listed):
                found = stricter(found, sensitivity)
        return found


def stricter(one: Sensitivity, other: Sensitivity) -> Sensitivity:
    """The one that asks for more care."""
    return one if _RANK[one] >= _RANK[other] else other


def code_lists() -> CodeLists:
    """Those of this place; raises `InvalidCodeList`."""
    return read_code_lists(settings().code_lists)


@lru_cache(maxsize=8)
def read_code_lists(folder: Path | None) -> CodeLists:
    """Our lists with those of a folder, read once; raises `InvalidCodeList`, also where there is no such folder."""
    named = _lists_of(_OURS)
    if folder is not None:
        named |= _lists_of(folder)
    return _compiled(tuple(named.values()))


def _lists_of(folder: Path) -> dict[str, CodeList]:
    if not folder.is_dir():
        raise InvalidCodeList(f"there is no folder of code lists at `{folder.name}`; make it, or mend the setting")
    lists = [_read(file) for file in sorted(folder.glob("*.toml"))]
    named = {each.list: each for each in lists}
    if len(named) < len(lists):
        raise InvalidCodeList(f"two files of `{folder.name}` hold the same list; keep one of them")
    return named


def _compiled(lists: tuple[CodeList, ...]) -> CodeLists:
    exactly: dict[tuple[str, str], Sensitivity] = {}
    below: dict[str, dict[str, Sensitivity]] = {}
    for each in lists:
        for codes in each.codes:
            for code in codes.are:
                if codes.below:
                    held = below.setdefault(codes.system, {})
                    held[_undotted(code)] = stricter(held.get(_undotted(code), each.sensitivity), each.sensitivity)
                else:
                    name = (codes.system, code)
                    exactly[name] = stricter(exactly.get(name, each.sensitivity), each.sensitivity)
    return CodeLists(lists, exactly, below)


def _read(file: Path) -> CodeList:
    try:
        return CodeList.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidCodeList(f"{file.name} is no TOML: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise InvalidCodeList(f"{file.name}: {wrong}; mend the file, or take it out") from None


def _codings(resource: Resource) -> Iterator[tuple[str, str]]:
    """Every code of a resource with its system, wherever it stands; in no particular order."""
    waiting: list[Any] = [resource]
    for parts in waiting:  # which grows meanwhile
        if type(parts) is dict:
            if "system" in parts and "code" in parts:
                system, code = parts["system"], parts["code"]
                if isinstance(system, str) and isinstance(code, str):
                    yield system, code
            parts = parts.values()
        waiting += [part for part in parts if type(part) is dict or type(part) is list]


def _undotted(code: str) -> str:
    return code.replace(".", "").upper()
