"""To which broad group somebody belongs by what partners state of their ethnicity; never guessed. Pure.

Two lists are in use: ETHNIC CATEGORY of the NHS Data Dictionary, which is that of the 2001 census, and the wording of
Client Level Data, which is that of 2021. Both are counted in the groups of 2021, where Chinese is Asian.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from app.mdt.one_person.entries import Stated

_EXTENSION: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory"
_NHS_LIST: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland"

NOT_KNOWN, NOT_STATED, DIFFERENT = "not known", "not stated", "partners differ"
_WHITE, _MIXED, _ASIAN, _BLACK, _OTHER = "White", "Mixed or multiple", "Asian", "Black", "another group"
_BY_CODE: Final = {
    **dict.fromkeys("ABC", _WHITE),
    **dict.fromkeys("DEFG", _MIXED),
    **dict.fromkeys("HJKLR", _ASIAN),
    **dict.fromkeys("MNP", _BLACK),
    "S": _OTHER,
    "Z": NOT_STATED,
}
_BY_WORDS: Final = {
    "White:": _WHITE,
    "Mixed or multiple ethnic groups:": _MIXED,
    "Asian or Asian British:": _ASIAN,
    "Black, Black British, Caribbean or African:": _BLACK,
    "Other ethnic group:": _OTHER,
    "No data: Refused": NOT_STATED,
}


def broad_group(patients: Sequence[Stated]) -> str:
    """One of five groups, or that it is not known, not stated, or stated differently by partners."""
    told = {group for patient in patients for group in _groups(patient.resource)}
    groups = told - {NOT_STATED}
    if len(groups) > 1:
        return DIFFERENT
    return groups.pop() if groups else NOT_STATED if told else NOT_KNOWN


def _groups(patient: dict[str, Any]) -> Iterator[str]:
    for extension in patient.get("extension", ()):
        if extension.get("url") == _EXTENSION and (group := _group(extension.get("valueCodeableConcept", {}))):
            yield group


def _group(concept: dict[str, Any]) -> str | None:
    codings = concept.get("coding", ())
    listed = [each.get("code", "").strip() for each in codings if each.get("system") == _NHS_LIST]
    if listed:
        return _BY_CODE.get(listed[0][:1]) if listed[0] != "99" else None
    words = [each.get("code", "") for each in codings]
    return next((group for begins, group in _BY_WORDS.items() for each in words if each.startswith(begins)), None)
