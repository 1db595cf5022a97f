"""Names, addresses, telephones and genders as FHIR: the HL7 v2 data types XPN, XAD and XTN, and table 0001."""

from collections.abc import Sequence
from typing import Final

from app.adapters.acute_hl7v2.message.reading import Reading
from app.adapters.acute_hl7v2.message.segments import Segment
from app.adapters.elements import commented, joined
from app.vocabulary.fhir_elements import known
from app.vocabulary.statement import Resource

_GENDERS: Final = {
    "1": "male", "M": "male", "2": "female", "F": "female", "9": "other", "O": "other", "A": "other", "I": "other",
    "0": "unknown", "X": "unknown", "U": "unknown",
}  # fmt: skip
_NAME_USES: Final = {"L": "official", "D": "usual", "": "usual", "N": "nickname", "M": "maiden"}
_ADDRESS_USES: Final = {"H": "home", "P": "home", "": "home", "C": "temp", "TM": "temp", "B": "work", "O": "work"}
_NO_LONGER: Final = "BA"  # a bad address: post came back
_POSTAL: Final = "M"
_CONTACT_SYSTEMS: Final = {"FX": "fax", "BP": "pager", "INTERNET": "email", "X.400": "email"}
_CONTACT_USES: Final = {"PRN": "home", "WPN": "work", "VHN": "temp"}


def names(segment: Segment, field: int) -> list[list[str]]:
    """The components of each name of a field (XPN); of a surname with its parts, the whole surname."""
    return [[heads[0], *one[1:]] for one, heads in zip(segment.repetitions(field), segment.heads(field), strict=True)]


def human_name(components: Sequence[str]) -> Resource:
    """A FHIR HumanName of the components of an XPN."""
    family, given, middle, suffix, prefix, _degree, kind = [*components, *[""] * 7][:7]
    return known(
        use=_NAME_USES.get(kind.strip().upper()),
        text=joined((prefix, given, middle, family, suffix), " "),
        family=family,
        given=f"{given} {middle}".split(),
        prefix=[prefix] if prefix else None,
        suffix=[suffix] if suffix else None,
    )


def address(reading: Reading, place: str, components: Sequence[str]) -> Resource:
    """A FHIR Address of the components of an XAD; `place` is the field it stands in."""
    street, other, city, county, postcode, country, kind = [*components, *[""] * 7][:7]
    street = _street(street)
    kind = kind.strip().upper()
    if kind not in _ADDRESS_USES and kind not in (_NO_LONGER, _POSTAL):
        reading.warn(place, "the type of an address is not known; it is kept without its use")
    return known(
        use="old" if kind == _NO_LONGER else _ADDRESS_USES.get(kind),
        type="postal" if kind == _POSTAL else None,
        text=joined((street, other, city, county, postcode)),
        line=[line for line in (street, other) if line],
        city=city,
        district=county,
        postalCode=postcode.strip(),
        country=country,
    )


def _street(told: str) -> str:
    """The line of a street, which HL7 v2.5 may tell again by its name and its number; an ampersand else stays."""
    line, *again = (part.strip() for part in told.split("&"))
    return line if all(part in line for part in again) else told.strip()


def contact_point(components: Sequence[str], use: str) -> Resource:
    """A FHIR ContactPoint of the components of an XTN; empty where it gives neither number nor e-mail address.

    What is written beside a number, such as that no message is to be left, is kept with it.
    """
    number, told_use, equipment, email, *_, beside = [*components, *[""] * 9][:9]
    parted = joined(components[4:8], " ")  # country, area and local number, extension
    equipment = equipment.strip().upper()
    value = number.strip() or parted.strip()
    if email.strip() and not value:
        return {"system": "email", "value": email.strip()} | commented(beside.strip())
    if not value:
        return {}
    mobile = equipment == "CP"
    return commented(beside.strip()) | {
        "system": _CONTACT_SYSTEMS.get(equipment, "phone"),
        "value": value,
        "use": "mobile" if mobile else _CONTACT_USES.get(told_use.strip().upper(), use),
    }


def contact_points(segment: Segment, field: int, use: str) -> list[Resource]:
    """The ContactPoints of a field."""
    return [told for one in segment.repetitions(field) if (told := contact_point(one, use))]


def gender(code: str) -> str | None:
    """A FHIR gender of HL7 table 0001 as the NHS uses it; `None` for a code of neither."""
    return _GENDERS.get(code.upper())
