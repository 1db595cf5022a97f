"""Unpaid carers and the adults they care for: each learns of the other no more than that the caring exists.

On the carer's record: that they care, for how many and how long. The cared-for person stands there only as a reference
by council identifier, which nothing resolves. On the cared-for person's record: the carer's identifier, and their name
where release 1 gives one and the case system does not restrict the carer.
"""

from collections.abc import Iterator
from typing import Final

from app.adapters.delimited import mangled_by_spreadsheet
from app.adapters.social_care_cld.dates import recorded
from app.adapters.social_care_cld.headings import EventRow
from app.adapters.social_care_cld.observation import observation, told
from app.adapters.social_care_cld.people import human_name, is_restricted, person_system
from app.adapters.social_care_cld.values import value
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import codeable_concept, identifier
from app.vocabulary.statement import Entry, Resource, Statement, Subject

_SOCIAL_CONTEXT: Final = Category("social-context")
_CONTACTS: Final = Category("contacts")
_RELATIONSHIPS: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-AdditionalPersonRelationshipRole"
_UNPAID_CARER: Final = codeable_concept(_RELATIONSHIPS, "Carer", "Carer of patient", text="Unpaid carer")


def caring(row: EventRow) -> Entry:
    """What stands on the carer's own record."""
    found = {
        "Caring role": value("client_type", row.client_type),
        "Adults cared for": value("adults_cared_for", row.adults_cared_for),
        "Hours of caring a week": value("hours_caring", row.hours_caring),
    }
    resource = observation(found)
    adults = [
        {"type": "Patient", "identifier": identifier(person_system(row.la_code), adult)} for adult in _sound_links(row)
    ]
    if adults:
        resource["focus"] = adults
    return Entry(
        key=f"Observation/caring/{row.la_code}/{row.person_id}",
        category=_SOCIAL_CONTEXT,
        resource=resource,
        title=told(found),
        line=row.line,
        recorded=recorded(row),
    )


def cared_for(row: EventRow) -> Iterator[Statement]:
    """What stands on the record of each adult cared for."""
    for adult in _sound_links(row):
        yield Statement(subject=Subject(local_id=adult), line=row.line, entries=(_carer_of(row, adult),))


def _carer_of(row: EventRow, adult: str) -> Entry:
    resource: Resource = {
        "resourceType": "RelatedPerson",
        "identifier": [identifier(person_system(row.la_code), row.person_id)],
        "relationship": [_UNPAID_CARER],
    }
    name = {} if is_restricted(row) else human_name(row)
    if name:
        resource["name"] = [name]
    return Entry(
        key=f"RelatedPerson/{row.la_code}/{adult}/{row.person_id}",
        category=_CONTACTS,
        resource=resource,
        title="Unpaid carer",
        detail=name.get("text", ""),
        line=row.line,
        recorded=recorded(row),
    )


def _sound_links(row: EventRow) -> list[str]:
    adults = [adult for adult in (row.adult_1, row.adult_2, row.adult_3) if adult]
    return [adult for adult in adults if adult != row.person_id and not mangled_by_spreadsheet(adult)]
