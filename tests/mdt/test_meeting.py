"""Planning and holding a meeting: the cadence, the agenda, the lock, the room, the screen, outcomes, carry-over."""

import asyncio
import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.mdt.reading import discussed, lists, whole
from app.mdt.reading.lists import MOST
from app.mdt.steps.office import Office
from app.mdt.steps.table import step
from app.mdt.workflow.refusal import Refusal, Why
from app.vocabulary.token import Purpose
from tests.mdt.conftest import FATHER, NEIGHBOUR, Wulfrun, referral, why
from tests.mdt.test_caseload import LEAD, died, merge


@pytest.fixture
def father(wulfrun: Wulfrun) -> UUID:
    return wulfrun.on_caseload()


def test_planning_twice_makes_no_meeting_twice(wulfrun: Wulfrun) -> None:
    form = {"locality": "northgate", "until": "2026-12-31"}
    assert len(wulfrun.does("coordinator", "meetings", "new", **form)) == 6
    assert wulfrun.does("chair", "meetings", "new", **form) == []
    rows = wulfrun.asks("nurse", lists.meetings, "northgate", date(2026, 7, 1), date(2026, 12, 31))
    assert [row["starts_at"].hour for row in rows] == [12, 12, 12, 12, 13, 13]  # 13:30 in London, all of them


def test_only_the_team_plans_and_sees_its_meetings(wulfrun: Wulfrun) -> None:
    form = {"locality": "northgate", "until": "2026-12-31"}
    assert wulfrun.refused("nurse", "meetings", "new", **form).why is Why.UNKNOWN
    assert why(wulfrun.asks("ig-lead", lists.meetings, "northgate", date(2026, 7, 1), date(2026, 7, 31))) is Why.UNKNOWN


def test_a_locality_with_no_meeting_in_a_month_lists_none(wulfrun: Wulfrun) -> None:
    wulfrun.meeting("northgate")
    assert wulfrun.asks("chair", lists.meetings, "northgate", date(2026, 8, 13), date(2026, 9, 8)) == []


def test_the_agenda_is_proposed_by_urgency_and_says_why(wulfrun: Wulfrun, father: UUID) -> None:
    neighbour = wulfrun.on_caseload(NEIGHBOUR, username="social-worker", urgency="urgent", why_urgent="In crisis")
    meeting = wulfrun.meeting("northgate")
    told = wulfrun.asks("chair", whole.proposal, meeting["id"])
    assert [(one["caseload_id"], one["cause"]) for one in told["listed"]] == [
        (neighbour, "urgent-referral"), (father, "new-referral")
    ]  # fmt: skip
    wulfrun.does("coordinator", "meetings", "fill", meeting["id"], version=1)
    agenda = wulfrun.asks("coordinator", whole.meeting, meeting["id"])["agenda"]
    assert [item["caseload_id"] for item in agenda] == [neighbour, father]
    assert [item["due"] - meeting["starts_at"] for item in agenda] == [timedelta(0), timedelta(minutes=10)]
    assert agenda[1]["person"]["birthDate"]
    assert wulfrun.asks("chair", whole.proposal, meeting["id"]) == {"listed": [], "waiting": []}


def test_filling_lists_nobody_whom_the_one_who_fills_may_not_see(wulfrun: Wulfrun, father: UUID) -> None:
    meeting = wulfrun.meeting("northgate")
    wulfrun.objects(FATHER, "recipient", "RL4C")
    wulfrun.does("coordinator", "meetings", "fill", meeting["id"], version=1)
    assert wulfrun.sql("SELECT id FROM mdt_agenda_item") == []
    told = wulfrun.refused("chair", "items", "new", meeting_id=meeting["id"], caseload_id=father, question="What next?")
    assert told.why is Why.UNKNOWN


def test_nobody_is_listed_twice(wulfrun: Wulfrun, father: UUID) -> None:
    meeting = wulfrun.meeting("northgate")
    wulfrun.listed(meeting, father)
    told = wulfrun.refused("chair", "items", "new", meeting_id=meeting["id"], caseload_id=father, question="Again?")
    assert "on an agenda already" in told.text


def test_items_are_put_in_order_and_given_presenters(wulfrun: Wulfrun, father: UUID) -> None:
    neighbour = wulfrun.on_caseload(NEIGHBOUR, username="social-worker")
    meeting = wulfrun.meeting("northgate")
    first, second = wulfrun.listed(meeting, father), wulfrun.listed(meeting, neighbour)
    wulfrun.does("coordinator", "items", "arrange", second, version=1, position=1, minutes=15, presenter=LEAD)
    agenda = wulfrun.asks("chair", whole.meeting, meeting["id"])["agenda"]
    assert [item["id"] for item in agenda] == [second, first]
    assert agenda[0]["presenter"].name == "Nell Rushton"
    assert agenda[1]["due"] - agenda[0]["due"] == timedelta(minutes=15)
    assert wulfrun.refused("nurse", "items", "arrange", first, version=2, minutes=5).why is Why.NOT_YOURS


def test_after_the_lock_only_the_urgent_come_and_say_why(wulfrun: Wulfrun, father: UUID) -> None:
    neighbour = wulfrun.on_caseload(NEIGHBOUR, username="social-worker", urgency="urgent", why_urgent="In crisis")
    meeting = wulfrun.meeting("northgate")
    wulfrun.does("coordinator", "meetings", "lock", meeting["id"], version=1, early=True)
    form: dict[str, Any] = {"meeting_id": meeting["id"], "question": "What next?"}
    assert "only who was urgent" in wulfrun.refused("chair", "items", "new", caseload_id=father, **form).text
    assert "cannot wait" in wulfrun.refused("chair", "items", "new", caseload_id=neighbour, **form).text
    wulfrun.does("chair", "items", "new", caseload_id=neighbour, why_late="He was found today", **form)
    [item] = wulfrun.asks("chair", whole.meeting, meeting["id"])["agenda"]
    assert item["late"].reason == "He was found today"


def test_an_agenda_is_locked_and_a_meeting_started_long_before_its_time_only_where_that_is_confirmed(
    wulfrun: Wulfrun, father: UUID
) -> None:
    meeting = wulfrun.meeting("northgate")
    refused = wulfrun.refused("coordinator", "meetings", "lock", meeting["id"], version=1)
    assert re.fullmatch(r"it locks by itself in \d+ days; confirm that it is to be locked now", refused.text)
    assert refused.detail["problems"][0]["field"] == "early"
    assert wulfrun.state("meeting", meeting["id"]) == "planned"
    wulfrun.does("coordinator", "meetings", "lock", meeting["id"], version=1, early=True)

    wulfrun.at = meeting["starts_at"] - timedelta(days=1)
    for username in ("chair", "nurse", "social-worker", "gp", "mental-health"):
        wulfrun.does(username, "arrivals", "new", meeting_id=meeting["id"])
    too_soon = wulfrun.refused("chair", "meetings", "start", meeting["id"], version=2)
    assert too_soon.text == "it is planned to begin in 1 day; confirm that it begins now"
    wulfrun.at = meeting["starts_at"] - timedelta(minutes=40)
    wulfrun.does("chair", "meetings", "start", meeting["id"], version=2)


def test_a_meeting_that_is_cancelled_after_its_lock_moves_everyone_on(wulfrun: Wulfrun, father: UUID) -> None:
    meeting, following = wulfrun.meeting("northgate"), wulfrun.meeting("northgate", nth=1)
    item = wulfrun.listed(meeting, father)
    wulfrun.does("coordinator", "meetings", "lock", meeting["id"], version=1, early=True)
    wulfrun.does("chair", "meetings", "cancel", meeting["id"], version=2, reason="Snow")
    assert wulfrun.state("agenda_item", item) == "carried-over"
    [moved] = wulfrun.asks("chair", whole.meeting, following["id"])["agenda"]
    assert (moved["caseload_id"], moved["cause"], moved["carried"]) == (father, "carried-over", 1)
    assert wulfrun.refused("chair", "meetings", "start", meeting["id"], version=3).why is Why.NOT_NOW


def test_who_died_is_taken_off_at_the_lock_and_never_begun(wulfrun: Wulfrun, father: UUID) -> None:
    neighbour = wulfrun.on_caseload(NEIGHBOUR, username="social-worker")
    meeting = wulfrun.meeting("northgate")
    item, other = wulfrun.listed(meeting, father), wulfrun.listed(meeting, neighbour)
    died(wulfrun, FATHER)
    wulfrun.began(meeting)
    assert wulfrun.state("agenda_item", item) == "withdrawn"
    died(wulfrun, NEIGHBOUR)
    assert "has died" in wulfrun.refused("chair", "items", "begin", other, version=1).text
    assert "has died" in wulfrun.refused(
        "chair", "items", "new", meeting_id=meeting["id"], caseload_id=father, question="?"
    ).text  # fmt: skip


def test_of_two_records_that_were_merged_one_stays_on_the_agenda(wulfrun: Wulfrun, father: UUID) -> None:
    neighbour = wulfrun.on_caseload(NEIGHBOUR, username="social-worker")
    meeting = wulfrun.meeting("northgate")
    first, second = wulfrun.listed(meeting, father), wulfrun.listed(meeting, neighbour)
    merge(wulfrun, NEIGHBOUR, FATHER)
    wulfrun.began(meeting)
    assert sorted([wulfrun.state("agenda_item", first), wulfrun.state("agenda_item", second)]) == [
        "listed",
        "withdrawn",
    ]
    assert wulfrun.does("chair", "items", "begin", first, version=1)["state"] == "under-discussion"


def test_an_objection_on_the_morning_keeps_the_person_from_being_discussed(wulfrun: Wulfrun, father: UUID) -> None:
    meeting = wulfrun.meeting("northgate")
    item = wulfrun.listed(meeting, father)
    wulfrun.began(meeting)
    wulfrun.objects(FATHER)
    assert wulfrun.refused("chair", "items", "begin", item, version=1).why is Why.INVALID
    assert wulfrun.asks("chair", whole.meeting, meeting["id"])["agenda"] == []
    assert why(wulfrun.asks("chair", discussed.item, item)) is Why.UNKNOWN
    wulfrun.does("chair", "items", "withdraw", item, version=1, reason="They object")


def test_a_meeting_starts_with_its_quorum_or_with_a_reason(wulfrun: Wulfrun, father: UUID) -> None:
    meeting = wulfrun.meeting("northgate")
    wulfrun.listed(meeting, father)
    wulfrun.at = meeting["starts_at"]
    wulfrun.does("chair", "meetings", "lock", meeting["id"], version=1, early=True)
    wulfrun.does("chair", "arrivals", "new", meeting_id=meeting["id"])
    assert "not quorate" in wulfrun.refused("chair", "meetings", "start", meeting["id"], version=2).text
    wulfrun.does("chair", "meetings", "start", meeting["id"], version=2, without_quorum="A strike; only urgent people")
    seats = wulfrun.asks("chair", whole.meeting, meeting["id"])["seats"]
    assert [seat["filled"] for seat in seats] == ["holder", *["absent"] * 5]


def test_two_items_are_not_discussed_at_once_and_each_has_its_clock(wulfrun: Wulfrun, father: UUID) -> None:
    neighbour = wulfrun.on_caseload(NEIGHBOUR, username="social-worker")
    meeting = wulfrun.meeting("northgate")
    first, second = wulfrun.listed(meeting, father), wulfrun.listed(meeting, neighbour)
    assert "has not begun" in wulfrun.refused("chair", "items", "begin", first, version=1).text
    wulfrun.began(meeting)
    wulfrun.does("chair", "items", "begin", first, version=1)
    assert "somebody else is under discussion" in wulfrun.refused("chair", "items", "begin", second, version=1).text
    wulfrun.later(minutes=6)
    wulfrun.does("coordinator", "items", "pause", first, version=2)
    wulfrun.later(minutes=10)
    wulfrun.does("coordinator", "items", "begin", first, version=3)
    wulfrun.later(minutes=2)
    wulfrun.does("mental-health", "leavings", "new", meeting_id=meeting["id"])
    wulfrun.later(minutes=1)
    wulfrun.does(
        "chair", "items", "conclude", first, version=4, read_back=[], outcome="plan-continues",
        no_action_reason="All is in hand",
        review_on="2026-10-14",
    )  # fmt: skip
    told = wulfrun.asks("nurse", discussed.item, first)
    assert told["minutes_discussed"] == 9
    assert "Mei Harcourt" in told["present"]
    wulfrun.does("chair", "items", "begin", second, version=1)
    assert "Mei Harcourt" not in wulfrun.asks("chair", discussed.item, second)["present"]


def test_nothing_closes_without_an_outcome_or_a_reason(wulfrun: Wulfrun, father: UUID) -> None:
    meeting, following = wulfrun.meeting("northgate"), wulfrun.meeting("northgate", nth=1)
    neighbour = wulfrun.on_caseload(NEIGHBOUR, username="social-worker")
    first, second = wulfrun.listed(meeting, father), wulfrun.listed(meeting, neighbour)
    wulfrun.began(meeting)
    wulfrun.does("chair", "items", "begin", first, version=1)
    close = {"version": wulfrun.version("meeting", meeting["id"])}
    assert "under discussion" in wulfrun.refused("chair", "meetings", "close", meeting["id"], **close).text
    conclude: dict[str, Any] = {"version": 2, "outcome": "plan-agreed", "read_back": []}
    assert "looks again" in wulfrun.refused("chair", "items", "conclude", first, **conclude).text
    conclude["review_on"] = "2026-09-09"
    assert "nobody is to do anything" in wulfrun.refused("chair", "items", "conclude", first, **conclude).text
    wulfrun.does("chair", "items", "conclude", first, no_action_reason="Watch and wait", **conclude)
    assert "1 on the agenda" in wulfrun.refused("chair", "meetings", "close", meeting["id"], **close).text
    wulfrun.does("chair", "meetings", "close", meeting["id"], carry_over="out-of-time", **close)
    assert wulfrun.state("agenda_item", second) == "carried-over"
    [moved] = wulfrun.asks("chair", whole.meeting, following["id"])["agenda"]
    assert moved["caseload_id"] == neighbour
    entry = wulfrun.asks("chair", whole.caseload_entry, father)
    assert (entry["last_discussed"], entry["next_review"]) == (date(2026, 7, 8), date(2026, 9, 9))


def test_a_review_by_exception_is_listed_and_recorded_without_discussion(wulfrun: Wulfrun, father: UUID) -> None:
    meeting = wulfrun.meeting("northgate")
    item = wulfrun.listed(meeting, father, cause="by-exception")
    wulfrun.began(meeting)
    form: dict[str, Any] = {
        "version": 1,
        "outcome": "plan-continues",
        "no_action_reason": "As planned",
        "review_on": "2026-10-14",
    }
    form["read_back"] = []
    assert wulfrun.does("chair", "items", "conclude-by-exception", item, **form)["state"] == "discussed"


def test_two_scribes_who_write_different_things_both_stand(wulfrun: Wulfrun, father: UUID) -> None:
    meeting = wulfrun.meeting("northgate")
    item = wulfrun.listed(meeting, father)
    wulfrun.began(meeting)
    wulfrun.does("chair", "items", "begin", item, version=1)
    wulfrun.does("nurse", "items", "note", item, version=2, summary="He fell twice", options=["Respite", "Rehousing"])
    wulfrun.does("social-worker", "items", "note", item, version=2, dissent="The GP would wait")
    told = wulfrun.asks("chair", discussed.item, item)
    assert (told["summary"], told["dissent"]) == ("He fell twice", "The GP would wait")
    clash = wulfrun.refused("gp", "items", "note", item, version=2, summary="He fell once")
    assert clash.why is Why.CONFLICT
    assert clash.detail["clashes"] == {"summary": {"held": "He fell twice", "yours": "He fell once"}}
    again = wulfrun.does("nurse", "items", "note", item, version=2, summary="He fell twice")
    assert again["version"] == 4
    assert wulfrun.asks("chair", discussed.item, item)["summary"] == "He fell twice"


def test_two_that_wait_for_each_other_are_both_done(wulfrun: Wulfrun) -> None:
    tries = []

    def deadlocked_once(office: Office) -> int:
        tries.append(office)
        if len(tries) == 1:
            office.connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$")
        return len(tries)

    assert wulfrun.run(wulfrun.place.desk.ask(wulfrun.inquiry("chair"), deadlocked_once)) == 2


def test_the_coordinator_reads_no_discussion(wulfrun: Wulfrun, father: UUID) -> None:
    meeting = wulfrun.meeting("northgate")
    item = wulfrun.listed(meeting, father)
    wulfrun.began(meeting)
    wulfrun.does("nurse", "items", "note", item, version=1, summary="He fell twice")
    told = wulfrun.asks("coordinator", discussed.item, item)
    assert "summary" not in told
    assert told["question"] == "What next?"


def test_the_screen_shows_what_everyone_present_may_see(wulfrun: Wulfrun, father: UUID) -> None:
    meeting = wulfrun.meeting("northgate")
    item = wulfrun.listed(meeting, father)
    wulfrun.began(meeting)
    assert wulfrun.asks("chair", discussed.screen, item)["view"] is None  # nobody is discussed
    wulfrun.does("chair", "items", "begin", item, version=1)
    wulfrun.does("nurse", "items", "note", item, version=2, summary="He fell twice")
    with_coordinator = wulfrun.asks("chair", discussed.screen, item)
    wulfrun.does("coordinator", "leavings", "new", meeting_id=meeting["id"])
    without = wulfrun.asks("chair", discussed.screen, item)
    few, many = (
        {heading["category"] for heading in shown["view"]["headings"]} for shown in (with_coordinator, without)
    )
    assert ["summary" in shown["written"] for shown in (with_coordinator, without)] == [False, True]
    assert "medications" not in few
    assert {"medications", "problems", "care-packages"} <= many
    assert few < many
    assert without["uncovered"] == []
    told = wulfrun.sql(
        "SELECT event->>'subject' FROM audit_event WHERE event->>'kind' = 'view' AND event->'entries' IS NOT NULL"
        " AND event->>'at' >= %s", meeting["starts_at"].isoformat(timespec="microseconds"),
    )  # fmt: skip
    assert {"chair", "nurse", "gp", "social-worker", "mental-health"} <= {row[0] for row in told}


def test_one_who_may_see_nothing_empties_the_screen_and_is_named(wulfrun: Wulfrun, father: UUID) -> None:
    meeting = wulfrun.meeting("northgate")
    item = wulfrun.listed(meeting, father)
    wulfrun.began(meeting)
    wulfrun.does("chair", "items", "begin", item, version=1)
    wulfrun.objects(FATHER, "recipient", "RRE")
    told = wulfrun.asks("chair", discussed.screen, item)
    assert told["view"] is None
    assert told["uncovered"] == ["Mei Harcourt"]
    wulfrun.does("chair", "leavings", "new", meeting_id=meeting["id"], account="mental-health")
    assert wulfrun.asks("chair", discussed.screen, item)["view"] is not None


def test_minutes_are_signed_by_the_chair_and_every_version_is_kept(wulfrun: Wulfrun, father: UUID) -> None:
    meeting = wulfrun.meeting("northgate")
    wulfrun.listed(meeting, father)
    wulfrun.began(meeting)
    wulfrun.does("chair", "meetings", "close", meeting["id"], version=3, carry_over="out-of-time")
    wulfrun.does("coordinator", "meetings", "draft-minutes", meeting["id"], version=4, apologies=["The hospice"])
    assert wulfrun.refused("coordinator", "meetings", "sign", meeting["id"], version=5).why is Why.NOT_YOURS
    wulfrun.does("chair", "meetings", "sign", meeting["id"], version=5)
    told = wulfrun.asks("nurse", whole.meeting, meeting["id"])
    assert told["minutes"].signed_by.name == "Carol Deeming"
    wulfrun.does("chair", "meetings", "reopen-minutes", meeting["id"], version=6, reason="A name was wrong")
    wulfrun.does("coordinator", "meetings", "draft-minutes", meeting["id"], version=7)
    [[signed]] = wulfrun.sql(
        "SELECT content->'minutes'->'apologies' FROM mdt_history WHERE id = %s AND event = 'sign'", meeting["id"]
    )
    assert signed == ["The hospice"]


def test_a_meeting_is_moved_while_its_agenda_is_open(wulfrun: Wulfrun) -> None:
    meeting = wulfrun.meeting("northgate")
    later = [str(at + timedelta(days=1)) for at in (meeting["starts_at"], meeting["ends_at"])]
    form = {"starts_at": later[0], "ends_at": later[1]}
    wulfrun.does("coordinator", "meetings", "move", meeting["id"], version=1, **form)
    wulfrun.does("coordinator", "meetings", "lock", meeting["id"], version=2, early=True)
    assert wulfrun.refused("coordinator", "meetings", "move", meeting["id"], version=3, **form).why is Why.NOT_NOW
    assert MOST >= 100


def test_three_partners_who_refer_at_the_same_moment_make_one_referral(wulfrun: Wulfrun) -> None:
    form = referral(wulfrun.person(FATHER))
    asked = [wulfrun.inquiry(name, purpose=Purpose("direct-care")) for name in ("nurse", "social-worker", "gp")]

    async def at_once() -> Any:
        desk = wulfrun.place.desk
        return await asyncio.gather(*[desk.take(step("referrals", "new"), one, None, form) for one in asked])

    assert len({made.id for made in wulfrun.run(at_once())}) == 1
    assert wulfrun.sql("SELECT jsonb_array_length(content->'made') FROM mdt_referral") == [(3,)]


def test_scribes_who_write_at_the_same_moment_while_the_chair_closes_lose_nothing(
    wulfrun: Wulfrun, father: UUID
) -> None:
    meeting = wulfrun.meeting("northgate")
    item = wulfrun.listed(meeting, father)
    wulfrun.began(meeting)
    notes = [
        ("nurse", {"summary": "He fell"}),
        ("gp", {"risks": "Another fall"}),
        ("social-worker", {"dissent": "Wait"}),
    ]
    writing = [(wulfrun.inquiry(name), {"version": 1, **said}) for name, said in notes]
    closing = wulfrun.inquiry("chair")

    async def at_once() -> Any:
        desk = wulfrun.place.desk
        close = desk.take(
            step("meetings", "close"), closing, meeting["id"], {"version": 3, "carry_over": "out-of-time"}
        )
        return await asyncio.gather(
            close, *[desk.take(step("items", "note"), one, item, said) for one, said in writing]
        )

    closed, *written = wulfrun.run(at_once())
    assert closed.state == "closed"
    [[content]] = wulfrun.sql("SELECT content FROM mdt_agenda_item WHERE id = %s", item)
    for (_, said), told in zip(notes, written, strict=True):
        [(field, words)] = said.items()
        assert content[field] == (None if isinstance(told, Refusal) else words)  # told that it came too late, or kept
