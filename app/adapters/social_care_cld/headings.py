"""The headings of Client Level Data, release 1 and release 2, as one row.

The two releases name the same fields alike but for dashes, underscores and brackets; release 2 has no names, no
practice name and no provider name. Four fields are never read, so that nothing made of a row can tell them: Client
Funding Status, Unit Cost, Event Reference (which the publisher calls unreliable) and Reporting Period Start Date.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from app.adapters.delimited import mapped_columns, rows
from app.vocabulary.statement import Finding, Sender


class EventRow(NamedTuple):
    """One row, its fields as written; "" where empty or where the release has no such field."""

    line: int
    la_code: str
    period_end: str
    nhs_number: str
    person_id: str
    first_name: str
    last_name: str
    gp_practice_name: str
    gp_practice_code: str
    gender: str
    ethnicity: str
    birth_date: str
    death_date: str
    client_type: str
    support_reason: str
    postcode: str
    accommodation: str
    employment: str
    has_unpaid_carer: str
    autism: str
    visual_impairment: str
    hearing_impairment: str
    dementia: str
    event_type: str
    event_start: str
    event_end: str
    description: str
    outcome: str
    route_of_access: str
    assessment_type: str
    eligible_needs: str
    method_of_assessment: str
    hours_caring: str
    adults_cared_for: str
    adult_1: str
    adult_2: str
    adult_3: str
    service_type: str
    service_component: str
    delivery_mechanism: str
    provider_name: str
    provider_id: str
    review_reason: str
    review_outcomes: str
    method_of_review: str
    unit_type: str
    planned_units: str
    restricted: str


_REQUIRED: Final = {
    "la_code": "LA Code",
    "period_end": "Reporting Period End Date",
    "nhs_number": "NHS Number",
    "person_id": "LA Person Unique Identifier",
    "gender": "Gender",
    "ethnicity": "Ethnicity",
    "birth_date": "Date of Birth",
    "death_date": "Date of Death",
    "client_type": "Client Type",
    "support_reason": "Primary Support Reason",
    "postcode": "Postcode",
    "accommodation": "Accommodation Status",
    "has_unpaid_carer": "Has Unpaid Carer",
    "event_type": "Event Type",
    "event_start": "Event Start Date",
    "event_end": "Event End Date",
    "outcome": "Event Outcome",
    "route_of_access": "Request: Route of Access",
    "assessment_type": "Assessment Type",
    "service_type": "Service Type",
    "service_component": "Service Component",
    "review_reason": "Review Reason",
}
"""Without these a file is refused: what decides which event a row tells of, whose, when, and who may see where."""

_OPTIONAL: Final = {
    "first_name": "First Name",
    "last_name": "Last Name",
    "gp_practice_name": "GP Practice Name",
    "gp_practice_code": "GP Practice Code",
    "employment": "Employment Status",
    "autism": "Autism Spectrum Disorder (ASD)",
    "visual_impairment": "Visual Impairment",
    "hearing_impairment": "Hearing Impairment",
    "dementia": "Dementia",
    "description": "Event Description",
    "eligible_needs": "Eligible Needs Identified",
    "method_of_assessment": "Method of Assessment",
    "hours_caring": "Total Hrs Caring per week",
    "adults_cared_for": "No. of adults being cared for",
    "adult_1": "Adult 1 Linked Person_ID",
    "adult_2": "Adult 2 Linked Person_ID",
    "adult_3": "Adult 3 Linked Person_ID",
    "delivery_mechanism": "Delivery Mechanism",
    "provider_name": "Provider CQC Location Name",
    "provider_id": "Provider CQC Location ID",
    "review_outcomes": "Review Outcomes Achieved",
    "method_of_review": "Method of Review",
    "unit_type": "Cost Frequency (Unit Type)",  # read only to name the units that are planned
    "planned_units": "Planned units per week",
    "restricted": "Restricted",  # not of the standard: a case system's own marker, where a council sends it
}

HEADINGS: Final = _REQUIRED | _OPTIONAL
"""Release 1 headings by our field name."""

_IN_ORDER: Final = {field: HEADINGS[field] for field in EventRow._fields[1:]}


def event_rows(message: BinaryIO, sender: Sender) -> Iterator[EventRow | Finding]:
    """Each row, or the finding that refuses it; raises as `rows` does.

    Where the sender maps a marker of restricted records, an empty one says that the record is not restricted.
    """
    unmarked = "no" if "restricted" in sender.columns else ""
    columns = mapped_columns(_IN_ORDER, sender, required=_REQUIRED)
    for found in rows(message, columns, encoding=sender.encoding):
        if isinstance(found, Finding):
            yield found
        else:
            *told, restricted = found.values
            yield EventRow._make((found.line, *told, restricted or unmarked))
