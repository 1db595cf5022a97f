"""Client Level Data files for tests: a row as a council writes it, changed where a test is about it."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

from app.adapters.social_care_cld import ADAPTER
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Complete, Entry, Finding, Relationship, Sender, Severity, Statement, Utterance

SAMPLES = Path(__file__).parent / "samples" / "social_care"
COUNCIL = OdsCode("X503")

ROW = {
    "LA Code": "503",
    "Reporting Period End Date": "2025-09-30",
    "NHS Number": "9990037000",
    "LA Person Unique Identifier": "10001",
    "Gender": "Male",
    "Ethnicity": "White: Irish",
    "Date of Birth": "1941-03-14",
    "Date of Death": "",
    "Client Type": "Service user",
    "Primary Support Reason": "Physical Support: Personal care support",
    "Postcode": "WV1 1AA",
    "Accommodation Status": "Tenant: Private landlord",
    "Has Unpaid Carer": "Yes",
    "Event Type": "Service",
    "Event Start Date": "2025-06-23",
    "Event End Date": "",
    "Event Outcome": "Continuation of support or services",
    "Request: Route of Access": "",
    "Assessment Type": "",
    "Service Type": "Long term support: Community",
    "Service Component": "Home support or domiciliary care",
    "Review Reason": "",
}
"""A service without a fault, in the columns that no file may lack."""

SERVICE_ONLY = {"Service Type": "", "Service Component": ""}
REQUEST = SERVICE_ONLY | {
    "Event Type": "Request",
    "Event End Date": "2025-06-25",
    "Event Outcome": "Progress to assessment, review or reassessment",
    "Request: Route of Access": "Discharge from Hospital",
}
ASSESSMENT = SERVICE_ONLY | {
    "Event Type": "Assessment",
    "Event End Date": "2025-06-25",
    "Assessment Type": "Long term assessment",
}
REVIEW = SERVICE_ONLY | {
    "Event Type": "Review",
    "Event End Date": "2025-06-25",
    "Review Reason": "Planned",
    "Method of Review": "Service user only",
}
CARER = {
    "Client Type": "Unpaid carer",
    "LA Person Unique Identifier": "10002",
    "NHS Number": "9990037744",
    "First Name": "Daniel",
    "Last Name": "Penn",
    "Date of Birth": "1969-11-02",
    "Postcode": "WV1 2BB",
    "Adult 1 Linked Person_ID": "10001",
}


def extract(*rows: Mapping[str, str]) -> bytes:
    """A file of rows, each `ROW` but for what it changes."""
    changed = [{**ROW, **row} for row in rows]
    headings = list(dict.fromkeys(heading for row in [ROW, *changed] for heading in row))
    file = io.StringIO()
    writer = csv.DictWriter(file, headings, restval="")
    writer.writeheader()
    writer.writerows(changed)
    return file.getvalue().encode()


def read(message: bytes, **columns: str) -> list[Utterance]:
    """What the adapter says of a file; `columns` are those that the sender maps."""
    return list(ADAPTER.read(io.BytesIO(message), Sender(partner=COUNCIL, columns=columns)))


def said(*rows: Mapping[str, str], **columns: str) -> list[Utterance]:
    """What the adapter says of rows."""
    return read(extract(*rows), **columns)


def statements(said: Iterable[Utterance]) -> list[Statement]:
    """The statements among what was said."""
    return [one for one in said if isinstance(one, Statement)]


def entries(said: Iterable[Utterance], category: str | None = None) -> list[Entry]:
    """The entries among what was said, of one category or all."""
    return [
        entry
        for statement in statements(said)
        for entry in statement.entries
        if category is None or entry.category == category
    ]


def entry(said: Iterable[Utterance], category: str) -> Entry:
    """The one entry of a category."""
    (found,) = entries(said, category)
    return found


def relationships(said: Iterable[Utterance]) -> list[Relationship]:
    """The relationships among what was said."""
    return [relationship for statement in statements(said) for relationship in statement.relationships]


def findings(said: Iterable[Utterance], severity: Severity | None = None) -> list[str]:
    """The rules that findings name, of one severity or all."""
    return [one.rule for one in said if isinstance(one, Finding) and severity in (None, one.severity)]


def completes(said: Iterable[Utterance]) -> list[Complete]:
    """What is said to be complete."""
    return [one for one in said if isinstance(one, Complete)]


def everything(entry: Entry) -> str:
    """All that an entry could show, as text to search."""
    return repr((entry.resource, entry.title, entry.detail, entry.key))


def check_fhir(entry: Entry) -> None:
    """Raises where an entry is no FHIR R4 once it has been stored."""
    resource: dict[str, Any] = entry.resource | {"id": "1"}
    subject = {"reference": "Patient/1"}
    match entry.resource["resourceType"]:
        case "Patient":
            pass
        case "EpisodeOfCare" | "RelatedPerson":
            resource["patient"] = subject
        case _:
            resource["subject"] = subject
    get_fhir_model_class(entry.resource["resourceType"]).model_validate(resource)
