"""A home as FHIR tells it: an address that carries its Unique Property Reference Number.

A Location has no subject and would be one for all who ever lived there; so a home is told as the address of its tenant.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from app.adapters.discretion import postcode_at_end
from app.adapters.elements import joined
from app.adapters.housing.facts.entries import Fact, entry, period
from app.adapters.housing.rows import Row
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import coding, known
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Resource, Standing

_ADDRESS: Final = Category("address")
_ADDRESS_KEY: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AddressKey"
_KEY_TYPE: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-AddressKeyType"
_UPRN_TYPE: Final = {"coding": [coding(_KEY_TYPE, "UPRN", "Unique Property Reference Number")]}


def postcode_of(row: Row) -> str | None:
    """The postcode of the row's address, as evidence of who lives there; `None` where it has not the shape of one."""
    given = _postcode(row)
    postcode = postcode_at_end(given)
    if postcode != given:
        row.warn("post_code", "is no postcode; it was not used for matching")
        return None
    return postcode or None


def uprn_of(row: Row) -> str | None:
    """The UPRN, at most twelve digits without leading zeros (OS AddressBase); a placeholder of zeros is none."""
    text = row.text("uprn")
    digits = text.lstrip("0")
    if digits and not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        row.warn("uprn", "is no UPRN of at most twelve digits; a spreadsheet may have rounded it")
        return None
    return digits or None


def address_of(row: Row, *, use: str, started: date | None, ended: date | None) -> Resource | None:
    """The FHIR address of a row; `None` where the row has none: a postcode alone tells no home from another."""
    lines = _lines(row)
    postcode, uprn = _postcode(row), uprn_of(row)
    if not (lines or uprn):
        return None
    told = [*lines, row.text("city_name")]
    if postcode and not row.text("address_line").endswith(postcode):
        told.append(postcode)
    return {
        "use": use,
        "type": "physical",
        **known(
            text=joined(told),
            line=lines,
            city=row.text("city_name"),
            postalCode=postcode,
            extension=[_uprn_extension(uprn)] if uprn else [],
        ),
        **period(started, ended),
    }


def home(row: Row, person: str, *, since: date | None = None, past: bool = False) -> Iterator[Fact]:
    """Where someone of the household lives, as an entry apart, for it locates them."""
    ended, temporary = row.on("end_date"), row.yes("is_temporary_accommodation")
    address = address_of(row, use="old" if past else "temp" if temporary else "home", started=since, ended=ended)
    if address:
        yield entry(
            row,
            f"Patient/{person}/address/{row.text('tenancy_id') or 'home'}",
            _ADDRESS,
            {"resourceType": "Patient", "address": [address]},
            address.get("text", "Home known by its property reference alone"),
            details=["temporary accommodation" if temporary else "", row.text("tenancy_type")],
            started=since,
            ended=ended,
            standing=Standing.ENDED if past else Standing.CURRENT,
            sensitivity=Sensitivity.LOCATING,
        )


def _postcode(row: Row) -> str:
    """As given: in its own field, or at the end of an address in one field."""
    return row.first("post_code", "postal_code") or postcode_at_end(row.text("address_line"))


def _lines(row: Row) -> list[str]:
    if line := row.text("address_line"):
        return [line]
    street = joined((row.text("building_number"), row.text("street_name")), " ")
    floor = row.text("floor")
    return [line for line in (row.text("building_name"), street, floor and f"Floor {floor}") if line]


def _uprn_extension(uprn: str) -> dict[str, Any]:
    return {
        "url": _ADDRESS_KEY,
        "extension": [
            {"url": "type", "valueCodeableConcept": _UPRN_TYPE},
            {"url": "value", "valueString": uprn},
        ],
    }
