"""Referring and triage, with what must be said, who may, and how the clock runs."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from app.mdt.reading import lists, referred, whole
from app.mdt.workflow.forms import filled_in
from app.mdt.workflow.referral import ReferralForm, obstacles
from app.mdt.workflow.refusal import Refusal, Why
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Purpose
from tests.mdt.conftest import FATHER, SON, WOMAN, Wulfrun, referral, why
from tests.mdt.test_locality import northgate

CARE = Purpose("direct-care")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"question": " "}, "question: is empty; fill it in"),
        ({"situation": 7}, "situation: should be text"),
        ({"segments": []}, "segments: names nobody or nothing"),
        ({"segments": ["frail"]}, "segments.0: should be one of"),
        ({"urgency": "urgent"}, "say why it is urgent"),
        ({"informed": {"was": True}}, "informed: say how and on which day the person was told"),
        ({"informed": {"was": False}}, "informed: say why the person was not told"),
        ({"agreement": {"stance": "lacks-capacity"}}, "best interests"),
        (
            {"agreement": {"stance": "objects"}},
            "say to whom the person objects; if they object to being discussed at all, do not",
        ),
        ({"agreement": {"stance": "agrees", "objects_to": ["WH100"]}}, "only of a person who objects"),
        ({"agreement": {"stance": "agrees", "overriding_reason": "at risk"}}, "only of a person who objects"),
        ({"informed": {"was": True, "how": "letter"}}, "informed: say how and on which day the person was told"),
        ({"why_urgent": "He fell"}, "say that it is urgent, or take the reason out"),
        ({"person_id": "9990000018"}, "person_id: should be an id"),
        ({"9990000018": "him"}, "the form: has a field that it does not know"),
    ],
)
def test_what_is_wrong_with_a_form_is_said_plainly_and_repeats_nothing(changes: dict[str, Any], said: str) -> None:
    problems = filled_in(ReferralForm, referral(uuid4(), **changes))
    assert isinstance(problems, list)
    told = "; ".join(f"{problem.field}: {problem.problem}" for problem in problems)
    assert said in told
    assert "9990000018" not in told
    assert "frail'" not in told


@pytest.mark.parametrize(
    "agreement",
    [
        {"stance": "agrees"},
        {"stance": "objects", "objects_to": ["WH100"]},
        {"stance": "objects", "overriding_reason": "Care Act 2014 section 42: his life is at risk"},
        {"stance": "lacks-capacity", "best_interests": "His daughter and the nurse agree"},
        {"stance": "not-asked"},
    ],
)
def test_every_stance_can_be_said(agreement: dict[str, Any]) -> None:
    assert not isinstance(filled_in(ReferralForm, referral(uuid4(), agreement=agreement)), list)


NOT_ASKED = {"agreement": {"stance": "not-asked"}}
TOLD_YET_NOT = {"informed": {"was": True, "how": "letter", "on": "2026-06-29", "why_not": "She was asleep"}}


@pytest.mark.parametrize(
    ("practice", "changes", "said"),
    [
        ("agree", {}, []),
        ("agree", NOT_ASKED, ["asks people before they are discussed"]),
        ("inform", NOT_ASKED, []),
        ("inform", {"informed": {"was": False, "why_not": "She was asleep"}}, []),
        ("inform", TOLD_YET_NOT, ["there is no reason why not"]),
        ("inform", {"agreement": {"stance": "objects", "objects_to": ["WH100", "ZZ9"]}}, ["ZZ9 is no party"]),
    ],
)
def test_nobody_is_referred_against_what_a_locality_asks_of_people_first(
    practice: str, changes: dict[str, Any], said: list[str]
) -> None:
    form = filled_in(ReferralForm, referral(uuid4(), **changes))
    assert isinstance(form, ReferralForm)
    locality = northgate()
    place = locality.model_copy(update={"consent": locality.consent.model_copy(update={"practice": practice})})
    told = obstacles(form, place, frozenset({OdsCode("WH100")}))
    assert [part in text for part, text in zip(said, told, strict=True)] == [True] * len(said)


def test_three_partners_who_refer_one_person_make_one_referral(wulfrun: Wulfrun) -> None:
    first = wulfrun.refer(FATHER, "nurse")
    second = wulfrun.refer(FATHER, "social-worker", urgency="urgent", why_urgent="His son was admitted")
    third = wulfrun.refer(FATHER, "mental-health", segments=["complex-lives"])
    assert first.id == second.id == third.id
    assert first.locality == "northgate"
    assert {made.by.organisation for made in third.content.made} == {"RL4C", "LA508", "RRE"}
    assert (third.urgency, third.triage_due) == ("urgent", date(2026, 7, 1))
    [row] = wulfrun.asks("chair", lists.referrals, "northgate")
    assert row["referrers"] == ["LA508", "RL4C", "RRE"]
    assert row["segments"] == ("frailty-and-dementia", "complex-lives")


def test_a_referral_whose_answer_was_lost_is_sent_again_and_counts_once(wulfrun: Wulfrun) -> None:
    first = wulfrun.refer()
    again = wulfrun.refer()
    assert (again.id, again.version, len(again.content.made)) == (first.id, 1, 1)


def test_nobody_refers_whom_the_agreement_does_not_let_them_see(wulfrun: Wulfrun) -> None:
    person = wulfrun.person(FATHER)
    unknown = wulfrun.tries("nurse", "referrals", "new", purpose=CARE, **referral(uuid4()))
    untrained = wulfrun.tries("lapsed-nurse", "referrals", "new", purpose=CARE, **referral(person))
    no_purpose = wulfrun.tries("housing-officer", "referrals", "new", purpose=CARE, **referral(person))
    assert unknown == untrained == no_purpose
    assert why(unknown) is Why.UNKNOWN
    assert wulfrun.sql("SELECT id FROM mdt_referral") == []


def test_a_refused_referral_is_in_the_trail_and_names_nobody(wulfrun: Wulfrun) -> None:
    wulfrun.tries("lapsed-nurse", "referrals", "new", purpose=CARE, **referral(wulfrun.person(FATHER)))
    told = wulfrun.sql(
        "SELECT event::text FROM audit_event WHERE event->>'kind' = 'denied' AND event->>'subject' = 'lapsed-nurse'"
        " AND event->>'reason' = 'meeting'"
    )
    assert len(told) >= 1
    assert not any("Falls" in event for [event] in told)


def test_people_belong_to_a_locality_by_practice_and_other_words_do_not_move_them(wulfrun: Wulfrun) -> None:
    made = wulfrun.refer(FATHER, locality="bilsmoor")
    assert made.locality == "northgate"


def test_only_a_triager_decides_and_says_why(wulfrun: Wulfrun) -> None:
    made = wulfrun.refer()
    for username in ("nurse", "coordinator", "gp"):
        told = wulfrun.refused(username, "referrals", "accept", made.id, version=1, reason="yes")
        assert told.why is Why.NOT_YOURS
    for outsider in ("acute-clinician", "housing-officer", "ig-lead"):
        assert wulfrun.refused(outsider, "referrals", "accept", made.id, version=1, reason="yes").why is Why.UNKNOWN
    assert wulfrun.refused("chair", "referrals", "accept", made.id, version=1).why is Why.INVALID
    assert wulfrun.does("chair", "referrals", "accept", made.id, version=1, reason="yes")["state"] == "accepted"


@pytest.mark.parametrize(
    ("event", "form", "state"),
    [
        ("redirect", {"reason": "It is the falls clinic's", "to": "Falls clinic"}, "redirected"),
        ("standard-pathway", {"reason": "One service suffices"}, "standard-pathway"),
    ],
)
def test_a_referral_may_go_elsewhere(wulfrun: Wulfrun, event: str, form: dict[str, str], state: str) -> None:
    made = wulfrun.refer()
    assert wulfrun.does("chair", "referrals", event, made.id, version=1, **form)["state"] == state
    assert wulfrun.sql("SELECT id FROM mdt_caseload") == []
    again = wulfrun.refer()
    assert again.id != made.id


def test_the_clock_stands_still_while_the_referrer_is_asked(wulfrun: Wulfrun) -> None:
    made = wulfrun.refer()
    assert made.triage_due == date(2026, 7, 7)
    wulfrun.at = datetime(2026, 7, 2, 9, tzinfo=UTC)
    wulfrun.does("coordinator", "referrals", "ask", made.id, version=1, reason="Is his son told?")
    wulfrun.at = datetime(2026, 7, 9, 9, tzinfo=UTC)
    assert wulfrun.refused("gp", "referrals", "answer", made.id, version=2, reason="Yes").why is Why.NOT_YOURS
    wulfrun.does("nurse", "referrals", "answer", made.id, version=2, reason="Yes")
    [[due]] = wulfrun.sql("SELECT triage_due FROM mdt_referral")
    assert due == date(2026, 7, 14)
    [row] = wulfrun.asks("chair", lists.referrals, "northgate")
    assert row["days_overdue"] == 0


def test_a_referrer_takes_back_what_nobody_else_refers(wulfrun: Wulfrun) -> None:
    made = wulfrun.refer()
    wulfrun.refer(username="social-worker")
    told = wulfrun.refused("nurse", "referrals", "withdraw", made.id, version=2, reason="He asked me to")
    assert told.why is Why.INVALID
    other = wulfrun.refer(WOMAN, "social-worker")
    done = wulfrun.does("social-worker", "referrals", "withdraw", other.id, version=1, reason="She asked me to")
    assert done["state"] == "withdrawn"


def test_a_referrer_reads_their_own_words_and_nobody_elses(wulfrun: Wulfrun) -> None:
    made = wulfrun.refer(situation="What the nurse saw")
    wulfrun.refer(username="social-worker", situation="What the social worker saw")
    of_nurse = wulfrun.asks("nurse", referred.referral, made.id)
    of_chair = wulfrun.asks("chair", referred.referral, made.id)
    of_coordinator = wulfrun.asks("coordinator", referred.referral, made.id)
    assert [one.form.situation for one in of_nurse["made"]] == ["What the nurse saw"]
    assert [one.form.situation for one in of_chair["made"]] == ["What the nurse saw", "What the social worker saw"]
    assert of_coordinator["made"] == []
    assert why(wulfrun.asks("housing-officer", referred.referral, made.id)) is Why.UNKNOWN
    [own] = wulfrun.asks("nurse", lists.own_referrals)
    assert own["id"] == made.id


def test_who_triages_sees_whom_a_referral_is_about_until_it_is_decided(wulfrun: Wulfrun) -> None:
    made = wulfrun.refer()
    for username in ("chair", "coordinator"):
        [row] = wulfrun.asks(username, lists.referrals, "northgate")
        assert row["person"] == wulfrun.asks(username, referred.referral, made.id)["person"] is not None
    [row] = wulfrun.asks("gp", lists.referrals, "northgate")
    assert row["person"] is None
    wulfrun.does("chair", "referrals", "standard-pathway", made.id, version=1, reason="One clinic suffices")
    [row] = wulfrun.asks("chair", lists.referrals, "northgate")
    assert row["person"] is None


def test_a_triager_to_whose_organisation_the_person_objects_does_not_see_whom_it_is_about(wulfrun: Wulfrun) -> None:
    wulfrun.refer()
    wulfrun.refer(username="social-worker", agreement={"stance": "objects", "objects_to": ["RL4C"]})
    [row] = wulfrun.asks("chair", lists.referrals, "northgate")
    assert row["person"] is None


def test_two_triagers_at_once_do_not_overwrite_each_other(wulfrun: Wulfrun) -> None:
    made = wulfrun.refer()
    wulfrun.does("chair", "referrals", "accept", made.id, version=1, reason="yes")
    told = wulfrun.refused("chair", "referrals", "redirect", made.id, version=1, reason="no", to="Falls clinic")
    assert told.why is Why.CONFLICT
    assert told.detail["held"] == {"id": made.id, "version": 2, "state": "accepted"}


def test_a_clash_tells_an_outsider_nothing(wulfrun: Wulfrun) -> None:
    made = wulfrun.refer()
    told = wulfrun.refused("housing-officer", "referrals", "accept", made.id, version=99, reason="yes")
    missing = wulfrun.refused("housing-officer", "referrals", "accept", uuid4(), version=99, reason="yes")
    assert told == missing


def test_what_happened_is_kept_and_nobody_can_change_it(wulfrun: Wulfrun) -> None:
    made = wulfrun.refer()
    wulfrun.does("chair", "referrals", "accept", made.id, version=1, reason="yes")
    told = wulfrun.asks("coordinator", whole.history, type(made), made.id)
    assert [(one["event"], one["after"], one["by"]) for one in told] == [
        ("receive", "received", "Nell Rushton"), ("accept", "accepted", "Carol Deeming")
    ]  # fmt: skip
    for change in ("UPDATE mdt_history SET event = 'x'", "DELETE FROM mdt_history", "TRUNCATE mdt_history"):
        with pytest.raises(Exception, match="append-only"):
            wulfrun.sql(change)


def test_the_team_is_told_of_no_referral_of_another_locality(wulfrun: Wulfrun) -> None:
    assert why(wulfrun.asks("hospice-nurse", lists.referrals, "northgate")) is Why.UNKNOWN
    assert why(wulfrun.asks("chair", lists.referrals, "nowhere")) is Why.UNKNOWN


def test_two_people_with_one_name_are_two_referrals(namesakes: Wulfrun) -> None:
    father, son = namesakes.refer(FATHER), namesakes.refer(SON, "social-worker")
    assert not isinstance(son, Refusal), son
    assert father.id != son.id
    assert father.person_id != son.person_id
    who = [namesakes.asks("chair", referred.referral, one.id)["person"] for one in (father, son)]
    assert len({one["name"][0]["given"][0] for one in who}) == 1
    assert len({one["birthDate"] for one in who}) == 2
