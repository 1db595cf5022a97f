"""Use of hospital from partners' entries: emergency told from planned, and LACE of a discharge."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from fhir.resources.R4B.observation import Observation

from app.mdt.as_fhir.pack import score
from app.mdt.case_finding.scores import KnownScore, lace_score
from app.mdt.one_person.entries import PersonEntries
from app.mdt.one_person.hospital import is_emergency, year_of_use
from app.record.sifted import Sifted
from tests.mdt.known_people import AT, TRUST, born, decision, diagnosed, stated, stay

EVER = {TRUST: date(2015, 1, 1)}


def visit(on: str, **more: Any) -> Sifted:
    told = {"resourceType": "Encounter", "class": {"code": "EMER"}, **more}
    return stated(TRUST, "admissions", told, started=on, ended=on, standing="ended")


def lace_of(*entries: Sifted, known: dict[Any, date] | None = None) -> KnownScore | None:
    person = PersonEntries([born("1940-01-01"), *entries], AT)
    found = lace_score(person, decision(), EVER if known is None else known)
    return found[0] if found else None


def used(*entries: Sifted) -> tuple[str, ...]:
    return year_of_use(PersonEntries(entries, AT))


def test_emergency_admissions_are_told_from_planned_ones_and_from_those_of_which_nobody_says_how() -> None:
    told = used(
        stay("V1", "2026-03-01", "2026-03-05"),
        stay("V2", "2026-04-01", "2026-04-03", method="11"),
        stay("V3", "2026-05-01", "2026-05-04", method=None),
        stay("V4", "2024-05-01", "2024-05-04"),
        visit("2026-03-01"),
        visit("2026-03-20"),
    )
    assert told == (
        "Emergency admissions: 1; planned: 1; how is not told: 1",
        "Nights in hospital after emergency admissions: 4",
        "Visits to an emergency department: 2",
    )


def test_a_transfer_is_the_same_admission() -> None:
    told = used(stay("V1", "2026-03-01", "2026-03-05"), stay("V2", "2026-03-05", "2026-03-09", method="2B"))
    assert told[:2] == ("Emergency admissions: 1", "Nights in hospital after emergency admissions: 8")


def test_what_has_not_begun_or_never_was_is_no_use() -> None:
    planned = stated(TRUST, "admissions", {"resourceType": "Encounter", "class": {"code": "IMP"}},
                     started="2026-06-01", standing="planned")  # fmt: skip
    mistake = planned._replace(standing="entered-in-error")
    assert used(planned, mistake)[0] == "Emergency admissions: 0"


@pytest.mark.parametrize(
    ("method", "expected"), [("21", True), ("2D", True), ("2C", False), ("11", False), ("98", None)]
)
def test_a_method_tells_whether_it_was_an_emergency(method: str, expected: bool | None) -> None:
    coded = {"url": "x-AdmissionMethod", "valueCodeableConcept": {"coding": [{"code": method}]}}
    assert is_emergency({"hospitalization": {"extension": [coded]}}) is expected


def test_lace_says_each_part_of_the_last_discharge() -> None:
    score = lace_of(
        visit("2026-06-10"),  # led to the stay
        visit("2026-05-01"),
        visit("2026-02-01"),
        visit("2025-11-01"),  # more than six months before
        stay("V1", "2026-06-10", "2026-06-15"),
        diagnosed("I50"),
        diagnosed("F03"),
    )
    assert score is not None
    assert [(one.name, one.points) for one in score.used] == [
        ("days in hospital", Decimal(4)), ("acute admission", Decimal(3)), ("comorbidity", Decimal(5)),
        ("emergency department visits in six months", Decimal(2)),
    ]  # fmt: skip
    assert (score.value, score.band, score.version, score.on) == (
        Decimal(14),
        "high",
        "van Walraven 2010",
        date(2026, 6, 15),
    )
    assert score.computed
    assert any("Quan" in limit for limit in score.limits)


def test_lace_as_fhir_holds_each_part_or_why_there_is_no_value() -> None:
    known = lace_of(visit("2026-06-10"), stay("V1", "2026-06-10", "2026-06-12", method="11"), diagnosed("J45"))
    unknown = lace_of(stay("V1", "2026-06-10", "2026-06-15"), diagnosed("I50"), known={})
    item, person = uuid4(), uuid4()
    for one in (known, unknown):
        assert one is not None
        told = Observation.model_validate(score(one, item, person)).model_dump()
        assert told["subject"] == {"reference": f"Patient/{person}"}
        if one.value is None:
            assert told["dataAbsentReason"]["text"].startswith("not computed")
        else:
            assert told["valueInteger"] == 5 == sum(part["valueInteger"] for part in told["component"])


def test_a_planned_stay_leaves_every_visit_to_count() -> None:
    score = lace_of(visit("2026-06-10"), stay("V1", "2026-06-10", "2026-06-12", method="11"), diagnosed("J45"))
    assert score is not None
    assert score.value == 2 + 0 + 2 + 1


def test_lace_is_none_where_a_part_is_not_known() -> None:
    coded, visits = diagnosed("I50"), "emergency department visits in six months"
    for entries, known, missing in (
        ((stay("V1", "2026-06-10", "2026-06-15"), coded), {}, visits),
        ((stay("V1", "2026-06-10", "2026-06-15"), coded), {TRUST: date(2026, 1, 1)}, visits),
        ((stay("V1", "2026-06-10", "2026-06-15", method=None), coded), EVER, "acute admission"),
        ((stay("V1", "2026-06-10", "2026-06-15"),), EVER, "comorbidity"),
    ):  # fmt: skip
        score = lace_of(*entries, known=known)
        assert score is not None
        assert (score.value, score.missing) == (None, (missing,))


def test_lace_speaks_of_thirty_days_after_a_discharge_and_no_more() -> None:
    assert lace_of(stay("V1", "2026-05-20", "2026-05-29"), diagnosed("I50")) is None
    assert lace_of(stay("V1", "2026-06-20", None), diagnosed("I50")) is None
