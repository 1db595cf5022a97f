"""Each extension of ours that is answered is defined for whoever reads it (FHIR R4, 2.5: before it can be used)."""

import json
import re
from typing import Any

import pytest
from fhir.resources.R4B.structuredefinition import StructureDefinition

from app.profiles.definitions import FOLDER
from app.settings import ROOT
from app.vocabulary.fhir_systems import OURS

WRITTEN = {path: json.loads(path.read_text()) for path in sorted((FOLDER / "extensions").glob("*.json"))}
NAMED = re.compile(r"""(?:pisano\.example/fhir|\{OURS\})/StructureDefinition/([a-z-]+)""")
BY_PARTS = {"care-plan-": ("agreed", "mdt-action", "review-by"),
            "client-level-data-": ("outcome", "planned-units-per-week", "review-outcomes-achieved")}  # fmt: skip
"""What is named after how it begins."""


def test_the_extensions_that_the_code_names_are_those_that_are_defined() -> None:
    found = {name for path in (ROOT / "app").rglob("*.py") for name in NAMED.findall(path.read_text())}
    whole = {name for name in found if name not in BY_PARTS}
    assert found >= BY_PARTS.keys()
    named = whole | {start + end for start, ends in BY_PARTS.items() for end in ends}
    assert {one["url"].removeprefix(f"{OURS}/StructureDefinition/") for one in WRITTEN.values()} == named


@pytest.mark.parametrize("written", WRITTEN.values(), ids=lambda one: one["id"])
def test_a_definition_says_where_it_stands_and_of_which_type_it_is(written: dict[str, Any]) -> None:
    StructureDefinition.model_validate(written)
    elements = {one["id"]: one for one in written["differential"]["element"]}
    assert written["url"].endswith(f"/{written['id']}")
    assert elements["Extension.url"]["fixedUri"] == written["url"]
    assert len(elements["Extension.value[x]"]["type"]) == 1
    assert all(one["type"] == "element" for one in written["context"])
