"""Which resources are answered, and by what each can be searched for: the one table of it.

The names are those of FHIR R4. Besides, `category`, `code`, `date` and `status` are understood of every type that has
such an element, whatever R4 calls its search parameter there. The capability statement is written from this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Matched(StrEnum):
    """How a parameter's values are compared (FHIR R4, 3.1.1.4)."""

    TOKEN = "token"  # noqa: S105  # no password
    DATE = "date"
    STRING = "string"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """One name to search by, and the elements in which it looks."""

    name: str
    matched: Matched
    elements: tuple[str, ...]


_PERIOD: Final = ("period",)
_OCCURRENCE: Final = ("occurrenceDateTime", "occurrencePeriod")
_EFFECTIVE: Final = ("effectiveDateTime", "effectivePeriod", "effectiveInstant")
_PERFORMED: Final = ("performedDateTime", "performedPeriod")
_ONSET: Final = ("onsetDateTime", "onsetPeriod")
_MEDICINE: Final = ("medicationCodeableConcept",)

_TOKENS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "AllergyIntolerance": {"category": ("category",), "code": ("code", "reaction.substance"),
        "status": ("clinicalStatus",), "clinical-status": ("clinicalStatus",),
        "verification-status": ("verificationStatus",)},
    "Appointment": {"category": ("serviceCategory",), "code": ("serviceType",), "status": ("status",),
        "service-category": ("serviceCategory",), "service-type": ("serviceType",)},
    "CarePlan": {"category": ("category",), "status": ("status",), "intent": ("intent",)},
    "CareTeam": {"category": ("category",), "status": ("status",)},
    "ClinicalImpression": {"code": ("code",), "status": ("status",)},
    "Communication": {"category": ("category",), "status": ("status",)},
    "Composition": {"status": ("status",), "type": ("type",)},
    "Condition": {"category": ("category",), "code": ("code",), "status": ("clinicalStatus",),
        "clinical-status": ("clinicalStatus",), "verification-status": ("verificationStatus",)},
    "Consent": {"category": ("category",), "status": ("status",)},
    "Coverage": {"code": ("type",), "status": ("status",), "type": ("type",)},
    "Device": {"code": ("type",), "status": ("status",), "type": ("type",)},
    "DeviceRequest": {"code": ("codeCodeableConcept",), "status": ("status",), "intent": ("intent",)},
    "DiagnosticReport": {"category": ("category",), "code": ("code",), "status": ("status",)},
    "DocumentReference": {"category": ("category",), "code": ("type",), "status": ("status",), "type": ("type",)},
    "Encounter": {"category": ("class",), "code": ("type",), "status": ("status",), "class": ("class",),
        "type": ("type",)},
    "EpisodeOfCare": {"code": ("type",), "status": ("status",), "type": ("type",)},
    "FamilyMemberHistory": {"code": ("condition.code",), "status": ("status",), "relationship": ("relationship",)},
    "Flag": {"category": ("category",), "code": ("code",), "status": ("status",)},
    "Goal": {"category": ("category",), "code": ("description",), "status": ("lifecycleStatus",),
        "lifecycle-status": ("lifecycleStatus",)},
    "HealthcareService": {},
    "Immunization": {"code": ("vaccineCode",), "status": ("status",), "vaccine-code": ("vaccineCode",)},
    "List": {"code": ("code",), "status": ("status",)},
    "Location": {"code": ("type",), "status": ("status",), "type": ("type",)},
    "MedicationRequest": {"category": ("category",), "code": _MEDICINE, "status": ("status",), "intent": ("intent",)},
    "MedicationStatement": {"category": ("category",), "code": _MEDICINE, "status": ("status",)},
    "Observation": {"category": ("category",), "code": ("code",), "status": ("status",)},
    "Organization": {"type": ("type",)},
    "Patient": {},
    "PractitionerRole": {"role": ("code",)},
    "Procedure": {"category": ("category",), "code": ("code",), "status": ("status",)},
    "Provenance": {},
    "QuestionnaireResponse": {"status": ("status",)},
    "RelatedPerson": {"category": ("relationship",), "relationship": ("relationship",)},
    "RequestGroup": {"code": ("code",), "status": ("status",), "intent": ("intent",)},
    "ResearchSubject": {"status": ("status",)},
    "RiskAssessment": {"category": ("method",), "code": ("code",), "status": ("status",), "method": ("method",)},
    "ServiceRequest": {"category": ("category",), "code": ("code",), "status": ("status",), "intent": ("intent",)},
    "Task": {"category": ("businessStatus",), "code": ("code",), "status": ("status",), "intent": ("intent",),
        "business-status": ("businessStatus",)},
}  # fmt: skip

_DATES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "AllergyIntolerance": {"date": ("recordedDate", *_ONSET), "onset": _ONSET},
    "Appointment": {"date": ("start",)},
    "CarePlan": {"date": ("period", "created")},
    "CareTeam": {"date": _PERIOD},
    "ClinicalImpression": {"date": ("date", *_EFFECTIVE)},
    "Communication": {"date": ("sent",), "sent": ("sent",)},
    "Composition": {"date": ("date",)},
    "Condition": {"date": (*_ONSET, "recordedDate"), "onset-date": _ONSET, "recorded-date": ("recordedDate",)},
    "Consent": {"date": ("dateTime",)},
    "Coverage": {"date": _PERIOD},
    "Device": {"date": ("manufactureDate",)},
    "DeviceRequest": {"date": (*_OCCURRENCE, "authoredOn"), "authored-on": ("authoredOn",), "event-date": _OCCURRENCE},
    "DiagnosticReport": {"date": _EFFECTIVE, "issued": ("issued",)},
    "DocumentReference": {"date": ("date",), "period": ("context.period",)},
    "Encounter": {"date": _PERIOD},
    "EpisodeOfCare": {"date": _PERIOD},
    "FamilyMemberHistory": {"date": ("date",)},
    "Flag": {"date": _PERIOD},
    "Goal": {"date": ("startDate",), "start-date": ("startDate",)},
    "Immunization": {"date": ("occurrenceDateTime",)},
    "List": {"date": ("date",)},
    "MedicationRequest": {"date": ("authoredOn",), "authoredon": ("authoredOn",)},
    "MedicationStatement": {"date": (*_EFFECTIVE, "dateAsserted"), "effective": _EFFECTIVE},
    "Observation": {"date": _EFFECTIVE},
    "Procedure": {"date": _PERFORMED},
    "Provenance": {"date": ("recorded",), "recorded": ("recorded",)},
    "QuestionnaireResponse": {"date": ("authored",), "authored": ("authored",)},
    "RelatedPerson": {"date": _PERIOD},
    "ResearchSubject": {"date": _PERIOD},
    "RiskAssessment": {"date": _OCCURRENCE},
    "ServiceRequest": {"date": (*_OCCURRENCE, "authoredOn"), "authored": ("authoredOn",), "occurrence": _OCCURRENCE},
    "Task": {"date": ("authoredOn", "executionPeriod"), "authored-on": ("authoredOn",), "period": ("executionPeriod",)},
}

_OF_ALL: Final = (
    SearchParameter("_id", Matched.TOKEN, ("id",)),
    SearchParameter("_lastUpdated", Matched.DATE, ("meta.lastUpdated",)),
    SearchParameter("identifier", Matched.TOKEN, ("identifier",)),
)
_OF_PATIENTS: Final = (
    SearchParameter("_id", Matched.TOKEN, ("id",)),
    SearchParameter("identifier", Matched.TOKEN, ("identifier",)),
    SearchParameter("name", Matched.STRING, ("name",)),
    SearchParameter("family", Matched.STRING, ("name.family",)),
    SearchParameter("given", Matched.STRING, ("name.given",)),
    SearchParameter("birthdate", Matched.DATE, ("birthDate",)),
    SearchParameter("gender", Matched.TOKEN, ("gender",)),
    SearchParameter("address-postalcode", Matched.STRING, ("address.postalCode",)),
)

INCLUDED: Final[Mapping[str, tuple[str, ...]]] = {
    "encounter": ("encounter", "context.encounter", "context"),
    "result": ("result",),
    "has-member": ("hasMember",),
    "care-team": ("careTeam",),
    "condition": ("diagnosis.condition", "addresses"),
    "based-on": ("basedOn",),
    "part-of": ("partOf",),
    "focus": ("focus",),
}
"""What `_include` follows besides `patient`: from a parameter's name to the elements that refer."""

SUBJECT: Final = ("patient", "subject")
"""How a search names whose record it is of."""


def _parameters(kind: str) -> dict[str, SearchParameter]:
    if kind == "Patient":
        return {parameter.name: parameter for parameter in _OF_PATIENTS}
    told = [SearchParameter(name, Matched.TOKEN, elements) for name, elements in _TOKENS[kind].items()]
    told += [SearchParameter(name, Matched.DATE, elements) for name, elements in _DATES.get(kind, {}).items()]
    return {parameter.name: parameter for parameter in (*_OF_ALL, *told)}


OF_TEAMS: Final = (
    "Communication", "Composition", "HealthcareService", "Organization", "PractitionerRole", "Provenance",
    "RequestGroup",
)  # fmt: skip
"""Types that a multidisciplinary team alone makes: no entry of a record is of them."""

KINDS: Final[Mapping[str, Mapping[str, SearchParameter]]] = {
    kind: _parameters(kind) for kind in sorted(_TOKENS) if kind not in OF_TEAMS
}
"""Every type of which the record holds entries, with its search parameters by name."""

PARAMETERS: Final[Mapping[str, Mapping[str, SearchParameter]]] = {
    **KINDS,
    **{kind: _parameters(kind) for kind in OF_TEAMS},
}
"""The same of every type that is searched for, also of what is no entry of a record."""

WHEN: Final[Mapping[str, SearchParameter]] = {
    kind: parameters["date"] for kind, parameters in KINDS.items() if "date" in parameters
}
"""When something of a type happened: what `start` and `end` of `$everything` go by."""
