"""What a feed is called where people read of it: its adapter's name is for programs and the command line."""

from collections.abc import Mapping
from typing import Final

_TITLES: Final[Mapping[str, str]] = {
    "acute-hl7v2": "hospital messages",
    "caseload": "caseload list",
    "fhir-bundle": "FHIR messages",
    "housing-csv": "housing list",
    "housing-json": "housing records",
    "mental-health-mhsds": "mental health services data set",
    "risk-scores-csv": "list of risk scores",
    "social-care-cld": "adult social care client level data",
    "social-care-safeguarding": "safeguarding list",
}


def feed_title(adapter: str) -> str:
    """`hospital messages` of `acute-hl7v2`; the name of an adapter that a partner brought, with spaces."""
    return _TITLES.get(adapter, adapter.replace("-", " "))
