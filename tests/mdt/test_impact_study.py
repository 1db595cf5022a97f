"""A study from what an asker may read: numbers for whoever may evaluate, nobody named, and the trail told so."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import orjson
import pytest

from app.mdt.impact.effect import Verdict
from app.mdt.impact.ethnicity import broad_group
from app.mdt.impact.indexes import MOST, Indexes
from app.mdt.impact.reach import Reach
from app.mdt.impact.report import Kind, Report, Studied, report
from app.mdt.impact.scores import Pair
from app.mdt.impact.study import EVALUATION, population_of, report_row, score_pairs, studied, study
from app.mdt.one_person.entries import PersonEntries
from app.mdt.one_person.use import Followed, Spell
from app.mdt.workflow.refusal import Refusal, Why
from app.record.sifted import Considered, Sifted
from app.risk.imported import ALGORITHM_SYSTEM, SCORE_EXTENSION, VERSION_EXTENSION
from app.vocabulary.token import Purpose
from tests.mdt.conftest import FATHER, Wulfrun
from tests.mdt.known_people import AT, COUNCIL, PERSON, PRACTICE, TRUST, born, decision, diagnosed, stated, stay


def followed(*entries: Sifted, index: date | None = date(2026, 1, 10), seen: bool = False) -> Studied | None:
    accepted = {PERSON if seen else uuid4(): index} if index else {}
    days = looked_at(*entries, indexes=Indexes(accepted, accepted))
    return days[0] if days else None


def looked_at(*entries: Sifted, indexes: Indexes, who: UUID = PERSON) -> list[Studied]:
    return studied(who, PersonEntries(entries, AT), indexes, lambda *_: "northgate", decile_of=decile)


def decile(postcodes: Iterable[str]) -> int | None:
    return 3 if "ZX1 1AA" in postcodes else None


def lives(at: str) -> Sifted:
    return stated(TRUST, "address", {"resourceType": "Patient", "address": [{"postalCode": at}]})


def of_ethnicity(
    *codes: str, system: str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland"
) -> Sifted:
    url = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory"
    told = [{"url": url, "valueCodeableConcept": {"coding": [{"system": system, "code": code}]}} for code in codes]
    return stated(TRUST, "ethnicity", {"resourceType": "Patient", "extension": told})


def group(*patients: Sifted) -> str:
    return broad_group(PersonEntries(patients, AT).under("ethnicity", "Patient"))


@pytest.mark.parametrize(
    ("code", "broad"),
    [("A", "White"), ("G", "Mixed or multiple"), ("R", "Asian"), ("P", "Black"), ("S", "another group"),
     ("Z", "not stated"), ("99", "not known"), ("Q", "not known")],
)  # fmt: skip
def test_an_ethnic_category_is_counted_in_its_broad_group(code: str, broad: str) -> None:
    assert group(of_ethnicity(code)) == broad


def test_the_words_of_the_councils_list_are_counted_in_the_same_groups() -> None:
    councils = "https://pisano.example/fhir/CodeSystem/client-level-data-ethnicity"

    assert group(of_ethnicity("Asian or Asian British: Chinese", system=councils)) == "Asian"
    assert group(of_ethnicity("White: Roma", system=councils)) == "White"
    assert group(of_ethnicity("No data: Undeclared or not known", system=councils)) == "not known"


def test_ethnicity_that_partners_state_differently_is_neither_and_is_never_guessed() -> None:
    assert group(of_ethnicity("A"), of_ethnicity("H")) == "partners differ"
    assert group(of_ethnicity("A"), of_ethnicity("C")) == "White"
    assert group(of_ethnicity("A"), of_ethnicity("Z"), born("1940-02-01")) == "White"
    assert group(born("1940-02-01")) == "not known"


def visit(kind: str, on: str, **more: Any) -> Sifted:
    told = {"resourceType": "Encounter", "class": {"code": kind}} | more
    return stated(TRUST, "admissions", told, started=on, ended=on, standing="ended")


def test_what_partners_state_becomes_what_a_study_counts() -> None:
    one = followed(
        born("1940-02-01", gender="female"),
        lives("ZX1 1AA"),
        stay("V1", "2025-12-01", "2025-12-05"),
        visit("IMP", "2025-12-02", partOf={"identifier": {"value": "V1"}}),
        visit("EMER", "2026-03-01"),
        visit("AMB", "2026-03-02"),
        diagnosed("I50"),
        diagnosed("I50.9"),
        diagnosed("F03"),
        seen=True,
    )

    assert one is not None
    assert [(spell.admitted, spell.left, spell.method) for spell in one.followed.spells] == [
        (date(2025, 12, 1), date(2025, 12, 5), "21")
    ]
    assert one.followed.attendances == [date(2026, 3, 1)]
    assert (one.seen, one.age, one.conditions, one.band) == (True, 85, 2, "female, 80 to 89")
    assert one.alike == ("2026-01", "female, 80 to 89", "northgate")
    assert one.deprivation == 3


def test_people_are_alike_by_what_was_known_before_the_index_and_by_nothing_found_since() -> None:
    then = (diagnosed("F03", started="2025-06-01"), frailty(7, "2025-12-01"))
    since = (diagnosed("I50", started="2026-02-01"), frailty(3, "2026-02-02"))
    known, unknown = followed(born("1940-02-01"), *then, *since), followed(born("1940-02-01"), *since)

    assert known is not None
    assert unknown is not None
    assert (known.conditions, known.frail) == (1, True)
    assert known.segments == {"frailty-and-dementia"}
    assert (unknown.conditions, unknown.frail, unknown.segments) == (0, None, frozenset())


def frailty(value: float, on: str) -> Sifted:
    return scored(value, on, algorithm="clinical-frailty-scale")


def test_who_is_referred_is_told_of_all_the_people_there_are_and_of_no_few() -> None:
    reach = Reach(AT, lambda *_: "northgate", decile)
    for number in range(40):
        who = (of_ethnicity("A" if number < 21 else "M"),) if number < 30 else ()
        entries = (
            *who,
            born("1940-02-01" if who else "1935-02-01"),
            diagnosed("F03"),
            lives("ZX1 1AA" if number % 2 else "ZX9 9ZZ"),
        )
        reach.count(Considered(uuid4(), decision(), entries), referred=number % 3 == 0)
    dead = born("1940-02-01", deceasedBoolean=True)
    reach.count(Considered(uuid4(), decision(), (dead,)), referred=True)
    told = reach.shares()

    assert {name: (one.achieved, one.of) for name, one in told.items() if one.told} == {
        "deprivation: fifth 2 of 5": (7, 20), "deprivation: not known": (7, 20),
        "ethnicity: White": (7, 21), "locality: northgate": (14, 40), "segment: Frailty and dementia": (14, 40),
    }  # fmt: skip
    # four of ten, and three of nine: somebody could be known by it, and the first by all less the rest
    kept = {"age: 90 to 99", "age: 80 to 89", "ethnicity: Black", "ethnicity: not known"}
    assert {name for name, one in told.items() if not one.told} == kept
    alone = Reach(AT, lambda *_: "northgate", decile)
    for number in range(40):
        alone.count(Considered(uuid4(), decision(), (of_ethnicity("A" if number else "M"),)), referred=number > 20)
    assert not alone.shares()["ethnicity: Black"].told  # that nobody was referred tells that there is one
    few = Reach(AT, lambda *_: "northgate", decile)
    few.count(Considered(PERSON, decision(), (born("1940-02-01"),)), referred=True)
    assert few.shares() == {}


def test_others_are_given_the_index_of_somebody_who_was_accepted() -> None:
    one = followed(born("1940-02-01"))

    assert one is not None
    assert (one.seen, one.followed.index) == (False, date(2026, 1, 10))
    assert followed(born("1940-02-01"), index=None) is None


def test_whoever_is_alike_to_some_may_be_compared_in_the_month_of_each() -> None:
    man, woman = (born("1940-02-01", gender=gender) for gender in ("male", "female"))
    days = {uuid4(): date(2025, month, 10) for month in range(6, 12)}
    indexes = Indexes(days, days)
    for person in days:
        assert looked_at(man, indexes=indexes, who=person)[0].seen

    months = [one.alike for one in looked_at(man, indexes=indexes)]
    assert len(set(months)) == MOST
    assert all(alike[1:] == ("male, 80 to 89", "northgate") for alike in months)
    assert len(looked_at(woman, indexes=indexes)) == 1  # nobody alike was accepted: she tells what is usual


def test_whoever_is_looked_at_on_several_days_tells_once_what_is_usual() -> None:
    entries = (born("1940-02-01", gender="male"), stay("V1", "2025-12-01", "2025-12-05"))
    days = {uuid4(): date(2026, month, 10) for month in (1, 2)}
    indexes = Indexes(days, days)
    for person in days:
        looked_at(*entries, indexes=indexes, who=person)
    everyone = looked_at(*entries, indexes=indexes)

    assert len(everyone) == 2
    assert population_of(everyone)[Kind.ADMISSIONS]["male, 80 to 89"] == [1]


def test_whoever_a_team_accepted_before_is_compared_with_nobody() -> None:
    accepted = {uuid4(): date(2026, 1, 10)}

    assert looked_at(born("1940-02-01"), indexes=Indexes(accepted, {**accepted, PERSON: date(2020, 1, 1)})) == []


def test_what_is_expected_of_people_who_were_chosen_at_their_worst_is_what_comes_by_itself() -> None:
    rng, number, first = np.random.default_rng(11), 600, date(2024, 1, 1)
    counts = rng.poisson(rng.gamma(0.8, 0.8, number)[:, None] / 12, (number, 36))  # of thirty days each
    chosen: dict[int, int] = {}
    for month in range(12, 24):
        lately = counts[:, month - 12 : month].sum(axis=1)
        chosen |= dict.fromkeys([one for one in np.argsort(-lately, kind="stable") if one not in chosen][:10], month)
    lots = rng.integers(12, 24, number)

    def day(month: int) -> date:
        return first + timedelta(days=int(month) * 30)

    def person(one: int) -> Studied:
        days = [day(month) + timedelta(days=1 + each) for month in range(36) for each in range(counts[one, month])]
        return Studied(
            followed=Followed(
                index=day(chosen.get(one, lots[one])), spells=[Spell(admitted=on, left=on, method="21") for on in days]
            ),
            number=one, seen=one in chosen, alike=(str(one),), band="female, 70 to 79", age=75, deprivation=None,
            conditions=0,
        )  # fmt: skip

    people = [person(one) for one in range(number)]
    told = report(people, population_of(people), until=day(36)).findings[0].observed
    assert told.before is not None
    assert told.after is not None
    assert told.expected is not None
    assert told.after < 0.75 * told.before  # though nobody did anything
    assert abs(told.expected / told.after - 1) < 0.1


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"deceasedDateTime": "2026-03-01"}, True),
        ({"deceasedDateTime": "2026-01-10"}, False),
        ({"deceasedBoolean": True}, False),  # nobody knows when
        ({}, True),
    ],
)
def test_somebody_is_followed_until_they_die_and_not_at_all_where_nobody_knows_when(
    told: dict[str, Any], kept: bool
) -> None:
    one = followed(born("1940-02-01", **told))

    assert (one is not None) == kept
    if one is not None:
        assert one.followed.died == bool(told)


def test_whoever_has_no_date_of_birth_that_partners_agree_on_is_left_out() -> None:
    assert followed(born("1940-02-01"), born("1941-02-01", partner=COUNCIL)) is None


def scored(value: float, on: str, version: str = "1", algorithm: str = "electronic-frailty-2") -> Sifted:
    told = {
        "resourceType": "RiskAssessment",
        "method": {"coding": [{"system": ALGORITHM_SYSTEM, "code": algorithm}]},
        "extension": [
            {"url": SCORE_EXTENSION, "valueDecimal": value},
            {"url": VERSION_EXTENSION, "valueString": version},
        ],
    }
    return stated(PRACTICE, "assessments", told, started=on, ended=on)


def test_scores_are_paired_around_the_index_by_version_alone() -> None:
    entries = (
        born("1940-02-01"),
        scored(0.1, "2024-06-01"),
        scored(0.2, "2025-10-01"),
        scored(0.3, "2025-12-01"),
        scored(0.4, "2026-03-01"),
        scored(0.5, "2026-05-01"),
        scored(0.9, "2026-02-01", version="2"),
    )
    one = followed(*entries, seen=True)

    assert one is not None
    assert list(score_pairs(PersonEntries(entries, AT), one)) == [Pair("electronic-frailty-2", "1", 0.3, 0.4, True)]


def asked(wulfrun: Wulfrun, username: str = "gp", purpose: Purpose = EVALUATION) -> Any:
    return wulfrun.asks(username, study, purpose=purpose)


def events(wulfrun: Wulfrun) -> list[dict[str, Any]]:
    return [orjson.loads(row[0]) for row in wulfrun.sql("SELECT event::text FROM audit_event")]


def registered(wulfrun: Wulfrun) -> None:
    """The man of the story is on the practice's list."""
    held = wulfrun.sql(
        "SELECT 1 FROM relationship WHERE person_id = %s AND organisation = 'M92001'", wulfrun.person(FATHER)
    )
    assert held


def test_one_person_is_too_few_to_tell_anything_of(wulfrun: Wulfrun) -> None:
    registered(wulfrun)
    wulfrun.on_caseload(FATHER)
    wulfrun.later(days=100)
    told = asked(wulfrun)

    assert isinstance(told, Report)
    for one in told.findings:
        assert one.observed.people == 1
        assert (one.observed.before, one.observed.after, one.observed.died) == (None, None, None)
        assert (one.effect.verdict, one.effect.naive, one.effect.compared) == (Verdict.NOT_ENOUGH, None, None)
    assert list(told.monthly) == []


def test_the_trail_is_told_of_a_survey_and_of_nobody_in_it(wulfrun: Wulfrun) -> None:
    before = {event["id"] for event in events(wulfrun)}
    told = asked(wulfrun)
    (new,) = [event for event in events(wulfrun) if event["id"] not in before]

    assert isinstance(told, Report)
    assert (new["kind"], new["purpose"], new["role"]) == ("survey", "evaluation", "gp")
    assert "person" not in new
    assert "entries" not in new


@pytest.mark.parametrize(
    ("username", "purpose"),
    [("gp", "direct-care"), ("gp", "mdt"), ("chair", "evaluation"), ("housing-officer", "evaluation"),
     ("acute-clinician", "evaluation")],
)  # fmt: skip
def test_whoever_may_not_evaluate_learns_nothing(wulfrun: Wulfrun, username: str, purpose: str) -> None:
    refused = asked(wulfrun, username, Purpose(purpose))

    assert isinstance(refused, Refusal)
    assert refused.why is Why.UNKNOWN


def test_without_a_hospital_that_says_since_when_it_tells_everything_nothing_is_compared(wulfrun: Wulfrun) -> None:
    before = wulfrun.sql("SELECT partner, adapter, complete_since FROM feed WHERE complete_since IS NOT NULL")
    wulfrun.sql("UPDATE feed SET complete_since = NULL")
    try:
        refused = asked(wulfrun)
    finally:
        for partner, adapter, since in before:
            wulfrun.sql(
                "UPDATE feed SET complete_since = %s WHERE partner = %s AND adapter = %s", since, partner, adapter
            )

    assert isinstance(refused, Refusal)
    assert "pisano feed complete" in refused.text


def test_a_report_leaves_with_its_caveats_and_without_anybody(wulfrun: Wulfrun, deprived: None) -> None:
    wulfrun.on_caseload(FATHER)
    told = asked(wulfrun)
    assert isinstance(told, Report)
    row = str(report_row(told))

    assert "before and after alone" in row.lower()
    assert str(wulfrun.person(FATHER)) not in row
    assert "sets" not in row
    assert told.deprivation_by == "English Indices of Deprivation 2025, postcodes by nspl.csv"
    assert told.deprivation_by in row


def test_where_nobody_loaded_the_indices_that_is_told(wulfrun: Wulfrun) -> None:
    told = asked(wulfrun)

    assert isinstance(told, Report)
    assert told.deprivation_by is None


def test_whoever_was_accepted_and_cannot_be_followed_is_counted(wulfrun: Wulfrun) -> None:
    wulfrun.on_caseload(FATHER)
    wulfrun.later(days=100)
    followed = asked(wulfrun)
    registration = "UPDATE relationship SET ended = {} WHERE person_id = %s AND kind = 'registration'"
    wulfrun.sql(registration.format("started"), wulfrun.person(FATHER))
    try:
        lost = asked(wulfrun)
    finally:
        wulfrun.sql(registration.format("NULL"), wulfrun.person(FATHER))

    assert isinstance(followed, Report)
    assert isinstance(lost, Report)
    assert (followed.lost, lost.lost) == (0, 1)
    assert report_row(lost)["lost"] is None  # one alone is not told
