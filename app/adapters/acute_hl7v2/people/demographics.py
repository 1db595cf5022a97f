"""The person a message is about (PID, PD1): whom to match, and their FHIR Patient, parted by how much it locates.

Identity is one entry, and ethnicity another, as an agreement may keep it apart. Address and home telephone, the
telephone at work, the practice and the named GP each have an entry of their own: they locate, and silence on one of
them must not take back another.
"""

from collections.abc import Iterator
from typing import Final

from app.adapters.acute_hl7v2.message.codes import listed
from app.adapters.acute_hl7v2.message.datatypes import address, contact_points, gender, human_name, names
from app.adapters.acute_hl7v2.message.identifiers import Identity, identify, professional
from app.adapters.acute_hl7v2.message.reading import Reading
from app.adapters.acute_hl7v2.message.segments import DELETE, Segment
from app.adapters.acute_hl7v2.message.timestamps import Moment
from app.adapters.elements import ethnic_category
from app.vocabulary.category import Category
from app.vocabulary.contact_point import reached_at
from app.vocabulary.fhir_elements import codeable_concept, extension, known, reference
from app.vocabulary.fhir_systems import ODS_ORGANISATION
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry, PersonFlag, Resource, Standing, Subject, Tracing

_DEMOGRAPHICS: Final = Category("demographics")
_ETHNICITY: Final = Category("ethnicity")
_ADDRESS: Final = Category("address")
_GP_PRACTICE: Final = Category("gp-practice")
_CARE_TEAM: Final = Category("care-team")
_NAMED_GP: Final = "Named GP"
_UK_CORE: Final = "https://fhir.hl7.org.uk"


def subject(reading: Reading, pid: Segment, tracing: Tracing) -> Subject:
    """Whom a PID that names someone says the message is about, as matching takes it."""
    identity = _identified(reading, pid)
    name = _legal_name(pid)
    address = pid.components(11)
    birth_date = reading.date(pid, 7)
    death = reading.moment(pid, 29)
    return Subject(
        local_id=identity.local_id,
        nhs_number=identity.nhs_number,
        tracing=tracing,
        family_name=name[0] or None,
        given_names=tuple(f"{name[1]} {name[2]}".split()),
        birth_date=birth_date,
        gender=gender(pid.code(8)),
        postcode=(address[4].strip() or None) if len(address) > 4 else None,
        death_date=death.on if death else None,
    )


def flags(reading: Reading) -> Iterator[PersonFlag]:
    """Whether the person has died, where the message says."""
    pid = reading.message.one("PID")
    indicator = pid.code(30).upper()
    if indicator == "Y" or pid.code(29):
        yield PersonFlag(kind=FlagKind.DECEASED, raised=True)
    elif indicator == "N" or DELETE in (pid.raw(29), pid.raw(30)):
        yield PersonFlag(kind=FlagKind.DECEASED, raised=False)


def patient_entries(reading: Reading, identity: Identity, about: Subject) -> Iterator[Entry]:
    """The FHIR Patient in its parts; a part on which the message says nothing is left out."""
    pid, pd1 = reading.message.one("PID"), reading.message.one("PD1")
    yield _identity(reading, identity, about)
    if not pid.silent(22):
        yield from _ethnicity(reading, identity)
    if not pid.silent(11, 13):
        yield _address(reading, identity)
    if not pid.silent(14):
        yield _work_telephone(reading, identity)
    if not pd1.silent(3):
        yield _registered_practice(reading, identity)
    if not pd1.silent(4):
        yield _named_gp(reading, identity)


def _legal_name(pid: Segment) -> list[str]:
    told = [[*one, *[""] * 7] for one in names(pid, 5)]
    legal = next((one for one in told if one[6].strip().upper() == "L"), None)
    return (legal or (told[0] if told else [""] * 3))[:3]


def _patient(identity: Identity) -> str:
    """The key under which all of a patient index's account of one person stands: a merge retires it whole."""
    return f"Patient/{identity.token}"


def _identified(reading: Reading, pid: Segment) -> Identity:
    identity = reading.once(pid, identify, 3)
    if identity is None:
        raise ValueError("the PID names no one; ask `identify` first")
    return identity


def _identity(reading: Reading, identity: Identity, about: Subject) -> Entry:
    resource, keeps = reading.once(reading.message.one("PID"), _account, about.tracing)
    return reading.entry(_patient(identity), _DEMOGRAPHICS, resource, "Personal details from the hospital", keeps=keeps)


def _account(reading: Reading, pid: Segment, tracing: Tracing) -> tuple[Resource, tuple[str, ...]]:
    """The FHIR Patient of a PID, and the elements on which it is silent."""
    identity, about = _identified(reading, pid), reading.once(pid, subject, tracing)
    told = {
        "name": [human_name(one) for one in names(pid, 5)],
        "gender": _gender_told(reading, pid),
        "birthDate": about.birth_date.isoformat() if about.birth_date else None,
        "communication": _language(reading, pid),
    }
    unread = {name for name, field in _IDENTITY_FIELDS.items() if not told[name] and pid.raw(field) != DELETE}
    deceased, silent = _deceased(reading, pid)
    resource = known(
        resourceType="Patient",
        identifier=[_with_tracing(one, about) for one in identity.identifiers],
        **told,
        **deceased,
    )
    return resource, (*sorted(unread), *silent)


_IDENTITY_FIELDS: Final = {"name": 5, "gender": 8, "birthDate": 7, "communication": 15}


def _gender_told(reading: Reading, pid: Segment) -> str | None:
    code = pid.code(8)
    if code and gender(code) is None:
        reading.warn("PID-8", "the code is no gender of the NHS or of HL7 table 0001; what was known stays")
    return gender(code)


def _language(reading: Reading, pid: Segment) -> list[Resource]:
    code, words = pid.code(15).lower(), pid.text(15, 2)
    if not code:
        return []
    system = f"{_UK_CORE}/CodeSystem/UKCore-HumanLanguage"
    if len(code) != 2:  # the NHS list goes by ISO 639-1
        reading.warn("PID-15", "the code is not in the list of languages; it is kept as it stands")
        system = reading.code_system("PID-15")
    return [{"language": codeable_concept(system, code, text=words)}]


def _ethnicity(reading: Reading, identity: Identity) -> Iterator[Entry]:
    """The ethnic category, or that the hospital takes it back; words without a code state none."""
    pid, key = reading.message.one("PID"), f"{_patient(identity)}/ethnicity"
    resource = reading.once(pid, _ethnic_category)
    if resource is not None:
        words = resource["extension"][0]["valueCodeableConcept"]["text"]
        yield reading.entry(key, _ETHNICITY, resource, words)
    elif pid.raw(22) == DELETE:
        taken_back = {"resourceType": "Patient"}
        yield reading.entry(key, _ETHNICITY, taken_back, "Ethnicity", standing=Standing.ENTERED_IN_ERROR)


def _ethnic_category(reading: Reading, pid: Segment) -> Resource | None:
    told = listed(reading, pid, 22, "ethnic-category")
    return ethnic_category(told.concept) if told else None


def _deceased(reading: Reading, pid: Segment) -> tuple[Resource, tuple[str, ...]]:
    """What the message says of death, and the elements on which it is silent."""
    died: Moment | None = reading.moment(pid, 29)
    indicator = pid.code(30).upper()
    if died:
        return {"deceasedDateTime": died.fhir}, ()
    if indicator in ("Y", "N"):
        return {"deceasedBoolean": indicator == "Y"}, ()
    if indicator:
        reading.warn("PID-30", "the indicator of death is neither Y nor N; what was known stays")
    if DELETE in (pid.raw(29), pid.raw(30)):
        return {}, ()
    return {}, ("deceasedBoolean", "deceasedDateTime")


def _with_tracing(one: Resource, about: Subject) -> Resource:
    if about.nhs_number is None or one["value"] != about.nhs_number.digits or about.tracing is Tracing.UNSTATED:
        return one
    status = codeable_concept(f"{_UK_CORE}/CodeSystem/UKCore-NHSNumberVerificationStatusEngland", str(about.tracing))
    url = f"{_UK_CORE}/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
    return {"extension": [extension(url, status)], **one}


def _address(reading: Reading, identity: Identity) -> Entry:
    pid = reading.message.one("PID")
    resource, home, telephones = reading.once(pid, _home)
    return reading.entry(
        f"{_patient(identity)}/address",
        _ADDRESS,
        resource,
        f"Lives at {home}" if home else "Address and telephone",
        detail=telephones,
        sensitivity=Sensitivity.LOCATING,
        keeps=tuple(name for name, field in (("address", 11), ("telecom", 13)) if pid.silent(field)),
    )


def _home(reading: Reading, pid: Segment) -> tuple[Resource, str, str]:
    """The FHIR Patient of where a person lives, and in words the home address and the telephone numbers."""
    addresses = [address(reading, "PID-11", one) for one in pid.repetitions(11)]
    telephones = contact_points(pid, 13, "home")
    home = next((one["text"] for one in addresses if one.get("use") == "home" and "text" in one), "")
    resource = known(resourceType="Patient", address=addresses, telecom=telephones)
    return resource, home, reached_at(telephones)


def _work_telephone(reading: Reading, identity: Identity) -> Entry:
    telephones = contact_points(reading.message.one("PID"), 14, "work")
    return reading.entry(
        f"{_patient(identity)}/work-telephone",
        _ADDRESS,
        known(resourceType="Patient", telecom=telephones),
        "Telephone at work",
        detail=reached_at(telephones),
        sensitivity=Sensitivity.LOCATING,
    )


def _registered_practice(reading: Reading, identity: Identity) -> Entry:
    practice = _practice(reading, reading.message.one("PD1"))
    name = practice.get("display")
    return reading.entry(
        f"{_patient(identity)}/gp-practice",
        _GP_PRACTICE,
        known(resourceType="Patient", generalPractitioner=[practice] if practice else None),
        f"Registered with {name}" if name else "GP practice",
        sensitivity=Sensitivity.LOCATING,
    )


def _practice(reading: Reading, pd1: Segment) -> Resource:
    """The practice of PD1-3, whose ODS code is its third component, or its tenth after HL7 v2.5."""
    name, code = pd1.text(3), pd1.code(3, 3) or pd1.code(3, 10)
    if code:
        try:
            return reference(ODS_ORGANISATION, OdsCode(code), name)
        except ValueError:
            reading.warn("PD1-3", "the code of the practice is no ODS code; the practice is kept by its name")
    return known(display=name)


def _named_gp(reading: Reading, identity: Identity) -> Entry:
    """The GP by name stands among the professionals: a person has one practice, and partners are compared by it."""
    components = reading.message.one("PD1").components(4)
    gp = professional(reading, components) if components else {}
    member = {"role": [{"text": _NAMED_GP}], "member": gp}
    return reading.entry(
        f"{_patient(identity)}/general-practitioner",
        _CARE_TEAM,
        known(resourceType="CareTeam", status="active", participant=[member] if gp else None),
        _NAMED_GP,
        detail=gp.get("display", ""),
        sensitivity=Sensitivity.LOCATING,
    )
