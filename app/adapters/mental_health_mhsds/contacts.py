"""MHS201 care contacts: an encounter where it took place, an appointment where it did not or has not yet.

Both have the same key, as one becomes the other. Where it was is not imported: the site of a contact to come would tell
where a person whose whereabouts are restricted will be.
"""

from datetime import datetime, timedelta
from typing import Final

from app.adapters.elements import fhir_instant, joined
from app.adapters.mental_health_mhsds.extract import Extract, Seen
from app.adapters.mental_health_mhsds.moments import Moment
from app.adapters.mental_health_mhsds.rules import Row
from app.adapters.mental_health_mhsds.tables import CODE_SETS
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import coding, period
from app.vocabulary.fhir_systems import ACT_CODE
from app.vocabulary.label import Sensitivity
from app.vocabulary.london import LONDON
from app.vocabulary.statement import Entry, Resource, Standing, Statement, Subject

_ENCOUNTERS: Final = Category("encounters")
_APPOINTMENTS: Final = Category("appointments")
_LEGAL: Final = Category("legal")

_MECHANISMS: Final = CODE_SETS["CONSULTATION MECHANISM (MENTAL HEALTH)"]
_ATTENDANCE: Final = CODE_SETS["ATTENDANCE STATUS"]
_TYPES: Final = CODE_SETS["CONSULTATION TYPE"]
_PLACE_OF_SAFETY: Final = CODE_SETS["PLACE OF SAFETY INDICATOR"]
_TOOK_PLACE: Final = {"5", "6"}
_NOT_HELD: Final = {"2": "cancelled", "3": "noshow", "4": "cancelled", "7": "noshow"}
_WITH: Final = {"02": "with somebody on the person's behalf"}  # CARE CONTACT SUBJECT
_IN_PERSON: Final = coding(ACT_CODE, "AMB", "ambulatory")
_VIRTUAL: Final = coding(ACT_CODE, "VR", "virtual")
_FACE_TO_FACE: Final = {"", "01"}
_NONE: Final = timedelta()


def care_contact(row: Row, subject: Subject, extract: Extract) -> Statement:
    """MHS201: one contact, held, planned, cancelled or missed."""
    start = row.start("CareContDate", "CareContTime")
    if row["CareContactID"] in extract.contacts:
        extract.contacts[row["CareContactID"]] = Seen(subject, start)
    held = row["AttendStatus"] in _TOOK_PLACE
    planned = not held and _is_to_come(row, extract)
    tell = _appointment if planned or _was_missed(row) else _encounter
    entries = [tell(row, extract, start, _team_name(row, extract))]
    if row["PlaceOfSafetyInd"] and row["PlaceOfSafetyInd"] not in _PLACE_OF_SAFETY.negative:
        entries.append(_place_of_safety(row, extract, start))
    return Statement(subject=subject, line=row.line, entries=tuple(entries))


def _was_missed(row: Row) -> bool:
    return row["AttendStatus"] in _NOT_HELD or bool(row["CareContCancelDate"])


def _is_to_come(row: Row, extract: Extract) -> bool:
    day = row.date("CareContDate")
    return not row["AttendStatus"] and day is not None and day > extract.until


def _encounter(row: Row, extract: Extract, start: Moment, team: str) -> Entry:
    """A contact that took place; where no one recorded whether it did, its status is unknown."""
    held, mechanism = row["AttendStatus"] in _TOOK_PLACE, row["ConsMechanismMH"]
    duration = _duration(row)
    end = _with_time(start.instant + duration) if duration else None
    resource: Resource = {
        "resourceType": "Encounter",
        "status": "finished" if held else "unknown",
        "class": _IN_PERSON if mechanism in _FACE_TO_FACE else _VIRTUAL,
        "period": period(start.fhir, end),
        "serviceType": {"text": team},
    }
    if mechanism:
        resource["type"] = [_MECHANISMS.concept(mechanism)]
    return extract.entry(
        row,
        f"CareContact/{row['CareContactID']}",
        _ENCOUNTERS,
        resource,
        _title(row, extract, team),
        detail=joined((_TYPES.label(row["ConsType"]) if row["ConsType"] else "", _WITH.get(row["CareContSubj"], ""))),
        started=start.instant,
        ended=start.instant + duration,
    )


def _appointment(row: Row, extract: Extract, start: Moment, team: str) -> Entry:
    status = _NOT_HELD.get(row["AttendStatus"]) or ("cancelled" if row["CareContCancelDate"] else "booked")
    to_come = _is_to_come(row, extract)
    resource: Resource = {
        "resourceType": "Appointment",
        "status": status,
        "start": _with_time(start.instant),
        "end": _with_time(start.instant),
        "participant": [{"actor": {"type": "CareTeam", "display": team}, "status": "accepted"}],
    }
    if row["ConsMechanismMH"]:
        resource["serviceType"] = [_MECHANISMS.concept(row["ConsMechanismMH"])]
    return extract.entry(
        row,
        f"CareContact/{row['CareContactID']}",
        _APPOINTMENTS,
        resource,
        _title(row, extract, team),
        started=start.instant,
        ended=start.instant,
        standing=Standing.PLANNED if to_come and status == "booked" else Standing.CURRENT,
    )


def _place_of_safety(row: Row, extract: Extract, start: Moment) -> Entry:
    """A place of safety is one under the Mental Health Act: that someone was brought there is restricted."""
    resource: Resource = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "Place of safety"},
        "valueCodeableConcept": _PLACE_OF_SAFETY.concept(row["PlaceOfSafetyInd"]),
        "effectiveDateTime": start.fhir,
    }
    return extract.entry(
        row,
        f"Observation/place-of-safety/{row['CareContactID']}",
        _LEGAL,
        resource,
        "Seen at a place of safety",
        sensitivity=Sensitivity.RESTRICTED,
        started=start.instant,
        ended=start.instant,
    )


def _title(row: Row, extract: Extract, team: str) -> str:
    mechanism, attendance = row["ConsMechanismMH"], row["AttendStatus"]
    how = _MECHANISMS.label(mechanism) if mechanism else "Contact"
    if attendance:
        outcome = _ATTENDANCE.label(attendance)
    elif row["CareContCancelDate"]:
        outcome = "Cancelled"
    else:
        outcome = "Planned" if _is_to_come(row, extract) else "Attendance not recorded"
    return f"{how}, {team}: {outcome.lower()}"


def _team_name(row: Row, extract: Extract) -> str:
    local_id = row["OtherCareProfTeamLocalID"]
    team = extract.team(local_id) if local_id else extract.referrals[row["ServiceRequestID"]].team
    return team.shown_name


def _with_time(instant: datetime) -> str:
    return fhir_instant(instant.astimezone(LONDON))


def _duration(row: Row) -> timedelta:
    """Of the clinical contact, in minutes; none where it is not told, or by no number of minutes."""
    minutes = row["ClinContDurOfCareCont"].removesuffix(".0")
    return timedelta(minutes=int(minutes)) if minutes.isascii() and minutes.isdigit() and len(minutes) <= 4 else _NONE
