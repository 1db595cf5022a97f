"""What a team's meetings leave behind is measured by definition, for its own members and nobody else."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from app.mdt.impact.gather import _implemented, team_facts
from app.mdt.impact.kpis.measure import Measure
from app.mdt.impact.measures import measure_row, team_measures
from app.mdt.impact.study import _accepted
from app.mdt.reading.referred import referral
from app.mdt.workflow.refusal import Refusal, Why
from app.vocabulary.london import london_date
from tests.mdt.conftest import FATHER, NOW, WOMAN, Wulfrun

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def told(wulfrun: Wulfrun, username: str = "chair", locality: str | None = None) -> dict[str, Measure]:
    found = wulfrun.asks(username, team_measures, locality, *YEAR)
    assert not isinstance(found, Refusal), found
    return {one.code: one for one in found}


def of(measure: Measure) -> tuple[int, int, int]:
    assert measure.share is not None
    return measure.share.achieved, measure.share.of, measure.share.unknown


def discussed(wulfrun: Wulfrun, item: Any, minutes: int) -> None:
    wulfrun.does("chair", "items", "begin", item, version=wulfrun.version("agenda_item", item))
    wulfrun.later(minutes=minutes)
    wulfrun.does(
        "chair",
        "items",
        "note",
        item,
        version=wulfrun.version("agenda_item", item),
        summary="Managing",
        view={"said": "I want to stay", "whose": "his own", "how": "on the phone", "on": str(london_date(wulfrun.at))},
    )
    wulfrun.does(
        "chair",
        "items",
        "conclude",
        item,
        version=wulfrun.version("agenda_item", item),
        read_back=[],
        outcome="plan-agreed",
        no_action_reason="nothing more to do",
        review_on=str(london_date(wulfrun.at) + timedelta(days=60)),
    )


def held(wulfrun: Wulfrun) -> str:
    """A meeting at which one person was discussed; its locality."""
    first = wulfrun.on_caseload(FATHER)
    locality = wulfrun.locality_of(first)
    meeting = wulfrun.meeting(locality)
    wulfrun.meeting(locality, nth=1)
    item = wulfrun.listed(meeting, first)
    wulfrun.began(meeting)
    discussed(wulfrun, item, minutes=11)
    wulfrun.does("chair", "meetings", "close", meeting["id"], version=wulfrun.version("meeting", meeting["id"]))
    return locality


def test_a_year_without_meetings_invents_nothing(wulfrun: Wulfrun) -> None:
    measures = told(wulfrun)

    assert of(measures["quorate"]) == (0, 0, 0)
    assert measures["caseload-flow"].counts == {"new": 0, "reviews": 0, "step-downs": 0}


def test_a_meeting_that_was_held_is_measured_by_who_was_there_and_what_came_of_it(wulfrun: Wulfrun) -> None:
    held(wulfrun)
    measures = told(wulfrun)

    assert of(measures["quorate"]) == (1, 1, 0)
    achieved, seats, _ = of(measures["core-attendance"])
    assert 0 < achieved <= seats
    assert of(measures["clear-outcome"]) == (1, 1, 0)
    assert of(measures["persons-view"]) == (1, 1, 0)
    assert measures["discussion-time"].middle is not None
    assert measures["discussion-time"].middle.median == 11.0
    assert of(measures["discussion-time"]) == (1, 1, 0)
    assert of(measures["pack-complete"]) == (0, 1, 0)  # nobody leads


def test_a_referral_is_timed_from_its_receipt_to_its_discussion(wulfrun: Wulfrun) -> None:
    held(wulfrun)
    timeliness = told(wulfrun)["timeliness"]

    assert timeliness.middles["referral to triage"].count == 1
    assert timeliness.middles["referral to triage"].median == 0
    assert timeliness.middles["referral to discussion"].count == 1
    assert timeliness.counts["plan not yet shared"] == 1


def test_who_was_stepped_down_and_came_back_is_two_stays(wulfrun: Wulfrun) -> None:
    entry = wulfrun.on_caseload(WOMAN)
    wulfrun.later(days=30)
    wulfrun.does(
        "chair",
        "caseload",
        "step-down",
        entry,
        version=wulfrun.version("caseload", entry),
        reason="goals-met",
        holder={"name": "Dr Gita Parmar", "organisation": "M92001"},
        re_entry_trigger="another fall",
        person_told="by telephone",
    )
    wulfrun.later(days=10)
    again = wulfrun.on_caseload(WOMAN)
    flow = told(wulfrun)["caseload-flow"]

    assert again == entry
    assert flow.counts == {"new": 2, "reviews": 0, "step-downs": 1}
    assert flow.middle is not None
    assert flow.middle.median == 30
    accepted = wulfrun.asks("chair", lambda desk, inquiry: desk.ask(inquiry, _accepted))
    assert accepted[wulfrun.person(WOMAN)] == london_date(wulfrun.at) - timedelta(days=40)  # the first time


def test_whoever_is_no_member_of_a_team_learns_nothing_of_its_measures(wulfrun: Wulfrun) -> None:
    for username, locality in (("housing-officer", None), ("acute-clinician", "northgate"), ("chair", "no-such-place")):
        refused = wulfrun.asks(username, team_measures, locality, *YEAR)
        assert isinstance(refused, Refusal)
        assert refused.why is Why.UNKNOWN


def test_a_period_that_ends_before_it_begins_is_told(wulfrun: Wulfrun) -> None:
    refused = wulfrun.asks("chair", team_measures, None, YEAR[1], YEAR[0])

    assert isinstance(refused, Refusal)
    assert refused.why is Why.INVALID


def test_measures_name_no_one(wulfrun: Wulfrun) -> None:
    held(wulfrun)
    rows = str([measure_row(one) for one in told(wulfrun).values()])

    assert str(wulfrun.person(FATHER)) not in rows
    assert "Tranter" not in rows


def test_what_is_to_come_is_not_measured(wulfrun: Wulfrun) -> None:
    wulfrun.meeting("northgate")

    assert of(told(wulfrun)["quorate"]) == (0, 0, 0)
    assert told(wulfrun)["quorate"].counts == {"cancelled": 0}


def test_what_was_missing_at_the_lock_is_measured_and_a_lead_completes_it(wulfrun: Wulfrun) -> None:
    entry = wulfrun.on_caseload()
    lead = {"name": "Nell Rushton", "organisation": "RL4C", "account": "nurse"}
    wulfrun.does("chair", "caseload", "assign", entry, version=1, lead=lead, coordinator=lead)
    meeting = wulfrun.meeting("northgate")
    wulfrun.listed(meeting, entry)
    wulfrun.does("chair", "meetings", "lock", meeting["id"], version=meeting["version"], early=True)
    [[packs]] = wulfrun.sql("SELECT content->'complete_packs' FROM mdt_meeting WHERE id = %s", meeting["id"])

    assert len(packs) == 1


def test_telling_the_person_and_sharing_the_plan_are_timed_from_the_discussion(wulfrun: Wulfrun) -> None:
    held(wulfrun)
    [[item, version, ended]] = wulfrun.sql(
        "SELECT id, version, ended_at FROM mdt_agenda_item WHERE state = 'discussed'"
    )
    on = ended.date()
    early = {"version": version, "told_on": str(on - timedelta(days=1)), "told_how": "by telephone"}
    assert "check the day" in wulfrun.refused("nurse", "items", "follow-up", item, **early).text
    wulfrun.later(days=9)
    form = {"version": version, "told_on": str(on), "told_how": "by telephone"}
    assert wulfrun.refused("housing-officer", "items", "follow-up", item, **form).why is Why.UNKNOWN
    wulfrun.does("nurse", "items", "follow-up", item, **form)
    wulfrun.does("nurse", "items", "follow-up", item, version=version + 1, plan_shared_on=str(on + timedelta(days=7)))

    timeliness = told(wulfrun)["timeliness"]

    assert timeliness.middles["discussion to person told"].median == 0
    assert timeliness.middles["discussion to plan shared"].median == 5
    assert timeliness.counts["plan not yet shared"] == 0


def test_a_decision_is_told_by_how_deprived_the_area_was_when_the_person_was_referred(
    wulfrun: Wulfrun, deprived: None
) -> None:
    locality = held(wulfrun)
    [[referral_id, decile]] = wulfrun.sql("SELECT id, content->'decile' FROM mdt_referral")
    with wulfrun.place.desk._engine.connect() as connection:
        facts = team_facts(connection, wulfrun.place.desk.localities.by_id[locality], first=YEAR[0], last=YEAR[1])

    assert decile == 1
    assert [one.deprivation for one in facts.items] == [1]
    for username in ("chair", "nurse", "coordinator"):  # it is counted, and shown of nobody
        assert "decile" not in str(wulfrun.asks(username, referral, referral_id))


def test_a_home_whose_area_nobody_knows_is_not_guessed(wulfrun: Wulfrun) -> None:
    held(wulfrun)

    assert wulfrun.sql("SELECT content->'decile' FROM mdt_referral") == [(None,)]


def test_an_action_that_is_still_open_is_no_decision_carried_out() -> None:
    done, still_open = (
        SimpleNamespace(state=state, ended_at=ended) for state, ended in (("done", NOW), ("accepted", None))
    )

    assert _implemented([done]) == (NOW.date(), None)  # type: ignore[list-item]
    assert _implemented([done, still_open]) == (None, "still-open")  # type: ignore[list-item]
    assert _implemented([]) == (None, None)
