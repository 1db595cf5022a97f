"""Other members of a household: each a person of their own.

On the tenant's record stands only that they are there, and how they are related. What is known of their vulnerability
or their risks stands on their own record and nowhere else.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from app.adapters.housing import codes
from app.adapters.housing.facts import persons
from app.adapters.housing.facts.entries import Fact, entry, flag, iso
from app.adapters.housing.rows import Row
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import known
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Resource, Standing

_CONTACTS: Final = Category("contacts")
_ALERTS: Final = Category("alerts")
_RISKS: Final = Category("risks")


def as_contact(row: Row, tenant: str, *, until: date | None = None, past: bool = False) -> Iterator[Fact]:
    """The member as the tenant's record shows them: there, by name and relationship, and nothing more.

    `until` is the last day of the tenancy, `past` that it is over. Locating, as who lives with a person tells where:
    PDS withholds related people with the address.
    """
    relationship = row.text("relationship_to_tenant") or ("Joint tenant" if row.yes("is_contract_holder") else "")
    name = row.text("full_name")
    resource: Resource = {
        "resourceType": "RelatedPerson",
        **known(
            relationship=[{"text": relationship}] if relationship else [],
            name=[{"text": name}] if name else [],
        ),
    }
    yield entry(
        row,
        f"RelatedPerson/{row.text('household_member_id')}/{tenant}",
        _CONTACTS,
        resource,
        f"Lives in the same household: {relationship or 'relationship not told'}",
        details=[name],
        ended=until,
        standing=Standing.ENDED if past else Standing.CURRENT,
        sensitivity=Sensitivity.LOCATING,
    )


def read(row: Row, person: str) -> Iterator[Fact]:
    """What is said of the member, for the member's own record."""
    yield from persons.read(row, person)
    yield from _vulnerability(row, person)
    yield from _risk_assessment(row, person)


def _vulnerability(row: Row, person: str) -> Iterator[Fact]:
    """What makes the person vulnerable, in free text that nobody graded: only for those who see restricted entries."""
    if details := row.text("vulnerability_details"):
        yield entry(
            row,
            f"Flag/vulnerable/details/{person}",
            _ALERTS,
            flag(_ALERTS, {"text": details}, active=True, started=None, ended=None),
            "Why the landlord records the person as vulnerable",
            details=[details],
            sensitivity=Sensitivity.RESTRICTED,
        )


def _risk_assessment(row: Row, person: str) -> Iterator[Fact]:
    word, on = row.text("risk_assessment_status"), row.on("risk_assessment_date")
    if not (word or on):
        return
    status = codes.status("risk_assessment", word)
    if status is None and word:
        row.warn("risk_assessment_status", "is not a known status; it is kept as given")
    yield entry(
        row,
        f"RiskAssessment/{row.text('household_member_id')}/{person}",
        _RISKS,
        {
            "resourceType": "RiskAssessment",
            "status": status.fhir if status else "unknown",
            **known(occurrenceDateTime=iso(on)),
            "method": {"text": "Risk assessment by the landlord"},
        },
        "Risk assessment by the landlord",
        details=[word],
        started=on,
        ended=on,
    )
