"""A resource as a reader sees it on one line: a title and a detail, in the sender's own words. Pure."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from app.adapters.elements import joined
from app.adapters.fhir_bundle.standing import said_of
from app.profiles.rules import listed
from app.vocabulary.contact_point import reached_at

Resource = Mapping[str, Any]


def title_and_detail(resource: Resource) -> tuple[str, str]:
    """What is shown of it; the title says the status where a reader would be misled without."""
    kind = resource["resourceType"]
    title = _TITLES.get(kind, _coded)(resource) or _UNTITLED.get(kind) or str(kind)
    told = said_of(resource)
    detail = joined([*_DETAILS.get(kind, _no_detail)(resource), *_notes(resource)], "; ")
    return (f"{title} ({told})" if told else title), detail


def words(concept: Any) -> str:
    """A concept in words: its text, else what its first coding says, else the bare code."""
    if not isinstance(concept, Mapping):
        return ""
    codings = concept.get("coding", ())
    display = next((one["display"] for one in codings if "display" in one), "")
    code = next((one["code"] for one in codings if "code" in one), "")
    return str(concept.get("text") or display or code)


def human_name(name: Resource) -> str:
    """A name as it is spoken."""
    return str(name.get("text") or joined([*name.get("given", ()), name.get("family")], " "))


def value_of(element: Resource) -> str:
    """The value of an observation or a component; why it has none, where it says so."""
    for name, value in element.items():
        if name.startswith("value"):
            return _VALUES.get(name, str)(value)
    absent = words(element.get("dataAbsentReason"))
    return f"no value: {absent}" if absent else ""


def _quantity(quantity: Any) -> str:
    unit = quantity.get("unit") or quantity.get("code")
    return joined([quantity.get("comparator", "") + str(quantity.get("value", "")), unit], " ")


def _range(told: Any) -> str:
    return " to ".join(_quantity(told[name]) for name in ("low", "high") if name in told)


def _ratio(told: Any) -> str:
    return ":".join(_quantity(told[name]) for name in ("numerator", "denominator") if name in told)


_VALUES: Final[Mapping[str, Callable[[Any], str]]] = {
    "valueQuantity": _quantity,
    "valueCodeableConcept": words,
    "valueBoolean": lambda value: "yes" if value else "no",
    "valueRange": _range,
    "valueRatio": _ratio,
    "valuePeriod": lambda period: " to ".join(period[name] for name in ("start", "end") if name in period),
    "valueSampledData": lambda _: "a series of measurements",
}


def _coded(resource: Resource) -> str:
    return words(resource.get("code"))


def _first_of(name: str) -> Callable[[Resource], str]:
    return lambda resource: joined(words(one) for one in listed(resource.get(name)))


def _observation(resource: Resource) -> str:
    parts = [joined([words(one["code"]), value_of(one)], " ") for one in resource.get("component", ())]
    value = joined([value_of(resource), *parts])
    return f"{_coded(resource)}: {value}" if value else _coded(resource)


def _medicine(resource: Resource) -> str:
    told = words(resource.get("medicationCodeableConcept"))
    reference = resource.get("medicationReference", {})
    held = {f"#{one.get('id')}": one for one in resource.get("contained", ())}
    contained = held.get(reference.get("reference", ""), {})
    return told or words(contained.get("code")) or str(reference.get("display", ""))


def _encounter(resource: Resource) -> str:
    kind = joined(words(one) for one in resource.get("type", ()))
    told = resource["class"]
    return kind or words(resource.get("serviceType")) or _CLASSES.get(told.get("code"), "") or words({"coding": [told]})


_CLASSES: Final[Mapping[str, str]] = {  # HL7 v3 ActEncounterCode, of which no reader knows the codes
    "AMB": "Attendance",
    "EMER": "Attendance at the emergency department",
    "FLD": "Visit outside",
    "HH": "Visit at home",
    "IMP": "Stay in hospital",
    "ACUTE": "Stay in hospital",
    "NONAC": "Stay in hospital",
    "OBSENC": "Stay in hospital to be observed",
    "PRENC": "Planned admission",
    "SS": "Short stay in hospital",
    "VR": "Contact by telephone or video",
}


def _appointment(resource: Resource) -> str:
    kind = joined(words(one) for one in [*resource.get("serviceType", ()), *resource.get("specialty", ())])
    return kind or words(resource.get("appointmentType")) or str(resource.get("description", ""))


def _plan(resource: Resource) -> str:
    return str(resource.get("title") or joined(words(one) for one in resource.get("category", ())))


def _related(resource: Resource) -> str:
    names = joined(human_name(one) for one in resource.get("name", ())[:1])
    kin = joined(words(one) for one in resource["relationship"])
    return f"{names} ({kin})" if names and kin else names or kin


def _document(resource: Resource) -> str:
    return joined([words(resource.get("type")), resource.get("description")], ": ")


def _history(resource: Resource) -> str:
    conditions = joined(words(one.get("code")) for one in resource.get("condition", ()))
    kin = words(resource.get("relationship"))
    return f"{kin}: {conditions}" if conditions else kin


def _questionnaire(resource: Resource) -> str:
    display = resource.get("_questionnaire", {}).get("extension", ())
    told = next((str(one["valueString"]) for one in display if "valueString" in one), "")
    return told or "Questionnaire"


_TITLES: Final[Mapping[str, Callable[[Resource], str]]] = {
    "Appointment": _appointment,
    "CarePlan": _plan,
    "CareTeam": lambda one: str(one.get("name") or joined(words(kind) for kind in one.get("category", ()))),
    "Consent": lambda one: joined([words(one["scope"]), _provision(one)], ": "),
    "DeviceRequest": _first_of("codeCodeableConcept"),
    "DocumentReference": _document,
    "Encounter": _encounter,
    "EpisodeOfCare": _first_of("type"),
    "FamilyMemberHistory": _history,
    "Goal": _first_of("description"),
    "Immunization": _first_of("vaccineCode"),
    "MedicationRequest": _medicine,
    "MedicationStatement": _medicine,
    "Observation": _observation,
    "QuestionnaireResponse": _questionnaire,
    "RelatedPerson": _related,
}
_UNTITLED: Final = {"CarePlan": "Care plan", "CareTeam": "Care team", "MedicationRequest": "Medicine",
                    "MedicationStatement": "Medicine", "DeviceRequest": "Equipment"}  # fmt: skip


def _provision(consent: Resource) -> str:
    return {"deny": "refused", "permit": "given"}.get(consent.get("provision", {}).get("type", ""), "")


def _no_detail(_: Resource) -> list[str]:
    return []


def _members(team: Resource) -> list[str]:
    told = ((one.get("role", ()), one.get("member", {})) for one in team.get("participant", ()))
    return [joined([*map(words, roles), member.get("display")], ": ") for roles, member in told]


def _risk(assessment: Resource) -> list[str]:
    return [
        joined([words(one.get("outcome")), words(one.get("qualitativeRisk"))], ": ")
        for one in assessment.get("prediction", ())
    ]


_DETAILS: Final[Mapping[str, Callable[[Resource], list[str]]]] = {
    "AllergyIntolerance": lambda one: [
        *(words(each) for reaction in one.get("reaction", ()) for each in reaction.get("manifestation", ())),
        *([f"criticality {one['criticality']}"] if "criticality" in one else []),
    ],
    "CarePlan": lambda one: [str(one.get("description", ""))],
    "CareTeam": _members,
    "DiagnosticReport": lambda one: [str(one.get("conclusion", ""))],
    "Encounter": lambda one: [words(each) for each in one.get("reasonCode", ())],
    "MedicationRequest": lambda one: [str(dose.get("text", "")) for dose in one.get("dosageInstruction", ())],
    "MedicationStatement": lambda one: [str(dose.get("text", "")) for dose in one.get("dosage", ())],
    "RelatedPerson": lambda one: [reached_at(one.get("telecom", ()))],
    "RiskAssessment": _risk,
    "ServiceRequest": lambda one: [words(each) for each in one.get("reasonCode", ())],
    "Task": lambda one: [str(one.get("description", ""))],
}


def _notes(resource: Resource) -> list[str]:
    return [str(one.get("text", "")) for one in listed(resource.get("note")) if isinstance(one, Mapping)]
