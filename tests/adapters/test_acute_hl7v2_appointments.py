"""Appointments: SIU^S12 to S17 and S26."""

from datetime import UTC, datetime, timedelta

import pytest

from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Standing
from tests.adapters.acute_feed import Fields, hear, hear_sample, message, pid, segment
from tests.adapters.heard import Heard

SCH = {1: "P-9^PAS", 2: "F-9^PAS", 11: "^^^202605011030^202605011100"}
START = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


def scheduled(trigger: str, *segments: str, sch: Fields | None = None) -> Heard:
    return hear(message(f"SIU^{trigger}", segment("SCH", {**SCH, **(sch or {})}), pid(), *segments))


@pytest.mark.parametrize(
    ("trigger", "status", "standing", "words"),
    [
        ("S12", "booked", Standing.PLANNED, "Appointment"),
        ("S13", "booked", Standing.PLANNED, "Appointment"),
        ("S14", "booked", Standing.PLANNED, "Appointment"),
        ("S15", "cancelled", Standing.ENDED, "Appointment cancelled"),
        ("S16", "cancelled", Standing.ENDED, "Appointment cancelled"),
        ("S17", "entered-in-error", Standing.ENTERED_IN_ERROR, "Appointment entered in error"),
        ("S26", "noshow", Standing.ENDED, "Did not attend"),
    ],
)
def test_a_trigger_says_what_became_of_an_appointment(
    trigger: str, status: str, standing: Standing, words: str
) -> None:
    entry = scheduled(trigger, segment("AIS", {3: "DIAB^Diabetes clinic^L"})).entry("Appointment/F-9")
    assert (entry.resource["status"], entry.standing) == (status, standing)
    assert (entry.title, entry.category) == (f"{words}: Diabetes clinic", "appointments")


@pytest.mark.parametrize(
    ("sch_25", "status"),
    [
        ("Booked", "booked"),
        ("PENDING", "pending"),
        ("Waitlist", "waitlist"),
        ("Started", "arrived"),
        ("Complete", "fulfilled"),
        ("Noshow", "noshow"),
        ("Cancelled", "cancelled"),
        ("Deleted", "entered-in-error"),
        ("", "booked"),
    ],
)
def test_the_status_says_more_closely_what_a_change_was(sch_25: str, status: str) -> None:
    assert scheduled("S14", sch={25: sch_25}).entry("Appointment/F-9").resource["status"] == status


def test_a_cancellation_is_one_whatever_the_status_says() -> None:
    assert scheduled("S15", sch={25: "Booked"}).entry("Appointment/F-9").resource["status"] == "cancelled"


def test_an_unknown_status_is_told_and_the_appointment_stands() -> None:
    said = scheduled("S14", sch={25: "Perhaps"})
    assert (said.entry("Appointment/F-9").resource["status"], said.warned) == ("booked", ["SCH-25"])


def test_an_attendance_stands_before_the_status() -> None:
    said = scheduled("S14", segment("ZU3", {3: "5"}), sch={25: "Booked"})
    assert said.entry("Appointment/F-9").resource["status"] == "fulfilled"


def test_an_appointment_is_known_by_the_clinics_number_else_by_the_placers() -> None:
    assert scheduled("S12").keys == ["Appointment/F-9"]
    assert scheduled("S12", sch={2: ""}).keys == ["Appointment/P-9"]


def test_an_appointment_without_a_number_is_refused() -> None:
    said = scheduled("S12", sch={1: "", 2: ""})
    assert (said.refused, said.keys) == (["SCH-2"], [])


@pytest.mark.parametrize("trigger", ["S12", "S13", "S14"])
def test_an_appointment_without_a_time_is_refused(trigger: str) -> None:
    assert scheduled(trigger, sch={11: ""}).refused == ["SCH-11"]


@pytest.mark.parametrize("trigger", ["S15", "S16", "S17", "S26"])
def test_a_cancellation_need_not_repeat_the_time(trigger: str) -> None:
    entry = scheduled(trigger, sch={11: ""}).entry("Appointment/F-9")
    assert entry.presumes == ("start", "end", "started", "ended")


@pytest.mark.parametrize(
    ("sch", "ais", "minutes"),
    [
        ({}, {}, 30),
        ({11: "^^^202605011030"}, {7: "45", 8: "min"}, 45),
        *(({11: "^^^202605011030"}, {7: "2", 8: unit}, 120) for unit in ("h", "HR", "hrs")),
        *(({11: "^^^202605011030"}, {7: "2", 8: unit}, 2) for unit in ("", "m", "min", "MINS")),
        ({11: "^^^202605011030"}, {7: "٣٠"}, 0),
        ({11: "^^^202605011030^202605011030"}, {7: "10"}, 0),  # it says that it ends as it begins
        ({11: "^^^202605011030", 9: "20", 10: "MIN"}, {}, 20),
        ({11: "^^^202605011030", 9: "20"}, {}, 20),
        ({11: ""}, {4: "202605011030", 7: "15"}, 15),
        ({11: "^^^202605011030"}, {}, 0),
        ({11: "^^^202605011030"}, {7: "long"}, 0),
        ({11: "^^^202605011030"}, {7: "2", 8: "fortnights"}, 0),
        ({11: "^^^202605011030^202605010900"}, {7: "10"}, 10),  # an end before the beginning is none
        ({11: "^^^202605011030"}, {7: "9" * 30}, 31 * 24 * 60),
    ],
)
def test_an_appointment_lasts_as_long_as_it_says(sch: Fields, ais: Fields, minutes: int) -> None:
    entry = scheduled("S12", segment("AIS", ais), sch=sch).entry("Appointment/F-9")
    assert (entry.started, entry.ended) == (START, START + timedelta(minutes=minutes))
    assert entry.resource["start"] == "2026-05-01T10:30:00+01:00"


def test_an_appointment_on_a_day_begins_with_the_day() -> None:
    entry = scheduled("S12", sch={11: "^^^20260501"}).entry("Appointment/F-9")
    assert entry.resource["start"] == "2026-05-01T00:00:00+01:00"


def test_where_an_appointment_is_stands_by_itself() -> None:
    said = scheduled("S12", "AIL|1|A|OPD^ROOM 4^^RL403", "AIL|2|A|X-RAY")
    place = said.entry("Appointment/F-9/place")
    assert (place.sensitivity, place.detail) == (Sensitivity.LOCATING, "OPD, ROOM 4, RL403, X-RAY")
    assert place.started == START
    assert "OPD" not in str(said.entry("Appointment/F-9").resource)


def test_the_place_of_an_appointment_changes_with_it() -> None:
    place = scheduled("S15").entry("Appointment/F-9/place")
    assert (place.standing, place.keeps) == (Standing.ENDED, ("participant",))


def test_an_end_without_a_beginning_is_no_time() -> None:
    entry = scheduled("S15", sch={11: "^^^^202605011100"}).entry("Appointment/F-9")
    assert (entry.started, entry.ended) == (None, None)


def test_a_line_that_names_no_professional_is_nobody() -> None:
    entry = scheduled("S12", "AIP|1|A", sch={8: "^Follow-up"}).entry("Appointment/F-9")
    assert "participant" not in entry.resource


def test_what_for_and_with_whom_is_told() -> None:
    said = scheduled(
        "S12", "AIP|1|A|C7654321^Marsh^Ivo^^^Dr^^^GMC", "AIP|2", sch={7: "DM^Diabetes review^L", 8: "^Follow-up"}
    )
    entry = said.entry("Appointment/F-9")
    assert (entry.title, entry.detail) == ("Appointment: Follow-up", "Diabetes review, Dr Ivo Marsh")
    assert entry.keeps == ("serviceType",)


def test_the_samples_are_read_without_a_fault() -> None:
    assert hear_sample("appointments.hl7").findings == []
