"""An entry as it is stored: the FHIR resource and the summary line, each as the bytes that will be answered.

Pure. Nothing is parsed or dumped again on a read, so whatever an answer needs is written here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import orjson

from app.vocabulary.label import Label
from app.vocabulary.london import london_date
from app.vocabulary.provenance import Provenance
from app.vocabulary.statement import Entry, Resource, Standing

_SUBJECT_ELEMENT: Final[Mapping[str, str]] = {
    "AllergyIntolerance": "patient",
    "Consent": "patient",
    "Device": "patient",
    "EpisodeOfCare": "patient",
    "FamilyMemberHistory": "patient",
    "Immunization": "patient",
    "RelatedPerson": "patient",
    "Task": "for",
    "Coverage": "beneficiary",
}
"""Where FHIR R4 puts the person that a resource is about, for the types that do not call it `subject`."""

_ABOUT_NO_ONE: Final = frozenset({"Location", "Organization", "Practitioner", "PractitionerRole", "Binary"})

_CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_LABELS: Final = "https://pisano.example/fhir/CodeSystem/sensitivity"
_SORTED: Final = orjson.OPT_SORT_KEYS


@dataclass(frozen=True, slots=True)
class Encoded:
    """The bytes of one version of one entry, with what the store keeps beside them."""

    resource: bytes
    summary: bytes


def entry_id(filed_as: UUID, provenance: Provenance, key: str) -> int:
    """The opaque number of an entry: the same for the same statement, and telling nothing of how many there are."""
    name = f"{provenance.partner}|{provenance.adapter}|{key}".encode()
    digest = hashlib.blake2b(name, digest_size=8, key=filed_as.bytes).digest()
    return int.from_bytes(digest) >> 1


@cache
def label_number(label: Label) -> int:
    """The number by which rows carry their label: the same in every place, so that no table of labels need be kept."""
    return int.from_bytes(hashlib.blake2b(str(label).encode(), digest_size=8).digest()) >> 1


def digest_of(entry: Entry, label: Label) -> bytes:
    """Equal for two sendings of the same thing, whichever message and line they came in."""
    stated = [
        entry.resource,
        str(label),
        entry.title,
        entry.detail,
        entry.concept,
        entry.started,
        entry.ended,
        entry.standing,
        hashlib.sha256(entry.attachment).hexdigest() if entry.attachment else None,
    ]
    return hashlib.sha256(orjson.dumps(stated, option=_SORTED)).digest()


def occurred_on(entry: Entry) -> date | None:
    """The London date from which an entry ages: when it ended, else began, else was written; `None` while it lasts."""
    if entry.started is not None and entry.ended is None:
        return None
    instant = entry.ended or entry.started or entry.recorded
    return london_date(instant) if instant else None


def encode(
    entry: Entry, *, person_id: UUID, number: int, version: int, label: Label, provenance: Provenance, at: datetime
) -> Encoded:
    """Write both forms of one version; `number` is the entry's, `at` the instant of storing in UTC."""
    resource = _with_identity(entry.resource, person_id, number, version, label, provenance, at)
    if entry.attachment is not None:
        _point_to_attachment(resource, person_id, number)
    summary = {
        "id": str(number),
        "type": entry.resource["resourceType"],
        "title": entry.title,
        "detail": entry.detail,
        "started": entry.started,
        "ended": entry.ended,
        "recorded": entry.recorded,
        "standing": entry.standing,
        "version": version,
        "source": {
            "partner": provenance.partner,
            "feed": provenance.adapter,
            "message": provenance.message,
            "line": provenance.line,
        },
    }
    if entry.resource["resourceType"] == "Patient" and entry.category == "demographics":
        summary["identity"] = _identity(entry.resource)
    return Encoded(orjson.dumps(resource), orjson.dumps(summary))


def as_stated(resource: bytes, person_id: UUID) -> Resource:
    """A resource as its source stated it: what is stored, but for the person that was put beside what it lists."""
    whole: Resource = orjson.loads(resource)
    person = _reference(person_id)
    for element in ("link", "participant"):
        others = [one for one in whole.pop(element, []) if person not in (one.get("other"), one.get("actor"))]
        if others:
            whole[element] = others
    return whole


def _reference(person_id: UUID) -> dict[str, str]:
    return {"reference": f"Patient/{person_id}"}


def _with_identity(
    resource: Resource,
    person_id: UUID,
    number: int,
    version: int,
    label: Label,
    provenance: Provenance,
    at: datetime,
) -> Resource:
    kind = resource["resourceType"]
    person = _reference(person_id)
    whole: dict[str, Any] = {
        **resource,
        "id": str(number),
        "meta": {
            **resource.get("meta", {}),
            "versionId": str(version),
            "lastUpdated": at,
            "source": f"urn:pisano:{provenance.partner}:{provenance.adapter}:{provenance.message}#{provenance.line}",
            "security": _security(label),
        },
    }
    if kind == "Patient":  # one partner's account of the person: it points to the person, whose id it does not take
        whole["link"] = [*resource.get("link", []), {"other": person, "type": "refer"}]
    elif kind == "Appointment":
        whole["participant"] = [{"actor": person, "status": "accepted"}, *resource.get("participant", [])]
    elif kind not in _ABOUT_NO_ONE:
        whole[_SUBJECT_ELEMENT.get(kind, "subject")] = person
    return whole


def _security(label: Label) -> list[dict[str, str]]:
    level = "N" if label.sensitivity in ("normal", "locating") else "R"
    return [{"system": _CONFIDENTIALITY, "code": level}, {"system": _LABELS, "code": str(label.sensitivity)}]


def _point_to_attachment(resource: Resource, person_id: UUID, number: int) -> None:
    content = resource.get("content")
    if content:
        first = {
            **content[0],
            "attachment": {**content[0].get("attachment", {}), "url": f"Binary/{person_id}.{number}"},
        }
        resource["content"] = [first, *content[1:]]


def _identity(patient: Resource) -> dict[str, Any]:
    """What a banner shows of one partner's account of the person."""
    return {name: patient[name] for name in ("name", "gender", "birthDate", "identifier", "deceasedDateTime",
            "deceasedBoolean", "communication") if name in patient}  # fmt: skip


_ENDED_STATUS: Final[Mapping[str, str]] = {
    "EpisodeOfCare": "finished",
    "Encounter": "finished",
    "CarePlan": "completed",
}


def close(resource: bytes, summary: bytes, *, ended: datetime, version: int, at: datetime) -> Encoded:
    """The same entry, ended: its period and status say so in both forms."""
    whole = orjson.loads(resource)
    if "period" in whole:
        whole["period"]["end"] = london_date(ended).isoformat()
    if whole["resourceType"] in _ENDED_STATUS:
        whole["status"] = _ENDED_STATUS[whole["resourceType"]]
    line = orjson.loads(summary) | {"ended": ended, "standing": Standing.ENDED}
    return _as_version(whole, line, version, at)


def stand(resource: bytes, summary: bytes, standing: str, *, version: int, at: datetime) -> Encoded:
    """The same entry as another version, which stands otherwise."""
    return _as_version(orjson.loads(resource), orjson.loads(summary) | {"standing": standing}, version, at)


def _as_version(whole: Resource, line: dict[str, Any], version: int, at: datetime) -> Encoded:
    whole["meta"] |= {"versionId": str(version), "lastUpdated": at}
    return Encoded(orjson.dumps(whole), orjson.dumps(line | {"version": version}))
