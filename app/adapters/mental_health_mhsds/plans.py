"""MHS008 care plans and MHS009 who agreed to them. MHSDS tells that a plan exists, never what it says."""

from typing import Final

from app.adapters.elements import spoken_date
from app.adapters.mental_health_mhsds.extract import Extract
from app.adapters.mental_health_mhsds.moments import Moment, between
from app.adapters.mental_health_mhsds.rules import Row
from app.adapters.mental_health_mhsds.tables import CODE_SETS
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import known
from app.vocabulary.statement import Entry, Resource, Statement, Subject

_CRISIS_PLAN: Final = "12"
_CARE_PLANS: Final = Category("care-plans")
_CONTINGENCY: Final = Category("contingency")
_ALERTS: Final = Category("alerts")
_HEADINGS: Final = {"11": _CONTINGENCY, _CRISIS_PLAN: _CONTINGENCY, "13": Category("supporting-plans")}

_TYPES: Final = CODE_SETS["CARE PLAN TYPE (MENTAL HEALTH)"]
_AGREED_BY: Final = CODE_SETS["CARE PLAN CONTENT AGREED BY"]
_FAMILY_INVOLVED: Final = CODE_SETS["FAMILY INVOLVED IN CARE PLAN INDICATOR"]
_FAMILY_NOT_INVOLVED: Final = CODE_SETS["FAMILY NOT INVOLVED IN CARE PLAN REASON"]


def care_plan(row: Row, subject: Subject, extract: Extract) -> Statement:
    """MHS008: that a plan exists; of a crisis plan an alert says so too."""
    extract.plan_types[row["CarePlanID"]] = row["CarePlanTypeMH"]
    created = row.start("CarePlanCreatDate", "CarePlanCreationTime")
    entries = [_plan(row, extract, created)]
    if row["CarePlanTypeMH"] == _CRISIS_PLAN:
        entries.append(_crisis_plan_flag(row, extract, created))
    return Statement(subject=subject, line=row.line, entries=tuple(entries))


def plan_agreement(row: Row, subject: Subject, extract: Extract) -> Statement:
    """MHS009: who agreed to a plan, and whether the family took part."""
    plan_type, by = extract.plan_types[row["CarePlanID"]], row["CarePlanContentAgreedBy"]
    agreed = row.moment("CarePlanContentAgreedDate", "CarePlanContentAgreedTime")
    resource: Resource = known(
        resourceType="Observation",
        status="final",
        code={"text": "Care plan content agreed by"},
        valueCodeableConcept=_AGREED_BY.concept(by),
        effectiveDateTime=agreed and agreed.fhir,
        component=_family(row),
    )
    entry = extract.entry(
        row,
        f"Observation/CarePlanAgreement/{row['CarePlanID']}/{by}/{agreed.fhir if agreed else ''}",
        _HEADINGS.get(plan_type, _CARE_PLANS),
        resource,
        f"{_TYPES.label(plan_type)}: content agreed",
        detail={"Y": "the family was involved", "N": "the family was not involved"}.get(
            row["FamilyCarePlanIndicator"], ""
        ),
        started=agreed and agreed.instant,
        ended=agreed and agreed.instant,
    )
    return Statement(subject=subject, line=row.line, entries=(entry,))


def _plan(row: Row, extract: Extract, created: Moment) -> Entry:
    kind = row["CarePlanTypeMH"]
    updated = row.date("CarePlanLastUpdateDate")
    resource: Resource = {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "category": [_TYPES.concept(kind)],
        "title": _TYPES.label(kind),
        "created": created.fhir,
        "period": between(row.moment("CarePlanImplementDate") or created),
    }
    return extract.entry(
        row,
        f"CarePlan/{row['CarePlanID']}",
        _HEADINGS.get(kind, _CARE_PLANS),
        resource,
        _TYPES.label(kind),
        detail=f"last updated {spoken_date(updated)}" if updated else "",
        started=created.instant,
    )


def _crisis_plan_flag(row: Row, extract: Extract, created: Moment) -> Entry:
    title = "A crisis plan exists; ask the mental health provider for it"
    resource: Resource = {
        "resourceType": "Flag",
        "status": "active",
        "code": {"text": title},
        "period": between(created),
    }
    return extract.entry(
        row, f"Flag/crisis-plan/{row['CarePlanID']}", _ALERTS, resource, title, started=created.instant
    )


def _family(row: Row) -> list[Resource]:
    involved, reason = row["FamilyCarePlanIndicator"], row["NoFamilyCarePlanReason"]
    told = []
    if involved:
        told.append({"code": {"text": "Family involved"}, "valueCodeableConcept": _FAMILY_INVOLVED.concept(involved)})
    if reason:
        concept = _FAMILY_NOT_INVOLVED.concept(reason)
        told.append({"code": {"text": "Why the family was not involved"}, "valueCodeableConcept": concept})
    return told
