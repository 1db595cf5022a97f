"""Under which heading a resource stands, and how much care it asks for. Pure.

What the sender says of its own resource may ask for more care, never for less.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.adapters.discretion import DETENTION, LEGAL_STATUSES, SEXUAL_HEALTH, asked_by, strictest
from app.profiles.rules import listed
from app.vocabulary.category import Category
from app.vocabulary.fhir_systems import ACT_CODE, CONFIDENTIALITY, OBSERVATION_CATEGORY, SENSITIVITY, SNOMED_CT
from app.vocabulary.label import Sensitivity

CATEGORIES_SYSTEM: Final = "https://pisano.example/fhir/CodeSystem/category"
LEGAL_STATUS: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-LegalStatus"

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "AllergyIntolerance": ("allergies",),
    "Appointment": ("appointments",),
    "CarePlan": ("care-plans", "contingency", "supporting-plans", "end-of-life"),
    "CareTeam": ("care-team",),
    "Condition": ("problems", "support-reason", "risks", "safeguarding", "pregnancy", "child-protection"),
    "Consent": ("sharing-preferences", "end-of-life", "legal"),
    "DeviceRequest": ("equipment",),
    "DiagnosticReport": ("results",),
    "DocumentReference": ("documents", "about-me", "assessments", "supporting-plans", "end-of-life", "legal"),
    "Encounter": ("encounters", "admissions"),
    "EpisodeOfCare": ("care-packages", "tenancy", "homelessness"),
    "FamilyMemberHistory": ("family-history",),
    "Flag": ("alerts", "staff-safety", "safeguarding", "legal", "requirements", "risks", "tenancy-risk",
             "end-of-life", "homelessness", "child-protection"),
    "Goal": ("care-plans",),
    "Immunization": ("vaccinations",),
    "MedicationRequest": ("medications",),
    "MedicationStatement": ("medications",),
    "Observation": ("results", "examinations", "assessments", "social-context", "pregnancy", "education", "risks",
                    "end-of-life", "home", "admissions", "equipment", "requirements", "about-me",
                    "child-protection"),
    "Patient": ("demographics", "ethnicity", "address", "gp-practice"),
    "Procedure": ("procedures",),
    "QuestionnaireResponse": ("assessments", "about-me"),
    "RelatedPerson": ("contacts",),
    "RiskAssessment": ("risks",),
    "ServiceRequest": ("referrals",),
    "Task": ("actions",),
}  # fmt: skip
"""By type: the heading where the resource names none, and those that it may name by a category of ours."""

COVERS: Final = frozenset(Category(code) for codes in HEADINGS.values() for code in codes)
_CATEGORIES: Final = {str(category): category for category in COVERS}

_OBSERVED: Final[Mapping[str | None, str]] = {
    "social-history": "social-context",
    "vital-signs": "examinations",
    "exam": "examinations",
    "imaging": "results",
    "laboratory": "results",
    "survey": "assessments",
    "procedure": "examinations",
    "therapy": "examinations",
    "activity": "examinations",
}
STAYS: Final = frozenset({"IMP", "ACUTE", "NONAC", "OBSENC", "SS"})  # HL7 v3 ActEncounterCode
_DIRECTIVES: Final = frozenset({"adr", "treatment"})  # HL7 consent scope: about care, not about sharing

_CHILD_PROTECTION: Final = frozenset({"342191000000101", "764841000000100", "818901000000100"})
"""Subject to a child protection plan, looked after, and (of a mother) an unborn child subject to a plan: SNOMED CT as
the value set England-ChildProtectionPlan 1.0.0 of NHS England lists it."""

_GUARDED: Final = {
    Category("child-protection"): Sensitivity.RESTRICTED,
    Category("safeguarding"): Sensitivity.RESTRICTED,
    Category("legal"): Sensitivity.RESTRICTED,
}
_AS_CODED: Final[Mapping[tuple[str | None, str | None], Sensitivity]] = {
    **{(CONFIDENTIALITY, code): Sensitivity.NORMAL for code in ("U", "L", "M", "N")},
    **{(CONFIDENTIALITY, code): Sensitivity.RESTRICTED for code in ("R", "V")},
    **{(ACT_CODE, code): Sensitivity.SEXUAL_HEALTH for code in ("SEX", "STD", "HIV")},
    **{(ACT_CODE, code): Sensitivity.DOMESTIC_ABUSE for code in ("SDV", "VIO")},
    **{(SENSITIVITY, str(one)): one for one in Sensitivity},
}
_ADDRESSED: Final = frozenset({"address", "location", "locationReference", "locationCode"})
_LIVED_AT: Final = frozenset({"Appointment", "EpisodeOfCare", "RelatedPerson"})
"""Types that tell where a person lives, stays or can be met whatever they hold: a care home's name does."""

_VISITS: Final = frozenset({"Appointment", "Encounter", "EpisodeOfCare", "ServiceRequest"})
_SERVICES: Final = ("type", "serviceType", "specialty", "code", "orderDetail")
_WORDS: Final = frozenset(
    {"text", "display", "description", "title", "comment", "conclusion", "valueMarkdown", "div", "mitigation",
     "patientInstruction", "rationale", "statusReason", "postalCode"}
)  # fmt: skip
"""Elements in which somebody writes, beside those of which FHIR says so: `onsetString`, `valueString`."""

_NO_WORDS: Final = frozenset({"meta", "identifier", "name", "address", "telecom"})
"""Who somebody is asks for no care by their name: Marac is one."""


def category_of(resource: Mapping[str, Any]) -> Category:
    """The heading: that of its code where the law has one for it, else the one that the resource names by a category of
    ours, else the one of its type and kind."""
    kind = resource["resourceType"]
    headings = HEADINGS[kind]
    if "child-protection" in headings and _tells_of_child_protection(resource):
        return _CATEGORIES["child-protection"]
    naming = resource.get("type" if kind == "EpisodeOfCare" else "category")  # of an episode FHIR has no category
    named = [code for system, code in _codings(naming) if system == CATEGORIES_SYSTEM]
    allowed = next((code for code in named if code in headings), None)
    return _CATEGORIES[allowed or _by_kind(kind, resource) or headings[0]]


def _by_kind(kind: str, resource: Mapping[str, Any]) -> str | None:
    if kind == "Observation":
        told = _codings(resource["category"])
        return next(
            (_OBSERVED[code] for system, code in told if system == OBSERVATION_CATEGORY and code in _OBSERVED), None
        )
    if kind == "Encounter":
        return "admissions" if resource["class"].get("code") in STAYS else None
    if kind == "Consent":
        scope = {code for _, code in _codings(resource["scope"])}
        return None if scope.isdisjoint(_DIRECTIVES) else "end-of-life"
    return None


def sensitivity_of(resource: Mapping[str, Any], category: Category, words: str) -> Sensitivity:
    """The care that a resource asks for: by its heading, its labels, where it leads to, its codes, and its words.

    Those of the one line are not all: what it holds deeper is told to whoever reads the resource.
    """
    labels = listed(resource.get("meta", {}).get("security"))
    return strictest(
        _GUARDED.get(category, Sensitivity.NORMAL),
        *(_AS_CODED.get((one.get("system"), one.get("code")), Sensitivity.RESTRICTED) for one in labels),
        Sensitivity.LOCATING if _locates(resource) else Sensitivity.NORMAL,
        Sensitivity.RESTRICTED if _tells_legal_status(resource) else Sensitivity.NORMAL,
        _of_a_visit(resource) if resource["resourceType"] in _VISITS else Sensitivity.NORMAL,
        asked_by("\n".join((words, *_texts(resource)))),
    )


def _texts(value: Any, name: str = "") -> Iterator[str]:
    """All that is said in words, however deep."""
    if isinstance(value, Mapping):
        for each, one in value.items():
            if each not in _NO_WORDS:
                yield from _texts(one, each)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, name)
    elif isinstance(value, str) and (name in _WORDS or (name.endswith("String") and name != "authorString")):
        yield value


def _of_a_visit(resource: Mapping[str, Any]) -> Sensitivity:
    """The care that the codes of a visit ask for, as those of an acute trust's own messages do."""
    stay = resource.get("hospitalization", {})
    told = [
        *_codings([stay.get("admitSource", {}), stay.get("dischargeDisposition", {})]),
        *_codings([one.get("valueCodeableConcept", {}) for one in resource.get("extension", ())]),
        *_codings([one for name in _SERVICES for one in listed(resource.get(name))]),
    ]
    return strictest(Sensitivity.NORMAL, *(_asked_by_code(system or "", code or "") for system, code in told))


def _asked_by_code(system: str, code: str) -> Sensitivity:
    if system == LEGAL_STATUSES or code in DETENTION.get(system, ()):
        return Sensitivity.RESTRICTED
    return Sensitivity.SEXUAL_HEALTH if (system, code) == SEXUAL_HEALTH else Sensitivity.NORMAL


def hides_location(patient: Mapping[str, Any]) -> bool:
    """Whether the sender says that the person's location is restricted (PDS: `meta.security` R, V or REDACTED)."""
    labels = listed(patient.get("meta", {}).get("security"))
    return any(_AS_CODED.get((one.get("system"), one.get("code"))) is not Sensitivity.NORMAL for one in labels)


def _locates(resource: Mapping[str, Any]) -> bool:
    contained = {one["resourceType"] for one in resource.get("contained", ())}
    stay = resource.get("hospitalization", {})
    return (
        resource["resourceType"] in _LIVED_AT
        or not _ADDRESSED.isdisjoint(resource)
        or "Location" in contained
        or "origin" in stay
        or "destination" in stay
    )


def _tells_of_child_protection(resource: Mapping[str, Any]) -> bool:
    told = [*_codings(resource.get("code")), *_codings(resource.get("valueCodeableConcept"))]
    return any(system == SNOMED_CT and code in _CHILD_PROTECTION for system, code in told)


def _tells_legal_status(resource: Mapping[str, Any]) -> bool:
    return any(one.get("url") == LEGAL_STATUS for one in resource.get("extension", ()))


def _codings(concepts: Any) -> Iterator[tuple[str | None, str | None]]:
    """Of concepts; a bare code, such as the `category` of an allergy, names no system."""
    for concept in listed(concepts):
        for coding in concept.get("coding", ()) if isinstance(concept, Mapping) else ():
            yield coding.get("system"), coding.get("code")
