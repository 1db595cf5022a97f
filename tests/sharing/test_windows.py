"""Invariant 7: every window holds from its beginning until its end, and its end is no part of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.sharing.compile import compile_agreements
from app.sharing.decision import Decision, Granted
from app.sharing.facts import Invitation, PersonFacts, account_of
from app.sharing.law import Agreements
from app.sharing.written.undertaking import Review
from app.vocabulary.london import london_midnight
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ, Action, Purpose
from tests.sharing.worlds import (
    DAY,
    DOCTOR,
    HOUR,
    LAW,
    NOON,
    NURSE,
    NURSE_AND_HER_PATIENT,
    OBJECTION,
    World,
    changed,
    flagged,
    opened,
    opening_by,
    related,
    someone,
    wulfrun,
)

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
GUEST = someone("housing-officer", "WH100")
INVITATION = Invitation(
    id="1",
    profile="housing",
    account=account_of(GUEST),
    organisation=OdsCode("WH100"),
    started=NOON,
    ended=NOON + HOUR,
    accepted=True,
    on_agenda=True,
)
INVITED = World(GUEST, PersonFacts(invitations=(INVITATION,)), READ, Purpose("mdt"))


def around(edge: datetime, world: World, agreements: Agreements = wulfrun.agreements) -> list[bool]:
    """Whether anything is permitted just before an instant, at it, and just after it."""
    instant = timedelta(microseconds=1)
    return [not replace(world, at=at).decide(agreements).denied for at in (edge - instant, edge, edge + instant)]


BEGINS, ENDS = [False, True, True], [True, False, False]


def test_7_an_agreement_begins_and_ends_at_london_midnight_in_summer_time_too() -> None:
    agreements = compile_agreements([changed(LAW, review=None)])  # which would suspend it sooner
    untiring = replace(NURSE_AND_HER_PATIENT, requester=replace(NURSE, training_until=date(2099, 1, 1))).knowing(
        relationships=(related("caseload", "RL4C", started=LONG_AGO),)
    )
    assert around(datetime(2025, 3, 31, 23, tzinfo=UTC), untiring, agreements) == BEGINS
    assert around(datetime(2035, 3, 31, 23, tzinfo=UTC), untiring, agreements) == ENDS


def test_7_a_relationship_holds_from_its_start_until_its_end_or_revocation() -> None:
    def held(**edge: datetime) -> World:
        return NURSE_AND_HER_PATIENT.knowing(relationships=(related("caseload", "RL4C", **edge),))

    assert around(NOON, held(started=NOON)) == BEGINS
    assert around(NOON, held(ended=NOON)) == ENDS
    assert around(NOON, held(revoked=NOON)) == ENDS


def test_7_training_counts_through_its_last_day_in_london() -> None:
    trained = replace(NURSE_AND_HER_PATIENT, requester=replace(NURSE, training_until=date(2026, 6, 30)))
    held = trained.knowing(relationships=(related("caseload", "RL4C", started=LONG_AGO),))
    assert around(datetime(2026, 6, 30, 23, tzinfo=UTC), held) == ENDS
    assert datetime(2026, 6, 30, 23, tzinfo=UTC) == london_midnight(date(2026, 7, 1))


def test_7_who_was_never_trained_sees_nothing() -> None:
    assert (
        replace(NURSE_AND_HER_PATIENT, requester=replace(NURSE, training_until=None)).decide(wulfrun.agreements).denied
    )


def test_7_emergency_access_lasts_as_long_as_it_was_opened_for_and_never_above_what_the_agreement_says() -> None:
    half_an_hour, a_day = opened(NOON, NOON + HOUR / 2), opened(NOON, NOON + DAY)
    assert around(NOON, half_an_hour) == BEGINS
    assert around(NOON + HOUR / 2, half_an_hour) == ENDS
    assert around(NOON + HOUR, a_day) == ENDS


@pytest.mark.parametrize("another", [{"subject": "a-colleague"}, {"issuer": "https://other.example"}])
def test_an_opening_is_of_the_user_who_opened_and_no_colleagues(another: dict[str, str]) -> None:
    opening = opening_by(DOCTOR, NOON, NOON + HOUR)
    hers = World(DOCTOR, PersonFacts(openings=(opening,)), READ, Purpose("direct-care"))
    assert not hers.decide(wulfrun.agreements).denied
    assert replace(hers, requester=replace(DOCTOR, **another)).decide(wulfrun.agreements).denied  # type: ignore[arg-type]
    elsewhere = replace(opening, organisation=OdsCode("RL4C"))
    assert hers.knowing(openings=(elsewhere,)).decide(wulfrun.agreements).denied


def test_7_an_invitation_opens_before_the_meeting_and_closes_after_it_as_the_profile_says() -> None:
    assert around(NOON - HOUR / 4, INVITED) == BEGINS
    assert around(NOON + HOUR, INVITED) == ENDS


@pytest.mark.parametrize("refusing", [{"accepted": False}, {"on_agenda": False}, {"profile": "hospice"}])
def test_an_invitation_counts_once_accepted_while_the_person_is_on_the_agenda(refusing: dict[str, Any]) -> None:
    assert INVITED.knowing(invitations=(replace(INVITATION, **refusing),)).decide(wulfrun.agreements).denied


@pytest.mark.parametrize(
    ("objected_to", "denied"),
    [("north/2026-11-22", True), ("north", True), ("north/2026-12-06", False), ("nort", False), ("south", False)],
)
def test_an_objection_closes_to_guests_the_meeting_or_the_team_that_it_names_and_no_other(
    objected_to: str, denied: bool
) -> None:
    invited = INVITED.knowing(invitations=(replace(INVITATION, meeting="north/2026-11-22"),))
    objected = invited.knowing(objections=(replace(OBJECTION, scope="meeting", meeting=objected_to),))
    assert not invited.decide(wulfrun.agreements).denied
    assert objected.decide(wulfrun.agreements).denied == denied


@pytest.mark.parametrize("action", ["find", "export"])
def test_a_guest_neither_searches_nor_takes_a_copy(action: str) -> None:
    assert replace(INVITED, action=Action(action)).decide(wulfrun.agreements).denied


def test_a_record_closes_ninety_days_after_a_death_was_told() -> None:
    (death,) = flagged("deceased")
    dead = NURSE_AND_HER_PATIENT.knowing(
        relationships=(related("caseload", "RL4C", started=LONG_AGO),), flags=(replace(death, since=NOON - 90 * DAY),)
    )
    assert around(NOON, dead) == ENDS


def test_a_flag_that_a_wrong_clock_dates_ahead_counts_all_the_same() -> None:
    (seal,) = flagged("sealed")
    assert NURSE_AND_HER_PATIENT.knowing(flags=(replace(seal, since=NOON + DAY),)).decide(wulfrun.agreements).denied


@pytest.mark.parametrize(("overdue", "after"), [("suspend", False), ("continue", True)])
def test_an_overdue_review_suspends_an_agreement_that_says_so(overdue: str, after: bool) -> None:
    review = Review.model_validate({"every": "P1Y", "overdue": overdue})
    agreements = compile_agreements([changed(LAW, review=review, review_by=date(2026, 11, 22))])
    overdue_at = london_midnight(date(2026, 11, 23))
    seen = [
        not replace(NURSE_AND_HER_PATIENT, at=at).decide(agreements).denied
        for at in (overdue_at - timedelta(minutes=1), overdue_at)
    ]
    assert seen == [True, after]


@pytest.mark.parametrize(
    ("ages", "since"),
    [
        ([date(2023, 11, 22)], date(2023, 11, 22)),
        ([date(2023, 11, 22), date(2025, 11, 22)], date(2023, 11, 22)),
        ([date(2023, 11, 22), None], None),  # the grant without an age permits whatever its age
    ],
)
def test_what_several_grants_permit_is_shown_from_the_earliest_day_of_any(
    ages: list[date | None], since: date | None
) -> None:
    lattice = wulfrun.agreements.lattice
    granted = tuple(Granted(f"G-{number}", 1, age) for number, age in enumerate(ages))
    decision = Decision(lattice, (), granted)
    assert decision.permitted[lattice.labels[0]].not_before == since
    assert decision.permits(lattice.labels[0], date(2022, 1, 1)) == (since is None)
