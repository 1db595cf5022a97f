"""How far a visit has come, as each trigger tells it."""

from typing import Final, NamedTuple

from app.adapters.acute_hl7v2.message.reading import Reading
from app.adapters.acute_hl7v2.message.segments import DELETE, Segment
from app.vocabulary.statement import Standing


class Course(NamedTuple):
    """How far a visit has come, and what that means for the places and people of it."""

    status: str
    standing: Standing
    part: str  # EncounterLocationStatus
    team: str  # CareTeamStatus


PLANNED: Final = Course("planned", Standing.PLANNED, "planned", "proposed")
ARRIVED: Final = Course("arrived", Standing.CURRENT, "active", "active")
IN_PROGRESS: Final = Course("in-progress", Standing.CURRENT, "active", "active")
ON_LEAVE: Final = Course("onleave", Standing.CURRENT, "reserved", "active")
FINISHED: Final = Course("finished", Standing.ENDED, "completed", "inactive")
IN_ERROR: Final = Course("entered-in-error", Standing.ENTERED_IN_ERROR, "completed", "entered-in-error")
UNKNOWN: Final = Course("unknown", Standing.CURRENT, "active", "active")

COURSES: Final = {
    "A01": IN_PROGRESS,
    "A02": IN_PROGRESS,
    "A03": FINISHED,
    "A04": ARRIVED,
    "A05": PLANNED,
    "A11": IN_ERROR,  # the admission never was
    "A12": IN_PROGRESS,  # PV1-3 tells where the person is after all
    "A13": IN_PROGRESS,  # the discharge never was
    "A21": ON_LEAVE,
    "A22": IN_PROGRESS,
}
"""What each trigger says of a visit; those that are not here say nothing of it."""

_WHATEVER_PV1_45: Final = ("A05", "A11", "A13")  # senders leave in it what was there before


def course_of(reading: Reading, pv1: Segment) -> tuple[Course, bool]:
    """The course of a visit, and whether the message tells it: if not, it holds only for a visit not known before."""
    told = COURSES.get(reading.trigger)
    if pv1.code(45) and reading.trigger not in _WHATEVER_PV1_45:
        return FINISHED, True
    if told:
        return told, True
    if pv1.raw(45) == DELETE:
        return IN_PROGRESS, True
    if pv1.code(2) == "P":
        return PLANNED, False
    return (IN_PROGRESS if pv1.code(44) else UNKNOWN), False
