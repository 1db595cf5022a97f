"""Appointments: SIU^S12 to S17 and S26 (SCH, AIS, AIL, AIP), attendance (ZU3) and dates to come in (ZU4).

Where an appointment takes place has an entry of its own: whoever knows it could wait there.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, NamedTuple

from app.adapters.acute_hl7v2.message.codes import stated
from app.adapters.acute_hl7v2.message.identifiers import professional
from app.adapters.acute_hl7v2.message.reading import Reading, below, key
from app.adapters.acute_hl7v2.message.segments import Message, Segment
from app.adapters.acute_hl7v2.message.timestamps import Moment
from app.adapters.acute_hl7v2.visits.courses import IN_ERROR, PLANNED
from app.adapters.acute_hl7v2.visits.visit import Visit, place_of
from app.adapters.elements import joined, local_identifier_system
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import codeable_concept, identifier, known
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Resource, Standing

_APPOINTMENTS: Final = Category("appointments")
_REASONS: Final = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"
_MINUTES_IN: Final = {"": 1, "MIN": 1, "MINS": 1, "M": 1, "H": 60, "HR": 60, "HRS": 60}
_LONGEST: Final = timedelta(days=31)


class _State(NamedTuple):
    """What became of an appointment; `by` is who cancelled it."""

    status: str
    standing: Standing
    words: str
    by: str = ""


_BOOKED: Final = _State("booked", Standing.PLANNED, "Appointment")
_TO_COME_IN: Final = _State("proposed", Standing.PLANNED, "To come in to hospital")
_PENDING: Final = _State("pending", Standing.PLANNED, "Appointment not yet confirmed")
_WAITING: Final = _State("waitlist", Standing.PLANNED, "On the waiting list for an appointment")
_ARRIVED: Final = _State("arrived", Standing.CURRENT, "Arrived for an appointment")
_ADMITTED: Final = _State("fulfilled", Standing.ENDED, "Came in to hospital")
_ATTENDED: Final = _State("fulfilled", Standing.ENDED, "Attended")
_CANCELLED: Final = _State("cancelled", Standing.ENDED, "Appointment cancelled")
_MISSED: Final = _State("noshow", Standing.ENDED, "Did not attend")
_DELETED: Final = _State("entered-in-error", Standing.ENTERED_IN_ERROR, "Appointment entered in error")

_BY_TRIGGER: Final = {
    "S12": _BOOKED,
    "S13": _BOOKED,  # at another time
    "S14": _BOOKED,  # otherwise changed
    "S15": _CANCELLED,
    "S16": _CANCELLED,  # the rest of a series
    "S17": _DELETED,
    "S26": _MISSED,
}
_BY_FILLER_STATUS: Final = {  # HL7 table 0278
    "BOOKED": _BOOKED,
    "OVERBOOK": _BOOKED,
    "PENDING": _PENDING,
    "WAITLIST": _WAITING,
    "STARTED": _ARRIVED,
    "COMPLETE": _ATTENDED,
    "CANCELLED": _CANCELLED,
    "DC": _CANCELLED,
    "DELETED": _DELETED,
    "NOSHOW": _MISSED,
}
_BY_ATTENDANCE: Final = {  # NHS Data Dictionary: ATTENDED OR DID NOT ATTEND
    "0": _BOOKED,
    "2": _State("cancelled", Standing.ENDED, "Appointment cancelled by the person", "pat"),
    "3": _MISSED,
    "4": _State("cancelled", Standing.ENDED, "Appointment cancelled by the hospital", "prov"),
    "5": _ATTENDED,
    "6": _State("fulfilled", Standing.ENDED, "Attended, late"),
    "7": _State("noshow", Standing.ENDED, "Came too late to be seen"),
}


class _Slot(NamedTuple):
    """When an appointment begins and ends; one whose length is not told ends as it begins."""

    start: Moment | None
    end: Moment | None

    @property
    def presumes(self) -> tuple[str, ...]:
        return () if self.start else ("start", "end", "started", "ended")


def scheduled_entries(reading: Reading) -> Iterator[Entry]:
    """The appointment of a SIU message, and apart from it its place."""
    message = reading.message
    sch = message.one("SCH")
    number = sch.code(2) or sch.code(1)
    state, slot = _state(reading, sch), _slot(reading, message)
    if not number:
        reading.refuse("SCH-2", "the appointment has no number, so that a change could not replace it; send SCH-2")
    elif state is _BOOKED and slot.start is None:
        reading.refuse("SCH-11", "the appointment has no time; send it in SCH-11 or AIS-4")
    else:
        name = key("Appointment", number)
        yield _scheduled(reading, name, number, state, slot)
        places = joined(place_of(ail, 3) for ail in message.every("AIL"))
        if places or reading.trigger != "S12":
            yield _place(reading, name, state, slot, places)


def visit_appointments(reading: Reading, visit: Visit) -> Iterator[Entry]:
    """What ZU3 says of an out-patient's attendance, and ZU4 of the date to come in."""
    zu3, zu4 = reading.message.one("ZU3"), reading.message.one("ZU4")
    if attended := _attendance(reading, zu3):
        if visit.is_outpatient:
            slot = _Slot(visit.started, visit.ended or visit.started)
            yield _of_visit(reading, visit, "attendance", attended, slot)
        else:
            reading.warn("ZU3-3", "an attendance is told of a visit that is no out-patient's; it is not filed")
    if to_come_in := reading.moment(zu4, 6):
        yield _of_visit(reading, visit, "to-come-in", _to_come_in(visit), _Slot(to_come_in, to_come_in))


def _state(reading: Reading, sch: Segment) -> _State:
    """What the trigger says, more closely told where it leaves the appointment standing by SCH-25 and ZU3-3."""
    state = _BY_TRIGGER[reading.trigger]
    if state is not _BOOKED:
        return state
    told = sch.code(25).upper()
    if told and told not in _BY_FILLER_STATUS:
        reading.warn("SCH-25", "the status is not in HL7 table 0278; the appointment is taken to stand")
    return _attendance(reading, reading.message.one("ZU3")) or _BY_FILLER_STATUS.get(told, state)


def _attendance(reading: Reading, zu3: Segment) -> _State | None:
    code = zu3.code(3)
    if code and code not in _BY_ATTENDANCE:
        reading.warn("ZU3-3", "the code is none of ATTENDED OR DID NOT ATTEND; it is not read")
    return _BY_ATTENDANCE.get(code)


def _to_come_in(visit: Visit) -> _State:
    if visit.course is IN_ERROR:
        return _DELETED
    return _TO_COME_IN if visit.course is PLANNED else _ADMITTED


def _slot(reading: Reading, message: Message) -> _Slot:
    sch, ais = message.one("SCH"), message.one("AIS")
    start = reading.moment(sch, 11, 4) or reading.moment(ais, 4)
    if start is None:
        return _Slot(None, None)
    end = reading.moment(sch, 11, 5)
    if end and end.instant >= start.instant:
        return _Slot(start, end)
    lasts = _length(ais, 7) or _length(sch, 9)
    return _Slot(start, Moment.at(start.instant + lasts) if lasts else start)


def _length(segment: Segment, field: int) -> timedelta:
    """A duration and, in the field after it, its unit; nothing where either makes no sense."""
    text, unit = segment.code(field), segment.code(field + 1).upper()
    if not (text.isascii() and text.isdigit() and unit in _MINUTES_IN):
        return timedelta()
    return min(timedelta(minutes=int(text[:6]) * _MINUTES_IN[unit]), _LONGEST)


def _scheduled(reading: Reading, name: str, number: str, state: _State, slot: _Slot) -> Entry:
    message = reading.message
    sch = message.one("SCH")
    service, reason, kind = stated(reading, message.one("AIS"), 3), stated(reading, sch, 7), stated(reading, sch, 8)
    professionals = [professional(reading, aip.components(3)) for aip in message.every("AIP") if not aip.silent(3)]
    more = known(
        identifier=[identifier(local_identifier_system(reading.partner, "appointment"), number)],
        serviceType=[service.concept] if service else None,
        reasonCode=[reason.concept] if reason else None,
        appointmentType=kind and kind.concept,
        participant=[{"actor": one, "status": "accepted"} for one in professionals],
    )
    what = service or kind
    return _entry(
        reading,
        name,
        state,
        slot,
        more,
        title=joined((state.words, what and what.words), ": "),
        detail=joined((reason and reason.words, *(one.get("display") for one in professionals))),
        keeps=tuple(
            name
            for name, told in (
                ("serviceType", service),
                ("reasonCode", reason),
                ("appointmentType", kind),
                ("participant", professionals),
            )
            if not told
        ),
    )


def _place(reading: Reading, name: str, state: _State, slot: _Slot, place: str) -> Entry:
    more = known(participant=[{"actor": {"display": place}, "status": "accepted"}] if place else None)
    return _entry(
        reading,
        below(name, "place"),
        state,
        slot,
        more,
        title="Place of the appointment",
        detail=place,
        sensitivity=Sensitivity.LOCATING,
        keeps=() if place else ("participant",),
    )


def _of_visit(reading: Reading, visit: Visit, part: str, state: _State, slot: _Slot) -> Entry:
    title = joined((state.words, visit.specialty and visit.specialty.words), ": ")
    return _entry(reading, f"{visit.key}/{part}", state, slot, {}, title=title)


def _booked(start: Moment | None, end: Moment | None) -> Resource:
    return known(start=start and start.to_the_second, end=end and end.to_the_second)


def _asked_for(start: Moment | None) -> Resource:
    """A date to come in is not yet a slot in anyone's diary."""
    return known(requestedPeriod=[{"start": start.fhir}] if start else None)


def _entry(
    reading: Reading,
    name: str,
    state: _State,
    slot: _Slot,
    more: Resource,
    *,
    title: str,
    detail: str = "",
    sensitivity: Sensitivity = Sensitivity.NORMAL,
    keeps: tuple[str, ...] = (),
) -> Entry:
    start, end = slot
    resource = known(
        resourceType="Appointment",
        status=state.status,
        cancelationReason=codeable_concept(_REASONS, state.by) if state.by else None,
        **(_asked_for(start) if state is _TO_COME_IN else _booked(start, end)),
        **more,
    )
    return reading.entry(
        name,
        _APPOINTMENTS,
        resource,
        title,
        detail=detail,
        sensitivity=sensitivity,
        keeps=keeps,
        presumes=slot.presumes,
        started=start and start.instant,
        ended=end and end.instant,
        standing=state.standing,
    )
