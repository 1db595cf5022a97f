"""An entry as it is stored: the FHIR resource and the summary line, each as the bytes that will be answered.

Pure. Nothing is parsed or dumped again on a read, so whatever an answer needs is written here.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from app.record.kept.json_text import dumps, loads
from app.vocabulary.contact_point import lapsing
from app.vocabulary.fhir_systems import CONFIDENTIALITY, SENSITIVITY
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.london import known_to_the_day, london_date
from app.vocabulary.provenance import Provenance
from app.vocabulary.statement import Entry, Resource, Standing

SUBJECT_ELEMENT: Final[Mapping[str, str]] = {
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

OWN: Final[Resource] = {"type": "Patient"}
"""The actor of the part that the person has in an appointment, where its source says what part that is."""

_REACHED: Final = frozenset({"Patient", "RelatedPerson"})
"""Types whose line tells by what ways somebody is reached."""

_ABOUT_NO_ONE: Final = frozenset({"Location", "Organization", "Practitioner", "PractitionerRole", "Binary"})

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Stated(NamedTuple):
    """What an entry states, written once: its resource, its line of a view, and the digest of both with their label.

    Equal digests tell of the same thing, whichever message and line it came in.
    """

    resource: bytes
    line: bytes
    digest: bytes


class Encoded(NamedTuple):
    """The bytes of one version of one entry, with what the store keeps beside them."""

    resource: bytes
    summary: bytes


def entry_id(filed_as: UUID, provenance: Provenance, key: str) -> int:
    """The opaque number of an entry: the same for the same statement, and telling nothing of how many there are."""
    name = f"{provenance.partner}|{provenance.adapter}|{key}".encode()
    digest = hashlib.blake2b(name, digest_size=8, key=filed_as.bytes).digest()
    return int.from_bytes(digest) >> 1


def version_id(digest: bytes, at: datetime) -> str:
    """What one version of an entry is called, as ETags and `meta.versionId` have it; `at` is when it was stored.

    It follows from nothing but that version, so that no gap between two tells of a third that may not be seen.
    """
    told = digest + b"%d" % ((at - _EPOCH) // _MICROSECOND)
    return hashlib.sha256(told).hexdigest()[:16]


def state(entry: Entry, label: Label) -> Stated:
    """Write what an entry states, apart from where it came from."""
    resource = dumps(entry.resource, sort_keys=True)
    line: dict[str, Any] = {
        "type": entry.resource["resourceType"],
        "title": entry.title,
        "detail": entry.detail,
        "started": entry.started,
        "ended": entry.ended,
        "standing": entry.standing,
    }
    if entry.category == "demographics" and line["type"] == "Patient":
        line["identity"] = _identity(entry.resource)
    if lapses := lapsing(entry.resource) if line["type"] in _REACHED else ():
        line["lapses"] = lapses
    told = dumps(line)  # by instants, as ever: what is stated again has the digest that it had
    attached = hashlib.sha256(entry.attachment).hexdigest() if entry.attachment else ""
    beside = f"{label}|{attached}|{entry.concept or ''}".encode()
    shown = dumps(line | {name: _told(line[name]) for name in ("started", "ended")})
    return Stated(resource, shown, hashlib.sha256(b"\n".join((resource, told, beside))).digest())


def occurred_on(entry: Entry) -> date | None:
    """The London date from which an entry ages: when it ended, else began, else was written; `None` while it lasts."""
    if entry.started is not None and entry.ended is None:
        return None
    instant = entry.ended or entry.started or entry.recorded
    return _london_date(instant) if instant else None


_london_date: Final = lru_cache(maxsize=4096)(london_date)


def encode(
    entry: Entry,
    stated: Stated,
    *,
    person_id: UUID,
    number: int,
    label: Label,
    provenance: Provenance,
    at: datetime,
) -> Encoded:
    """Write both forms of one version; `number` is the entry's, `at` the instant of storing in UTC.

    What was stated is joined to what it gets here: its number, its person and where it came from.
    """
    source, told_by = _of_message(provenance.partner, provenance.adapter, provenance.message)
    version = version_id(stated.digest, at).encode()
    meta = b'{"versionId":"%b","lastUpdated":%b,"source":"%b#%d","security":%b}' % (
        version, _instant(at), source, provenance.line, security(label.sensitivity)
    )  # fmt: skip
    summary = b'{"id":"%d",%b,"recorded":%b,"version":"%b","source":{%b,"line":%d}}' % (
        number, stated.line[1:-1], _instant(_told(entry.recorded)), version, told_by, provenance.line
    )  # fmt: skip
    return Encoded(_resource(entry, stated, person_id, number, meta), summary)


def _resource(entry: Entry, stated: Stated, person_id: UUID, number: int, meta: bytes) -> bytes:
    own = entry.resource
    element, opening, closing = _person_in(own["resourceType"])
    if "meta" in own or "id" in own or element in own or entry.attachment is not None:
        return dumps(_whole(own, person_id, number, meta, attached=entry.attachment is not None))
    person = b"%b%b%b" % (opening, _text(person_id), closing) if element else b""
    return b'{"id":"%d","meta":%b,%b%b' % (number, meta, person, stated.resource[1:])


@cache
def _person_in(kind: str) -> tuple[str, bytes, bytes]:
    """Where a resource of a kind points to its person, and what stands there before and after the person's id."""
    if kind in _ABOUT_NO_ONE:
        return "", b"", b""
    element = {"Patient": "link", "Appointment": "participant"}.get(kind) or SUBJECT_ELEMENT.get(kind, "subject")
    opening, _, closing = orjson.dumps({element: _person(kind, "?", [])})[1:-1].partition(b"?")
    return element, opening, closing + b","


def _person(kind: str, person_id: object, others: Sequence[Resource]) -> Any:
    person = {"reference": f"Patient/{person_id}"}
    if kind == "Patient":  # one partner's account of the person: it points to the person, whose id it does not take
        return [*others, {"other": person, "type": "refer"}]
    if kind == "Appointment":
        own = [{**one, "actor": {**OWN, **person}} for one in others if one.get("actor") == OWN]
        rest = [one for one in others if one.get("actor") != OWN]
        return [*(own or [{"actor": person, "status": "accepted"}]), *rest]
    return person


def _whole(own: Resource, person_id: UUID, number: int, meta: bytes, *, attached: bool) -> Resource:
    """A resource that lists others beside its person, has a `meta` of its own, or stands for a document."""
    element, _, _ = _person_in(own["resourceType"])
    others = own.get(element, []) if element in ("link", "participant") else []
    whole = {**own, "id": str(number), "meta": {**own.get("meta", {}), **orjson.loads(meta)}}
    if element:
        whole[element] = _person(own["resourceType"], person_id, others)
    if attached:
        _point_to_attachment(whole, person_id, number)
    return whole


@lru_cache(maxsize=4096)
def _text(person_id: UUID) -> bytes:
    return str(person_id).encode()


@lru_cache(maxsize=4096)
def _told(at: datetime | None) -> date | datetime | None:
    return known_to_the_day(at) if at else None


@lru_cache(maxsize=4096)
def _instant(at: date | datetime | None) -> bytes:
    return orjson.dumps(at)


@lru_cache(maxsize=64)
def _of_message(partner: str, adapter: str, message: int) -> tuple[bytes, bytes]:
    """Which message it was, as a resource's `meta.source` and a summary's `source` say it."""
    source = orjson.dumps(f"urn:pisano:{partner}:{adapter}:{message}")
    return source[1:-1], orjson.dumps({"partner": partner, "feed": adapter, "message": message})[1:-1]


@cache
def security(sensitivity: Sensitivity) -> bytes:
    """The tags of `meta.security`, as JSON: how confidential it is, and why."""
    level = "N" if sensitivity in ("normal", "locating") else "R"
    told = [{"system": CONFIDENTIALITY, "code": level}, {"system": SENSITIVITY, "code": str(sensitivity)}]
    return orjson.dumps(told)


def as_stated(resource: bytes, person_id: UUID) -> Resource:
    """A resource as its source stated it: what is stored, but for the person that was put beside what it lists."""
    whole: Resource = loads(resource)
    person = {"reference": f"Patient/{person_id}"}
    for element in ("link", "participant"):
        others = [
            {**one, "actor": OWN} if one.get("actor") == {**OWN, **person} else one
            for one in whole.pop(element, [])
            if person not in (one.get("other"), one.get("actor"))
        ]
        if others:
            whole[element] = others
    return whole


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


def close(resource: bytes, summary: bytes, *, ended: datetime, digest: bytes, at: datetime) -> Encoded:
    """The same entry, ended: its period and status say so in both forms; `digest` is this version's."""
    whole = loads(resource)
    if "period" in whole:
        whole["period"]["end"] = london_date(ended).isoformat()
    if whole["resourceType"] in _ENDED_STATUS:
        whole["status"] = _ENDED_STATUS[whole["resourceType"]]
    line = loads(summary) | {"ended": _told(ended), "standing": Standing.ENDED}
    return _as_version(whole, line, version_id(digest, at), at)


def stand(resource: bytes, summary: bytes, standing: str, *, digest: bytes, at: datetime) -> Encoded:
    """The same entry as another version, which stands otherwise; `digest` is that version's."""
    return _as_version(loads(resource), loads(summary) | {"standing": standing}, version_id(digest, at), at)


def _as_version(whole: Resource, line: dict[str, Any], version: str, at: datetime) -> Encoded:
    whole["meta"] |= {"versionId": version, "lastUpdated": at}
    return Encoded(dumps(whole), dumps(line | {"version": version}))
