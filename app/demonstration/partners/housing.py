"""What the social landlord of the demonstration place sends: a JSON document a household, one a line."""

from datetime import date
from typing import Any

import orjson

from app.demonstration.people.lives import Adaptation, HouseholdMember, Housing, Life
from app.demonstration.people.resident import Resident

_OPEN_END = "9999-12-31"  # as a column that may not be empty says `still`
_TENURES = {"SEC": "Secure tenancy", "INT": "Introductory tenancy", "ASY": "Assured tenancy"}


def document(resident: Resident, life: Life) -> bytes | None:
    """The household of which the resident is the tenant, as a line; `None` where they rent from nobody here."""
    home = life.housing
    if home is None:
        return None
    tables: dict[str, list[dict[str, Any]]] = {
        "tenant_person": [_tenant(resident)],
        "address": [_address(resident)],
        "tenancy": [_tenancy(resident, home)],
        "household_member_person": [_member(resident, member) for member in home.household],
        "person_alert": [_alert(resident, place, code, home) for place, code in enumerate(home.alerts)],
        "hazard_report": _hazards(resident, home),
        "work_order": _repairs(resident, home),
        "adaptation": [_adaptation(resident, home.adaptation)] if home.adaptation else [],
        "tenancy_risk": _risks(resident, home),
        "homelessness_duty": _duties(resident, home),
    }
    return orjson.dumps({name: rows for name, rows in tables.items() if rows}) + b"\n"


def _tenant(resident: Resident) -> dict[str, Any]:
    title = "Mrs" if resident.gender == "female" else "Mr"
    return {
        "tenant_id": f"T{resident.number}",
        "full_name": f"{title} {resident.given_name} {resident.family_name}",
        "date_of_birth": resident.birth_date.isoformat(),
        "phone_number": resident.telephone,
    }


def _address(resident: Resident) -> dict[str, Any]:
    return {
        "address_id": f"A{resident.number}",
        "uprn": resident.uprn,
        "building_number": str(resident.house),
        "street_name": resident.street,
        "city_name": "Wulfrun",
        "post_code": resident.postcode,
    }


def _tenancy(resident: Resident, home: Housing) -> dict[str, Any]:
    return {
        "tenancy_id": f"TY{resident.number}",
        "tenant_id": f"T{resident.number}",
        "address_id": f"A{resident.number}",
        "start_date": home.tenancy_started.isoformat(),
        "end_date": _OPEN_END,
        "tenancy_type": _TENURES[home.tenancy_type],
        "tenancy_status": "Active",
    }


def _member(resident: Resident, member: HouseholdMember) -> dict[str, Any]:
    return {
        "household_member_id": f"M{member.number}",
        "tenancy_id": f"TY{resident.number}",
        "full_name": member.full_name,
        "date_of_birth": member.birth_date.isoformat(),
        "relationship_to_tenant": member.relationship,
    }


def _alert(resident: Resident, place: int, code: str, home: Housing) -> dict[str, Any]:
    return {
        "person_alert_id": f"AL{resident.number}{place}",
        "person_id": f"T{resident.number}",
        "alert_subcode": code,
        "confidentiality_level": "Public",
        "start_date": home.tenancy_started.isoformat(),
        "is_active": True,
    }


def _hazards(resident: Resident, home: Housing) -> list[dict[str, Any]]:
    if home.hazard is None:
        return []
    what, reported = home.hazard
    return [
        {
            "hazard_report_id": f"H{resident.number}",
            "tenancy_id": f"TY{resident.number}",
            "description": what,
            "date_reported": reported.isoformat(),
            "report_status": "Open",
        }
    ]


def _repairs(resident: Resident, home: Housing) -> list[dict[str, Any]]:
    if home.repair is None:
        return []
    what, raised, done = home.repair
    return [
        {
            "work_order_id": f"W{resident.number}",
            "tenancy_id": f"TY{resident.number}",
            "work_class": "Repairs",
            "description_of_work": what,
            "date_raised": raised.isoformat(),
            "actual_completion_date_time": f"{done.isoformat()}T12:00:00" if done else None,
        }
    ]


def _adaptation(resident: Resident, works: Adaptation) -> dict[str, Any]:
    def day(on: date | None) -> str | None:
        return on.isoformat() if on else None

    return {
        "adaptation_id": f"DFG{resident.number}",
        "tenancy_id": f"TY{resident.number}",
        "works_type": works.works,
        "funding": "Disabled Facilities Grant",
        "status": "Completed" if works.completed else "Approved" if works.approved else "Received",
        "application_date": day(works.applied),
        "ot_recommendation_date": day(works.recommended),
        "approval_date": day(works.approved),
        "completion_date": day(works.completed),
    }


def _risks(resident: Resident, home: Housing) -> list[dict[str, Any]]:
    tenancy = f"TY{resident.number}"
    risks = [{"tenancy_risk_id": f"R{resident.number}", "tenancy_id": tenancy, "risk_type": "Arrears"}]
    if home.under_notice:
        risks += [
            {
                "tenancy_risk_id": f"N{resident.number}",
                "tenancy_id": tenancy,
                "risk_type": "Notice",
                "notice_type": "Notice of seeking possession",
                "start_date": home.under_notice.isoformat(),
            }
        ]
    return risks if home.in_arrears else []


def _duties(resident: Resident, home: Housing) -> list[dict[str, Any]]:
    if home.homelessness_duty is None:
        return []
    duty, since = home.homelessness_duty
    return [
        {
            "homelessness_case_id": f"HL{resident.number}",
            "person_id": f"T{resident.number}",
            "duty": duty,
            "start_date": since.isoformat(),
        }
    ]
