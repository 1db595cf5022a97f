"""The tenure of a council's own API (Hackney's, MIT), restated in the tables of the standards.

Of its charges nothing is read: whether a balance above zero is a debt differs between systems, and no amount is shared.
"""

from collections.abc import Mapping
from typing import Any

Fields = dict[str, Any]


def is_tenure(document: Mapping[str, Any]) -> bool:
    """Whether a document is one tenure rather than the tables of the standards."""
    return "householdMembers" in document or "tenuredAsset" in document


def as_tables(tenure: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The tables that say the same; what is no person or no notice stands in them as `None`, to be refused by itself.

    The first responsible member is the tenant, any other a joint tenant. All ids are of persons, in one number space.
    """
    members = [_person(member) for member in _list(tenure.get("householdMembers"))]
    responsible = [member for member in members if member and member["is_contract_holder"] is True]
    tenants = responsible[:1]
    tenant = tenants[0]["tenant_id"] if tenants else None
    others = [_of_household(member, tenure, tenant) for member in members if member not in tenants]
    return {
        "tenant_person": list(tenants),
        "household_member_person": others,
        "tenancy": [_tenancy(tenure, tenant)],
        "tenancy_risk": _risks(tenure),
    }


def _person(member: Any) -> Fields | None:
    if not isinstance(member, dict) or member.get("type") == "Organisation":
        return None
    own = member.get("id")
    return {
        "person_id": own,
        "tenant_id": own,
        "full_name": member.get("fullName"),
        "date_of_birth": member.get("dateOfBirth"),
        "is_contract_holder": member.get("isResponsible"),
    }


def _of_household(member: Fields | None, tenure: Mapping[str, Any], tenant: Any) -> Fields | None:
    if member is None:
        return None
    household = {"household_member_id": member["person_id"], "tenancy_id": tenure.get("id"), "tenant_id": tenant}
    return {**member, **household}


def _tenancy(tenure: Mapping[str, Any], tenant: Any) -> Fields:
    asset, kind = _object(tenure.get("tenuredAsset")), _object(tenure.get("tenureType"))
    over = _object(tenure.get("terminated")).get("isTerminated") is True or tenure.get("isActive") is False
    return {
        "tenancy_id": tenure.get("id"),
        "tenant_id": tenant,
        "tenancy_type": kind.get("description"),
        "tenancy_type_code": kind.get("code"),
        "tenancy_status": "Ended" if over else None,
        "start_date": tenure.get("startOfTenureDate"),
        "end_date": tenure.get("endOfTenureDate"),
        "is_temporary_accommodation": asset.get("isTemporaryAccommodation"),
        "uprn": asset.get("uprn"),
        "address_line": asset.get("fullAddress"),
    }


def _risks(tenure: Mapping[str, Any]) -> list[Any]:
    notices = [_notice(notice, tenure) for notice in _list(tenure.get("notices"))]
    eviction = {"tenancy_id": tenure.get("id"), "risk_type": "eviction", "effective_date": tenure.get("evictionDate")}
    return [*notices, eviction] if tenure.get("evictionDate") else notices


def _notice(notice: Any, tenure: Mapping[str, Any]) -> Fields | None:
    if not isinstance(notice, dict):
        return None
    return {
        "tenancy_id": tenure.get("id"),
        "risk_type": "notice",
        "notice_type": notice.get("type"),
        "start_date": notice.get("servedDate"),
        "effective_date": notice.get("effectiveDate"),
        "end_date": notice.get("endDate"),
    }


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
