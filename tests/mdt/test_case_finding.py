"""Whoever is listed is listed for reasons; scores say what they rest on; segments overlap."""

from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest

from app.mdt.case_finding.criteria import CRITERIA
from app.mdt.case_finding.find import Asked, Case
from app.mdt.case_finding.scores import KnownScore
from app.record.sifted import Sifted
from app.risk.algorithm import ALGORITHMS
from app.risk.imported import ALGORITHM_SYSTEM, SCORE_EXTENSION
from app.vocabulary.label import Sensitivity
from tests.mdt.known_people import COUNCIL, HOUSING, PRACTICE, TRUST, born, case, diagnosed, flag, reasons, stated, stay

EVER = {TRUST: date(2015, 1, 1)}
AT_RISK = flag(HOUSING, "tenancy-risk")
CONCERN = flag(COUNCIL, "safeguarding", sensitivity=Sensitivity.RESTRICTED)


def observed(code: str, value: Any, on: str = "2026-06-01") -> Sifted:
    """As `risk-scores-csv` files what says how somebody is."""
    told = {"resourceType": "Observation", "code": {"coding": [{"system": ALGORITHM_SYSTEM, "code": code}]}, **value}
    return stated(PRACTICE, "assessments", told, started=on, ended=on)


def scored(code: str, value: float, on: str = "2026-06-01", *, name: str | None = None) -> Sifted:
    told: dict[str, Any] = {
        "resourceType": "RiskAssessment",
        "method": {"coding": [{"system": ALGORITHM_SYSTEM, "code": code}]} if code in ALGORITHMS else {"text": code},
        "prediction": [{"qualitativeRisk": {"text": str(value)}}],
    }
    if code in ALGORITHMS:
        told["extension"] = [{"url": SCORE_EXTENSION, "valueDecimal": value}]
    return stated(PRACTICE, "assessments", told, started=on, ended=on)


def found(*entries: Sifted, **more: Any) -> Case:
    listed = case(*entries, **more)
    assert listed is not None
    return listed


def score(listed: Case, code: str) -> KnownScore:
    (only,) = [one for one in listed.scores if one.algorithm == code]
    return only


def test_someone_of_whom_nothing_speaks_for_help_is_not_listed() -> None:
    assert case(born("1950-01-01"), diagnosed("J45")) is None


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("clinical-frailty-scale", 5, ["clinical-frailty-scale"]),
        ("clinical-frailty-scale", 4, []),
        ("electronic-frailty", 0.361, ["electronic-frailty"]),
        ("electronic-frailty", 0.333, []),
        ("electronic-frailty-2", 0.9, []),  # its cut-points are not confirmed
        ("Acme Insight", 99, []),
    ],
)
def test_a_score_lists_from_its_published_band_and_an_unknown_one_never(
    code: str, value: float, expected: list[str]
) -> None:
    assert reasons(scored(code, value)) == expected


def test_a_score_that_is_too_old_lists_nobody_and_only_the_newest_counts() -> None:
    assert reasons(scored("clinical-frailty-scale", 7, "2025-06-01")) == []
    assert reasons(scored("clinical-frailty-scale", 7, "2026-02-01"), scored("clinical-frailty-scale", 3)) == []


def test_a_reason_says_where_nobody_studied_its_score_at_that_age() -> None:
    (young,) = found(scored("clinical-frailty-scale", 7), born("1990-01-01")).reasons
    (old,) = found(scored("clinical-frailty-scale", 7), born("1940-01-01")).reasons

    assert young.title.endswith(", not studied in people under 65")
    assert "outside" not in old.title


def test_a_score_that_is_no_reason_is_shown_beside_one() -> None:
    listed = found(AT_RISK, scored("Acme Insight", 99), scored("electronic-frailty-2", 0.9))

    assert [reason.code for reason in listed.reasons] == ["tenancy-at-risk"]
    assert [(one.title, one.said, one.value) for one in listed.scores] == [
        ("Acme Insight", "99", None),
        ("Electronic frailty index 2", "0.9", Decimal("0.9")),
    ]


def test_hospital_frailty_is_computed_of_stays_with_what_they_were_coded_with() -> None:
    entries = [
        born("1940-01-01"),
        stay("V1", "2026-05-01", "2026-05-09"),
        stay("V2", "2025-05-01", "2025-05-09"),
        stay("V3", "2025-08-01", "2025-08-02", method="11"),
        *(diagnosed(code, visit="V1") for code in ("F00", "W19.9")),
        diagnosed("G81", visit="V2"),
        diagnosed("R54", visit="V3"),
        diagnosed("G30"),
    ]
    listed = found(*entries, AT_RISK, complete_since=EVER)
    frailty = score(listed, "hospital-frailty")

    assert (frailty.value, frailty.band, frailty.computed) == (Decimal("14.7"), "intermediate", True)
    assert "frailty-and-dementia" in [segment.code for segment in listed.segments]
    assert frailty.sources == tuple(entries[place] for place in (1, 4, 5, 2, 6, 3, 7))


def test_a_frailty_score_lists_somebody_whether_it_came_as_an_observation_or_as_an_assessment_before() -> None:
    other = stated(PRACTICE, "assessments", {"resourceType": "Observation", "valueInteger": 9}, started="2026-06-02")
    listed = found(observed("clinical-frailty-scale", {"valueInteger": 7}), other, born("1940-01-01"))
    index = found(observed("electronic-frailty", {"valueQuantity": {"value": 0.361}}), born("1940-01-01"))

    assert [one.code for one in listed.reasons] == ["clinical-frailty-scale"]
    assert [one.value for one in listed.scores] == [Decimal(7)]
    assert score(index, "electronic-frailty").said == "0.361"
    assert [one.code for one in index.reasons] == ["electronic-frailty"]
    later = found(
        scored("clinical-frailty-scale", 8, "2026-06-03"), observed("clinical-frailty-scale", {"valueInteger": 7})
    )
    assert score(later, "clinical-frailty-scale").value == 8


@pytest.mark.parametrize("complete_since", [{}, {TRUST: date(2025, 1, 1)}])
def test_hospital_frailty_is_not_computed_where_the_look_back_is_not_covered(complete_since: Any) -> None:
    listed = found(
        born("1940-01-01"),
        stay("V1", "2026-05-01", "2026-05-09"),
        diagnosed("F00", visit="V1"),
        AT_RISK,
        complete_since=complete_since,
    )
    frailty = score(listed, "hospital-frailty")

    assert frailty.value is None
    assert "not all known" in frailty.said


def test_the_agreements_greatest_age_bounds_the_look_back_too() -> None:
    listed = found(
        stay("V1", "2024-02-01", "2024-02-09"), diagnosed("F00", visit="V1"), AT_RISK, complete_since=EVER
    )  # two years before it are older than the four that the agreement opens

    assert score(listed, "hospital-frailty").value is None


def test_charlson_is_computed_by_each_of_its_three_weightings() -> None:
    listed = found(AT_RISK, diagnosed("I50.0"), diagnosed("F03"))

    assert [(one.version, one.said) for one in listed.scores] == [
        ("Charlson 1987 (Quan 2005 codes)", "2"),
        ("Quan 2011", "4"),
        ("SHMI 1.35", "27"),
    ]
    assert "need in the community" in listed.scores[-1].limits[0]


def test_an_index_that_was_counted_of_deficits_says_which_counted_and_which_nobody_looked_for() -> None:
    url = "https://pisano.example/fhir/StructureDefinition/risk-score"
    told = scored("electronic-frailty", 0.361)
    resource = orjson.loads(told.content)
    resource["extension"] += [{"url": f"{url}-input", "valueString": f"deficit {n}"} for n in range(13)]
    resource["extension"] += [{"url": f"{url}-missing", "valueString": "falls"}]
    index = score(found(told._replace(content=orjson.dumps(resource))), "electronic-frailty")

    assert (index.band, index.computed, index.missing, len(index.used)) == ("severe", True, ("falls",), 13)


def test_a_date_of_birth_on_which_partners_disagree_is_none() -> None:
    listed = found(born("2015-01-01"), born("2016-01-01", partner=COUNCIL), AT_RISK)

    assert listed.segments == ()


def test_someone_who_died_is_not_listed() -> None:
    assert case(AT_RISK, born("1950-01-01", deceasedBoolean=True)) is None
    assert case(AT_RISK, born("1950-01-01", deceasedDateTime="2026-06-01")) is None


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([born("2018-01-01")], ["healthy-children-and-families"]),
        ([born("2018-01-01"), diagnosed("J45")], ["long-term-conditions"]),
        ([diagnosed("F72"), diagnosed("E11.9"), diagnosed("F03")],
         ["disabilities", "long-term-conditions", "frailty-and-dementia"]),
        ([stated(COUNCIL, "support-reason",
                 {"resourceType": "Observation", "valueCodeableConcept": {"text": "Learning Disability Support"}})],
         ["disabilities"]),
        ([scored("clinical-frailty-scale", 6)], ["frailty-and-dementia"]),
        ([CONCERN], ["complex-lives"]),
        ([diagnosed("F10.2")], ["complex-lives"]),
        ([diagnosed("F17.2")], []),
    ],
)  # fmt: skip
def test_segments_overlap_and_say_what_puts_someone_there(entries: list[Sifted], expected: list[str]) -> None:
    listed = found(AT_RISK, *entries)

    assert [segment.code for segment in listed.segments] == expected
    assert all(segment.sources for segment in listed.segments)


def test_a_list_is_of_one_locality_segment_or_reason() -> None:
    listed = found(AT_RISK, CONCERN, locality="northgate")

    assert Asked(locality="northgate", segment="complex-lives", reason="safeguarding").wants(listed)
    assert not Asked(locality="bilsmoor").wants(listed)
    assert not Asked(segment="disabilities").wants(listed)
    assert not Asked(reason="homelessness").wants(listed)


def test_more_kinds_of_need_come_first_whatever_the_scores() -> None:
    both, frail = found(AT_RISK, CONCERN), found(scored("clinical-frailty-scale", 9))

    assert both.rank > frail.rank


def test_every_score_that_lists_is_a_known_one() -> None:
    assert CRITERIA.scores.keys() <= ALGORITHMS.keys()
    assert CRITERIA.segments.frailty.keys() <= ALGORITHMS.keys()
