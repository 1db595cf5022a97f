"""Whom a resource is about, as its sender says. Pure; nothing here is yet believed."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from app.adapters.fhir_bundle.bundle import Part
from app.adapters.fhir_bundle.references import Directory, contained_in, held_here
from app.profiles.rules import is_person, verification_statuses
from app.record.kept.encode import SUBJECT_ELEMENT
from app.vocabulary.fhir_elements import WHOLE_DAY
from app.vocabulary.fhir_systems import NHS_NUMBER
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.statement import Resource, Subject, Tracing

_ADDRESS_KEY: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AddressKey"
_STATUSES: Final = {str(one): one for one in Tracing}


class Nobody(Exception):
    """It cannot be told whom a resource is about; the text says why, without naming anyone."""


def reference_of(resource: Resource) -> Resource | None:
    """The reference to the person whom a resource is about."""
    kind = resource["resourceType"]
    if kind == "Appointment":
        actors = [one.get("actor", {}) for one in resource.get("participant", ())]
        return next((actor for actor in actors if is_person(actor)), None)
    found: Resource | None = resource.get(SUBJECT_ELEMENT.get(kind, "subject"))
    return found


def subject_of(part: Part, directory: Directory) -> tuple[Subject, frozenset[int | str]]:
    """Whom a resource is about, and which Patients are that person.

    Those of the bundle are told by their lines, contained ones by their ids. Raises `Nobody` where its reference leads
    to no person.
    """
    assert part.resource is not None  # noqa: S101  # what is taken back names its own person
    about, patients = _named(part, part.resource, directory)
    contained = contained_in(part.resource).items()
    return about, patients | {name for name, one in contained if about.nhs_number and _has(one, about.nhs_number)}


def _named(part: Part, resource: Resource, directory: Directory) -> tuple[Subject, frozenset[int | str]]:
    if part.type == "Patient":
        return _known(part, directory), frozenset({part.line})
    reference = reference_of(resource)
    if reference is None:
        raise Nobody("it does not say whom it is about; refer to a Patient")
    told = reference.get("reference", "")
    if not told:
        return _by_identifier(reference, directory)
    if told.startswith("#"):
        contained = contained_in(resource).get(told[1:], {})
        if contained.get("resourceType") != "Patient":
            raise Nobody("the reference to whom it is about leads nowhere")
        return subject(contained), frozenset({told[1:]})
    found = directory.find(told, part.full_url)
    if found is not None and found.resource is not None and found.type == "Patient":
        return _known(found, directory), frozenset({found.line})
    held = held_here(told)
    if held is None and directory.refuses(told, part.full_url):
        raise Nobody("the entry to which it refers as whom it is about is refused; mend that one")
    if held is None or held.type != "Patient":
        raise Nobody("the reference to whom it is about leads nowhere, or to something that is no Patient")
    return Subject(local_id=f"Patient/{held.id}"), frozenset()


def _known(part: Part, directory: Directory) -> Subject:
    known = directory.subjects.get(part.line)
    if known is None:
        known = directory.subjects[part.line] = subject(part.resource or {})
    return known


def subject(patient: Mapping[str, Any]) -> Subject:
    """A Patient's account of who they are."""
    number, tracing, local_id = _identified(patient.get("identifier", ()))
    name = _current_name(patient)
    home = _home(patient)
    return Subject(
        local_id=local_id,
        nhs_number=number,
        tracing=tracing,
        family_name=name.get("family"),
        given_names=tuple(name.get("given", ())),
        birth_date=_date(patient.get("birthDate")),
        gender=patient.get("gender"),
        postcode=home.get("postalCode"),
        uprn=_uprn(home),
        death_date=_date(patient.get("deceasedDateTime")),
    )


def _has(contained: Resource, number: NHSNumber) -> bool:
    return contained["resourceType"] == "Patient" and any(
        (one.get("system"), one.get("value")) == (NHS_NUMBER, number.digits) for one in contained.get("identifier", ())
    )


def _by_identifier(reference: Resource, directory: Directory) -> tuple[Subject, frozenset[int | str]]:
    """Whom an identifier names: in the bundle first, as what it says of them may differ from what was said before."""
    identifier = reference.get("identifier", {})
    if "system" not in identifier or "value" not in identifier:
        raise Nobody("it does not say whom it is about: the reference has no identifier of a system")
    named = directory.patients(identifier["system"], identifier["value"])
    if len({_known(one, directory) for one in named}) > 1:
        raise Nobody("several Patients of the bundle have the identifier of whom it is about")
    if named:
        return _known(named[0], directory), frozenset(one.line for one in named)
    number, tracing, local_id = _identified([identifier])
    return Subject(local_id=local_id, nhs_number=number, tracing=tracing), frozenset()


def _identified(identifiers: Any) -> tuple[NHSNumber | None, Tracing, str | None]:
    number, tracing, local_id = None, Tracing.UNSTATED, None
    for one in identifiers:
        system, value = one.get("system"), one.get("value")
        if system == NHS_NUMBER and value is not None and one.get("use") != "old":
            number = _nhs_number(value)
            tracing = next((_STATUSES[code] for code in verification_statuses(one) if code in _STATUSES), tracing)
        elif system is not None and value is not None and local_id is None and system != NHS_NUMBER:
            local_id = f"{system}|{value}"
    return number, tracing, local_id


def _nhs_number(value: str) -> NHSNumber:
    try:
        return NHSNumber(value)
    except ValueError as wrong:
        raise Nobody(str(wrong)) from None


def _current_name(patient: Mapping[str, Any]) -> Resource:
    names = [one for one in patient.get("name", ()) if one.get("use") not in ("old", "maiden", "anonymous", "temp")]
    return next((one for one in names if one.get("use") in ("official", "usual")), names[0] if names else {})


def _home(patient: Mapping[str, Any]) -> Resource:
    homes = [one for one in patient.get("address", ()) if one.get("use", "home") == "home" and "postalCode" in one]
    return homes[0] if homes else {}


def _uprn(address: Mapping[str, Any]) -> str | None:
    for one in address.get("extension", ()):
        if one.get("url") == _ADDRESS_KEY:
            parts = {inner.get("url"): inner for inner in one.get("extension", ())}
            kinds = parts.get("type", {}).get("valueCodeableConcept", {}).get("coding", ())
            if any(coding.get("code") == "UPRN" for coding in kinds):
                found: str | None = parts.get("value", {}).get("valueString")
                return found
    return None


def _date(text: str | None) -> date | None:
    """A whole date, of a date or a time; `None` for a year or a month alone."""
    try:
        return date.fromisoformat(text[:10]) if text and len(text) >= WHOLE_DAY else None
    except ValueError:
        return None
