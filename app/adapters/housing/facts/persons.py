"""Whom a housing row is about: a full name in one field, a date of birth, a home, and mostly no NHS number."""

from collections.abc import Iterable, Iterator
from itertools import dropwhile
from typing import Final

from app.adapters.delimited import read_nhs_number
from app.adapters.elements import local_identifier_system
from app.adapters.housing.facts import alerts
from app.adapters.housing.facts.addresses import home, postcode_of, uprn_of
from app.adapters.housing.facts.entries import Fact, entry, flag, iso
from app.adapters.housing.rows import Row
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import identifier, known
from app.vocabulary.fhir_systems import NHS_NUMBER
from app.vocabulary.label import Sensitivity
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.statement import Entry, Finding, Relationship, Resource, Standing, Statement, Subject, Tracing

_DEMOGRAPHICS: Final = Category("demographics")
_ADDRESS: Final = Category("address")
_ALERTS: Final = Category("alerts")

_TITLES: Final = frozenset(
    (
        "mr", "mrs", "ms", "miss", "mx", "master", "dr", "prof", "professor", "rev", "revd", "reverend",
        "sir", "dame", "lord", "lady",
    )
)  # fmt: skip
_JOINT: Final = frozenset({"&", "and", "+"})


def statements(row: Row, person: str, facts: Iterable[Fact], *, home: Row) -> Iterator[Statement]:
    """What is said of one person, if anything: `row` describes them, `home` is the row with their address."""
    said = list(facts)
    if said:
        yield Statement(
            subject=_subject(row, person, home),
            line=row.line,
            entries=tuple(fact for fact in said if isinstance(fact, Entry)),
            relationships=tuple(fact for fact in said if isinstance(fact, Relationship)),
        )


def _subject(row: Row, person: str, home: Row) -> Subject:
    family, given = name_parts(row.text("full_name"))
    if row.text("full_name") and family is None:
        row.warn("full_name", "is not one person's name; it was not used for matching")
    return Subject(
        local_id=person,
        nhs_number=_nhs_number_of(row),
        tracing=_tracing_of(row),
        family_name=family,
        given_names=given,
        birth_date=row.on("date_of_birth"),
        postcode=postcode_of(home),
        uprn=uprn_of(home),
    )


def name_parts(full_name: str) -> tuple[str | None, tuple[str, ...]]:
    """The family name (the last word, or what precedes a comma) and the others, without titles.

    Evidence for matching only: what is shown is the full name as it came. A joint name ("Mr & Mrs Hall") is nobody's.
    """
    before, comma, after = full_name.partition(",")
    if comma:
        return before.strip() or None, tuple(word for word in after.split() if not _is_title(word))
    words = full_name.split()
    if not _JOINT.isdisjoint(word.lower() for word in words):
        return None, ()
    names = list(dropwhile(_is_title, words))
    return (names[-1], tuple(names[:-1])) if names else (None, ())


def _is_title(word: str) -> bool:
    return word.rstrip(".").lower() in _TITLES


def read(row: Row, person: str) -> Iterator[Fact]:
    """A tenant: who they are, where they live if the row tells, and an alert that stands in the row itself."""
    yield from identity(row, person)
    yield from home(row, person)
    if row.first(*alerts.CODE_FIELDS):
        yield from alerts.read(row, person)


def identity(row: Row, person: str) -> Iterator[Fact]:
    """Who the person is, how to reach them, and whether the landlord counts them as vulnerable."""
    yield entry(
        row, f"Patient/{person}", _DEMOGRAPHICS, _patient(row, person), "Name and date of birth held by housing"
    )
    contacts = [known(system=system, value=row.text(name)) for name, system in _CONTACTS.items() if row.text(name)]
    if contacts:
        yield entry(
            row,
            f"Patient/{person}/telecom",
            _ADDRESS,
            {"resourceType": "Patient", "telecom": contacts},
            "Contact details held by housing",
            details=[contact["value"] for contact in contacts],
            sensitivity=Sensitivity.LOCATING,
        )
    vulnerable = row.yes("vulnerability_flag")
    if vulnerable is None and row.text("vulnerability_details"):
        vulnerable = True
    if vulnerable is not None:
        yield _vulnerability(row, person, vulnerable=vulnerable)


_CONTACTS: Final = {"phone_number": "phone", "email": "email", "contact_details": "other"}


def _patient(row: Row, person: str) -> Resource:
    number = _nhs_number_of(row)
    local = identifier(local_identifier_system(row.partner, "person"), person)
    national = [identifier(NHS_NUMBER, number.digits)] if number else []
    return {
        "resourceType": "Patient",
        "identifier": [*national, local],
        **known(
            name=[{"text": row.text("full_name")}] if row.text("full_name") else [],
            birthDate=iso(row.on("date_of_birth")),
        ),
    }


def _vulnerability(row: Row, person: str, *, vulnerable: bool) -> Fact:
    said = "Recorded as vulnerable by the landlord" if vulnerable else "Not recorded as vulnerable by the landlord"
    code = {"text": "Recorded as vulnerable by the landlord"}
    return entry(
        row,
        f"Flag/vulnerable/{person}",
        _ALERTS,
        flag(_ALERTS, code, active=vulnerable, started=None, ended=None),
        said,
        standing=Standing.CURRENT if vulnerable else Standing.ENDED,
    )


def _nhs_number_of(row: Row) -> NHSNumber | None:
    number = read_nhs_number(row.text("nhs_number"), row.line)
    if isinstance(number, Finding):
        row.tell(number)
        return None
    return number


def _tracing_of(row: Row) -> Tracing:
    text = row.text("nhs_number_status")
    try:
        return Tracing(text.zfill(2) if text else "")
    except ValueError:
        row.warn("nhs_number_status", "is no NHS number status of 01 to 08; it was treated as not traced")
        return Tracing.UNSTATED
