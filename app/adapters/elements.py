"""The FHIR R4 elements that adapters build again and again, as plain dicts."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from app.vocabulary.contact_point import COMMENT
from app.vocabulary.fhir_elements import extension
from app.vocabulary.fhir_systems import OURS
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Resource

ETHNIC_CATEGORY: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory"
"""On a Patient: an entry under a heading of its own, so that an agreement can keep it apart from who somebody is."""

_ICD_10: Final = re.compile(r"([A-Z][0-9]{2})\.?([0-9]{0,2})X?[DA*†]?", re.IGNORECASE)
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


def ethnic_category(concept: Resource) -> Resource:
    """What a partner states of somebody's ethnicity, and nothing else of them."""
    return {"resourceType": "Patient", "extension": [extension(ETHNIC_CATEGORY, concept)]}


def commented(comment: str) -> Resource:
    """The part of a ContactPoint that says what to know before it is used; empty where nothing is said."""
    return {"extension": [{"url": COMMENT, "valueString": comment}]} if comment else {}


def fhir_instant(at: datetime) -> str:
    """An instant as FHIR writes it; `at` must carry a zone."""
    return at.isoformat(timespec="milliseconds" if at.microsecond else "seconds")


def spoken_date(on: date) -> str:
    """A date as people say it: 3 March 2026."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def joined(parts: Iterable[str | None], separator: str = ", ") -> str:
    """Those parts that say anything, on one line."""
    return separator.join([part for part in parts if part])


@lru_cache
def local_identifier_system(partner: OdsCode, name: str) -> str:
    """The system of identifiers that one partner gives out by itself; `name` is what the partner calls it."""
    return f"{OURS}/Id/{partner}/{quote(name, safe='')}"


@lru_cache
def local_code_system(partner: OdsCode, name: str) -> str:
    """The system of codes that only one partner knows the meaning of; `name` is the list or the field they stand in."""
    return f"{OURS}/CodeSystem/{partner}/{quote(name, safe='')}"


def icd_10_dotted(code: str) -> str:
    """An ICD-10 code in the one form in which two partners' can be compared: `N393` and `N39.3` are N39.3.

    Trusts leave the dot out, fill the fourth place with X (`I10X`), and mark daggers and asterisks by D and A.
    A code of another shape is given back as it is.
    """
    shape = _ICD_10.fullmatch(code)
    if not shape:
        return code
    category, subdivision = shape.groups()
    return f"{category.upper()}.{subdivision}" if subdivision else category.upper()
