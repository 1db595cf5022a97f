"""What each trigger does to a visit, and what rides along with it."""

from datetime import UTC, datetime

import pytest

from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Standing
from tests.adapters.acute_feed import Fields, hear, hear_sample, message, pid, pv1, segment, visit
from tests.adapters.heard import Heard

ADMITTED = datetime(2026, 2, 9, 10, 15, tzinfo=UTC)
NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)  # when `message` was recorded
LIFECYCLE = {"status", "period", "started", "ended", "standing"}
UNSAID = "sensitivity"  # which a message that names no specialty does not tell
DISCHARGED = {36: "1", 37: "19", 45: "202603021430"}


def status(said: Heard) -> str:
    told: str = said.entry("Encounter/V1").resource["status"]
    return told


# What a trigger does


@pytest.mark.parametrize(
    ("trigger", "told", "standing"),
    [
        ("A01", "in-progress", Standing.CURRENT),
        ("A02", "in-progress", Standing.CURRENT),
        ("A03", "finished", Standing.ENDED),
        ("A04", "arrived", Standing.CURRENT),
        ("A05", "planned", Standing.PLANNED),
        ("A11", "entered-in-error", Standing.ENTERED_IN_ERROR),
        ("A12", "in-progress", Standing.CURRENT),
        ("A13", "in-progress", Standing.CURRENT),
        ("A21", "onleave", Standing.CURRENT),
        ("A22", "in-progress", Standing.CURRENT),
    ],
)
def test_a_trigger_says_how_far_a_visit_has_come(trigger: str, told: str, standing: Standing) -> None:
    said = visit(trigger, {3: "A5^BAY 2^BED 4"})
    entry = said.entry("Encounter/V1")
    assert (status(said), entry.standing) == (told, standing)
    assert not LIFECYCLE & set(entry.presumes)
    assert said.entry("Encounter/V1/ward-stay").standing is standing


@pytest.mark.parametrize(("trigger", "told"), [("A05", "planned"), ("A11", "entered-in-error"), ("A13", "in-progress")])
def test_a_day_of_discharge_that_a_sender_leaves_in_ends_no_visit(trigger: str, told: str) -> None:
    assert status(visit(trigger, {45: "202603021430"})) == told


@pytest.mark.parametrize("trigger", ["A01", "A02", "A03", "A04", "A05", "A11", "A12", "A13", "A21", "A22"])
def test_a_visit_without_a_number_is_refused_and_the_person_is_still_read(trigger: str) -> None:
    said = hear(message(f"ADT^{trigger}", pid(), pv1(number="")))
    assert (said.refused, said.keys) == (["PV1-19"], ["Patient/H1001"])


@pytest.mark.parametrize("trigger", ["A08", "A28", "A31"])
def test_an_update_of_a_person_needs_no_visit(trigger: str) -> None:
    said = hear(message(f"ADT^{trigger}", pid(), "PV1|1|N"))
    assert (said.findings, said.keys) == ([], ["Patient/H1001"])


def test_a_visit_without_a_class_is_refused() -> None:
    said = visit("A01", kind="")
    assert (said.refused, said.keys) == (["PV1-2"], ["Patient/H1001"])


@pytest.mark.parametrize(
    ("kind", "code", "category", "title"),
    [
        ("I", "IMP", "admissions", "Stay in hospital"),
        ("O", "AMB", "encounters", "Out-patient attendance"),
        ("E", "EMER", "admissions", "Attendance at the emergency department"),
        ("P", "PRENC", "admissions", "Planned admission"),
    ],
)
def test_the_class_says_what_a_visit_is(kind: str, code: str, category: str, title: str) -> None:
    entry = visit("A01", kind=kind).entry("Encounter/V1")
    assert (entry.resource["class"]["code"], entry.category, entry.title) == (code, category, title)


def test_another_class_is_kept_as_the_senders_own_and_told() -> None:
    said = visit("A01", kind="R")
    assert said.entry("Encounter/V1").resource["class"] == {
        "system": "https://pisano.example/fhir/CodeSystem/RL4/PV1-2",
        "code": "R",
    }
    assert (said.warned, said.entry("Encounter/V1").title) == (["PV1-2"], "Hospital visit")


def test_an_admission_is_a_relationship_until_the_discharge() -> None:
    admitted, discharged = visit("A01"), visit("A03", {45: "202603021430"})
    (begun,), (over,) = admitted.relationships.values(), discharged.relationships.values()
    assert (begun.key, begun.kind, begun.started, begun.ended) == (
        "Encounter/V1/admission",
        "admission",
        ADMITTED,
        None,
    )
    assert (over.key, over.started, over.ended) == (begun.key, ADMITTED, datetime(2026, 3, 2, 14, 30, tzinfo=UTC))


@pytest.mark.parametrize("kind", ["O", "E", "P"])
def test_only_an_in_patient_is_admitted(kind: str) -> None:
    assert visit("A01", kind=kind).relationships == {}


def test_a_planned_stay_is_no_admission_yet() -> None:
    assert visit("A05").relationships == {}


def test_an_admission_that_does_not_say_when_it_began_began_as_it_happened() -> None:
    said = visit("A01", {44: ""}, event={6: "202602090900"})
    assert said.entry("Encounter/V1").started == datetime(2026, 2, 9, 9, tzinfo=UTC)


def test_a_discharge_that_does_not_say_when_was_as_it_happened() -> None:
    said = visit("A03", event={6: "202603021500"})
    assert said.entry("Encounter/V1").ended == datetime(2026, 3, 2, 15, tzinfo=UTC)


def test_a_discharge_without_its_beginning_keeps_the_beginning() -> None:
    said = visit("A03", {44: "", 45: "202603021430"})
    entry = said.entry("Encounter/V1")
    assert (entry.started, entry.presumes) == (None, ("started", UNSAID))
    (over,) = said.relationships.values()
    assert over.started == over.ended


@pytest.mark.parametrize("trigger", ["A02", "A12", "A21", "A22"])
def test_what_happens_during_a_stay_keeps_its_beginning(trigger: str) -> None:
    said = visit(trigger, {44: ""})
    assert said.entry("Encounter/V1").presumes == ("started", "period", UNSAID)
    assert said.relationships == {}


def test_a_cancelled_admission_never_held() -> None:
    (never,) = visit("A11").relationships.values()
    assert never.started == never.ended == ADMITTED


def test_an_admission_sent_after_the_discharge_is_finished() -> None:
    assert status(visit("A01", DISCHARGED)) == "finished"


def test_a_cancelled_discharge_leaves_nothing_of_it() -> None:
    entry = visit("A13", {14: "19", **DISCHARGED}).entry("Encounter/V1")
    assert (entry.resource["status"], entry.ended) == ("in-progress", None)
    assert entry.resource["period"] == {"start": "2026-02-09T10:15:00+00:00"}
    assert set(entry.resource["hospitalization"]) == {"admitSource"}
    assert not {"extension", "hospitalization", "period"} & {*entry.keeps, *entry.presumes}
    assert visit("A13").relationships["Encounter/V1/admission"].ended is None


def test_a_cancelled_discharge_without_a_beginning_does_not_keep_the_old_end() -> None:
    said = visit("A13", {44: ""})
    assert said.entry("Encounter/V1").presumes == ("started", UNSAID)
    assert said.relationships["Encounter/V1/admission"].started == NINE


# What an update does not say


def test_an_update_leaves_the_course_of_a_visit_as_it_was() -> None:
    said = visit("A08")
    assert set(said.entry("Encounter/V1").presumes) == {*LIFECYCLE, UNSAID}
    assert said.relationships == {}
    assert said.keys == ["Patient/H1001", "Encounter/V1"]


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [("I", {}, "in-progress"), ("I", {44: ""}, "unknown"), ("P", {}, "planned")],
)
def test_an_update_of_a_visit_not_known_before_says_the_likeliest(kind: str, fields: Fields, told: str) -> None:
    assert status(visit("A08", fields, kind=kind)) == told


def test_an_update_that_tells_the_discharge_ends_the_visit() -> None:
    said = visit("A08", DISCHARGED)
    assert (status(said), said.entry("Encounter/V1").presumes) == ("finished", (UNSAID,))
    assert said.relationships["Encounter/V1/admission"].ended is not None


def test_an_update_that_deletes_the_discharge_opens_the_visit_again() -> None:
    said = visit("A08", {45: '""'})
    assert (status(said), said.entry("Encounter/V1").ended) == ("in-progress", None)
    assert said.entry("Encounter/V1").presumes == (UNSAID,)


def test_an_update_tells_a_move_and_a_new_consultant_only_where_it_says_so() -> None:
    said = visit("A08", {3: "A5", 7: "C1234567^Fell^Ada^^^Dr^^^GMC"})
    assert said.keys[2:] == ["Encounter/V1/ward-stay", "Encounter/V1/care-team"]
    assert set(said.entry("Encounter/V1/care-team").presumes) == {*LIFECYCLE, UNSAID}


def test_what_is_silent_of_a_visit_is_kept_and_what_is_deleted_is_not() -> None:
    silent = set(visit("A01").entry("Encounter/V1").keeps)
    assert silent == {"serviceType", "type", "reasonCode", "participant", "hospitalization", "extension"}
    deleted = visit("A01", {4: '""', 7: '""', 10: '""', 18: '""', 36: '""'}, 'PV2|||""')
    assert deleted.entry("Encounter/V1").keeps == ()
    assert not silent & set(deleted.entry("Encounter/V1").resource)


# Places


def test_a_visit_itself_tells_no_place() -> None:
    said = visit("A01", {3: "A5^BAY 2^BED 4^RL403"}, segment("PV2", {3: "^Fall at home"}))
    entry = said.entry("Encounter/V1")
    assert entry.sensitivity is Sensitivity.NORMAL
    assert "A5" not in f"{entry.title}{entry.detail}{entry.resource}"


def test_the_ward_stay_locates_and_is_part_of_the_visit() -> None:
    entry = visit("A01", {3: "A5^BAY 2^BED 4^RL403"}).entry("Encounter/V1/ward-stay")
    assert (entry.sensitivity, entry.title, entry.detail) == (
        Sensitivity.LOCATING,
        "Ward",
        "A5, BAY 2, BED 4, RL403",
    )
    assert entry.resource["partOf"]["identifier"]["value"] == "V1"
    assert entry.resource["location"][0]["status"] == "active"


def test_a_place_in_words_is_given_in_those_words() -> None:
    assert visit("A01", {3: "A5^^^^^^^^Elm Ward, first floor"}).entry("Encounter/V1/ward-stay").detail == (
        "Elm Ward, first floor"
    )


def test_a_transfer_begins_at_the_new_ward_when_it_happened() -> None:
    entry = visit("A02", {3: "C22"}, event={6: "202602110900"}).entry("Encounter/V1/ward-stay")
    assert (entry.detail, entry.started) == ("C22", datetime(2026, 2, 11, 9, tzinfo=UTC))


def test_a_cancelled_transfer_returns_to_the_ward_before_and_forgets_when() -> None:
    entry = visit("A12", {3: "A5"}).entry("Encounter/V1/ward-stay")
    assert (entry.detail, entry.started, entry.keeps, entry.presumes) == ("A5", None, (), (UNSAID,))


def test_a_discharge_that_does_not_repeat_the_ward_ends_it_all_the_same() -> None:
    entry = visit("A03", DISCHARGED).entry("Encounter/V1/ward-stay")
    assert (entry.standing, entry.ended) == (Standing.ENDED, datetime(2026, 3, 2, 14, 30, tzinfo=UTC))
    assert (entry.keeps, entry.presumes) == (("location",), ("started", UNSAID))


def test_a_person_on_leave_has_their_bed_kept() -> None:
    entry = visit("A21", {3: "A5"}).entry("Encounter/V1/ward-stay")
    assert entry.resource["location"][0]["status"] == "reserved"


# Who and what for


def test_the_consultant_is_responsible_for_the_episode() -> None:
    said = visit(
        "A01",
        {7: "C1234567^Fell^Ada^^^Dr^^^GMC", 10: "430"},
        segment("ZU1", {4: "202602101200", 5: "202602201200"}),
    )
    entry = said.entry("Encounter/V1/care-team")
    assert (entry.category, entry.title, entry.detail) == (
        "care-team",
        "Responsible consultant",
        "Dr Ada Fell, Geriatric Medicine",
    )
    assert entry.resource["participant"][0]["member"]["identifier"] == {
        "system": "https://fhir.hl7.org.uk/Id/gmc-number",
        "value": "C1234567",
    }
    assert (entry.started, entry.ended) == (
        datetime(2026, 2, 10, 12, tzinfo=UTC),
        datetime(2026, 2, 20, 12, tzinfo=UTC),
    )


@pytest.mark.parametrize("kind", ["O", "E"])
def test_only_a_stay_has_a_responsible_consultant(kind: str) -> None:
    assert "Encounter/V1/care-team" not in visit("A01", {7: "C1^Fell"}, kind=kind).keys


def test_a_professional_without_a_register_is_known_by_the_partners_own_number() -> None:
    (told,) = visit("A01", {8: "77^Townley^Gregory"}).entry("Encounter/V1").resource["participant"]
    assert told["individual"] == {
        "type": "Practitioner",
        "identifier": {"system": "https://pisano.example/fhir/Id/RL4/professional", "value": "77"},
        "display": "Gregory Townley",
    }


def test_everyone_who_takes_part_in_a_visit_is_told_by_what_they_do() -> None:
    fields = {7: "C1^Fell~C2^Marsh", 8: "G1^Townley", 9: "C3^Moss", 17: "C4^Ash"}
    told = visit("A01", fields).entry("Encounter/V1").resource["participant"]
    assert [one["type"][0]["coding"][0]["code"] for one in told] == ["ATND", "ATND", "REF", "CON", "ADM"]


def test_the_specialty_of_the_episode_stands_before_that_of_the_visit() -> None:
    said = visit("A01", {10: "300"}, segment("ZU1", {7: "430"}))
    assert said.entry("Encounter/V1").title == "Stay in hospital: Geriatric Medicine"


def test_an_unknown_specialty_is_kept_in_the_senders_words_and_told() -> None:
    said = visit("A01", {10: "XYZ^Frailty unit"})
    assert said.entry("Encounter/V1").title == "Stay in hospital: Frailty unit"
    assert said.warned == ["PV1-10"]


def test_how_a_stay_began_and_ended_is_told() -> None:
    entry = visit("A03", {4: "21", 14: "19", 18: "12^Day case", **DISCHARGED}).entry("Encounter/V1")
    hospitalization = entry.resource["hospitalization"]
    assert hospitalization["admitSource"]["text"] == "usual place of residence"
    assert hospitalization["dischargeDisposition"]["coding"][0]["code"] == "19"
    assert hospitalization["extension"][0]["url"].endswith("AdmissionMethod")
    assert entry.detail.startswith("Emergency, through the emergency department")
    assert entry.resource["extension"][0]["url"].endswith("DischargeMethod")
    assert entry.resource["type"][0]["text"] == "Day case"


ELEMENTS_OF = {4: "hospitalization", 14: "hospitalization", 37: "hospitalization", 36: "extension", 10: "serviceType"}


@pytest.mark.parametrize("field", [*ELEMENTS_OF, None])
def test_an_update_keeps_what_it_is_silent_on_and_replaces_what_it_tells(field: int | None) -> None:
    code = {4: "21", 14: "19", 36: "1", 37: "19", 10: "430"}
    kept = visit("A08", {field: code[field]} if field else None).entry("Encounter/V1").keeps
    told = {ELEMENTS_OF[field]} if field else set()
    assert set(kept) & set(ELEMENTS_OF.values()) == set(ELEMENTS_OF.values()) - told


@pytest.mark.parametrize(("zu", "element"), [(segment("ZU1", {7: "430"}), "serviceType"),
                                             (segment("ZU3", {4: "1"}), "extension")])  # fmt: skip
def test_what_a_segment_of_the_nhs_tells_of_a_visit_replaces_it_too(zu: str, element: str) -> None:
    entry = visit("A08", None, zu).entry("Encounter/V1")
    assert element in entry.resource
    assert element not in entry.keeps


def test_how_a_discharge_went_does_not_outlive_its_cancellation() -> None:
    assert not {"hospitalization", "extension"} & set(visit("A13").entry("Encounter/V1").keeps)


@pytest.mark.parametrize("pv2_3", ["^Fall at home", "Fall at home"])
def test_the_reason_is_in_the_senders_words(pv2_3: str) -> None:
    entry = visit("A01", None, segment("PV2", {3: pv2_3})).entry("Encounter/V1")
    assert (entry.detail, entry.resource["reasonCode"]) == ("Fall at home", [{"text": "Fall at home"}])


# Ready for discharge, referral, dates to come in, attendance (ZU1, ZU3, ZU4)


def test_a_discharge_meeting_sees_who_is_fit_to_leave() -> None:
    said = visit("A08", None, segment("ZU1", {1: "202602010930", 22: "20260219", 24: "20260220"}))
    assert said.entry("Encounter/V1").detail == (
        "Medically fit for discharge since 19 February 2026; Ready for discharge since 20 February 2026"
    )
    fit = said.entry("Encounter/V1/medically-fit-for-discharge")
    assert (fit.title, fit.detail, fit.category) == ("Medically fit for discharge", "19 February 2026", "admissions")
    assert fit.started == fit.ended == datetime(2026, 2, 19, tzinfo=UTC)
    assert said.keys[-2:] == ["Encounter/V1/medically-fit-for-discharge", "Encounter/V1/ready-for-discharge"]


def test_someone_no_longer_fit_to_leave_never_was() -> None:
    entry = visit("A08", None, segment("ZU1", {22: '""'})).entry("Encounter/V1/medically-fit-for-discharge")
    assert (entry.standing, entry.resource["status"]) == (Standing.ENTERED_IN_ERROR, "entered-in-error")


def referred(trigger: str, kind: str, *more: str, fields: Fields | None = None) -> Heard:
    zu1 = segment("ZU1", {13: "GP", 14: "2", 15: "20260130", 16: "20260128", 17: "02"})
    return visit(trigger, {10: "430", **(fields or {})}, zu1, *more, kind=kind)


def test_a_referral_is_a_relationship_from_when_it_was_received() -> None:
    said = referred("A01", "I")
    told, entry = said.relationships["Encounter/V1/referral"], said.entry("Encounter/V1/referral")
    assert (told.kind, told.started, told.ended) == ("referral", datetime(2026, 1, 30, tzinfo=UTC), None)
    assert (entry.title, entry.detail) == (
        "Referred to hospital: Geriatric Medicine",
        "source GP, type 2, method 02",
    )
    assert (entry.resource["status"], entry.resource["authoredOn"]) == ("active", "2026-01-28")


@pytest.mark.parametrize("field", [13, 14, 15, 16, 17])
def test_each_part_of_a_referral_alone_tells_that_there_was_one(field: int) -> None:
    said = visit("A01", None, segment("ZU1", {field: "20260128"}))
    assert "Encounter/V1/referral" in said.keys
    assert "Encounter/V1/referral" not in visit("A01", None, segment("ZU1", {12: "x", 18: "x"})).keys


def test_a_referral_began_when_it_was_received_else_when_it_was_written() -> None:
    for told in ({15: "20260130"}, {16: "20260130"}):
        entry = visit("A01", None, segment("ZU1", told)).entry("Encounter/V1/referral")
        assert entry.started == datetime(2026, 1, 30, tzinfo=UTC)
        assert entry.resource["authoredOn"] == "2026-01-30"


def test_of_a_referral_as_much_is_told_as_is_known_and_in_words_where_there_are_any() -> None:
    bare = visit("A01", None, segment("ZU1", {15: "20260130"})).entry("Encounter/V1/referral")
    assert (bare.detail, bare.ended) == ("", None)
    assert not {"category", "extension"} & set(bare.resource)
    worded = visit("A01", None, segment("ZU1", {13: "03^Practice", 14: "2^Urgent", 17: "02^Letter"}))
    assert worded.entry("Encounter/V1/referral").detail == "source Practice, type Urgent, method Letter"
    assert worded.entry("Encounter/V1/referral").resource["category"] == [{"text": "Urgent"}]


def test_a_referral_ends_with_the_stay() -> None:
    said = referred("A03", "I", fields=DISCHARGED)
    assert said.relationships["Encounter/V1/referral"].ended == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    assert said.entry("Encounter/V1/referral").resource["status"] == "completed"


@pytest.mark.parametrize(("outcome", "over"), [("1", True), ("2", False), ("", False)])
def test_a_referral_outlasts_an_attendance_unless_care_ended(outcome: str, over: bool) -> None:
    said = referred("A04", "O", segment("ZU3", {4: outcome}))
    assert (said.relationships["Encounter/V1/referral"].ended is not None) is over
    assert said.entry("Encounter/V1/referral").standing is (Standing.ENDED if over else Standing.CURRENT)


def test_the_referral_of_a_cancelled_admission_never_held() -> None:
    said = referred("A11", "I")
    entry = said.entry("Encounter/V1/referral")
    assert (entry.standing, entry.resource["status"]) == (Standing.ENTERED_IN_ERROR, "entered-in-error")
    never = said.relationships["Encounter/V1/referral"]
    assert never.started == never.ended


def test_an_update_leaves_a_referral_as_it_was() -> None:
    said = referred("A08", "I")
    assert said.relationships == {}
    assert set(said.entry("Encounter/V1/referral").presumes) == LIFECYCLE


def test_a_referral_of_no_date_makes_no_relationship() -> None:
    said = visit("A01", None, segment("ZU1", {13: "GP"}))
    assert "authoredOn" not in said.entry("Encounter/V1/referral").resource
    assert "Encounter/V1/referral" not in said.relationships


@pytest.mark.parametrize(
    ("code", "told", "title"),
    [
        ("5", "fulfilled", "Attended"),
        ("6", "fulfilled", "Attended, late"),
        ("7", "noshow", "Came too late to be seen"),
        ("3", "noshow", "Did not attend"),
        ("2", "cancelled", "Appointment cancelled by the person"),
        ("4", "cancelled", "Appointment cancelled by the hospital"),
        ("0", "booked", "Appointment"),
    ],
)
def test_an_attendance_tells_what_became_of_the_appointment(code: str, told: str, title: str) -> None:
    entry = visit("A04", None, segment("ZU3", {3: code}), kind="O").entry("Encounter/V1/attendance")
    assert (entry.resource["status"], entry.title, entry.category) == (told, title, "appointments")


def test_an_attendance_lasts_until_its_end_where_that_is_told() -> None:
    told = [visit(trigger, fields, segment("ZU3", {3: "5"}), kind="O")
            for trigger, fields in (("A04", None), ("A03", DISCHARGED))]  # fmt: skip
    began, ended = (said.entry("Encounter/V1/attendance") for said in told)
    assert (began.started, began.ended) == (ADMITTED, ADMITTED)
    assert (ended.started, ended.ended) == (ADMITTED, datetime(2026, 3, 2, 14, 30, tzinfo=UTC))


def test_who_cancelled_is_told() -> None:
    entry = visit("A04", None, segment("ZU3", {3: "2"}), kind="O").entry("Encounter/V1/attendance")
    assert entry.resource["cancelationReason"]["coding"][0]["code"] == "pat"


def test_an_attendance_of_an_in_patient_makes_no_sense_and_is_told() -> None:
    said = visit("A01", None, segment("ZU3", {3: "5"}))
    assert (said.warned, "Encounter/V1/attendance" in said.keys) == (["ZU3-3"], False)


def test_an_unknown_attendance_is_told() -> None:
    said = visit("A04", None, segment("ZU3", {3: "9"}), kind="O")
    assert (said.warned, "Encounter/V1/attendance" in said.keys) == (["ZU3-3"], False)


def test_an_out_patient_attendance_is_over_the_same_day() -> None:
    entry = visit("A04", kind="O").entry("Encounter/V1")
    assert entry.started == entry.ended == ADMITTED
    assert entry.resource["period"] == {"start": "2026-02-09T10:15:00+00:00"}


def test_the_outcome_of_an_attendance_stands_on_the_visit() -> None:
    (outcome,) = visit("A04", None, segment("ZU3", {4: "2"}), kind="O").entry("Encounter/V1").resource["extension"]
    assert outcome["valueCodeableConcept"]["text"] == "another appointment given"


@pytest.mark.parametrize(
    ("trigger", "kind", "told", "standing"),
    [
        ("A05", "P", "proposed", Standing.PLANNED),
        ("A08", "P", "proposed", Standing.PLANNED),
        ("A01", "I", "fulfilled", Standing.ENDED),
        ("A11", "I", "entered-in-error", Standing.ENTERED_IN_ERROR),
    ],
)
def test_a_date_to_come_in_is_kept_or_not(trigger: str, kind: str, told: str, standing: Standing) -> None:
    entry = visit(trigger, None, segment("ZU4", {6: "202602091000"}), kind=kind).entry("Encounter/V1/to-come-in")
    assert (entry.resource["status"], entry.standing) == (told, standing)
    assert entry.started == datetime(2026, 2, 9, 10, tzinfo=UTC)
    assert ("requestedPeriod" in entry.resource) is (told == "proposed")


# What only few may see


def test_legal_status_is_restricted() -> None:
    said = visit("A01", None, segment("ZU5", {2: "03", 3: "20"}))
    for field, words in ((2, "section 3"), (3, "section 136")):
        entry = said.entry(f"Encounter/V1/legal-status-{field}")
        assert (entry.category, entry.sensitivity) == ("legal", Sensitivity.RESTRICTED)
        assert f"{words} of the Mental Health Act" in entry.title


def test_an_unknown_legal_status_is_restricted_too() -> None:
    said = visit("A01", None, segment("ZU5", {2: "ZZ"}))
    assert said.entry("Encounter/V1/legal-status-2").sensitivity is Sensitivity.RESTRICTED
    assert said.warned == ["ZU5-2"]


@pytest.mark.parametrize(
    ("field", "code", "part", "words"),
    [
        (14, "39", "admission-source", "Admitted from: prison, court or police station"),
        (36, "3", "discharge-method", "Discharged: by a tribunal, the Home Secretary or a court"),
        (37, "38", "discharge-destination", "Discharged to: prison or police station"),
        (37, "50", "discharge-destination", "Discharged to: medium secure unit"),
    ],
)
def test_custody_and_secure_care_are_kept_off_the_visit(field: int, code: str, part: str, words: str) -> None:
    said = visit("A03", {field: code})
    entry = said.entry(f"Encounter/V1/{part}")
    assert (entry.title, entry.sensitivity) == (words, Sensitivity.RESTRICTED)
    assert not {"hospitalization", "extension"} & set(said.entry("Encounter/V1").resource)


def test_a_cancelled_discharge_leaves_no_restricted_destination_and_where_somebody_came_from() -> None:
    assert "Encounter/V1/discharge-destination" not in visit("A13", {37: "38"}).keys
    assert "Encounter/V1/discharge-method" not in visit("A13", {36: "3"}).keys
    assert "Encounter/V1/admission-source" in visit("A13", {14: "39"}).keys


def test_everything_of_a_visit_to_sexual_health_asks_for_more_care() -> None:
    said = visit(
        "A04", {3: "CLINIC 9", 10: "360"}, segment("DG1", {3: "A54.9^x^ICD10"}), segment("ZU3", {3: "5"}), kind="O"
    )
    of_visit = [entry for entry in said.entries if entry.key.startswith("Encounter/V1")]
    assert len(of_visit) == 4
    assert {entry.sensitivity for entry in of_visit} == {Sensitivity.SEXUAL_HEALTH}
    assert said.entry("Patient/H1001").sensitivity is Sensitivity.NORMAL


def test_a_message_that_names_no_specialty_leaves_that_care_as_it_was() -> None:
    said = visit("A08", {3: "CLINIC 9"})
    assert all(UNSAID in entry.presumes for entry in said.entries[1:])
    assert UNSAID not in visit("A08", {10: "300"}).entry("Encounter/V1").presumes


# Allergies, diagnoses, procedures


def test_an_allergy_has_a_concept_by_which_partners_agree() -> None:
    entry = visit("A01", None, "AL1|1|DA|91936005^Allergy to penicillin^SCT|SV|Rash~Swollen lips|20010611").entry(
        "AllergyIntolerance/H1001/91936005"
    )
    assert (entry.concept, entry.title, entry.detail) == (
        "http://snomed.info/sct|91936005",
        "Allergy to penicillin",
        "Rash, Swollen lips",
    )
    assert [one["severity"] for one in entry.resource["reaction"]] == ["severe", "severe"]
    assert (entry.resource["category"], entry.resource["recordedDate"]) == (["medication"], "2001-06-11")


@pytest.mark.parametrize(
    ("al1_4", "detail", "warned"),
    [
        ("MO", "severity moderate", []),
        ("MI", "severity mild", []),
        ("MO^Quite bad", "severity Quite bad", []),
        ("U", "", []),
        ("5", "severity 5", ["AL1-4"]),
    ],
)
def test_a_severity_without_a_reaction_is_kept_in_words(al1_4: str, detail: str, warned: list[str]) -> None:
    said = visit("A01", None, f"AL1|1|FA|PEANUT^Peanut|{al1_4}")
    assert (said.entry("AllergyIntolerance/H1001/PEANUT").detail, said.warned) == (detail, warned)


def test_what_kind_of_thing_an_allergy_is_to_is_told() -> None:
    kinds = {"DA": "medication", "FA": "food", "MA": None, **dict.fromkeys(("EA", "AA", "PA", "LA"), "environment")}
    said = {kind: visit("A01", None, f"AL1|1|{kind}|X^Dust").entry("AllergyIntolerance/H1001/X") for kind in kinds}
    assert {kind: entry.resource.get("category", [None]) for kind, entry in said.items()} == {
        kind: [told] for kind, told in kinds.items()
    }


def test_a_severity_of_no_list_is_told_beside_the_reaction() -> None:
    (entry,) = (one for one in visit("A01", None, "AL1|1|FA|PEANUT^Peanut|5|^Rash^L").entries if one.concept)
    assert entry.detail == "Rash, severity 5"
    assert entry.resource["reaction"] == [{"manifestation": [{"text": "Rash"}]}]
    assert entry.resource["note"] == [{"text": "severity 5"}]


def test_an_allergy_in_words_alone_has_no_concept() -> None:
    (entry,) = (one for one in visit("A01", None, "AL1|1|DA|^Latex gloves").entries if one.category == "allergies")
    assert (entry.title, entry.concept, entry.resource["code"]) == ("Latex gloves", None, {"text": "Latex gloves"})


def test_an_allergy_code_without_a_system_is_the_senders_own() -> None:
    entry = visit("A01", None, "AL1|1|DA|Z88.5").entry("AllergyIntolerance/H1001/Z88.5")
    assert entry.concept == "https://pisano.example/fhir/CodeSystem/RL4/AL1-3|Z88.5"


def test_an_allergy_of_nothing_is_passed_over() -> None:
    assert "allergies" not in {entry.category for entry in visit("A01", None, "AL1|1|DA|").entries}


@pytest.mark.parametrize(
    ("name", "field"),
    [*(("AL1", field) for field in (4, 5, 6)), *(("DG1", field) for field in (5, 6, 16)),
     *(("PR1", field) for field in (4, 5, 11))],
)  # fmt: skip
def test_what_tells_something_of_what_it_does_not_name_is_refused_aloud(name: str, field: int) -> None:
    assert visit("A01", None, segment(name, {field: "20260101"})).refused == [f"{name}-3"]
    assert visit("A01", None, segment(name, {1: "1", 7: "x"})).refused == []


def diagnosis(fields: Fields) -> Entry:
    (entry,) = (one for one in visit("A01", None, segment("DG1", fields)).entries if one.category == "problems")
    return entry


@pytest.mark.parametrize("code", ["N39.3", "N393", "n39.3"])
def test_a_diagnosis_is_the_same_however_its_dot_is_written(code: str) -> None:
    entry = visit("A01", None, segment("DG1", {3: f"{code}^Stress incontinence^ICD-10"})).entry(
        f"Encounter/V1/diagnosis/{code}"
    )
    assert entry.concept == "http://hl7.org/fhir/sid/icd-10|N39.3"


@pytest.mark.parametrize(
    ("code", "shown"), [("I10X", "I10"), ("S72.00", "S72.00"), ("A18.1D", "A18.1"), ("not a code", "not a code")]
)
def test_fillers_and_marks_of_a_diagnosis_are_left_out_of_its_concept(code: str, shown: str) -> None:
    entry = diagnosis({3: f"{code}^x^I10"})
    assert entry.concept == f"http://hl7.org/fhir/sid/icd-10|{shown}"


@pytest.mark.parametrize(
    ("dg1_6", "certainty"), [("F", "confirmed"), ("W", "provisional"), ("A", "provisional"), ("", None)]
)
def test_a_diagnosis_is_as_certain_as_its_type(dg1_6: str, certainty: str | None) -> None:
    entry = visit("A01", None, segment("DG1", {3: "N39.3^x^ICD10", 6: dg1_6})).entry("Encounter/V1/diagnosis/N39.3")
    told = entry.resource.get("verificationStatus", {"coding": [{"code": None}]})
    assert told["coding"][0]["code"] == certainty
    assert ("verificationStatus" in entry.resource, entry.detail) == (certainty is not None, certainty or "")


def test_an_older_sender_writes_a_diagnosis_in_words() -> None:
    entry = diagnosis({4: "Broken hip"})
    assert (entry.title, entry.concept, entry.resource["code"]) == ("Broken hip", None, {"text": "Broken hip"})
    assert diagnosis({4: "Broken arm"}).key != entry.key


def test_a_diagnosis_and_a_procedure_without_a_visit_are_the_persons() -> None:
    said = hear(message("ADT^A31", pid(), "DG1|1||N39.3^x^ICD10", "DG1|2", "PR1|1||U19.2^ECG^OPCS4||20260101", "PR1|2"))
    assert said.keys[1:] == ["Condition/H1001/N39.3", "Procedure/H1001/U19.2/20260101"]
    assert all("encounter" not in entry.resource for entry in said.entries[1:])


@pytest.mark.parametrize(
    ("when", "told", "standing"),
    [
        ("202602281000", "completed", Standing.CURRENT),
        ("20260301090000", "completed", Standing.CURRENT),  # as the message was written
        ("202603041000", "preparation", Standing.PLANNED),
    ],
)
def test_a_procedure_after_its_message_is_still_to_come(when: str, told: str, standing: Standing) -> None:
    entry = visit("A01", None, segment("PR1", {3: "U19.2^ECG^OPCS4", 5: when})).entry(
        f"Encounter/V1/procedure/U19.2/{when}"
    )
    assert (entry.resource["status"], entry.standing, entry.started) == (told, standing, entry.ended)


@pytest.mark.parametrize("field", [11, 12])
def test_who_did_a_procedure_is_told(field: int) -> None:
    said = visit("A01", None, segment("PR1", {3: "U19.2^ECG^OPCS4", field: "C1^Fell^Ada"}))
    procedure = said.entry("Encounter/V1/procedure/U19.2/")
    assert procedure.resource["performer"][0]["actor"]["display"] == "Ada Fell"


# Times


def test_what_a_message_records_is_dated_by_evn_2_else_by_msh_7() -> None:
    assert visit("A01").entry("Encounter/V1").recorded == NINE
    other = hear(message("ADT^A31", pid(), header={7: "20260302"}, event={2: ""}))
    assert other.entries[0].recorded == datetime(2026, 3, 2, tzinfo=UTC)


def test_a_message_that_does_not_say_when_is_still_read() -> None:
    more = [segment("ZU5", {2: "03"}), segment("ZU8", {2: "2"}), segment("PR1", {3: "U19.2^ECG^OPCS4", 5: "20260101"})]
    said = hear(message("ADT^A03", pid(), pv1({44: ""}), *more, header={7: ""}, event={2: ""}))
    assert (said.entry("Encounter/V1").recorded, said.relationships) == (None, {})
    assert {"Consent/H1001", "Encounter/V1/legal-status-2", "Encounter/V1/procedure/U19.2/20260101"} <= set(said.keys)


@pytest.mark.parametrize("trigger", ["A01", "A04"])
def test_a_visit_that_began_without_saying_when_began_as_it_was_told(trigger: str) -> None:
    assert visit(trigger, {44: ""}).entry("Encounter/V1").started == NINE
    assert visit("A08", {44: ""}).entry("Encounter/V1").started is None


def test_a_time_in_month_13_is_told_and_taken_as_unknown() -> None:
    said = visit("A01", {44: "202613011200"})
    assert (said.warned, said.entry("Encounter/V1").started) == (["PV1-44"], NINE)


# The whole of a stay


def test_a_stay_is_told_from_its_plan_to_its_end() -> None:
    said = hear_sample("stay.hl7")
    visits = [entry for entry in said.entries if entry.key == "Encounter/V7001"]
    assert said.findings == []
    assert [entry.resource["status"] for entry in visits if "status" not in entry.presumes] == [
        "planned",
        "in-progress",  # admitted
        "in-progress",  # moved
        "in-progress",  # not moved after all
        "onleave",
        "in-progress",
        "finished",
        "in-progress",  # not discharged after all
    ]
