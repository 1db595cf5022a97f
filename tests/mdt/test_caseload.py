"""The caseload: who is on it and whom the team may see by that, stepping down, merges and deaths."""

from datetime import date
from uuid import UUID

from app.mdt.reading import lists, whole
from app.mdt.workflow.refusal import Why
from tests.mdt.conftest import FATHER, NEIGHBOUR, WOMAN, Wulfrun, why

LEAD = {"name": "Nell Rushton", "organisation": "RL4C", "account": "nurse"}
COORDINATOR = {"name": "Kit Lane", "organisation": "RL4C", "account": "coordinator"}


def sees(wulfrun: Wulfrun, username: str, digits: str = FATHER) -> bool:
    view = wulfrun.run(wulfrun.place.record.view(wulfrun.inquiry(username), wulfrun.person(digits)))
    return view is not None


def merge(wulfrun: Wulfrun, retired: str, survivor: str) -> None:
    wulfrun.sql("UPDATE person SET merged_into = %s WHERE id = %s", wulfrun.person(survivor), wulfrun.person(retired))


def died(wulfrun: Wulfrun, digits: str) -> None:
    wulfrun.sql(
        "INSERT INTO person_flag (person_id, partner, kind, raised, since, message)"
        " VALUES (%s, 'RL4', 'deceased', true, %s, 1000)",
        wulfrun.person(digits), wulfrun.at,
    )  # fmt: skip


def test_the_team_sees_whoever_it_takes_on_and_only_while_it_has_them(wulfrun: Wulfrun) -> None:
    assert not sees(wulfrun, "chair")
    entry = wulfrun.on_caseload()
    assert all(sees(wulfrun, username) for username in ("chair", "coordinator", "social-worker", "gp", "mental-health"))
    assert not sees(wulfrun, "acute-clinician")
    assert not sees(wulfrun, "lapsed-nurse")
    wulfrun.does(
        "chair", "caseload", "step-down", entry, version=1, reason="goals-met", holder=LEAD,
        re_entry_trigger="Another fall", person_told="The nurse, on her next visit",
    )  # fmt: skip
    assert not sees(wulfrun, "chair")


def test_an_organisation_to_which_the_person_objects_is_left_out_of_the_team(wulfrun: Wulfrun) -> None:
    wulfrun.on_caseload(agreement={"stance": "objects", "objects_to": ["RRE"]})
    assert sees(wulfrun, "chair")
    assert not sees(wulfrun, "mental-health")


def test_an_objection_that_a_later_referrer_is_told_of_holds_at_once(wulfrun: Wulfrun) -> None:
    wulfrun.on_caseload()
    assert sees(wulfrun, "mental-health")
    wulfrun.later(hours=1)
    wulfrun.refer(FATHER, "social-worker", agreement={"stance": "objects", "objects_to": ["RRE"]})
    assert not sees(wulfrun, "mental-health")
    assert sees(wulfrun, "chair")


def test_nobody_steps_down_without_somebody_who_holds_their_care(wulfrun: Wulfrun) -> None:
    entry = wulfrun.on_caseload()
    form = {"version": 1, "reason": "goals-met"}
    said = []
    for more in ({}, {"holder": LEAD}, {"re_entry_trigger": "Another fall"}):
        form |= more
        said.append(wulfrun.refused("chair", "caseload", "step-down", entry, **form).text)
    assert said == [
        "name who holds the person's care from now on",
        "say what would bring the person back to the team",
        "say who tells the person, and how",
    ]
    assert wulfrun.refused("coordinator", "caseload", "step-down", entry, **form).why is not None
    assert wulfrun.state("caseload", entry) == "active"


def test_somebody_who_comes_back_comes_back_to_their_own_entry(wulfrun: Wulfrun) -> None:
    entry = wulfrun.on_caseload()
    wulfrun.does(
        "chair", "caseload", "step-down", entry, version=1, reason="goals-met", holder=LEAD,
        re_entry_trigger="Another fall", person_told="The nurse",
    )  # fmt: skip
    wulfrun.later(days=30)
    again = wulfrun.on_caseload(situation="He fell again")
    assert again == entry
    assert wulfrun.sql("SELECT since FROM mdt_caseload") == [(date(2026, 7, 30),)]
    assert sees(wulfrun, "chair")


def test_the_lead_and_the_coordinator_are_of_parties(wulfrun: Wulfrun) -> None:
    entry = wulfrun.on_caseload()
    stranger = LEAD | {"organisation": "ZZ99"}
    told = wulfrun.refused("chair", "caseload", "assign", entry, version=1, lead=stranger, coordinator=COORDINATOR)
    assert "ZZ99 is no party" in told.text
    wulfrun.does("coordinator", "caseload", "assign", entry, version=1, lead=LEAD, coordinator=COORDINATOR)
    [row] = wulfrun.asks("coordinator", lists.caseload, "northgate")
    assert (row["lead"], row["coordinator"]) == ("Nell Rushton", "Kit Lane")
    assert row["person"]["birthDate"]


def test_a_review_is_planned_by_who_chairs_or_coordinates(wulfrun: Wulfrun) -> None:
    entry = wulfrun.on_caseload()
    form = {"version": 1, "on": "2026-08-12", "reason": "After the clinic"}
    assert wulfrun.refused("nurse", "caseload", "plan-review", entry, **form).why is Why.NOT_YOURS
    wulfrun.does("coordinator", "caseload", "plan-review", entry, **form)
    assert wulfrun.asks("nurse", whole.caseload_entry, entry)["next_review"] == date(2026, 8, 12)
    assert why(wulfrun.asks("housing-officer", whole.caseload_entry, entry)) is Why.UNKNOWN


def test_two_entries_of_one_person_are_joined_once_their_records_are(wulfrun: Wulfrun) -> None:
    one = wulfrun.on_caseload(FATHER)
    other = wulfrun.on_caseload(NEIGHBOUR, username="social-worker")
    form = {"version": 1, "into": str(one)}
    assert "of one person" in wulfrun.refused("coordinator", "caseload", "join-entry", other, **form).text
    merge(wulfrun, NEIGHBOUR, FATHER)
    assert wulfrun.does("coordinator", "caseload", "join-entry", other, **form)["state"] == "joined"
    assert len(wulfrun.asks("chair", whole.caseload_entry, one)["referrals"]) == 2
    assert sees(wulfrun, "chair", FATHER)


def test_a_referral_of_a_merged_record_joins_that_of_the_person(wulfrun: Wulfrun) -> None:
    first = wulfrun.refer(FATHER)
    merge(wulfrun, NEIGHBOUR, FATHER)
    second = wulfrun.refer(NEIGHBOUR, "social-worker")
    assert second.id == first.id


def test_somebody_who_died_is_marked_and_steps_down_to_nobody(wulfrun: Wulfrun) -> None:
    entry = wulfrun.on_caseload()
    died(wulfrun, FATHER)
    [row] = wulfrun.asks("chair", lists.caseload, "northgate")
    assert row["deceased"]
    assert wulfrun.does("chair", "caseload", "step-down", entry, version=1, reason="died")["state"] == "stepped-down"


def test_a_member_sees_no_question_that_the_agreement_does_not_show_their_role(wulfrun: Wulfrun) -> None:
    entry = wulfrun.on_caseload(WOMAN, username="social-worker")
    assert wulfrun.asks("chair", whole.caseload_entry, entry)["question"]
    assert UUID(str(entry)) == entry
