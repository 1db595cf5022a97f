"""`Patient/{id}/$summary`: an International Patient Summary of what one decision permits. Pure.

The sections are those of HL7's IPS, with nothing under them but the types that it lets stand there; what else a reader
needs has sections of our own, named by our headings. Where there is nothing to show under one that is required, it says
`unavailable`, whether nothing is known or nothing may be shown. (https://hl7.org/fhir/uv/ips, Composition.)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from app.fhir.read.bundle import PermittedEntry
from app.fhir.read.titles import date_of, state_of, title_of
from app.record.read.everything import Everything, Resource, as_patient
from app.vocabulary.fhir_elements import codeable_concept, coding
from app.vocabulary.fhir_systems import CONFIDENTIALITY, LOINC, OURS

_IPS: Final = "http://hl7.org/fhir/uv/ips/StructureDefinition"
_EMPTY: Final = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
_PAST: Final = frozenset({"inactive", "remission", "resolved"})
_NOTHING: Final = "Nothing to show here. Do not rely on something being absent."


class Section(NamedTuple):
    """One section: its code and title, the categories that stand under it, and of which types they may be."""

    code: str
    title: str
    categories: frozenset[str]
    kinds: frozenset[str]
    required: bool = False
    system: str = LOINC


def _section(code: str, title: str, categories: str, kinds: str, *, required: bool = False) -> Section:
    return Section(code, title, frozenset(categories.split()), frozenset(kinds.split()), required)


def _our_own(code: str, title: str, categories: str, kinds: str) -> Section:
    return _section(code, title, categories, kinds)._replace(system=f"{OURS}/CodeSystem/category")


SECTIONS: Final = (
    _section("48765-2", "Allergies and intolerances", "allergies", "AllergyIntolerance", required=True),
    _section("11450-4", "Problem list", "problems", "Condition", required=True),
    _section("10160-0", "Medication summary", "medications", "MedicationStatement MedicationRequest", required=True),
    _section("104605-1", "Alerts", "alerts", "Flag"),
    _section("11369-6", "Immunizations", "vaccinations", "Immunization"),
    _section("47519-4", "Procedures", "procedures", "Procedure"),
    _section("30954-2", "Results", "results", "Observation DiagnosticReport"),
    _section("8716-3", "Vital signs", "examinations", "Observation"),
    _section("18776-5", "Plan of care", "care-plans contingency actions", "CarePlan"),
    _our_own("actions", "Requests and actions", "care-plans contingency actions", "ServiceRequest Task"),
    _section("47420-5", "Functional status", "assessments", "Condition ClinicalImpression"),
    _our_own("assessments", "Assessments", "assessments", "Observation"),
    _section("10162-6", "Pregnancy", "pregnancy", "Observation"),
    _section("29762-2", "Social history", "social-context", "Observation"),
    _section("42348-3", "Advance directives", "end-of-life", "Consent DocumentReference"),
    _our_own("end-of-life", "Plans for the end of life", "end-of-life", "CarePlan"),
    _section("11348-0", "Past problems", "problems", "Condition"),
)


@dataclass(frozen=True, slots=True)
class Summary:
    """The document, and what it discloses."""

    shown: Sequence[Resource]
    document: bytes


def summary(found: Everything, *, base: str, id: UUID, at: datetime, version: str) -> Summary:
    """The document that `id` names, of an instant in UTC; `version` is ours, as its author."""
    under = {section: _under(section, found.resources) for section in SECTIONS}
    rows = list({one.row.number: one.row for held in under.values() for one in held}.values())
    patient = f"{base}/Patient/{found.person_id}"
    author = f"urn:uuid:{UUID(int=id.int ^ 1)}"
    sections = [_told(section, held, base) for section, held in under.items() if held or section.required]
    composition = {
        "resourceType": "Composition",
        "meta": {"profile": [f"{_IPS}/Composition-uv-ips"]},
        "text": {"status": "generated", "div": _div(f"<p>{escape(' '.join(found.notices))}</p>")},
        "status": "final",
        "type": {"coding": [coding(LOINC, "60591-5", "Patient summary Document")]},
        "subject": {"reference": patient},
        "date": at,
        "author": [{"reference": author, "display": "Pisano"}],
        "title": "Patient summary",
        "confidentiality": _confidentiality(rows),
        "section": sections,
    }
    device = {"resourceType": "Device", "deviceName": [{"name": "Pisano", "type": "model-name"}],
              "version": [{"value": version}]}  # fmt: skip
    entries = [
        (f"urn:uuid:{id}", orjson.dumps(composition)),
        (patient, orjson.dumps(as_patient(found.person_id, found.accounts))),
        (author, orjson.dumps(device)),
        *[(f"{base}/{row.kind}/{row.number}", row.content) for row in rows],
    ]
    return Summary([*rows, *found.accounts], _document(entries, id, at))


def _under(section: Section, rows: Iterable[Resource]) -> list[PermittedEntry]:
    """What stands under a section, the same in the same order each time; problems that are over stand by themselves."""
    held = [
        PermittedEntry(row) for row in rows if row.label.category in section.categories and row.kind in section.kinds
    ]
    if section.categories == {"problems"}:
        held = [one for one in held if (state_of(one.resource) in _PAST) == (section.code == "11348-0")]
    return sorted(held, key=lambda one: (one.row.kind, one.row.number))


def _told(section: Section, held: Sequence[PermittedEntry], base: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "title": section.title,
        "code": codeable_concept(section.system, section.code),
    }
    if not held:
        reason = codeable_concept(_EMPTY, "unavailable")
        return told | {"text": {"status": "generated", "div": _div(f"<p>{_NOTHING}</p>")}, "emptyReason": reason}
    lines = "".join(f"<li>{_line(one)}</li>" for one in held)
    return told | {
        "text": {"status": "generated", "div": _div(f"<ul>{lines}</ul>")},
        "entry": [{"reference": f"{base}/{one.row.kind}/{one.row.number}"} for one in held],
    }


def _line(one: PermittedEntry) -> str:
    parts = [title_of(one.resource), state_of(one.resource), date_of(one.resource), str(one.row.label.controller)]
    return escape(", ".join(filter(None, parts)))


def _div(content: str) -> str:
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{content}</div>'


def _confidentiality(rows: Iterable[Resource]) -> str:
    """As strict as the strictest of what it holds: restricted where one entry is."""
    codes = {
        security["code"]
        for row in rows
        for security in PermittedEntry(row).resource["meta"]["security"]
        if security["system"] == CONFIDENTIALITY
    }
    return "R" if "R" in codes else "N"


def _document(entries: Iterable[tuple[str, bytes]], id: UUID, at: datetime) -> bytes:
    head: Mapping[str, Any] = {"resourceType": "Bundle", "type": "document", "timestamp": at,
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{id}"}}  # fmt: skip
    written = b",".join(b'{"fullUrl":"%b","resource":%b}' % (url.encode(), content) for url, content in entries)
    return orjson.dumps(head)[:-1] + b',"entry":[' + written + b"]}"
