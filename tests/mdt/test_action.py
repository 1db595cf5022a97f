"""Actions: one owner of any party, accepted and done by the original day, or not and why."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.mdt.reading import lists, whole
from app.mdt.reading.discussed import item as whole_discussion
from app.mdt.workflow.refusal import Why
from app.sharing.compile import compile_agreements
from tests.mdt.conftest import FATHER, Wulfrun, why

NURSE = {"name": "Nell Rushton", "organisation": "RL4C", "account": "nurse"}
SOCIAL_WORKER = {"name": "Sam Oyelaran", "organisation": "LA508", "account": "social-worker"}
HOUSING = {"name": "Hal Okafor", "organisation": "WH100", "account": "housing-officer"}


class Discussed:
    """His item under discussion."""

    def __init__(self, wulfrun: Wulfrun, **changes: Any) -> None:
        self.wulfrun = wulfrun
        entry = wulfrun.on_caseload(**changes)
        self.meeting = wulfrun.meeting("northgate")
        self.item = wulfrun.listed(self.meeting, entry)
        wulfrun.began(self.meeting)
        wulfrun.does("chair", "items", "begin", self.item, version=1)

    def form(self, **changes: Any) -> dict[str, Any]:
        return {
            "item_id": str(self.item), "what": "Mend the window", "owner": HOUSING, "due": "2026-07-20",
            "test": "It shuts, and he says so",
        } | changes  # fmt: skip

    def assign(self, **changes: Any) -> UUID:
        return UUID(str(self.wulfrun.does("nurse", "actions", "new", **self.form(**changes))["id"]))


@pytest.fixture
def discussed(wulfrun: Wulfrun) -> Discussed:
    return Discussed(wulfrun)


def test_an_action_goes_to_its_owner_who_takes_it_on_and_does_it(discussed: Discussed) -> None:
    wulfrun, action = discussed.wulfrun, discussed.assign()
    [own] = wulfrun.asks("housing-officer", lists.own_actions)
    assert (own["id"], own["what"], own["state"]) == (action, "Mend the window", "offered")
    assert (
        wulfrun.refused("housing-officer", "actions", "complete", action, version=1, result="Done").why is Why.NOT_NOW
    )
    wulfrun.does("housing-officer", "actions", "accept", action, version=1, reason="Will do")
    wulfrun.at = datetime(2026, 7, 20, 22, tzinfo=UTC)
    wulfrun.does("housing-officer", "actions", "complete", action, version=2, result="It shuts")
    [told] = wulfrun.asks("chair", whole_discussion, discussed.item)["actions"]
    assert (told["state"], told["on_time"], told["result"]) == ("done", True, "It shuts")
    assert wulfrun.asks("housing-officer", lists.own_actions) == []


def test_on_time_is_by_the_original_day_however_often_it_is_moved(discussed: Discussed) -> None:
    wulfrun, action = discussed.wulfrun, discussed.assign()
    wulfrun.does("housing-officer", "actions", "accept", action, version=1, reason="Will do")
    wulfrun.does("housing-officer", "actions", "re-date", action, version=2, due="2026-08-20", reason="No glass")
    wulfrun.at = datetime(2026, 7, 20, 23, 30, tzinfo=UTC)  # half past midnight in London
    [row] = wulfrun.asks("chair", lists.actions, "northgate")
    assert (row["overdue"], row["due"], row["original_due"]) == (False, date(2026, 8, 20), date(2026, 7, 20))
    wulfrun.does("housing-officer", "actions", "complete", action, version=3, result="It shuts")
    [told] = wulfrun.asks("chair", whole_discussion, discussed.item)["actions"]
    assert told["on_time"] is False


def test_an_organisation_that_is_no_party_is_given_no_action(discussed: Discussed) -> None:
    stranger = {"name": "Somebody", "organisation": "ZZ99", "account": "somebody"}
    told = discussed.wulfrun.refused("nurse", "actions", "new", **discussed.form(owner=stranger))
    assert "no party to the agreement" in told.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"owner": {"name": "Hal Okafor", "organisation": "WH100"}}, "name the owner by their account"),
        ({"owner": HOUSING | {"account": "gone"}}, "its owner has left"),
        ({"owner": HOUSING | {"account": "nurse"}}, "no such account at that organisation"),
        ({"due": "2026-07-01"}, "due today at the earliest"),
        ({"due": "2028-07-01"}, "within a year"),
        ({"test": ""}, "test: is empty"),
    ],
)
def test_an_action_has_an_owner_who_can_accept_a_day_and_a_test(
    discussed: Discussed, changes: dict[str, Any], said: str
) -> None:
    assert said in discussed.wulfrun.refused("nurse", "actions", "new", **discussed.form(**changes)).text


def test_an_organisation_to_which_the_person_objects_is_given_no_action(wulfrun: Wulfrun) -> None:
    discussed = Discussed(wulfrun, agreement={"stance": "objects", "objects_to": ["WH100"]})
    assert "objects to that organisation" in wulfrun.refused("nurse", "actions", "new", **discussed.form()).text


@pytest.mark.parametrize(
    ("scope", "account"), [("recipient", None), ("user", "social-worker")], ids=["an organisation", "one user"]
)
def test_whoever_the_person_objected_to_since_is_given_no_action(
    discussed: Discussed, scope: str, account: str | None
) -> None:
    wulfrun, action = discussed.wulfrun, discussed.assign()
    wulfrun.sql(
        "INSERT INTO objection (person_id, scope, upheld, organisation, issuer, subject, started)"
        " VALUES (%s, %s, true, %s, %s, %s, %s)",
        wulfrun.person(FATHER), scope, None if account else "LA508", account and "local", account, wulfrun.at,
    )  # fmt: skip
    given = discussed.form(owner=SOCIAL_WORKER)
    assert "cannot be given" in wulfrun.refused("nurse", "actions", "new", **given).text
    form = {"version": 1, "owner": SOCIAL_WORKER, "reason": "Leave"}
    assert "cannot be given" in wulfrun.refused("chair", "actions", "reassign", action, **form).text
    assert wulfrun.asks("social-worker", lists.own_actions) == []


def test_who_may_not_see_the_person_hands_an_action_to_no_other_organisation(discussed: Discussed) -> None:
    """By handing it on its words would reach somebody whom no agreement lets read them."""
    wulfrun, action = discussed.wulfrun, discussed.assign(owner=NURSE)
    wulfrun.does("nurse", "actions", "accept", action, version=1, reason="Will do")
    wulfrun.objects(FATHER)
    form = {"version": 2, "owner": SOCIAL_WORKER, "reason": "Leave"}
    for username, event in (("nurse", "hand-over"), ("chair", "reassign")):
        assert wulfrun.refused(username, "actions", event, action, **form).why is Why.UNKNOWN
    assert wulfrun.asks("social-worker", lists.own_actions) == []
    colleague = {"name": "Lou Pike", "organisation": "RL4C", "account": "lapsed-nurse"}
    wulfrun.does("nurse", "actions", "hand-over", action, **form | {"owner": colleague})


def test_under_a_suspended_agreement_an_owner_reads_what_they_were_given_and_nobody_else_is_given_it(
    discussed: Discussed,
) -> None:
    wulfrun, action = discussed.wulfrun, discussed.assign(owner=NURSE)
    record = wulfrun.place.desk.record
    before = record.agreements
    record.rule_by(compile_agreements(one.model_copy(update={"status": "suspended"}) for one in before.documents))
    try:
        [own] = wulfrun.asks("nurse", lists.own_actions)
        assert own["what"] == "Mend the window"
        assert why(wulfrun.asks("chair", whole.action, action)) is Why.UNKNOWN
        form = {"version": 1, "owner": SOCIAL_WORKER, "reason": "Leave"}
        assert wulfrun.refused("nurse", "actions", "hand-over", action, **form).why is Why.UNKNOWN
        wulfrun.does("nurse", "actions", "accept", action, version=1, reason="Will do")
    finally:
        record.rule_by(before)


def test_an_action_that_is_sent_twice_is_one(discussed: Discussed) -> None:
    one = str(uuid4())
    assert discussed.assign(id=one) == discussed.assign(id=one)
    assert discussed.wulfrun.sql("SELECT count(*) FROM mdt_action") == [(1,)]
    other = discussed.wulfrun.refused("nurse", "actions", "new", **discussed.form(id=one, what="Something else"))
    assert "another action has this id" in other.text


def test_an_owner_declines_and_the_coordinator_finds_another(discussed: Discussed) -> None:
    wulfrun, action = discussed.wulfrun, discussed.assign()
    wulfrun.does("housing-officer", "actions", "decline", action, version=1, reason="Not our window")
    form = {"version": 2, "owner": NURSE, "reason": "She knows the landlord"}
    assert wulfrun.refused("housing-officer", "actions", "reassign", action, **form).why is Why.NOT_YOURS
    wulfrun.does("coordinator", "actions", "reassign", action, **form)
    assert wulfrun.asks("housing-officer", lists.own_actions) == []
    [own] = wulfrun.asks("nurse", lists.own_actions)
    assert own["state"] == "offered"
    assert [remark.event for remark in own["remarks"]] == ["decline", "reassign"]


def test_an_owner_hands_over_and_it_waits_to_be_accepted(discussed: Discussed) -> None:
    wulfrun, action = discussed.wulfrun, discussed.assign(owner=NURSE)
    wulfrun.does("nurse", "actions", "accept", action, version=1, reason="Will do")
    wulfrun.does("nurse", "actions", "hand-over", action, version=2, owner=SOCIAL_WORKER, reason="Leave")
    assert wulfrun.state("action", action) == "offered"
    assert wulfrun.refused("nurse", "actions", "accept", action, version=3, reason="Mine").why is Why.NOT_YOURS
    wulfrun.does("social-worker", "actions", "accept", action, version=3, reason="Will do")


def test_an_owner_who_left_leaves_their_action_to_nobody_until_it_is_given_on(discussed: Discussed) -> None:
    wulfrun, action = discussed.wulfrun, discussed.assign()
    wulfrun.does("coordinator", "actions", "owner-left", action, version=1, reason="Left in July")
    assert wulfrun.asks("housing-officer", lists.own_actions) == []
    assert (
        wulfrun.refused("housing-officer", "actions", "accept", action, version=2, reason="Back").why is Why.NOT_YOURS
    )
    wulfrun.does("coordinator", "actions", "reassign", action, version=2, owner=NURSE, reason="Takes it on")
    assert wulfrun.state("action", action) == "offered"


def test_not_done_needs_a_reason(discussed: Discussed) -> None:
    wulfrun, action = discussed.wulfrun, discussed.assign()
    assert wulfrun.refused("housing-officer", "actions", "give-up", action, version=1).why is Why.INVALID
    wulfrun.does("housing-officer", "actions", "give-up", action, version=1, reason="He moved out")
    [told] = wulfrun.asks("chair", whole_discussion, discussed.item)["actions"]
    assert (told["state"], told["on_time"]) == ("not-done", False)


def test_an_action_is_assigned_while_the_person_is_discussed(discussed: Discussed) -> None:
    wulfrun = discussed.wulfrun
    discussed.assign()
    wulfrun.does(
        "chair",
        "items",
        "conclude",
        discussed.item,
        version=2,
        outcome="plan-agreed",
        review_on="2026-09-09",
        read_back=wulfrun.heard(discussed.item),
    )
    assert "discussion is closed" in wulfrun.refused("nurse", "actions", "new", **discussed.form(what="More")).text


def test_a_stranger_to_an_action_is_told_nothing(discussed: Discussed) -> None:
    wulfrun, action = discussed.wulfrun, discussed.assign()
    told = wulfrun.refused("acute-clinician", "actions", "accept", action, version=1, reason="?")
    assert told == wulfrun.refused("acute-clinician", "actions", "accept", uuid4(), version=1, reason="?")
    assert why(wulfrun.asks("acute-clinician", lists.actions, "northgate")) is Why.UNKNOWN
    wulfrun.objects(FATHER)
    assert wulfrun.asks("chair", lists.actions, "northgate") == []
