"""MHS001 the person, MHS002 the GP practice and MHS003 where they live.

MHSDS holds no names and no address but the postcode: another partner must tell those.
"""

from collections.abc import Iterator
from typing import Any, Final

from app.adapters.delimited import read_nhs_number
from app.adapters.elements import ethnic_category, local_identifier_system
from app.adapters.mental_health_mhsds.extract import Extract
from app.adapters.mental_health_mhsds.moments import between
from app.adapters.mental_health_mhsds.rules import Row
from app.adapters.mental_health_mhsds.tables import CODE_SETS, UK_CORE
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import extension, identifier, known, reference
from app.vocabulary.fhir_systems import NHS_NUMBER, ODS_ORGANISATION
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.statement import (
    Entry,
    Finding,
    PersonFlag,
    Resource,
    Standing,
    Statement,
    Subject,
    Tracing,
    Utterance,
)

_DEMOGRAPHICS: Final = Category("demographics")
_ETHNICITY: Final = Category("ethnicity")
_ADDRESS: Final = Category("address")
_GP_PRACTICE: Final = Category("gp-practice")
_SOCIAL_CONTEXT: Final = Category("social-context")

_GENDER_IDENTITY: Final = {"1": "male", "2": "female", "3": "other", "4": "other"}
_STATED_GENDER: Final = {"1": "male", "2": "female", "9": "other", "X": "unknown"}
_NO_PRACTICE: Final = {"V81997", "V81998", "V81999"}  # none, not applicable, not known
_NO_POSTCODE: Final = "ZZ99"  # what begins so stands for no fixed abode, for abroad, or for not known
_NO_FIXED_ABODE: Final = "ZZ993VZ"

_STATUS_CODES: Final = CODE_SETS["NHS NUMBER STATUS INDICATOR CODE (MENTAL HEALTH AND MATERNITY)"]
_MARITAL_STATUS: Final = CODE_SETS["PERSON MARITAL STATUS"]
_ETHNIC_CATEGORY: Final = CODE_SETS["ETHNIC CATEGORY"]
_LANGUAGE: Final = CODE_SETS["LANGUAGE CODE (PREFERRED)"]
_ACCOMMODATION: Final = CODE_SETS["ACCOMMODATION TYPE"]
_SETTLED: Final = CODE_SETS["SETTLED ACCOMMODATION INDICATOR"]


def person(row: Row, extract: Extract) -> Iterator[Utterance]:
    """MHS001: whom the extract speaks of, under the provider's own identifier."""
    number, findings = _nhs_number(row)
    yield from findings
    subject = _subject(row, number)
    repeated = extract.remember(row, subject)
    if repeated:
        yield repeated
        return
    entries = [_identity_entry(row, extract, subject)]
    if row["EthnicCategory"]:
        entries.append(_ethnicity_entry(row, extract))
    if row["Postcode"]:
        entries.append(_address_entry(row, extract))
    died = PersonFlag(kind=FlagKind.DECEASED, raised=subject.death_date is not None)
    flags = () if "PersDeathDate" in row.unread else (died,)  # else what was known would be taken back
    yield Statement(subject=subject, line=row.line, entries=tuple(entries), flags=flags)


def gp_practice(row: Row, subject: Subject, extract: Extract) -> Statement | Finding:
    """MHS002: a person's GP practice. The present one has one key, so that the next takes its place."""
    code = row["GMPReg"].upper()
    if code in _NO_PRACTICE:
        return row.warning("mhsds-gp-practice", "GMPReg holds a default code; no GP practice is shown")
    start, end = row.moment("StartDateGMPRegistration"), row.moment("EndDateGMPRegistration")
    key = f"Patient/{row['LocalPatientID']}/gp-practice"
    practice = reference(ODS_ORGANISATION, code, f"GP practice {code}")
    entry = extract.entry(
        row,
        f"{key}/{code}/{end.fhir}" if end else key,
        _GP_PRACTICE,
        {"resourceType": "Patient", "generalPractitioner": [practice]},
        f"Registered with GP practice {code}",
        sensitivity=Sensitivity.LOCATING,
        started=start and start.instant,
        ended=end and end.instant,
        standing=Standing.ENDED if end else Standing.CURRENT,
    )
    return Statement(subject=subject, line=row.line, entries=(entry,))


def accommodation(row: Row, subject: Subject, extract: Extract) -> Statement:
    """MHS003: the kind of home. It locates: a care home, a hostel or a hospital is a place where one can be found."""
    start = row.moment("AccommodationTypeStartDate") or row.moment("AccommodationTypeDate")
    end = row.end(start, "AccommodationTypeEndDate") if start else row.moment("AccommodationTypeEndDate")
    kind, settled = row["AccommodationType"], row["SettledAccommodationInd"]
    resource: Resource = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "Accommodation type"},
        "valueCodeableConcept": _ACCOMMODATION.concept(kind),
    }
    if start:
        resource["effectivePeriod"] = between(start, end)
    if settled and settled not in _SETTLED.unstated:
        told = {"code": {"text": "Settled accommodation"}, "valueCodeableConcept": _SETTLED.concept(settled)}
        resource["component"] = [told]
    entry = extract.entry(
        row,
        f"Observation/accommodation/{row['LocalPatientID']}/{start.fhir if start else kind}",
        _SOCIAL_CONTEXT,
        resource,
        f"Accommodation: {_ACCOMMODATION.label(kind)}",
        sensitivity=_ACCOMMODATION.sensitivity(kind, Sensitivity.LOCATING),
        detail={"Y": "settled", "N": "not settled"}.get(settled, ""),
        started=start and start.instant,
        ended=end and end.instant,
    )
    return Statement(subject=subject, line=row.line, entries=(entry,))


def _nhs_number(row: Row) -> tuple[NHSNumber | None, list[Finding]]:
    """The number, and what is wrong with it or with its status; a numeric column may have added a decimal."""
    found = read_nhs_number(row["NHSNumber"].removesuffix(".0"), row.line, part=row.table)
    status = row["NHSNumberStatus"]
    if isinstance(found, Finding):
        return None, [found]
    if found is None and status == Tracing.VERIFIED:
        text = "NHSNumberStatus is 01, verified, yet there is no NHS number; send it"
    elif found is not None and status == Tracing.NOT_REQUIRED:
        text = "NHSNumberStatus is 07, number not present, yet there is one; trace it and correct the status"
    else:
        return found, []
    return found, [row.warning("mhsds-nhs-number-status", text)]


def _subject(row: Row, number: NHSNumber | None) -> Subject:
    postcode = row["Postcode"].upper()
    return Subject(
        local_id=row["LocalPatientID"],
        nhs_number=number,
        tracing=_tracing(row["NHSNumberStatus"], number),
        birth_date=row.date("PersonBirthDate"),
        gender=_gender(row),
        postcode=None if not postcode or postcode.startswith(_NO_POSTCODE) else postcode,
        death_date=row.date("PersDeathDate"),
    )


def _tracing(status: str, number: NHSNumber | None) -> Tracing:
    verified_nothing = number is None and status == Tracing.VERIFIED
    return Tracing(status) if status in _STATUS_CODES.labels and not verified_nothing else Tracing.UNSTATED


def _gender(row: Row) -> str | None:
    return _GENDER_IDENTITY.get(row["GenderIDCode"]) or _STATED_GENDER.get(row["Gender"])


def _identity_entry(row: Row, extract: Extract, subject: Subject) -> Entry:
    born, died = subject.birth_date, subject.death_date
    marital_status, language = row["MaritalStatus"], row["LanguageCodePreferred"]
    patient = known(
        resourceType="Patient",
        identifier=_identifiers(row, extract, subject),
        gender=subject.gender,
        birthDate=born and born.isoformat(),
        deceasedDateTime=died and died.isoformat(),
        maritalStatus=marital_status and _MARITAL_STATUS.concept(marital_status),
        communication=language and [{"language": _LANGUAGE.concept(language), "preferred": True}],
    )
    key = f"Patient/{row['LocalPatientID']}"
    keeps = ("deceasedDateTime",) if "PersDeathDate" in row.unread else ()
    return extract.entry(row, key, _DEMOGRAPHICS, patient, "Personal details from mental health", keeps=keeps)


def _ethnicity_entry(row: Row, extract: Extract) -> Entry:
    code, key = row["EthnicCategory"], f"Patient/{row['LocalPatientID']}/ethnicity"
    resource = ethnic_category(_ETHNIC_CATEGORY.concept(code))
    return extract.entry(row, key, _ETHNICITY, resource, _ETHNIC_CATEGORY.label(code))


def _identifiers(row: Row, extract: Extract, subject: Subject) -> list[Resource]:
    local = identifier(local_identifier_system(extract.provider, "LocalPatientID"), row["LocalPatientID"])
    if subject.nhs_number is None:
        return [local]
    number = identifier(NHS_NUMBER, subject.nhs_number.digits)
    if subject.tracing:
        status = _STATUS_CODES.concept(subject.tracing)
        number["extension"] = [extension(f"{UK_CORE}NHSNumberVerificationStatus", status)]
    return [number, local]


def _address_entry(row: Row, extract: Extract) -> Entry:
    postcode = row["Postcode"].upper()
    home: dict[str, Any] = {"use": "home", "postalCode": postcode}
    title = f"Lives at postcode {postcode}"
    if postcode.replace(" ", "") == _NO_FIXED_ABODE:
        home, title = {"use": "home", "text": "No fixed abode"}, "No fixed abode"
    elif postcode.startswith(_NO_POSTCODE):
        home, title = {"use": "home", "text": postcode}, f"{postcode}: the address is abroad or not known"
    return extract.entry(
        row,
        f"Patient/{row['LocalPatientID']}/address",
        _ADDRESS,
        {"resourceType": "Patient", "address": [home]},
        title,
        sensitivity=Sensitivity.LOCATING,
    )
