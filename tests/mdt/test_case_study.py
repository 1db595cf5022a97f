"""Case studies: written by who may read, permitted by the person, approved by another, gone once withdrawn."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from app.mdt.impact.export import findings_csv
from app.mdt.impact.report import Report
from app.mdt.impact.study import report_row
from app.mdt.reading import case_studies
from app.mdt.reading.case_studies import Published, published
from app.mdt.workflow.case_study import Permission, Use
from app.mdt.workflow.refusal import Refusal, Why
from app.sharing.compile import compile_agreements
from app.sharing.written.duration import Duration
from tests.mdt.conftest import FATHER, Wulfrun, why

STORY: dict[str, Any] = {
    "title": "Washed by himself again",
    "before": "An older man was washed by a son who was worn out.",
    "done": "One plan with one lead.",
    "became": "He washes by himself, and the son sleeps.",
}
PERMITTED: dict[str, Any] = {
    "basis": "person", "uses": ["impact-report"], "asked_by": "Nell Rushton", "how": "At home, the text read out",
    "asked_on": "2026-06-30", "until": "2027-06-30",
}  # fmt: skip


def written(wulfrun: Wulfrun, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = wulfrun.does(
        "nurse", "case-studies", "new", caseload_id=str(wulfrun.on_caseload()), **STORY | changes
    )
    return made


def approved(wulfrun: Wulfrun, **permission: Any) -> dict[str, Any]:
    study = written(wulfrun)
    asked = wulfrun.does("nurse", "case-studies", "permit", study["id"], version=1, **PERMITTED | permission)
    told: dict[str, Any] = wulfrun.does("chair", "case-studies", "approve", study["id"], version=asked["version"])
    return told


def titles(wulfrun: Wulfrun) -> list[str]:
    return [one.title for one in wulfrun.asks("gp", case_studies.told)]


def test_a_story_is_told_once_it_is_permitted_and_approved_by_another(wulfrun: Wulfrun) -> None:
    study = written(wulfrun)
    early = wulfrun.refused("chair", "case-studies", "approve", study["id"], version=1)
    assert "nobody permits it" in early.text
    wulfrun.does("nurse", "case-studies", "permit", study["id"], version=1, **PERMITTED)
    assert titles(wulfrun) == []
    wulfrun.does("chair", "case-studies", "approve", study["id"], version=2)

    [told] = wulfrun.asks("gp", case_studies.told)
    assert (told.title, told.became, told.permitted_by) == (STORY["title"], STORY["became"], "person")
    trail = wulfrun.sql(
        "SELECT count(*) FROM audit_event WHERE event->>'reason' = 'case-study/tell' AND event->>'person' = %s",
        str(wulfrun.person(FATHER)),
    )
    assert trail[0][0] >= 1
    asked = wulfrun.sql(
        "SELECT count(*) FROM audit_event WHERE event->>'purpose' = 'case-study' AND event->>'person' = %s"
        " AND event->'permitted'->'wulfrun/G-CASE-STUDY' IS NOT NULL",
        str(wulfrun.person(FATHER)),
    )
    assert asked[0][0] >= 1


def test_who_oversees_a_team_is_told_which_stories_are_told_and_on_whose_permission_and_never_of_whom(
    wulfrun: Wulfrun,
) -> None:
    study, localities = written(wulfrun), wulfrun.place.desk.localities

    def listed(*hosts: str, on: date | None = None) -> list[Published]:
        with wulfrun.place.writing.connect() as connection:
            return published(connection, localities, lambda host: host in hosts, on=on or wulfrun.at.date())

    [[locality]] = wulfrun.sql("SELECT locality FROM mdt_case_study")
    host = localities.by_id[locality].host
    assert listed(host) == []  # nobody permitted it yet
    wulfrun.does("nurse", "case-studies", "permit", study["id"], version=1, **PERMITTED)
    told = wulfrun.does("chair", "case-studies", "approve", study["id"], version=2)
    [one] = listed(host)
    assert (one.title, one.permitted_by, one.asked_by, one.uses) == (
        STORY["title"], "person", PERMITTED["asked_by"], ("impact-report",))  # fmt: skip
    assert not {str(wulfrun.person(FATHER)), FATHER, "Tranter"} & {str(each) for each in one}
    assert (listed("WH100"), listed(host, on=date(2027, 7, 1))) == ([], [])
    wulfrun.does("nurse", "case-studies", "withdraw", study["id"], version=told["version"], reason="not-needed")
    assert listed(host) == []


def test_a_chair_is_told_on_whose_permission_each_is_told_and_until_when(wulfrun: Wulfrun) -> None:
    approved(wulfrun)
    [row] = wulfrun.asks("chair", case_studies.case_studies)

    assert (row["permitted_by"], row["asked_by"]) == ("person", "Nell Rushton")
    assert (row["asked_on"], row["permitted_until"]) == (date(2026, 6, 30), date(2027, 6, 30))
    assert str(wulfrun.person(FATHER)) not in str(row)


def test_whoever_wrote_it_does_not_approve_it(wulfrun: Wulfrun) -> None:
    entry = wulfrun.on_caseload()
    study = wulfrun.does("chair", "case-studies", "new", caseload_id=str(entry), **STORY)
    wulfrun.does("chair", "case-studies", "permit", study["id"], version=1, **PERMITTED)
    assert "did not write it" in wulfrun.refused("chair", "case-studies", "approve", study["id"], version=2).text
    assert why(wulfrun.tries("nurse", "case-studies", "approve", study["id"], version=2)) is Why.NOT_YOURS


def test_whoever_withdraws_it_needs_nobodys_leave_and_it_is_gone_from_every_later_report(wulfrun: Wulfrun) -> None:
    study = approved(wulfrun)
    report = Report(findings=(), monthly=())
    before = wulfrun.asks("gp", case_studies.told)
    assert STORY["became"] in findings_csv(report, before)
    assert report_row(report, before)["case_studies"][0]["title"] == STORY["title"]

    withdrawn = wulfrun.does(
        "social-worker", "case-studies", "withdraw", study["id"], version=study["version"],
        reason="permission-withdrawn",
    )  # fmt: skip
    after = wulfrun.asks("gp", case_studies.told)
    assert STORY["became"] not in findings_csv(report, after)
    assert report_row(report, after)["case_studies"] == []
    assert wulfrun.asks("chair", case_studies.case_study, study["id"])["story"] is None
    assert why(
        wulfrun.tries("nurse", "case-studies", "revise", study["id"], **STORY, version=withdrawn["version"])
    ) is (Why.NOT_NOW)


def test_what_says_who_it_is_about_is_refused_and_pointed_at_without_being_repeated(wulfrun: Wulfrun) -> None:
    entry = wulfrun.on_caseload()
    text = "Walter Tranter, 999 000 0018, fell on 3 May."
    day = "a day of the calendar"
    refused = wulfrun.refused("nurse", "case-studies", "new", caseload_id=str(entry), **STORY | {"before": text})
    words = [(text[one["begins"] : one["ends"]], one["kind"]) for one in refused.detail["words"]]
    assert words == [
        ("Walter", "a name"), ("Tranter", "a name"), ("999 000 0018", "an NHS number"), ("3 May", day),
    ]  # fmt: skip
    assert {one["field"] for one in refused.detail["problems"]} == {"before"}
    assert "Walter" not in refused.text + str(refused.detail)
    assert wulfrun.sql("SELECT count(*) FROM mdt_case_study")[0][0] == 0


def test_another_text_and_another_permission_are_approved_anew(wulfrun: Wulfrun) -> None:
    study = approved(wulfrun)
    changed = wulfrun.does(
        "nurse", "case-studies", "revise", study["id"], version=study["version"], **STORY | {"title": "Another"}
    )
    assert (changed["state"], titles(wulfrun)) == ("drafted", [])
    again = wulfrun.does("chair", "case-studies", "approve", study["id"], version=changed["version"])
    wulfrun.does("nurse", "case-studies", "permit", study["id"], version=again["version"], **PERMITTED)
    assert titles(wulfrun) == []


def test_a_permission_ends_on_its_day_for_its_uses_and_with_the_persons_life(wulfrun: Wulfrun) -> None:
    approved(wulfrun, uses=["teaching"])
    assert titles(wulfrun) == []
    assert len(wulfrun.asks("gp", case_studies.told, Use.TEACHING)) == 1
    wulfrun.begin_anew()
    approved(wulfrun, until="2026-07-01")
    wulfrun.later(days=1)
    assert titles(wulfrun) == [STORY["title"]]
    wulfrun.later(days=1)
    assert titles(wulfrun) == []
    assert wulfrun.asks("chair", case_studies.case_studies)[0]["why_not"] == "the permission has ended"


def test_after_a_death_only_a_representative_permits(wulfrun: Wulfrun) -> None:
    approved(wulfrun)
    wulfrun.sql(
        "INSERT INTO person_flag (person_id, partner, kind, raised, since, message)"
        " VALUES (%s, 'RL4', 'deceased', true, %s, 1000)",
        wulfrun.person(FATHER), wulfrun.at,
    )  # fmt: skip
    assert titles(wulfrun) == []
    assert "representative" in wulfrun.asks("chair", case_studies.case_studies)[0]["why_not"]


def test_whoever_is_not_of_the_team_or_may_not_read_writes_and_reads_none(wulfrun: Wulfrun) -> None:
    entry = wulfrun.on_caseload()
    study = wulfrun.does("nurse", "case-studies", "new", caseload_id=str(entry), **STORY)
    for username in ("housing-officer", "acute-clinician"):
        refused = wulfrun.tries(username, "case-studies", "new", caseload_id=str(entry), **STORY)
        assert why(refused) is Why.UNKNOWN
        assert isinstance(wulfrun.asks(username, case_studies.case_study, study["id"]), Refusal)
        assert isinstance(wulfrun.asks(username, case_studies.told), Refusal)
        assert isinstance(wulfrun.asks(username, case_studies.path, entry), Refusal)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"basis": "best-interests", "given_by": "Her daughter"}, "who was asked about their best interests"),
        ({"basis": "attorney-or-deputy"}, "who decided for the person"),
        ({"until": "2026-06-30"}, "ends after it was given"),
        ({"uses": []}, "too_short"),
    ],
)
def test_a_permission_says_who_what_for_and_until_when(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Permission.model_validate(PERMITTED | changes)


def test_a_permission_lasts_no_longer_than_the_agreement_in_force_says(wulfrun: Wulfrun) -> None:
    study = written(wulfrun)
    law = wulfrun.place.agreements

    def permitting(until: str, longest: str | None) -> Any:
        [document] = law.documents
        assert document.case_studies is not None
        lasts = Duration.parse(longest) if longest else None
        stories = document.case_studies.model_copy(update={"permission_lasts": lasts})
        ruling = compile_agreements([document.model_copy(update={"case_studies": stories})])
        wulfrun.place.record.rule_by(ruling)
        try:
            return wulfrun.tries(
                "nurse", "case-studies", "permit", study["id"], version=1, **PERMITTED | {"until": until}
            )
        finally:
            wulfrun.place.record.rule_by(law)

    asked = "asked again"
    assert (
        permitting("2029-07-01", "P3Y").text == f"a permission lasts 3 years at most; then whoever gave it is {asked}"
    )
    assert (
        permitting("2026-08-01", "P1M").text == f"a permission lasts 1 month at most; then whoever gave it is {asked}"
    )
    assert permitting("2029-07-01", None).text.startswith("a permission lasts 3 years")
    assert permitting("2026-07-30", "P1M").state == "drafted"


def test_on_best_interests_it_says_who_was_consulted(wulfrun: Wulfrun) -> None:
    approved(
        wulfrun, basis="best-interests", given_by="The team, with her daughter",
        consulted="Cannot keep it in mind long enough to weigh it; her daughter and her attorney were asked",
    )  # fmt: skip
    assert [one.permitted_by for one in wulfrun.asks("gp", case_studies.told)] == ["best-interests"]


def test_nobody_is_asked_tomorrow(wulfrun: Wulfrun) -> None:
    study = written(wulfrun)
    tomorrow = str(date(2026, 6, 30) + timedelta(days=1))
    refused = wulfrun.refused(
        "nurse", "case-studies", "permit", study["id"], version=1, **PERMITTED | {"asked_on": tomorrow}
    )
    assert refused.detail["problems"][0]["field"] == "asked_on"


def test_a_story_is_written_from_what_happened(wulfrun: Wulfrun) -> None:
    walked = wulfrun.asks("nurse", case_studies.path, wulfrun.on_caseload())
    assert [one.says for one in walked] == ["accepted to the caseload", "referred, by 1 partner"]
