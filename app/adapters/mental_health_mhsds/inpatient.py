"""MHS501 hospital spells, MHS502 ward stays and MHS518 readiness for discharge.

That someone is in hospital, and where they lie or will go, are entries apart: the ward, the place they came from and
the place they are to go to locate them. Secure wards, courts, police and prison are restricted, for they tell of
detention. The method of discharge is not imported, as it names tribunals, and the visitor's postcode is another's.
"""

from typing import Final

from app.adapters.elements import joined, spoken_date
from app.adapters.mental_health_mhsds.extract import Extract
from app.adapters.mental_health_mhsds.moments import Moment, between
from app.adapters.mental_health_mhsds.rules import Row
from app.adapters.mental_health_mhsds.tables import CODE_SETS, UK_CORE
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import coding, extension, known, reference
from app.vocabulary.fhir_systems import ACT_CODE, ODS_SITE
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Relationship, Resource, Statement, Subject

_ADMISSIONS: Final = Category("admissions")
_SOURCES: Final = CODE_SETS["ADMISSION SOURCE (MENTAL HEALTH HOSPITAL PROVIDER SPELL)"]
_METHODS: Final = CODE_SETS["METHOD OF ADMISSION (MENTAL HEALTH HOSPITAL PROVIDER SPELL)"]
_PLANNED: Final = CODE_SETS["PLANNED DESTINATION OF DISCHARGE (HOSPITAL PROVIDER SPELL)"]
_DESTINATIONS: Final = CODE_SETS["DESTINATION OF DISCHARGE (HOSPITAL PROVIDER SPELL)"]
_BEDS: Final = CODE_SETS["MENTAL HEALTH ADMITTED PATIENT CLASSIFICATION TYPE"]
_DELAYS: Final = CODE_SETS["MENTAL HEALTH CLINICALLY READY FOR DISCHARGE PERIOD DELAY REASON"]
_ATTRIBUTED: Final = CODE_SETS["MENTAL HEALTH CLINICALLY READY FOR DISCHARGE PERIOD ATTRIBUTABLE TO INDICATION CODE"]
_INPATIENT: Final = coding(ACT_CODE, "IMP", "inpatient encounter")


def hospital_spell(row: Row, subject: Subject, extract: Extract) -> Statement:
    """MHS501: a stay in hospital from admission to discharge, during which the person is this provider's inpatient."""
    start = row.start("StartDateHospProvSpell", "StartTimeHospProvSpell")
    end = row.end(start, "DischDateHospProvSpell", "DischTimeHospProvSpell")
    key = f"Encounter/HospProvSpell/{row['HospProvSpellID']}"
    entries = [_spell(row, extract, key, start, end)]
    if row["SourceAdmMHHospProvSpell"] or row["DestOfDischHospProvSpell"] or row["PlannedDestDisch"]:
        entries.append(_whence_and_whither(row, extract, f"{key}/places", start, end))
    admission = Relationship(key=key, kind="admission", started=start.instant, ended=end and end.instant)
    return Statement(subject=subject, line=row.line, entries=tuple(entries), relationships=(admission,))


def ward_stay(row: Row, subject: Subject, extract: Extract) -> Statement:
    """MHS502: the ward, and the kind of bed; restricted where the kind is a secure one."""
    start = row.start("StartDateWardStay", "StartTimeWardStay")
    end = row.end(start, "EndDateWardStay", "EndTimeWardStay")
    bed, ward = row["MHAdmittedPatientClass"], row["WardCode"]
    resource = _encounter(extract, start, end)
    if bed:
        resource["type"] = [_BEDS.concept(bed)]
    if ward:
        resource["location"] = [{"location": _ward(row, extract), "period": between(start, end)}]
    title = joined((f"Ward {ward}" if ward else "Ward stay", _BEDS.label(bed) if bed else ""), ": ")
    entry = extract.entry(
        row,
        f"Encounter/WardStay/{row['WardStayID']}",
        _ADMISSIONS,
        resource,
        title,
        sensitivity=_BEDS.sensitivity(bed, Sensitivity.LOCATING),
        started=start.instant,
        ended=end and end.instant,
    )
    return Statement(subject=subject, line=row.line, entries=(entry,))


def ready_for_discharge(row: Row, subject: Subject, extract: Extract) -> Statement:
    """MHS518: fit to leave, and why the person has not; restricted where the reason tells of detention or justice."""
    start = row.start("StartDateClinReadyforDisch")
    end = row.end(start, "EndDateClinReadyforDisch")
    reason, attributed = row["ClinReadyforDischDelayReason"], row["AttribToIndic"]
    resource = known(
        resourceType="Observation",
        status="final",
        code={"text": "Clinically ready for discharge"},
        effectivePeriod=between(start, end),
        valueCodeableConcept=_DELAYS.concept(reason) if reason else None,
    )
    if attributed:
        told = {"code": {"text": "Delay attributable to"}, "valueCodeableConcept": _ATTRIBUTED.concept(attributed)}
        resource["component"] = [told]
    entry = extract.entry(
        row,
        f"Observation/ClinReadyforDischarge/{row['HospProvSpellID']}/{start.fhir}",
        _ADMISSIONS,
        resource,
        joined(("Clinically ready for discharge", _DELAYS.label(reason) if reason else ""), ": "),
        sensitivity=_DELAYS.sensitivity(reason),
        detail=f"delay attributable to {_ATTRIBUTED.label(attributed)}" if attributed else "",
        started=start.instant,
        ended=end and end.instant,
    )
    return Statement(subject=subject, line=row.line, entries=(entry,))


def _encounter(extract: Extract, start: Moment, end: Moment | None) -> Resource:
    return {
        "resourceType": "Encounter",
        "status": "finished" if end else "in-progress",
        "class": _INPATIENT,
        "period": between(start, end),
        "serviceProvider": extract.organisation,
    }


def _spell(row: Row, extract: Extract, key: str, start: Moment, end: Moment | None) -> Entry:
    resource, method = _encounter(extract, start, end), row["MethAdmMHHospProvSpell"]
    if method:
        resource["hospitalization"] = {"extension": [extension(f"{UK_CORE}AdmissionMethod", _METHODS.concept(method))]}
    return extract.entry(
        row,
        key,
        _ADMISSIONS,
        resource,
        "Mental health inpatient",
        detail=joined(
            (
                _METHODS.label(method) if method else "",
                _expected(row, "EstimatedDischDateHospProvSpell", "discharge estimated for"),
                _expected(row, "PlannedDischDateHospProvSpell", "discharge planned for"),
            ),
            "; ",
        ),
        started=start.instant,
        ended=end and end.instant,
    )


def _expected(row: Row, column: str, words: str) -> str:
    day = row.date(column)
    return f"{words} {spoken_date(day)}" if day else ""


def _whence_and_whither(row: Row, extract: Extract, key: str, start: Moment, end: Moment | None) -> Entry:
    source, left_for = row["SourceAdmMHHospProvSpell"], row["DestOfDischHospProvSpell"]
    planned = "" if left_for else row["PlannedDestDisch"]
    told = (
        f"admitted from {_SOURCES.label(source)}" if source else "",
        f"to be discharged to {_PLANNED.label(planned)}" if planned else "",
        f"discharged to {_DESTINATIONS.label(left_for)}" if left_for else "",
    )
    resource = _encounter(extract, start, end)
    resource["hospitalization"] = known(
        admitSource=_SOURCES.concept(source) if source else None,
        dischargeDisposition=_DESTINATIONS.concept(left_for) if left_for else planned and _PLANNED.concept(planned),
    )
    locating = max(
        _SOURCES.sensitivity(source, Sensitivity.LOCATING),
        _DESTINATIONS.sensitivity(left_for, Sensitivity.LOCATING),
        _PLANNED.sensitivity(planned, Sensitivity.LOCATING),
        key=list(Sensitivity).index,
    )
    return extract.entry(
        row,
        key,
        _ADMISSIONS,
        resource,
        f"Hospital stay: {joined(told, '; ')}",
        sensitivity=locating,
        started=start.instant,
        ended=end and end.instant,
    )


def _ward(row: Row, extract: Extract) -> Resource:
    ward = row["WardCode"]
    site = row["SiteIDOfTreat"] or extract.sites.get(ward, "")
    return reference(ODS_SITE, site.upper(), f"Ward {ward}") if site else {"display": f"Ward {ward}"}


def learn_ward(row: Row, extract: Extract) -> None:
    """MHS903: keep at which site a ward is."""
    if row["SiteIDOfTreat"]:
        extract.keep_one_more()
        extract.sites[row["WardCode"]] = row["SiteIDOfTreat"]
