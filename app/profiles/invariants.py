"""What FHIR R4 asks of the members of its types together: its invariants, by the key that FHIR gives them. Pure.

They are the errors that FHIR R4 (4.0.1) lists under *Constraints* of each data type's and resource's own page. What it
recommends alone (dom-6, con-3) refuses nothing; where a reference leads (ref-1, ctm-1) is for whoever follows it.
Nothing that is taken back as entered in error need be complete for it (app-3, app-4, con-4).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from html import unescape
from typing import Any, Final, NamedTuple

from app.vocabulary.fhir_elements import WHOLE_DAY

Element = Mapping[str, Any]
Keeps = Callable[[Element], bool]

_OF_ANY_TYPE: Final = "[x]"
_UCUM: Final = "http://unitsofmeasure.org"
_TERMS: Final = "http://terminology.hl7.org/CodeSystem"
_MEALS: Final = frozenset({"C", "CM", "CD", "CV"})
_CALLED_OFF: Final = frozenset({"cancelled", "noshow", "entered-in-error"})
_WITHOUT_TIME: Final = frozenset({"proposed", "waitlist", "cancelled", "entered-in-error"})
_TAG: Final = re.compile(r"<[^>]*>")


class Invariant(NamedTuple):
    """One rule of a type, and of every type that FHIR derives from it; `text` says what to mend."""

    type: str
    key: str
    text: str
    is_kept: Keeps


@cache
def invariants_of(model: type) -> tuple[Invariant, ...]:
    """The rules of a type, by its model of `fhir.resources`."""
    made_of = {one.__name__ for one in model.__mro__}
    return tuple(one for one in INVARIANTS if class_of(one.type) in made_of)


def class_of(type: str) -> str:
    """What the model of a type is called, or that of a part of one: `ConditionStage` of `Condition.stage`."""
    return "".join(part[0].upper() + part[1:] for part in type.split("."))


def _has(held: Element, name: str) -> bool:
    """Whether an element is there, in any type that it may be of, or said by an extension alone."""
    if not name.endswith(_OF_ANY_TYPE):
        return name in held or f"_{name}" in held
    stem = name.removesuffix(_OF_ANY_TYPE)
    told = (each.removeprefix("_") for each in held)
    return any(each.startswith(stem) and each[len(stem) :][:1].isupper() for each in told)


def _some(*names: str) -> Keeps:
    return lambda held: any(_has(held, name) for name in names)


def _needs(name: str, other: str) -> Keeps:
    return lambda held: not _has(held, name) or _has(held, other)


def _not_both(name: str, other: str) -> Keeps:
    return lambda held: not (_has(held, name) and _has(held, other))


def _both_or_neither(name: str, other: str) -> Keeps:
    return lambda held: _has(held, name) == _has(held, other)


def _not_negative(name: str) -> Keeps:
    return lambda held: bool(held.get(name, 0) >= 0)


def _plain(*names: str) -> Keeps:
    return lambda held: not any("comparator" in held.get(name, ()) for name in names)


def _not_at_home(name: str) -> Keeps:
    return lambda held: all(one.get("use") != "home" for one in held.get(name, ()))


def _each(is_kept: Keeps) -> Keeps:
    return lambda held: "contained" not in held or all(is_kept(one) for one in held["contained"])


def _says_more_than_its_id(element: Element) -> bool:
    return len(element) > 1 or "id" not in element


def _is_extension(held: Element) -> bool:
    return _has(held, "value[x]") != ("extension" in held)


def _says_something(narrative: Element) -> bool:
    div = str(narrative.get("div", ""))
    return "<img" in div or bool(unescape(_TAG.sub("", div)).strip())


def runs_forward(period: Element) -> bool:
    """Whether a period ends no earlier than it begins, as far as both are told."""
    return _in_turn(period.get("start"), period.get("end"))


def _in_turn(one: str | None, other: str | None) -> bool:
    """Whether the second of two dates or times is no earlier than the first, as far as both are told."""
    if one is None or other is None:
        return True
    try:
        both = [datetime.fromisoformat(text) for text in (one, other)]
        if all(at.tzinfo for at in both) and min(len(one), len(other)) > WHOLE_DAY:
            return both[0] <= both[1]
    except ValueError:  # a year, or a year and a month
        pass
    shared = min(len(one), len(other), WHOLE_DAY)
    return one[:shared] <= other[:shared]


def _is_in_order(told: Element) -> bool:
    """Of one unit alone: what another is worth is not known here."""
    low, high = told.get("low", {}), told.get("high", {})
    if "value" not in low or "value" not in high or {**low, "value": 0} != {**high, "value": 0}:
        return True
    return bool(low["value"] <= high["value"])


def _is_ratio(ratio: Element) -> bool:
    told = len({"numerator", "denominator"} & ratio.keys())
    return told == 2 or (told == 0 and "extension" in ratio)


def _is_measured(quantity: Element) -> bool:
    return ("code" in quantity or not _has(quantity, "value")) and quantity.get("system", _UCUM) == _UCUM


def _is_age(age: Element) -> bool:
    return _is_measured(age) and bool(age.get("value", 1) > 0)


def _is_count(count: Element) -> bool:
    return _is_measured(count) and count.get("code", "1") == "1" and "." not in str(count.get("value", ""))


def _is_duration(duration: Element) -> bool:
    return "code" not in duration or (duration.get("system") == _UCUM and _has(duration, "value"))


def _is_offset_from_what(repeat: Element) -> bool:
    return "offset" not in repeat or ("when" in repeat and _MEALS.isdisjoint(repeat["when"]))


def _has_no_version(contained: Element) -> bool:
    return {"versionId", "lastUpdated"}.isdisjoint(contained.get("meta", ()))


def _names_each(resource: Element) -> bool:
    if "contained" not in resource:
        return True
    names = [one.get("id") for one in resource["contained"]]
    return None not in names and len(names) == len(set(names))


def _refers_to_each(resource: Element) -> bool:
    if "contained" not in resource:
        return True
    named = frozenset(_fragments(resource))
    return all(f"#{one.get('id')}" in named or "#" in _fragments(one) for one in resource["contained"])


def _fragments(value: Any) -> Iterator[str]:
    """Whatever may refer to something within the resource."""
    if isinstance(value, str) and value.startswith("#"):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _fragments(one)


def _is_coded(held: Element, name: str, system: str, *codes: str) -> bool:
    codings = held.get(name, {}).get("coding", ())
    return any(one.get("system") == f"{_TERMS}/{system}" and one.get("code") in codes for one in codings)


def _is_mistaken(held: Element) -> bool:
    systems = ("allergyintolerance-verification", "condition-ver-status")
    return any(_is_coded(held, "verificationStatus", system, "entered-in-error") for system in systems)


def _has_a_status(allergy: Element) -> bool:
    return "clinicalStatus" in allergy or _is_mistaken(allergy)


def _has_no_status_in_error(held: Element) -> bool:
    return "clinicalStatus" not in held or not _is_mistaken(held)


def _is_over_where_it_ended(condition: Element) -> bool:
    return (
        not _has(condition, "abatement[x]")
        or _is_coded(condition, "clinicalStatus", "condition-clinical", "inactive", "remission", "resolved")
        or _is_mistaken(condition)
    )


def _is_at_a_time(appointment: Element) -> bool:
    return _has(appointment, "start") or appointment.get("status") in _WITHOUT_TIME


def _was_called_off(appointment: Element) -> bool:
    return "cancelationReason" not in appointment or appointment.get("status") in _CALLED_OFF


def _states_its_value_once(observation: Element) -> bool:
    if "component" not in observation or not _has(observation, "value[x]"):
        return True
    return _codes(observation).isdisjoint(code for one in observation["component"] for code in _codes(one))


def _codes(coded: Element) -> frozenset[tuple[str, str]]:
    return frozenset((one.get("system", ""), one["code"]) for one in coded["code"].get("coding", ()) if "code" in one)


def _is_chance(prediction: Element) -> bool:
    ends = prediction.get("probabilityRange", {})
    return all(
        ends[end].get("code") == "%" and ends[end].get("system") == _UCUM for end in ("low", "high") if end in ends
    )


def _is_at_most_certain(prediction: Element) -> bool:
    return bool(prediction.get("probabilityDecimal", 0) <= 100)


def _was_changed_once_written(task: Element) -> bool:
    return _in_turn(task.get("authoredOn"), task.get("lastModified"))


_SIMPLE: Final = {
    "Range": ("low", "high"),
    "SampledData": ("origin",),
    "Dosage": ("maxDosePerAdministration", "maxDosePerLifetime"),
    "Dosage.doseAndRate": ("doseQuantity", "rateQuantity"),
    "CarePlan.activity.detail": ("dailyAmount", "quantity"),
    "Immunization": ("doseQuantity",),
    "MedicationRequest.dispenseRequest": ("quantity",),
    "MedicationRequest.dispenseRequest.initialFill": ("quantity",),
    "Observation.referenceRange": ("low", "high"),
}
"""Of each type the quantities that are of a value alone (FHIR R4, SimpleQuantity)."""

_NEGATIVE: Final = "this may not be less than nothing"
_MISTAKEN: Final = "what was entered in error has no clinicalStatus"

INVARIANTS: Final = (
    Invariant("Element", "ele-1", "this says nothing but its id; leave it out", _says_more_than_its_id),
    Invariant("Extension", "ext-1", "an extension has either a value or extensions within it", _is_extension),
    Invariant("Narrative", "txt-2", "the narrative says nothing; leave it out", _says_something),
    Invariant("Attachment", "att-1", "data needs its contentType beside it", _needs("data", "contentType")),
    Invariant("ContactPoint", "cpt-2", "a value needs its system beside it, such as phone", _needs("value", "system")),
    Invariant("Period", "per-1", "this ends before it begins", runs_forward),
    Invariant("Quantity", "qty-3", "the code of a unit needs its system beside it", _needs("code", "system")),
    Invariant("Age", "age-1", "an age is more than nothing, and has the UCUM code of its unit", _is_age),
    Invariant("Count", "cnt-3", "a count is a whole number, and has the UCUM code 1", _is_count),
    Invariant("Distance", "dis-1", "a distance has the UCUM code of its unit", _is_measured),
    Invariant("Duration", "drt-1", "the code of a duration is UCUM's, and stands beside a value", _is_duration),
    Invariant("Ratio", "rat-1", "a ratio has both its numerator and its denominator", _is_ratio),
    *(
        Invariant(type, "sqty-1", "a quantity has no comparator here", _plain(*names))
        for type, names in _SIMPLE.items()
    ),
    Invariant("Range", "rng-2", "the low of this range is more than its high", _is_in_order),
    Invariant("Timing.repeat", "tim-1", "a duration needs a durationUnit", _needs("duration", "durationUnit")),
    Invariant("Timing.repeat", "tim-2", "a period needs a periodUnit", _needs("period", "periodUnit")),
    Invariant("Timing.repeat", "tim-4", _NEGATIVE, _not_negative("duration")),
    Invariant("Timing.repeat", "tim-5", _NEGATIVE, _not_negative("period")),
    Invariant("Timing.repeat", "tim-6", "a periodMax needs a period", _needs("periodMax", "period")),
    Invariant("Timing.repeat", "tim-7", "a durationMax needs a duration", _needs("durationMax", "duration")),
    Invariant("Timing.repeat", "tim-8", "a countMax needs a count", _needs("countMax", "count")),
    Invariant("Timing.repeat", "tim-9", "an offset needs a `when` that is not C, CM, CD or CV", _is_offset_from_what),
    Invariant("Timing.repeat", "tim-10", "give either timeOfDay or `when`", _not_both("timeOfDay", "when")),
    Invariant("DomainResource", "contained", "each contained resource needs an id of its own", _names_each),
    Invariant(
        "DomainResource", "dom-2", "a contained resource contains none", _each(lambda one: "contained" not in one)
    ),
    Invariant("DomainResource", "dom-3", "nothing refers to a contained resource; leave it out", _refers_to_each),
    Invariant("DomainResource", "dom-4", "a contained resource has no version", _each(_has_no_version)),
    Invariant(
        "DomainResource",
        "dom-5",
        "label this resource, not what it contains",
        _each(lambda one: "security" not in one.get("meta", ())),
    ),
    Invariant("AllergyIntolerance", "ait-1", "an allergy needs a clinicalStatus", _has_a_status),
    Invariant("AllergyIntolerance", "ait-2", _MISTAKEN, _has_no_status_in_error),
    Invariant("Appointment", "app-2", "give both start and end, or neither", _both_or_neither("start", "end")),
    Invariant(
        "Appointment",
        "app-3",
        "an appointment needs start and end, unless proposed, waitlist or cancelled",
        _is_at_a_time,
    ),
    Invariant("Appointment", "app-4", "only what was cancelled has a cancelationReason", _was_called_off),
    Invariant(
        "Appointment.participant", "app-1", "say who takes part, or as what (actor, type)", _some("type", "actor")
    ),
    Invariant("CarePlan.activity", "cpl-3", "give either detail or reference", _not_both("detail", "reference")),
    Invariant("Condition", "con-4", "what ended is inactive, in remission or resolved", _is_over_where_it_ended),
    Invariant("Condition", "con-5", _MISTAKEN, _has_no_status_in_error),
    Invariant("Condition.stage", "con-1", "a stage needs a summary or an assessment", _some("summary", "assessment")),
    Invariant("Condition.evidence", "con-2", "evidence needs a code or a detail", _some("code", "detail")),
    Invariant("Consent", "ppc-1", "a consent needs a policy or a policyRule", _some("policy", "policyRule")),
    Invariant("FamilyMemberHistory", "fhs-1", "give either age or born", _not_both("age[x]", "born[x]")),
    Invariant("FamilyMemberHistory", "fhs-2", "estimatedAge needs an age", _needs("estimatedAge", "age[x]")),
    Invariant("Goal.target", "gol-1", "the detail of a target needs its measure", _needs("detail[x]", "measure")),
    Invariant("Immunization.education", "imm-1", "give documentType or reference", _some("documentType", "reference")),
    Invariant(
        "Observation", "obs-6", "give either a value or a dataAbsentReason", _not_both("dataAbsentReason", "value[x]")
    ),
    Invariant(
        "Observation", "obs-7", "a component has the code of the whole, which has a value", _states_its_value_once
    ),
    Invariant(
        "Observation.referenceRange", "obs-3", "a reference range needs low, high or text", _some("low", "high", "text")
    ),
    Invariant("Organization", "org-1", "an organization needs a name or an identifier", _some("name", "identifier")),
    Invariant("Organization", "org-2", "no address of an organization is of use home", _not_at_home("address")),
    Invariant("Organization", "org-3", "no telecom of an organization is of use home", _not_at_home("telecom")),
    Invariant(
        "Patient.contact",
        "pat-1",
        "a contact needs a name, telecom, address or organization",
        _some("name", "telecom", "address", "organization"),
    ),
    Invariant(
        "QuestionnaireResponse.item", "qrs-1", "items stand in the item or in its answer", _not_both("answer", "item")
    ),
    Invariant("RiskAssessment.prediction", "ras-1", "a range of chances is of the UCUM code %", _is_chance),
    Invariant("RiskAssessment.prediction", "ras-2", "a probability is at most 100", _is_at_most_certain),
    Invariant("ServiceRequest", "prr-1", "orderDetail needs a code", _needs("orderDetail", "code")),
    Invariant("Task", "inv-1", "lastModified is before authoredOn", _was_changed_once_written),
)
