"""Code lists of housing, held as data in the TOML files beside this one, compared by letters and digits alone."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from app.adapters.delimited import spelling
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import codeable_concept
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Resource, Standing

_SYSTEM: Final = "https://pisano.example/fhir/CodeSystem"


@dataclass(frozen=True, slots=True)
class Alert:
    """What a person alert code means, and where it stands."""

    concept: Resource
    name: str
    category: Category
    sensitivity: Sensitivity
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """A homelessness duty, and the days in which the Act wants it done."""

    concept: Resource
    name: str
    days: int | None


@dataclass(frozen=True, slots=True)
class SupportNeed:
    """A support need of a homeless household; `imported` is false for what we do not take in."""

    sensitivity: Sensitivity
    imported: bool


@dataclass(frozen=True, slots=True)
class Status:
    """A source's word for where a thing stands: FHIR's status code, and whether the thing holds."""

    fhir: str
    standing: Standing


def alert(code: str) -> Alert | None:
    """A person alert, by sub-code of the 2025 draft or by type of version 3.5; `None` for any other code."""
    return ALERTS.get(spelling(code))


def hazard(name: str) -> Resource | None:
    """The hazard of the HHSRS of that name or number, as a concept; `None` where it is not one of them."""
    return _HAZARDS.get(spelling(name))


def duty(name: str) -> Duty | None:
    """A homelessness duty by its short name, its full name or its section; `None` for any other."""
    return _DUTIES.get(spelling(name))


def support_need(name: str) -> SupportNeed | None:
    """A support need that H-CLIC lists; `None` for any other."""
    return _SUPPORT_NEEDS.get(spelling(name))


def status(of: str, word: str) -> Status | None:
    """What a word means for a `tenancy`, `work`, `report` or `risk_assessment`; `None` for a word not met yet."""
    return _STATUSES[of].get(spelling(word))


@lru_cache(maxsize=1024)
def in_words(code: str) -> str:
    """A code written as one word, such as `PlannedMaintenance`, as people write it; other texts as they are."""
    if not code.isalnum():
        return code
    spaced = "".join(f" {letter.lower()}" if letter.isupper() and code[i].islower() else letter
                     for i, letter in enumerate(code[1:]))  # fmt: skip
    return code[0].upper() + spaced


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def _concept(system: str, code: str, name: str) -> Resource:
    return codeable_concept(f"{_SYSTEM}/{system}", code, name)


def _sensitivity(row: Mapping[str, Any]) -> Sensitivity:
    return Sensitivity(row.get("sensitivity", Sensitivity.NORMAL))


def _alerts() -> dict[str, Alert]:
    codes, types = _read("person_alerts"), _read("person_alert_types")
    alerts = {}
    for code, row in codes["code"].items():
        group = max((g for g in codes["group"] if code.startswith(g["prefix"])), key=lambda g: len(g["prefix"]))
        name = row["name"] if row["name"].startswith(row["group"]) else f"{row['group']}: {row['name']}"
        sensitivity = Sensitivity(codes["sensitivity"].get(code, _sensitivity(group)))
        concept = _concept("ukhds-person-alert", code, name)
        alerts[spelling(code)] = Alert(concept, name, Category(group["category"]), sensitivity, row["critical"])
    for code, row in types["type"].items():
        concept = _concept("ukhds-person-alert-type", code, row["name"])
        alerts[spelling(code)] = Alert(concept, row["name"], Category(row["category"]), _sensitivity(row))
    return alerts


def _hazards() -> dict[str, Resource]:
    names = [name for group in _read("hhsrs")["group"] for name in group["hazards"]]
    concepts = {str(number): _concept("hhsrs-hazard", str(number), name) for number, name in enumerate(names, start=1)}
    return concepts | {spelling(concept["text"]): concept for concept in concepts.values()}


def _duties() -> dict[str, Duty]:
    duties: dict[str, Duty] = {}
    for code, row in _read("homelessness")["duty"].items():
        duty = Duty(_concept("homelessness-duty", code, row["name"]), row["name"], row.get("days"))
        duties |= dict.fromkeys(map(spelling, (code, row["name"], row["section"])), duty)
    return duties


def _support_needs() -> dict[str, SupportNeed]:
    rows = _read("homelessness")["support_need"].items()
    return {spelling(name): SupportNeed(_sensitivity(row), row.get("imported", True)) for name, row in rows}


def _statuses() -> dict[str, dict[str, Status]]:
    return {
        of: {
            spelling(word): Status(row.get("fhir", ""), Standing(row.get("standing", Standing.CURRENT)))
            for row in rows
            for word in row["words"]
        }
        for of, rows in _read("statuses").items()
    }


ALERTS: Final = _alerts()
"""Every alert that is known, by the letters and digits of its code."""
_HAZARDS: Final = _hazards()
_DUTIES: Final = _duties()
_SUPPORT_NEEDS: Final = _support_needs()
_STATUSES: Final = _statuses()
