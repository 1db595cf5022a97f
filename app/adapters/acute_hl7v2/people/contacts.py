"""Family, carers and next of kin (NK1): FHIR RelatedPerson.

All of it locates: relatives often share the person's address, and PDS withholds them whole where a record is sensitive.
NK1-1 counts segments, so that the relative's name and relationship make the key.
"""

import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Final

from app.adapters.acute_hl7v2.message.datatypes import address, contact_points, gender, human_name, names
from app.adapters.acute_hl7v2.message.identifiers import Identity, digest
from app.adapters.acute_hl7v2.message.reading import Reading, key
from app.adapters.acute_hl7v2.message.segments import Segment
from app.adapters.elements import joined
from app.vocabulary.category import Category
from app.vocabulary.contact_point import reached_at
from app.vocabulary.fhir_elements import codeable_concept, known, period
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Resource, Standing

_CONTACTS: Final = Category("contacts")
_UNKNOWN_TITLE: Final = "Personal contact"
_ROLES: Final = {  # HL7 table 0131, and how else it is written
    **dict.fromkeys(("N", "NK", "NOK"), ("N", "next of kin")),
    **dict.fromkeys(("C", "EC", "EMC"), ("C", "emergency contact")),
}
_SILENT: Final = {"address": (4,), "telecom": (5, 6), "gender": (15,), "birthDate": (16,), "period": (8, 9)}


def _relationships() -> dict[str, tuple[Resource, str]]:
    text = resources.files(__package__).joinpath("relationships.toml").read_text(encoding="utf-8")
    lists = tomllib.loads(text)
    return {
        told: (codeable_concept(lists["systems"][one["system"]], one["code"], text=one["words"]), one["words"])
        for one in lists["relationship"]
        for told in one["told"]
    }


_RELATIONSHIPS: Final = _relationships()


def contacts(reading: Reading, identity: Identity) -> Iterator[Entry]:
    """Each relative or carer that the message names."""
    for nk1 in reading.message.every("NK1"):
        if not nk1.silent(2):
            yield _contact(reading, identity, nk1)


def _contact(reading: Reading, identity: Identity, nk1: Segment) -> Entry:
    told = [human_name(one) for one in names(nk1, 2)]
    telephones = [*contact_points(nk1, 5, "home"), *contact_points(nk1, 6, "work")]
    (concept, words), (role, role_words) = _relationship(reading, nk1), _role(reading, nk1)
    born, began, ended = reading.date(nk1, 16), reading.moment(nk1, 8), reading.moment(nk1, 9)
    resource = known(
        resourceType="RelatedPerson",
        name=told,
        relationship=[one for one in (concept, role) if one],
        telecom=telephones,
        address=[address(reading, "NK1-4", one) for one in nk1.repetitions(4)],
        gender=gender(nk1.code(15)),
        birthDate=born.isoformat() if born else None,
        period=period(began and began.fhir, ended and ended.fhir),
    )
    name = joined(one.get("text") for one in told[:1])
    return reading.entry(
        key("RelatedPerson", identity.token, digest(name.casefold(), words.casefold())),
        _CONTACTS,
        resource,
        _sentence(joined((words, role_words)) or _UNKNOWN_TITLE),
        detail=joined((name, reached_at(telephones))),
        sensitivity=Sensitivity.LOCATING,
        started=began and began.instant,
        ended=ended and ended.instant,
        standing=Standing.ENDED if ended else Standing.CURRENT,
        keeps=tuple(name for name, fields in _SILENT.items() if nk1.silent(*fields)),
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _relationship(reading: Reading, nk1: Segment) -> tuple[Resource | None, str]:
    """The concept and the words of NK1-3; the NHS writes one or two digits, others the letters of HL7 table 0063."""
    code, words = nk1.code(3), nk1.text(3, 2)
    if not code:
        return ({"text": words} if words else None), words
    if found := _RELATIONSHIPS.get(code.upper().zfill(2) if code.isdigit() else code.upper()):
        return found
    reading.warn("NK1-3", "the relationship is in no list that is known; it is kept as it stands")
    return codeable_concept(reading.code_system("NK1-3"), code, text=words or code), words or code


def _role(reading: Reading, nk1: Segment) -> tuple[Resource | None, str]:
    """The concept and the words of NK1-7: what the relative is to be asked or told for."""
    code, words = nk1.code(7), nk1.text(7, 2)
    if not code:
        return None, ""
    if found := _ROLES.get(code.upper()):
        return codeable_concept("http://terminology.hl7.org/CodeSystem/v2-0131", found[0], text=found[1]), found[1]
    reading.warn("NK1-7", "the role is neither next of kin nor emergency contact; it is kept as it stands")
    return codeable_concept(reading.code_system("NK1-7"), code, text=words or code), words or code
