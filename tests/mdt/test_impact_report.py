"""A report shows what was observed, what was expected and the comparison together, with its caveats."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from app.mdt.impact.effect import Verdict
from app.mdt.impact.export import findings_csv
from app.mdt.impact.intervals import NOT_TOLD, Share
from app.mdt.impact.report import CAVEATS, Kind, Report, Studied, report
from app.mdt.impact.scores import Pair, score_changes
from app.mdt.one_person.use import Followed, Spell
from app.web.frame.layout import environment
from app.web.team.impact import of_report

INDEX = date(2025, 6, 1)
UNTIL = date(2026, 6, 30)


def person(rng: np.random.Generator, number: int, *, seen: bool) -> Studied:
    risk = rng.gamma(0.5, 1.0)
    days = [-int(day) for day in rng.integers(1, 365, rng.poisson(risk))]
    days += [int(day) for day in rng.integers(1, 365, rng.poisson(risk))]
    spells = [
        Spell(admitted=INDEX + timedelta(days=day), left=INDEX + timedelta(days=day + 3), method="21") for day in days
    ]
    died = number % 10 == 0
    return Studied(
        number=number,
        followed=Followed(
            index=INDEX,
            until=INDEX + timedelta(days=200) if died else None,
            died=died,
            spells=spells,
            attendances=[spell.admitted for spell in spells],
        ),
        seen=seen,
        alike=("2025-06", "female", "northgate"),
        band="75 and over, female",
        age=int(rng.normal(80, 6)),
        deprivation=number % 10 + 1 if number % 7 else None,
        conditions=number % 4,
        segments=frozenset({"long-term-conditions"} if number % 3 else ()),
        frail=None if number % 5 else bool(number % 2),
    )


@pytest.fixture(scope="module")
def study() -> Report:
    rng = np.random.default_rng(5)
    people = [person(rng, number, seen=number < 60) for number in range(1500)]
    population = {kind: {"75 and over, female": [0, 0, 0, 1, 0, 2, 0, 5] * 5} for kind in Kind}
    return report(people, population, until=UNTIL)


def test_each_kind_of_use_is_looked_at_in_all_three_ways(study: Report) -> None:
    assert [one.kind for one in study.findings] == list(Kind)
    for one in study.findings:
        assert one.observed.people == 60
        assert one.observed.died == 6
        assert None not in (one.observed.before, one.observed.after, one.observed.expected)
        assert one.effect.verdict in (Verdict.NOT_ENOUGH, Verdict.NO_DIFFERENCE, Verdict.NOT_COMPARABLE)


def test_what_is_matched_on_is_shown_with_the_differences_that_are_left(study: Report) -> None:
    names = [one.name for one in study.findings[0].effect.matched.balance]

    assert names == [
        "age", "deprivation", "deprivation not known", "conditions", "frail", "frailty not known", "in disabilities",
        "in long-term-conditions", "in frailty-and-dementia", "admissions in months -12 to -7",
        "admissions in months -6 to -3", "admissions in months -2 to 0", "bed-days before", "visits before",
    ]  # fmt: skip


def test_the_months_around_the_index_are_shown(study: Report) -> None:
    assert len(study.monthly) == 24
    assert all(count is None or count == 0 or count >= 5 for count in study.monthly)  # a few could be known by it


def test_a_page_shows_all_of_a_report_and_each_figure_beside_what_it_is(study: Report) -> None:
    pairs = [Pair("electronic-frailty-index", "2016", 0.30, 0.25, number < 20) for number in range(40)]
    reach = {
        "age: 80 to 89": Share(achieved=30, of=400),
        "age: 90 to 99": NOT_TOLD,
        "ethnicity: Asian": Share(achieved=0, of=0),
    }
    told = replace(study, scores=score_changes(pairs), reach=reach)

    shown = environment().get_template("team/impact_use.html").render(of_report(told))

    for heading in (
        "Expected without the team (95%)",
        "Compared (95%)",
        "Before matching",
        "Per 1,000 (95%)",
        "Changed by",
    ):
        assert shown.count(f">{heading} </span>") >= 1
    assert "75 (53 to 105)" in shown  # of a thousand, by Wilson
    assert shown.count(">not told<") == 6
    assert "pisano-scroll" not in shown


def test_where_a_band_of_the_population_is_not_known_nothing_is_expected() -> None:
    rng = np.random.default_rng(5)
    told = report([person(rng, 1, seen=True)], {}, until=UNTIL)

    assert all(one.observed.expected is None for one in told.findings)
    assert all(one.effect.verdict is Verdict.NOT_ENOUGH for one in told.findings)


def test_a_band_of_frail_people_is_what_they_are_expected_by_where_it_is_of_enough_people() -> None:
    seen = [replace(person(np.random.default_rng(3), 1, seen=True), number=number, frail=True) for number in range(12)]
    (plain,) = {one.band for one in seen}
    coarse, fine = [0, 0, 0, 1, 0, 2] * 5, [2, 3, 4, 5, 6, 9] * 5

    def expected(*bands: tuple[str, list[int]]) -> float | None:
        finding = report(seen, {Kind.ADMISSIONS: dict(bands)}, until=UNTIL).findings[0]
        return finding.observed.expected

    by_frailty, by_age = expected((plain, coarse), (f"{plain}, frail", fine)), expected((plain, coarse))
    assert by_frailty is not None
    assert by_age is not None
    assert by_frailty > by_age
    assert expected((plain, coarse), (f"{plain}, frail", fine[:29])) == by_age
    assert expected((f"{plain}, not frail", fine)) is None


def test_where_a_band_is_of_too_few_people_a_wider_one_tells_what_is_expected() -> None:
    seen = [replace(person(np.random.default_rng(3), 1, seen=True), age=83) for _ in range(12)]
    (narrow,) = {one.band for one in seen}
    counts = [0, 0, 0, 1, 0, 2] * 5

    def expected(*bands: str) -> float | None:
        population = {Kind.ADMISSIONS: dict.fromkeys(bands, counts) | {narrow: counts[:29]}}
        return report(seen, population, until=UNTIL).findings[0].observed.expected

    assert expected("80 to 99") == expected("60 and older", "80 to 99") == expected("60 and older")
    assert expected("80 to 99") is not None
    assert expected("under 60", "60 to 79") is None


def test_how_many_died_is_not_told_of_a_few() -> None:
    people = [person(np.random.default_rng(3), number, seen=True) for number in range(40)]
    (first, *_) = report(people, {}, until=UNTIL).findings

    assert (first.observed.people, first.observed.died) == (40, None)


def test_unknown_deprivation_is_a_level_of_its_own_and_pulls_nobody_to_either_side() -> None:
    people = [
        replace(person(np.random.default_rng(3), n, seen=n < 20), deprivation=9 if n % 2 else None) for n in range(200)
    ]
    balance = {one.name: one for one in report(people, {}, until=UNTIL).findings[0].effect.matched.balance}

    assert balance["deprivation"].before == balance["deprivation"].after == 0
    assert "deprivation not known" in balance


def test_a_study_of_nobody_reports_nobody() -> None:
    told = report([], {}, until=UNTIL)

    assert all(one.observed.people == 0 and one.observed.after is None for one in told.findings)


def test_the_caveats_leave_with_the_figures(study: Report) -> None:
    written = list(csv.reader(io.StringIO(findings_csv(study))))

    assert [row[0] for row in written[1:4]] == [kind.value for kind in Kind]
    differences = [row for row in written[4:] if row[0].startswith("standardised difference: ")]
    assert differences[1][0] == "standardised difference: deprivation"
    assert [row[0] for row in written[4 + len(differences) :]] == list(CAVEATS)
