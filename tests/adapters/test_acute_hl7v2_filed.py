"""A stay as it stands in the record after each of its messages: what a silent message must not change."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Engine

from app.database.transactions import transaction
from app.record.kept.filing import file_entries
from app.record.kept.held import Filed, Source
from tests.adapters.acute_feed import TRUST, hear, hear_sample, message, pid, pv1, segment

ROSA = UUID("00000000-0000-4000-8000-000000000001")
MORNING = datetime(2026, 3, 1, 9, tzinfo=UTC)


class Record:
    """Files messages one by one, and shows what is held under a key."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._count = 0

    def hears(self, *messages: str) -> None:
        for text in messages:
            self.files(hear(text).entries)

    def files(self, entries: Any) -> None:
        self._count += 1
        source = Source(partner=TRUST.partner, adapter="acute-hl7v2", message=self._count, at=MORNING)
        with transaction(self._engine) as connection:
            file_entries(connection, [Filed(ROSA, ROSA, entry) for entry in entries], source)

    def holds(self, key: str) -> dict[str, Any]:
        with transaction(self._engine) as connection:
            found = connection.exec_driver_sql("SELECT * FROM entry WHERE key = %s", (key,)).one()
        return {**found._mapping, **orjson.loads(found.resource)}


def adt(trigger: str, hour: int, fields: dict[int, str] | None = None, *more: str) -> str:
    visit = pv1({44: "202602091015", **(fields or {})})
    return message(f"ADT^{trigger}", pid(), visit, *more, event={2: f"202603{hour:02}0900"})


def test_an_update_after_the_discharge_does_not_bring_the_person_back(engine: Engine) -> None:
    record = Record(engine)
    record.hears(
        adt("A01", 1, {3: "A5", 10: "430"}),
        adt("A03", 2, {45: "202603020800", 37: "19"}),
        adt("A08", 3, {44: "", 3: "A5"}, segment("DG1", {3: "W19.9^Unspecified fall^ICD10"})),
    )
    for key in ("Encounter/V1", "Encounter/V1/ward-stay"):
        held = record.holds(key)
        assert (held["status"], held["standing"]) == ("finished", "ended")
        assert held["ended"] == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert record.holds("Encounter/V1")["started"] == datetime(2026, 2, 9, 10, 15, tzinfo=UTC)
    assert record.holds("Encounter/V1")["serviceType"]["coding"][0]["code"] == "430"


def test_a_cancelled_discharge_brings_the_person_back_and_forgets_how_it_went(engine: Engine) -> None:
    record = Record(engine)
    gone = {45: "202603020800", 36: "1", 37: "19"}
    record.hears(adt("A01", 1, {14: "19"}), adt("A03", 2, {14: "19", **gone}), adt("A13", 3, {14: "19", **gone}))
    held = record.holds("Encounter/V1")
    assert (held["status"], held["standing"], held["ended"]) == ("in-progress", "current", None)
    assert set(held["hospitalization"]) == {"admitSource"}
    assert not {"extension", "end"} & {*held, *held["period"]}


def test_a_ward_stay_keeps_when_the_person_came_to_it(engine: Engine) -> None:
    record = Record(engine)
    moved = message("ADT^A02", pid(), pv1({3: "C22"}), event={2: "202603020900", 6: "202603020830"})
    record.hears(adt("A01", 1, {3: "A5"}), moved, adt("A03", 3, {45: "202603030800"}))
    held = record.holds("Encounter/V1/ward-stay")
    assert held["started"] == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert held["location"][0]["location"]["display"] == "C22"


def test_a_sexual_health_visit_stays_guarded_when_a_message_names_no_specialty(engine: Engine) -> None:
    record = Record(engine)
    record.hears(adt("A04", 1, {10: "360"}), adt("A08", 2, {}, segment("PV2", {3: "^Review"})))
    assert record.holds("Encounter/V1")["sensitivity"] == "sexual-health"


def test_what_a_person_update_does_not_say_stays(engine: Engine) -> None:
    record = Record(engine)
    record.hears(
        message("ADT^A28", pid({5: "FERRANTE^ROSA", 7: "19410214", 8: "2"}), event={2: "202603010900"}),
        message("ADT^A31", pid({8: '""', 15: "EN"}), event={2: "202603020900"}),
    )
    held = record.holds("Patient/H1001")
    assert (held["name"][0]["family"], held["birthDate"]) == ("FERRANTE", "1941-02-14")
    assert "gender" not in held
    assert held["communication"][0]["language"]["coding"][0]["code"] == "en"


def test_the_whole_sample_of_a_stay_leaves_the_person_in_hospital(engine: Engine) -> None:
    record = Record(engine)
    for said in hear_sample("stay.hl7").statements:
        record.files(said.entries)
    held = record.holds("Encounter/V7001")
    assert (held["status"], held["ended"]) == ("in-progress", None)
    assert record.holds("Encounter/V7001/medically-fit-for-discharge")["status"] == "final"
    assert record.holds("Encounter/V7002")["standing"] == "entered-in-error"
