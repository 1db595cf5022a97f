"""Codes as FHIR concepts: those of NHS lists by their list, those that name their system by it, others as they are."""

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Final, NamedTuple

from app.adapters.acute_hl7v2.message.reading import Reading
from app.adapters.acute_hl7v2.message.segments import Segment
from app.adapters.discretion import DETENTION
from app.adapters.elements import icd_10_dotted
from app.vocabulary.fhir_elements import codeable_concept
from app.vocabulary.fhir_systems import ICD_10, LOINC, OPCS_4, SNOMED_CT, UCUM
from app.vocabulary.statement import Resource

_SYSTEMS: Final = {
    "ICD10": ICD_10, "I10": ICD_10,
    "OPCS4": OPCS_4, "OPCS": OPCS_4,
    "SNOMEDCT": SNOMED_CT, "SNOMED": SNOMED_CT, "SCT": SNOMED_CT, "SNM": SNOMED_CT,
    "LOINC": LOINC, "LN": LOINC,
    "UCUM": UCUM,
    "DMD": "https://dmd.nhs.uk",
    "READ2": "http://read.info/readv2", "RCV2": "http://read.info/readv2",
    "CTV3": "http://read.info/ctv3",
}  # fmt: skip
_NOT_SPELT: Final = str.maketrans("", "", " -_+.")


class CodeList(NamedTuple):
    """One NHS code list: plain words for each code; those in `restricted` tell of custody or detention."""

    system: str
    words: dict[str, str]
    restricted: frozenset[str]


def _lists() -> dict[str, CodeList]:
    text = resources.files(__package__).joinpath("codes.toml").read_text(encoding="utf-8")
    return {
        name: CodeList(told["system"], told["words"], DETENTION.get(told["system"], frozenset()))
        for name, told in tomllib.loads(text).items()
    }


CODE_LISTS: Final = _lists()


class Coded(NamedTuple):
    """A concept as FHIR and as words; `code` is the source's own."""

    concept: Resource
    code: str
    words: str
    restricted: bool = False


def listed(reading: Reading, segment: Segment, field: int, code_list: str) -> Coded | None:
    """The concept of a field whose codes come from an NHS list; `None` where it is silent.

    A code that the list does not have is kept as the sender's own, with a warning.
    """
    code = segment.code(field)
    if not code:
        return None
    words = segment.text(field, 2)
    if found := _in_list(code_list, code, words):
        return found
    place = f"{segment.name}-{field}"
    reading.warn(place, f"the code is not in the list of {code_list.replace('-', ' ')} codes; it is kept as it stands")
    return Coded(codeable_concept(reading.code_system(place), code, text=words or code), code, words or code)


@lru_cache(maxsize=4096)
def _in_list(code_list: str, code: str, words: str) -> Coded | None:
    known = CODE_LISTS[code_list]
    if code not in known.words:
        return None
    words = words or known.words[code]
    return Coded(codeable_concept(known.system, code, text=words), code, words, code in known.restricted)


def stated(reading: Reading, segment: Segment, field: int) -> Coded | None:
    """The concept of a field that names its own system (HL7 v2 CE); `None` where it holds neither code nor words.

    A system that is not known, or not named, is the sender's own.
    """
    code, words = segment.code(field), segment.text(field, 2).strip()
    if not code:
        return Coded({"text": words}, "", words) if words else None
    name = segment.code(field, 3)
    system = system_named(name) or reading.code_system(name or f"{segment.name}-{field}")
    return Coded(codeable_concept(system, code, words, text=words or code), code, words or code)


def system_named(name: str) -> str | None:
    """The FHIR system that HL7 v2 calls by a name of its own (table 0396), however it is spelt."""
    return _SYSTEMS.get(name.upper().translate(_NOT_SPELT))


def comparable(coded: Coded) -> str | None:
    """`system|code`, by which the same thing is known from two partners; `None` where there is no code."""
    if not coded.code:
        return None
    system = coded.concept["coding"][0]["system"]
    return f"{system}|{icd_10_dotted(coded.code) if system == ICD_10 else coded.code}"
