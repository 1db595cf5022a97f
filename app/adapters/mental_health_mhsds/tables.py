"""What MHSDS publishes of the tables that are read: columns, rules and code sets, as data in the files beside this."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Final, Literal, NamedTuple

from app.adapters import delimited
from app.adapters.delimited import spelling
from app.vocabulary.fhir_elements import codeable_concept
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Resource

UK_CORE: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
"""Begins the address of each UK Core extension."""

_DICTIONARY: Final = "https://www.datadictionary.nhs.uk/data_elements/"
_NOT_IN_ADDRESS: Final = re.compile(r"[^a-z0-9]")


class AssessmentTool(NamedTuple):
    """What a SNOMED CT code of a scored assessment is called, and between which scores it lies."""

    term: str
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSet:
    """The national codes of one data element. A label is `""` where none was found."""

    system: str
    labels: Mapping[str, str]
    restricted: frozenset[str]
    negative: frozenset[str]
    unstated: frozenset[str]
    spellings: Mapping[str, str]  # as spreadsheets leave them, without leading zeros or in small letters

    def label(self, code: str) -> str:
        """What a reader sees; for a code without a label, or of no national meaning, the code itself."""
        return self.labels.get(code) or f"code {code}"

    def concept(self, code: str) -> Resource:
        """A FHIR CodeableConcept; to be shared, so nobody may change it."""
        return _concept(self.system, code, self.labels.get(code, ""))

    def sensitivity(self, code: str, otherwise: Sensitivity = Sensitivity.NORMAL) -> Sensitivity:
        """Restricted where the code tells of detention, courts, police or prison."""
        return Sensitivity.RESTRICTED if code in self.restricted else otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; the head of `tables.toml` says what its fields mean."""

    name: str
    also: tuple[str, ...] = ()
    kind: Literal["text", "date", "time", "timestamp"] = "text"
    rule: str = ""
    needed: bool = False
    since: int = 5
    longest: int = 64
    codes: CodeSet | None = None
    code_rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The column by which a row names a row of another table, and so finds its person."""

    column: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table; the head of `tables.toml` says what its fields mean."""

    name: str
    columns: tuple[Column, ...]
    names: tuple[str, ...]
    sought: tuple[delimited.Column, ...]
    spellings: frozenset[str]
    primary: str | None
    refers: Reference | None
    spans: tuple[tuple[str, str], ...]


@lru_cache(maxsize=4096)
def _concept(system: str, code: str, label: str) -> Resource:
    return codeable_concept(system, code, label, text=label or f"code {code}")


def _code_set(element: str, facts: dict[str, Any]) -> CodeSet:
    labels = facts.get("labels", {}) | dict.fromkeys(facts.get("unlabelled", "").split(), "")
    return CodeSet(
        system=facts.get("system", f"{_DICTIONARY}{_NOT_IN_ADDRESS.sub('_', element.lower())}.html"),
        labels=labels,
        restricted=frozenset(facts.get("restricted", "").split()),
        negative=frozenset(facts.get("negative", "").split()),
        unstated=frozenset(facts.get("unstated", "").split()),
        spellings={code.lstrip("0").casefold(): code for code in labels},
    )


def _column(facts: dict[str, Any]) -> Column:
    codes = CODE_SETS[facts["codes"]] if "codes" in facts else None
    return Column(**facts | {"codes": codes, "also": tuple(facts.get("also", ()))})


def _table(name: str, facts: dict[str, Any]) -> Table:
    columns = tuple(map(_column, facts["columns"]))
    return Table(
        name=name,
        columns=columns,
        names=tuple(column.name for column in columns),
        sought=tuple(delimited.Column(each.name, *each.also, required=each.needed) for each in columns),
        spellings=frozenset(map(spelling, (name, name[:6], *facts.get("also", ())))),
        primary=facts.get("primary"),
        refers=Reference(**facts["refers"]) if "refers" in facts else None,
        spans=tuple((start, end) for start, end in facts.get("spans", ())),
    )


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _facts(name: str) -> dict[str, Any]:
    return tomllib.loads(_read(name))


CODE_SETS: Final = {element: _code_set(element, facts) for element, facts in _facts("code_sets.toml").items()}
_DESCRIBED: Final = _facts("tables.toml")
NOT_READ: Final = frozenset(map(spelling, _DESCRIBED.pop("not_read")))
TABLES: Final = {name: _table(name, facts) for name, facts in _DESCRIBED.items()}
ICD_10_BLOCKS: Final = [(last, title) for last, title in _facts("icd_10_blocks.toml").items()]
"""The blocks of Chapter V by the last category of each, in order."""

ASSESSMENT_TOOLS: Final = {
    code: AssessmentTool(*facts) for code, facts in json.loads(_read("assessment_tools.json"))["tools"].items()
}
SNOMED_CODE: Final = re.compile(r"[0-9]{6,18}")

NEVER_EMPTY: Final = ("MHS000Header", "MHS001MPI", "MHS002GP", "MHS101Referral")
"""The tables without which MHSDS refuses a submission whole."""
