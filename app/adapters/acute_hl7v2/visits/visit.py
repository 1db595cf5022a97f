"""A visit as one message tells of it (PV1): PV1-19 names it, and everything of it has a key below its own.

`Encounter/V1` is the visit, `Encounter/V1/ward-stay` where the person is, and so on: what A42 moves is all of that.
A08 and the like say nothing of how far a visit has come. What they give of its status and times is presumed: it holds
only for a visit that was not known before.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

from app.adapters.acute_hl7v2.message.codes import Coded, listed
from app.adapters.acute_hl7v2.message.reading import Reading, key
from app.adapters.acute_hl7v2.message.segments import Segment
from app.adapters.acute_hl7v2.message.timestamps import Moment
from app.adapters.acute_hl7v2.visits.courses import COURSES, FINISHED, IN_ERROR, PLANNED, Course, course_of
from app.adapters.discretion import SEXUAL_HEALTH
from app.adapters.elements import local_identifier_system
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import coding, known, period, reference
from app.vocabulary.fhir_systems import ACT_CODE
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Relationship, Resource

ADMISSIONS: Final = Category("admissions")

_ENCOUNTERS: Final = Category("encounters")


class _Class(NamedTuple):
    """What PV1-2 calls a kind of visit."""

    code: str
    title: str
    category: Category = ADMISSIONS


_CLASSES: Final = {
    "I": _Class("IMP", "Stay in hospital"),
    "O": _Class("AMB", "Out-patient attendance", _ENCOUNTERS),
    "E": _Class("EMER", "Attendance at the emergency department"),
    "P": _Class("PRENC", "Planned admission"),
}
_OTHER: Final = _Class("", "Hospital visit")


class Visit(NamedTuple):
    """One visit as one message tells of it. `told` is false where the message is silent on its course."""

    pv1: Segment
    number: str
    key: str
    kind: _Class
    course: Course
    told: bool
    started: Moment | None
    ended: Moment | None
    specialty: Coded | None

    @property
    def is_inpatient(self) -> bool:
        """Whether the person is or was in a bed."""
        return self.kind.code == "IMP"

    @property
    def is_outpatient(self) -> bool:
        """Whether it is an attendance of one day, whose end no one sends."""
        return self.kind.code == "AMB"

    @property
    def over(self) -> datetime | None:
        """When the visit ended, as an entry takes it."""
        over = self.ended or (self.started if self.is_outpatient else None)
        return over and over.instant


def read_visit(reading: Reading) -> Visit | None:
    """The visit of a message; `None` where it has none, or where it cannot be named: that is refused."""
    pv1 = reading.message.one("PV1")
    number = pv1.code(19)
    if not number:
        if reading.trigger in COURSES:
            reading.refuse("PV1-19", "the visit has no number, so that nothing can be said of it; send PV1-19")
        return None
    if not pv1.code(2):
        reading.refuse("PV1-2", "the visit has no patient class, so that it is not known what it is; send PV1-2")
        return None
    course, told = course_of(reading, pv1)
    return Visit(
        pv1,
        number,
        key("Encounter", number),
        _kind(reading, pv1),
        course,
        told,
        _started(reading, pv1),
        (reading.moment(pv1, 45) or reading.occurred) if course is FINISHED else None,
        _specialty(reading, pv1),
    )


def presumed(reading: Reading, visit: Visit, started: Moment | None) -> tuple[str, ...]:
    """What the message presumes of a visit's course, or of the course of a part of it that began at `started`."""
    if not visit.told:
        return ("status", "period", "started", "ended", "standing")
    if started:
        return ()
    lasts = visit.ended is None and reading.trigger != "A13"  # after which the old period would still end
    return ("started", "period") if lasts else ("started",)


def guarded(visit: Visit, entry: Entry) -> Entry:
    """An entry of a visit with the care that its specialty asks for; one that is silent on it leaves that as it was."""
    if visit.specialty is None:
        return replace(entry, presumes=(*entry.presumes, "sensitivity"))
    return replace(entry, sensitivity=Sensitivity.SEXUAL_HEALTH) if visit.specialty.code == SEXUAL_HEALTH[1] else entry


def admission(reading: Reading, visit: Visit) -> Relationship | None:
    """Why the hospital may ask about an in-patient; `None` where the message does not tell the course of the stay."""
    if not visit.is_inpatient or visit.course is PLANNED:
        return None
    return relationship(reading, visit, "admission", began=visit.started)


def relationship(reading: Reading, visit: Visit, kind: str, *, began: Moment | None) -> Relationship | None:
    """A relationship that lasts as long as a visit; one that never was ends as it begins.

    `None` where the message does not change it: it neither says when it began, nor ends it, nor takes its end back.
    """
    changed = visit.ended or visit.course is IN_ERROR or reading.trigger == "A13"
    start = began or (changed and (visit.ended or reading.occurred))
    if not start or not visit.told:
        return None
    end = visit.ended.instant if visit.ended else start.instant if visit.course is IN_ERROR else None
    return Relationship(key=f"{visit.key}/{kind}", kind=kind, started=start.instant, ended=end)


def visit_reference(reading: Reading, visit: Visit) -> Resource:
    """A FHIR reference to the visit."""
    return reference(local_identifier_system(reading.partner, "visit-number"), visit.number)


def encounter_frame(reading: Reading, visit: Visit, started: Moment | None) -> Resource:
    """What FHIR demands of every Encounter: status and class, with the period that goes with them."""
    own = visit.kind.code
    kind = coding(ACT_CODE, own) if own else coding(reading.code_system("PV1-2"), visit.pv1.code(2))
    return known(
        resourceType="Encounter",
        status=visit.course.status,
        **{"class": kind},
        period=period(started and started.fhir, visit.ended and visit.ended.fhir),
    )


def place_of(segment: Segment, field: int) -> str:
    """A location (PL) in words, as the sender wrote them: ward, room, bed, floor, building and site."""
    found = segment.heads(field)
    point, room, bed, site, _status, _type, building, floor, words = [*(found[0] if found else ()), *[""] * 9][:9]
    return words or ", ".join(filter(None, (point, room, bed, floor, building, site)))


def _started(reading: Reading, pv1: Segment) -> Moment | None:
    """PV1-44; an admission that leaves it out began when it happened."""
    return reading.moment(pv1, 44) or (reading.occurred if reading.trigger in ("A01", "A04") else None)


def _kind(reading: Reading, pv1: Segment) -> _Class:
    kind = _CLASSES.get(pv1.code(2).upper())
    if kind is None:
        reading.warn("PV1-2", "the patient class is none of I, O, E and P; it is kept as it stands")
    return kind or _OTHER


def _specialty(reading: Reading, pv1: Segment) -> Coded | None:
    """The treatment specialty of the episode (ZU1-7), else the hospital service of the visit (PV1-10)."""
    return listed(reading, reading.message.one("ZU1"), 7, "specialty") or listed(reading, pv1, 10, "specialty")
