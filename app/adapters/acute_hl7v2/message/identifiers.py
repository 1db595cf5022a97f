"""Whom a PID-3 or an MRG-1 names, and which professional an XCN field names.

HL7 UK A.3: every identifier of a patient stands in PID-3, as `<number>^^^NHS^NH` or `<number>^^^<authority>^MR`, with
authority and type both required. Senders leave one of them out, type an NHS number MR, or repeat it in PID-19.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from app.adapters.acute_hl7v2.message.reading import Reading
from app.adapters.acute_hl7v2.message.segments import Segment
from app.adapters.elements import joined, local_identifier_system
from app.vocabulary.fhir_elements import codeable_concept, identifier, known
from app.vocabulary.fhir_systems import NHS_NUMBER
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Resource

_TYPES: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"
_LOCAL_TYPES: Final = frozenset(("MR", "PI", "MRN", "HN", "PN", ""))
_PROFESSIONAL_SYSTEMS: Final = {
    "GMC": "https://fhir.hl7.org.uk/Id/gmc-number",
    "GMP": "https://fhir.hl7.org.uk/Id/gmp-number",
    "NMC": "https://fhir.hl7.org.uk/Id/nmc-number",
    "HCPC": "https://fhir.hl7.org.uk/Id/hcpc-number",
    "SDS": "https://fhir.nhs.uk/Id/sds-user-id",
}


class _Listed(NamedTuple):
    """One identifier as a field lists it."""

    number: str
    authority: str
    type: str

    @property
    def is_nhs_number(self) -> bool:
        return self.authority == "NHS" or self.type == "NH"


class Identity(NamedTuple):
    """Whom a field names; `token` stands for the person in the keys of entries, and holds no NHS number."""

    local_id: str | None
    nhs_number: NHSNumber | None
    token: str
    identifiers: tuple[Resource, ...]


def identify(reading: Reading, segment: Segment, field: int) -> Identity | None:
    """Whom a field of identifiers names; `None` where it names no one.

    Where it lists several local numbers, the partner's own stands before another authority's, then the first.
    """
    listed = _listed(reading, segment, field)
    if not listed:
        return None
    nhs_number = _nhs_number(reading, segment, field, listed)
    local = _local(reading, listed)
    local_id = _local_id(reading, local[0]) if local else None
    return Identity(local_id, nhs_number, _token(local_id, nhs_number, listed), _resources(reading, nhs_number, local))


def professional(reading: Reading, components: Sequence[str]) -> Resource:
    """A reference to the professional whom an XCN field names, by the register's number where it gives one."""
    return _professional(reading.partner, *[*components, *[""] * 9][:9])


@lru_cache(maxsize=4096)
def _professional(
    partner: OdsCode,
    number: str,
    family: str,
    given: str,
    middle: str,
    suffix: str,
    prefix: str,
    _degree: str,
    _table: str,
    authority: str,
) -> Resource:
    authority = authority.partition("&")[0].strip().upper()
    system = _PROFESSIONAL_SYSTEMS.get(authority) or local_identifier_system(partner, authority or "professional")
    return known(
        type="Practitioner",
        identifier=identifier(system, number.strip()) if number.strip() else None,
        display=joined((prefix, given, middle, family, suffix), " "),
    )


def _listed(reading: Reading, segment: Segment, field: int) -> list[_Listed]:
    found = []
    for components in segment.heads(field):
        number, _, _, authority, type_ = [*components, *[""] * 5][:5]
        if number:
            found.append(_Listed(number, authority.upper(), type_.upper()))
    return _with_repeated_nhs_number(reading, found, segment.code(19)) if field == 3 else found


def _with_repeated_nhs_number(reading: Reading, listed: list[_Listed], repeated: str) -> list[_Listed]:
    """Take an NHS number in PID-19 for what it is, where PID-3 lists none or lists it under another type."""
    if not repeated or any(one.is_nhs_number for one in listed) or not (number := NHSNumber.in_feed(repeated)):
        return listed
    reading.warn("PID-19", "the NHS number is told by PID-19; send it in PID-3 as `<number>^^^NHS^NH`")
    others = [one for one in listed if NHSNumber.in_feed(one.number) != number]
    return [_Listed(number.digits, "NHS", "NH"), *others]


def _nhs_number(reading: Reading, segment: Segment, field: int, listed: list[_Listed]) -> NHSNumber | None:
    numbers = set()
    for one in listed:
        if one.is_nhs_number:
            try:
                numbers.add(NHSNumber.of_feed(one.number))
            except ValueError as wrong:
                reading.warn("nhs-number", str(wrong))
    if len(numbers) > 1:
        reading.warn("nhs-number", f"{segment.name}-{field} lists two NHS numbers; neither is taken")
        return None
    return numbers.pop() if numbers else None


def _local(reading: Reading, listed: list[_Listed]) -> list[_Listed]:
    local = [one for one in listed if not one.is_nhs_number and one.type in _LOCAL_TYPES]
    if any(not (one.type and one.authority) for one in local):
        reading.warn("PID-3", "a local number lacks its authority or its type; send `<number>^^^<authority>^MR`")
    return sorted(local, key=lambda one: one.authority not in ("", reading.partner))


def _local_id(reading: Reading, local: _Listed) -> str:
    own = local.authority in ("", reading.partner)
    return local.number if own else f"{local.authority}:{local.number}"


def _token(local_id: str | None, nhs_number: NHSNumber | None, listed: list[_Listed]) -> str:
    return local_id or "~" + digest(nhs_number.digits if nhs_number else listed[0].number)


def digest(*stated: str) -> str:
    """A short name for what must not, or cannot, stand in a key itself."""
    return hashlib.blake2b("\x1f".join(stated).encode(), digest_size=8).hexdigest()


def _resources(reading: Reading, nhs_number: NHSNumber | None, local: list[_Listed]) -> tuple[Resource, ...]:
    found: list[Resource] = [identifier(NHS_NUMBER, nhs_number.digits)] if nhs_number else []
    for one in local:
        system = local_identifier_system(reading.partner, one.authority or "hospital-number")
        found.append({"type": codeable_concept(_TYPES, "MR"), **identifier(system, one.number)})
    return tuple(found)
