"""What is offered to whoever is shown nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from app.governance.exceptions.grounds import Grounds
from app.governance.exceptions.opening import Reason
from app.sharing.facts import Account, EmergencyOpening, Relationship
from app.sharing.names import names_of
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Purpose
from app.web.frame.ways_in import ways_in
from app.web.people.grounds import opened_record, why_one_may_look
from tests.conftest import the_agreements
from tests.sharing.worlds import someone

AGREEMENTS = the_agreements()
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CARE, TENANCY = Purpose("direct-care"), Purpose("tenancy-support")


@pytest.mark.parametrize(
    ("role", "at", "purpose", "emergency", "reason", "claims"),
    [
        ("acute-clinician", "RL4", CARE, True, True, []),
        ("gp", "M92001", CARE, True, True, []),
        ("community-nurse", "RL4C", CARE, False, True, ["claimed"]),
        ("social-worker", "LA508", CARE, False, True, ["claimed"]),
        ("community-nurse", "RL4C", Purpose("mdt"), False, True, []),  # a claim is no ground for the team's purpose
        ("housing-officer", "WH100", TENANCY, False, True, []),
        ("housing-officer", "WH100", CARE, False, False, []),
        ("acute-clinician", "RL4", TENANCY, False, False, []),
        ("acute-clinician", "WH100", CARE, False, False, []),  # a role that is not held there
    ],
)
def test_a_role_is_offered_what_the_agreement_gives_it_and_nothing_else(
    role: str, at: str, purpose: Purpose, emergency: bool, reason: bool, claims: list[str]
) -> None:
    ways = ways_in(someone(role, at), purpose, AGREEMENTS, NOON)

    assert (ways.emergency, ways.reason, [made.kind for made in ways.claims]) == (emergency, reason, claims)
    assert bool(ways) == (emergency or reason or bool(claims))
    assert (Reason.UNCONSCIOUS in ways.reasons) == emergency


def test_nothing_is_offered_while_no_agreement_is_in_force() -> None:
    assert not ways_in(someone("gp", "M92001"), CARE, AGREEMENTS, datetime(2020, 1, 1, tzinfo=UTC))


NELL = Account("local", "nurse")


def relationship(kind: str, **more: object) -> Relationship:
    told = {"id": "1", "kind": kind, "organisation": OdsCode("RL4C"), "started": NOON - timedelta(days=90)}
    return Relationship(**(told | more))  # type: ignore[arg-type]


def test_why_one_may_look_is_told_with_what_it_means() -> None:
    grounds = Grounds(
        relationships=(
            relationship("claimed", account=NELL, ended=NOON + timedelta(days=1)),
            relationship("caseload", team="Northgate community nurses"),
            relationship("brought-in", account=NELL, ended=NOON + timedelta(days=14)),
        ),
        invited=True,
    )

    told = why_one_may_look(grounds, names_of(AGREEMENTS), AGREEMENTS)

    assert [one.text for one in told] == [
        "On the caseload of a team (Wulfrun Community Services, Northgate community nurses), since 24 August 2026",
        "Said by themselves to take part in the person's care (Wulfrun Community Services),"
        " until 23 November 2026, midday",
        "Brought in by a colleague who cares for the person (Wulfrun Community Services),"
        " until 6 December 2026, midday",
        "You are invited to a meeting about this person",
    ]
    assert "A partner's system told this" in told[0].meaning
    assert "You stated it yourself" in told[1].meaning
    assert "A colleague" in told[2].meaning


def test_the_banner_tells_of_an_opening_and_whether_it_is_an_emergency() -> None:
    opening = EmergencyOpening(
        id="7", account=NELL, organisation=OdsCode("RL4C"), started=NOON, ended=NOON + timedelta(hours=1)
    )
    emergency = opened_record(Grounds(opening=opening, in_emergency=True))

    assert opened_record(Grounds()) is None
    assert emergency is not None
    assert (emergency.until, emergency.in_emergency) == (NOON + timedelta(hours=1), True)
