"""A SNOMED CT reference set of a licensed release as a code list of this place. Pure."""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.record.barred.code_lists import InvalidCodeList
from app.vocabulary.fhir_systems import SNOMED_CT
from app.vocabulary.label import Sensitivity
from app.vocabulary.snomed_ct import is_concept_id

_COLUMNS: Final = ("effectiveTime", "active", "refsetId", "referencedComponentId")
_ON_A_LINE: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What the list is to be called, by what law it keeps back, and how much care it asks for."""

    name: str
    title: str
    law: str
    sensitivity: Sensitivity


def code_list_of(lines: Iterable[str], refset: str, described: Described) -> str:
    """The active members of a reference set as a code list; `lines` are a snapshot's (RF2 Release File Specification).

    Its version is the newest effective time of a member, so that a list is always of one release. Raises
    `InvalidCodeList`.
    """
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    if set(_COLUMNS) - set(rows.fieldnames or ()):
        raise InvalidCodeList(f"this is no reference set of RF2: its first line has to name {', '.join(_COLUMNS)}")
    members = [row for row in rows if row["refsetId"] == refset]
    codes = sorted({row["referencedComponentId"] for row in members if row["active"] == "1"}, key=int)
    if not codes:
        raise InvalidCodeList(f"the file holds no active member of {refset}; look for the snapshot that does")
    if wrong := [code for code in codes if not is_concept_id(code)]:
        raise InvalidCodeList(f"{wrong[0]} and {len(wrong) - 1} others are no concepts; take the set's own file")
    version = max(row["effectiveTime"] for row in members)
    return _written(codes, refset, version, described)


def _written(codes: list[str], refset: str, version: str, described: Described) -> str:
    head = {
        "list": described.name,
        "title": described.title,
        "law": described.law,
        "sensitivity": described.sensitivity,
        "version": version,
        "source": f"SNOMED CT reference set {refset}, as of {version}",
    }
    lines = [f"{key} = {json.dumps(str(said))}" for key, said in head.items()]
    told = [", ".join(map(json.dumps, codes[at : at + _ON_A_LINE])) for at in range(0, len(codes), _ON_A_LINE)]
    are = ",\n       ".join(told)
    return "\n".join([*lines, "", "[[codes]]", f"system = {json.dumps(SNOMED_CT)}", f"are = [{are}]", ""])
