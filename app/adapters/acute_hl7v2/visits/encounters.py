"""FHIR of a visit (PV1, PV2): the Encounter, the ward stay within it and the consultant responsible.

The Encounter itself tells no place. Where the person is, the ward stay (NHS Data Dictionary: WARD STAY) tells: a second
Encounter that is part of the first, in an entry of its own, so that it can be hidden and the visit still be seen.
"""

from collections.abc import Iterator
from typing import Final

from app.adapters.acute_hl7v2.message.codes import Coded, listed
from app.adapters.acute_hl7v2.message.identifiers import professional
from app.adapters.acute_hl7v2.message.reading import Reading
from app.adapters.acute_hl7v2.message.segments import Segment
from app.adapters.acute_hl7v2.message.timestamps import Moment
from app.adapters.acute_hl7v2.visits.visit import Visit, encounter_frame, place_of, presumed, visit_reference
from app.adapters.elements import joined, local_identifier_system
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import codeable_concept, extension, known, period, reference
from app.vocabulary.fhir_systems import ODS_ORGANISATION
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Resource

_CARE_TEAM: Final = Category("care-team")
_CONSULTANT: Final = "Responsible consultant"
_UK_CORE: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
_PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_PARTICIPANTS: Final = ((7, "ATND"), (8, "REF"), (9, "CON"), (17, "ADM"))


def visit_entries(reading: Reading, visit: Visit, detail: str) -> Iterator[Entry]:
    """The visit, the ward stay and the consultant; `detail` is what else there is to tell of the visit."""
    yield _encounter(reading, visit, detail)
    if visit.told or not visit.pv1.silent(3):
        yield _ward_stay(reading, visit)
    if visit.is_inpatient and (visit.told or not visit.pv1.silent(7)):
        yield _care_team(reading, visit)


def _encounter(reading: Reading, visit: Visit, detail: str) -> Entry:
    pv1, pv2 = visit.pv1, reading.message.one("PV2")
    method = listed(reading, pv1, 4, "admission-method")
    resource = known(
        **encounter_frame(reading, visit, visit.started),
        identifier=[{"system": local_identifier_system(reading.partner, "visit-number"), "value": visit.number}],
        type=_patient_type(reading, pv1),
        serviceType=visit.specialty and visit.specialty.concept,
        participant=_participants(reading, pv1),
        reasonCode=[{"text": reason}] if (reason := _reason(pv2)) else None,
        hospitalization=_hospitalisation(reading, visit, method),
        extension=_extensions(reading, visit),
        serviceProvider=reference(ODS_ORGANISATION, reading.partner),
    )
    return reading.entry(
        visit.key,
        visit.kind.category,
        resource,
        joined((visit.kind.title, visit.specialty and visit.specialty.words), ": "),
        detail=joined((reason, method.words if method else "", detail), "; "),
        keeps=tuple(_silent_elements(reading, visit)),
        presumes=presumed(reading, visit, visit.started),
        standing=visit.course.standing,
        started=visit.started and visit.started.instant,
        ended=visit.over,
    )


def _silent_elements(reading: Reading, visit: Visit) -> Iterator[str]:
    pv1, message = visit.pv1, reading.message
    if pv1.silent(10) and message.one("ZU1").silent(7):
        yield "serviceType"
    if pv1.silent(18):
        yield "type"
    if message.one("PV2").silent(3):
        yield "reasonCode"
    if pv1.silent(*(field for field, _ in _PARTICIPANTS)):
        yield "participant"
    if reading.trigger == "A13":
        return  # how the discharge went must not outlive it
    if pv1.silent(4, 14, 37):
        yield "hospitalization"
    if pv1.silent(36) and message.one("ZU3").silent(4):
        yield "extension"


def _patient_type(reading: Reading, pv1: Segment) -> list[Resource]:
    code = pv1.code(18)
    return [codeable_concept(reading.code_system("PV1-18"), code, text=pv1.text(18, 2))] if code else []


def _participants(reading: Reading, pv1: Segment) -> list[Resource]:
    return [
        {"type": [codeable_concept(_PARTICIPATION, role)], "individual": professional(reading, one)}
        for field, role in _PARTICIPANTS
        for one in pv1.repetitions(field)
    ]


def _reason(pv2: Segment) -> str:
    return pv2.text(3, 2) or pv2.text(3)


def _hospitalisation(reading: Reading, visit: Visit, method: Coded | None) -> Resource:
    pv1 = visit.pv1
    source = listed(reading, pv1, 14, "admission-source")
    destination = None if reading.trigger == "A13" else listed(reading, pv1, 37, "discharge-destination")
    return known(
        extension=[extension(f"{_UK_CORE}AdmissionMethod", method.concept)] if method else None,
        admitSource=_open(source),
        dischargeDisposition=_open(destination),
    )


def _extensions(reading: Reading, visit: Visit) -> list[Resource]:
    method = None if reading.trigger == "A13" else listed(reading, visit.pv1, 36, "discharge-method")
    outcome = listed(reading, reading.message.one("ZU3"), 4, "outcome-of-attendance")
    told = (("DischargeMethod", _open(method)), ("OutcomeOfAttendance", _open(outcome)))
    return [extension(f"{_UK_CORE}{name}", concept) for name, concept in told if concept]


def _open(coded: Coded | None) -> Resource | None:
    """What may stand on the visit itself: custody and detention have a restricted entry of their own."""
    return coded.concept if coded and not coded.restricted else None


def _ward_stay(reading: Reading, visit: Visit) -> Entry:
    """Where the person is or was, a move replacing the place before."""
    pv1 = visit.pv1
    place = place_of(pv1, 3)
    came = _came(reading, visit)
    resource = known(
        **encounter_frame(reading, visit, came),
        partOf=visit_reference(reading, visit),
        location=[{"location": {"display": place}, "status": visit.course.part}] if place else None,
    )
    return reading.entry(
        f"{visit.key}/ward-stay",
        visit.kind.category,
        resource,
        "Ward" if visit.is_inpatient else "Place of the visit",
        detail=place,
        sensitivity=Sensitivity.LOCATING,
        keeps=("location",) if pv1.silent(3) else (),
        presumes=() if reading.trigger == "A12" else presumed(reading, visit, came),
        standing=visit.course.standing,
        started=came and came.instant,
        ended=visit.over,
    )


def _came(reading: Reading, visit: Visit) -> Moment | None:
    """When the person came to the place: at the start, or by a move; no other trigger tells it."""
    if reading.trigger == "A02":
        return reading.occurred
    return visit.started if reading.trigger in ("A01", "A04", "A05") else None


def _care_team(reading: Reading, visit: Visit) -> Entry:
    """Who is responsible, for the length of the episode (ZU1-4, ZU1-5) where it is told."""
    zu1 = reading.message.one("ZU1")
    began, ended = reading.moment(zu1, 4) or visit.started, reading.moment(zu1, 5) or visit.ended
    components = visit.pv1.components(7)
    consultant = professional(reading, components) if components else {}
    member = {"role": [{"text": _CONSULTANT}], "member": consultant}
    resource = known(
        resourceType="CareTeam",
        status=visit.course.team,
        period=period(began and began.fhir, ended and ended.fhir),
        participant=[member] if consultant else None,
        encounter=visit_reference(reading, visit),
    )
    return reading.entry(
        f"{visit.key}/care-team",
        _CARE_TEAM,
        resource,
        _CONSULTANT,
        detail=joined((consultant.get("display"), visit.specialty and visit.specialty.words)),
        keeps=("participant",) if visit.pv1.silent(7) else (),
        presumes=presumed(reading, visit, began),
        standing=visit.course.standing,
        started=began and began.instant,
        ended=ended and ended.instant,
    )
