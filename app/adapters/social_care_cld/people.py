"""The person a row is about: whom it says they are, and their FHIR Patient.

None of this is dated by the source, so nothing of it has a start; each replaces what an earlier file said.
"""

from collections.abc import Iterator
from typing import Any, Final

from app.adapters.delimited import date_or_none, spelling
from app.adapters.elements import ethnic_category
from app.adapters.row_rules import breaches
from app.adapters.social_care_cld.dates import recorded
from app.adapters.social_care_cld.headings import EventRow
from app.adapters.social_care_cld.rules import PERSON_RULES
from app.adapters.social_care_cld.values import NHS_ETHNIC_CATEGORY, value
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import coding, identifier, known
from app.vocabulary.fhir_systems import NHS_NUMBER, ODS_ORGANISATION
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry, Finding, PersonFlag, Resource, Severity, Subject

_DEMOGRAPHICS: Final = Category("demographics")
_ETHNICITY: Final = Category("ethnicity")
_ADDRESS: Final = Category("address")
_GP_PRACTICE: Final = Category("gp-practice")
_ETHNIC_CATEGORY: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland"
_GENDERS: Final = {"Male": "male", "Female": "female", "Other": "other", "Unknown": "unknown"}
_YES: Final = frozenset(("yes", "y", "true", "1", "restricted"))
_NO: Final = frozenset(("no", "n", "false", "0"))


def subject(row: EventRow, number: NHSNumber | None) -> Subject:
    """Whom the row says it is about; its number has no tracing status in this format."""
    return Subject(
        local_id=row.person_id,
        nhs_number=number,
        family_name=row.last_name or None,
        given_names=tuple(row.first_name.split()),
        birth_date=date_or_none(row.birth_date),
        gender=_GENDERS.get(value("gender", row.gender).code),
        postcode=row.postcode or None,
        death_date=date_or_none(row.death_date),
    )


def is_restricted(row: EventRow) -> bool:
    """Whether the case system restricts the person's record; a marker that is not understood restricts it."""
    return bool(row.restricted) and spelling(row.restricted) not in _NO


def person_findings(row: EventRow, number: NHSNumber | Finding | None) -> Iterator[Finding]:
    """What is wrong with what the row says of the person."""
    yield from breaches(PERSON_RULES, row)
    if isinstance(number, Finding):
        yield number
    if is_restricted(row) and spelling(row.restricted) not in _YES:
        text = "the restriction marker is neither yes nor no; the person is taken to be restricted"
        yield Finding(rule="restricted", severity=Severity.WARNING, line=row.line, text=text)


def flags(row: EventRow) -> Iterator[PersonFlag]:
    """What changes how every partner's entries are shown; told both ways, so that a mistake is mended.

    A date of death that is none leaves what was known.
    """
    if not _is_unclear(row.death_date):
        yield PersonFlag(kind=FlagKind.DECEASED, raised=bool(row.death_date))
    if row.restricted:
        yield PersonFlag(kind=FlagKind.LOCATION_RESTRICTED, raised=is_restricted(row))


def _is_unclear(died: str) -> bool:
    return bool(died) and date_or_none(died) is None


def patient_entries(row: EventRow, who: Subject) -> Iterator[Entry]:
    """Identity; and apart from it the ethnicity, and because they locate the postcode and the practice."""
    identity = _identity(row, who)
    unclear = ("deceasedDateTime",) if _is_unclear(row.death_date) else ()
    silent = tuple(element for element in ("name", "gender", "birthDate", *unclear) if element not in identity)
    yield _patient(row, "", _DEMOGRAPHICS, "Personal details from adult social care", identity, keeps=silent)
    if row.ethnicity:
        concept = _ethnic_category(row.ethnicity)
        yield _patient(row, "/ethnicity", _ETHNICITY, concept["text"], ethnic_category(concept))
    if row.postcode:
        home = {"address": [{"use": "home", "postalCode": row.postcode}]}
        title = f"Lives at postcode {row.postcode}"
        yield _patient(row, "/address", _ADDRESS, title, home, sensitivity=locating(row))
    if row.gp_practice_code or row.gp_practice_name:
        practice = row.gp_practice_name or row.gp_practice_code
        registered = {"generalPractitioner": [_practice(row)]}
        title = f"Registered with {practice}"
        yield _patient(row, "/gp-practice", _GP_PRACTICE, title, registered, sensitivity=locating(row))


def locating(row: EventRow) -> Sensitivity:
    """How sensitive it is where this person lives: a postcode beside `Refuge` is the address of a refuge."""
    return value("accommodation", row.accommodation).sensitivity or Sensitivity.LOCATING


def human_name(row: EventRow) -> Resource:
    """The FHIR HumanName of what release 1 gives; empty where it gives none."""
    given, family = row.first_name.split(), row.last_name
    text = " ".join([*given, family]).strip()
    return known(text=text, family=family, given=given)


def person_system(la_code: str) -> str:
    """The identifier system of one council's own person numbers."""
    return f"https://pisano.example/fhir/Id/adult-social-care-person/{la_code}"


def _patient(row: EventRow, part: str, category: Category, title: str, told: Resource, **entry: Any) -> Entry:
    key = f"Patient/{row.la_code}/{row.person_id}{part}"
    return Entry(
        key=key,
        category=category,
        resource={"resourceType": "Patient", **told},
        title=title,
        line=row.line,
        recorded=recorded(row),
        **entry,
    )


def _identity(row: EventRow, who: Subject) -> Resource:
    identifiers = [identifier(person_system(row.la_code), row.person_id)]
    if who.nhs_number:
        identifiers.append(identifier(NHS_NUMBER, who.nhs_number.digits))
    return known(
        identifier=identifiers,
        name=[name] if (name := human_name(row)) else None,
        gender=who.gender,
        birthDate=who.birth_date and who.birth_date.isoformat(),
        deceasedDateTime=who.death_date and who.death_date.isoformat(),
    )


def _practice(row: EventRow) -> Resource:
    practice: Resource = {"display": row.gp_practice_name or row.gp_practice_code}
    try:
        return {"identifier": identifier(ODS_ORGANISATION, OdsCode(row.gp_practice_code)), **practice}
    except ValueError:
        return practice


def _ethnic_category(written: str) -> Resource:
    category = value("ethnicity", written)
    concept = category.concept
    if code := NHS_ETHNIC_CATEGORY.get(category.code):
        concept = {**concept, "coding": [coding(_ETHNIC_CATEGORY, code), *concept["coding"]]}
    return concept
