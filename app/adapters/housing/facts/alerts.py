"""Person alerts: care needs stand apart from the safety of staff, and what is unclear is not shared by default."""

from collections.abc import Iterator
from typing import Final

from app.adapters.discretion import strictest
from app.adapters.housing import codes
from app.adapters.housing.facts.entries import Fact, entry, flag, told
from app.adapters.housing.rows import Row
from app.vocabulary.category import Category
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Standing

CODE_FIELDS: Final = ("alert_subcode", "alert_code", "person_alert_code", "person_alert_type")

_CONFIDENTIALITY: Final = {
    "": Sensitivity.NORMAL,  # the standard's default is Public
    "public": Sensitivity.NORMAL,
    "private": Sensitivity.RESTRICTED,  # in the standard: the one officer who is assigned
    "restricted": Sensitivity.RESTRICTED,
    "confidential": Sensitivity.RESTRICTED,
}
_OVER: Final = frozenset({"closed", "archived"})


def read(row: Row, person: str) -> Iterator[Fact]:
    """One alert about a person, as a Flag. One that has no code but words is shown as restricted."""
    meaning = _meaning(row)
    started, ended = row.on("start_date"), row.on("end_date")
    over = row.yes("is_active") is False or row.text("alert_status").lower() in _OVER
    yield entry(
        row,
        f"Flag/alert/{row.text('person_alert_id') or row.first(*CODE_FIELDS)}/{person}",
        meaning.category,
        flag(meaning.category, meaning.concept, active=not over, started=started, ended=ended),
        meaning.name,
        details=_details(row, meaning),
        started=started,
        ended=ended,
        standing=Standing.ENDED if over else Standing.CURRENT,
        sensitivity=strictest(meaning.sensitivity, _confidentiality(row)),
    )


def _meaning(row: Row) -> codes.Alert:
    given = [code for code in map(row.text, CODE_FIELDS) if code]
    for code in given:
        if meaning := codes.alert(code):
            return meaning
    row.warn(CODE_FIELDS[0], "is not a known alert code; it is kept as given, and not shared by default")
    name = given[0] if given else "Alert without a code"
    return codes.Alert({"text": name}, name, Category("alerts"), Sensitivity.RESTRICTED)


def _confidentiality(row: Row) -> Sensitivity:
    level = row.text("confidentiality_level").lower()
    if level not in _CONFIDENTIALITY:
        row.warn("confidentiality_level", "is not a known level; the alert is not shared by default")
    return _CONFIDENTIALITY.get(level, Sensitivity.RESTRICTED)


def _details(row: Row, meaning: codes.Alert) -> list[str]:
    return [
        "critical" if meaning.critical else "",
        row.text("alert_description"),
        told("what staff are to do:", row.text("support_required")),
        "awaiting confirmation" if row.text("alert_status").lower() == "pending" else "",
        row.text("alert_progress").lower().replace("unknown", ""),
        told("for review on", row.on("review_date")),
        told("told by:", row.text("source_type")),
        "the resident has not been told of this alert" if row.yes("informed_resident") is False else "",
    ]
