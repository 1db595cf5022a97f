"""What the council of the demonstration place sends: Client Level Data, and its safeguarding extract, as CSV."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from app.adapters.social_care_cld.headings import HEADINGS
from app.adapters.social_care_safeguarding import FIELDS
from app.demonstration.partners.ethnicity import in_the_councils_words
from app.demonstration.people.lives import Life, SocialCare, Support
from app.demonstration.people.resident import Resident
from app.demonstration.place import SOCIAL_CARE

HEADING_ROW: Final = ("Reporting Period Start Date", *HEADINGS.values(), "Unit Cost")
SAFEGUARDING_ROW: Final = tuple(FIELDS.values())

_Row = dict[str, str]


def local_id(resident_number: int) -> str:
    """What the council calls a resident."""
    return f"SC{resident_number:07}"


def event_rows(resident: Resident, life: Life, on: date) -> Iterator[list[str]]:
    """The person's rows, in the order of `HEADING_ROW`, as at the day before `on`."""
    care = life.social_care
    if care is None:
        return
    about = _about(resident, life, care, on)
    for event in _events(care):
        row = {**about, **event}
        yield [row.get(heading, "") for heading in HEADING_ROW]


def _about(resident: Resident, life: Life, care: SocialCare, on: date) -> _Row:
    practice, name = resident.locality.practices[resident.practice]
    carer = care.cares_for is not None
    person = {
        "LA Code": str(SOCIAL_CARE),
        "Reporting Period Start Date": (on - timedelta(days=365)).isoformat(),
        "Reporting Period End Date": (on - timedelta(days=1)).isoformat(),
        "NHS Number": resident.nhs_number.digits if resident.nhs_number else "",
        "LA Person Unique Identifier": local_id(resident.number),
        "First Name": resident.given_name,
        "Last Name": resident.family_name,
        "GP Practice Name": name,
        "GP Practice Code": practice,
        "Gender": resident.gender.capitalize(),
        "Ethnicity": in_the_councils_words(resident, SOCIAL_CARE),
        "Date of Birth": resident.birth_date.isoformat(),
        "Date of Death": life.deceased.isoformat() if life.deceased else "",
        "Client Type": "Carer" if carer else "Service User",
        "Primary Support Reason": care.reason,
        "Postcode": resident.postcode,
        "Accommodation Status": "Tenant" if life.housing else "Owner occupier or shared ownership scheme",
        "Has Unpaid Carer": "Yes" if life.next_of_kin else "No",
    }
    if care.cares_for is not None:
        person |= {"No. of adults being cared for": "1", "Adult 1 Linked Person_ID": local_id(care.cares_for)}
        person |= {"Total Hrs Caring per week": "50-99"}
    return person


def _events(care: SocialCare) -> Iterator[_Row]:
    yield {
        "Event Type": "Request",
        "Event Start Date": care.requested.isoformat(),
        "Event End Date": (care.requested + timedelta(days=2)).isoformat(),
        "Request: Route of Access": care.route,
        "Event Outcome": "Progress to Assessment" if care.assessed else "NFA - Information & Advice / Signposting only",
    }
    if care.assessed is not None:
        yield {
            "Event Type": "Assessment",
            "Event Start Date": (care.assessed - timedelta(days=7)).isoformat(),
            "Event End Date": care.assessed.isoformat(),
            "Assessment Type": "Long term assessment",
            "Eligible Needs Identified": "Yes - eligible needs",
            "Method of Assessment": "Face to face",
            "Event Outcome": "Progress to Support Planning / Services",
        }
    for support in care.support:
        yield _service(support)
    if care.reviewed is not None:
        yield {
            "Event Type": "Review",
            "Event Start Date": care.reviewed.isoformat(),
            "Event End Date": care.reviewed.isoformat(),
            "Review Reason": "Planned",
            "Review Outcomes Achieved": "Partially achieved",
            "Method of Review": "Face to face",
            "Event Outcome": "No change in package",
        }


def _service(support: Support) -> _Row:
    return {
        "Event Type": "Service",
        "Event Start Date": support.started.isoformat(),
        "Event End Date": support.ended.isoformat() if support.ended else "",
        "Service Type": support.service_type,
        "Service Component": support.component,
        "Delivery Mechanism": "CASSR Commissioned support",
        "Provider CQC Location Name": support.provider,
        "Provider CQC Location ID": f"1-{sum(map(ord, support.provider)) * 7919}" if support.provider else "",
        "Unit Cost": "19.50",
        "Cost Frequency (Unit Type)": "Per hour" if support.hours_a_week else "Per week",
        "Planned units per week": str(support.hours_a_week or ""),
        "Event Outcome": "NFA: Support ended as planned" if support.ended else "Provision of service",
    }


def safeguarding_rows(resident: Resident, life: Life) -> Iterator[list[str]]:
    """The person's safeguarding cases, in the order of `SAFEGUARDING_ROW`."""
    for place, concern in enumerate(life.social_care.concerns if life.social_care else ()):
        case = {
            "case_reference": f"SG{resident.number:07}{place}",
            "person_reference": local_id(resident.number),
            "kind": concern.kind,
            "started": concern.raised.isoformat(),
            "ended": concern.closed.isoformat() if concern.closed else "",
            "nhs_number": resident.nhs_number.digits if resident.nhs_number else "",
            "family_name": resident.family_name,
            "given_name": resident.given_name,
            "birth_date": resident.birth_date.isoformat(),
            "postcode": resident.postcode,
            "contact_team": concern.team,
            "contact_telephone": "01632 960100",
        }
        yield [case.get(field, "") for field in FIELDS]
